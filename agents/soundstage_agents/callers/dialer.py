"""A realtime agent that calls by telephone: its model can press keys."""

from __future__ import annotations

from soundstage.tools import tool
from soundstage_agents.realtime import RealtimeAgent


class Dialer(RealtimeAgent):
    """A realtime agent whose model has the tool `press_keys`, for menus of telephones."""

    @tool
    def press_keys(self, keys: str) -> str:
        """Press keys of the telephone, as a menu of a telephone asks for them.

        Args:
            keys: the keys in their order, of 0 to 9, * and #, for instance 4711#
        """
        self.press(keys)
        return f"pressed {keys}"
