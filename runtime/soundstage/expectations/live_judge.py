"""Says during a live run what has become of its expectations, as soon as nothing can change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.expectations.judges.judge import judge
from soundstage.kernel import Actor, handles
from soundstage.messages import Decided, Entry, events
from soundstage.results import History
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from soundstage.expectations.declared.demands import Demands
    from soundstage.kernel import Address
    from soundstage.messages.events import Event

_LOOKS_EVERY: Final = samples_of_ms(1000)

_DECIDING: Final = (
    events.Turn,
    events.HeardText,
    events.ToolCalled,
    events.ToolReturned,
    events.CueGiven,
    events.Dtmf,
    events.Noted,
    events.Left,
    events.VoiceStarted,
    events.VoiceStopped,
)
"""Events with which an expectation can be decided; those of the wire are by far the most."""


class _Look(Struct, frozen=True):
    pass


class LiveJudge(Actor):
    """Follows a run, and judges what it has logged so far: at most once a second.

    What it says is for people who watch. The run is judged anew when it is over, by its whole log.

    Args:
        demands: what is expected of the run.
        told: is told of each expectation that is decided, once.
    """

    def __init__(self, demands: Demands, told: Address) -> None:
        super().__init__()
        self._demands = demands
        self._told = told
        self._events: list[Event] = []
        self._decided: set[str] = set()
        self._looks = False

    @handles(Entry)
    def follow(self, entry: Entry) -> None:
        """One event of the log."""
        if isinstance(entry.event, events.Wire):
            return
        self._events.append(entry.event)
        if isinstance(entry.event, _DECIDING) and not self._looks:
            self._looks = True
            self.after(_LOOKS_EVERY, _Look())

    @handles(_Look)
    def look(self, _: _Look) -> None:
        """Tell what has been decided since the last time."""
        self._looks = False
        for verdict in judge(self._demands, History(self._events), running=True):
            if verdict.id not in self._decided:
                self._decided.add(verdict.id)
                self._told.tell(Decided(verdict))
