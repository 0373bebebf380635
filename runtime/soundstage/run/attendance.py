"""Which agents take part in a run, and whose words have yet to be written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.messages import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.messages.events import Event
    from soundstage.units import Samples


class Attendance:
    """Keeps count of agents as they come and go.

    Args:
        agents: names, in the order of their declaration; a run begins when all are here.
        hears: listener to those it hears.
        recognizers: the agents that write down what they hear; None for all.
    """

    def __init__(
        self,
        agents: Sequence[str],
        hears: Mapping[str, tuple[str, ...]],
        recognizers: frozenset[str] | None = None,
    ) -> None:
        self._agents = tuple(agents)
        self._hears = hears
        self._heard_by: dict[str, list[str]] = {}
        for listener, speakers in hears.items():
            for speaker in speakers:
                self._heard_by.setdefault(speaker, []).append(listener)
        self._recognizers = frozenset(agents) if recognizers is None else recognizers
        self._absent = set(agents)
        self._here: set[str] = set()
        self._unheard: set[tuple[str, str]] = set()
        self._heard_until: dict[tuple[str, str], Samples] = {}

    @property
    def is_complete(self) -> bool:
        """Whether each agent has come, or will come no more."""
        return not self._absent

    @property
    def here(self) -> list[str]:
        """The agents that take part, in the order of their declaration."""
        return [name for name in self._agents if name in self._here]

    @property
    def waits_for_words(self) -> bool:
        """Whether a turn has been played that a listener has yet to write down."""
        return bool(self._unheard)

    @property
    def can_go_on(self) -> bool:
        """Whether any agent that takes part, or is to come, hears another one."""
        here = self._here | self._absent
        return any(
            listener in here and speaker in here
            for listener, speakers in self._hears.items()
            for speaker in speakers
        )

    def arrive(self, agent: str) -> None:
        """An agent is ready, for the first time or again."""
        self._here.add(agent)
        self._absent.discard(agent)

    def pause(self, agent: str) -> None:
        """An agent has failed, and may come again."""
        self._here.discard(agent)

    def depart(self, agent: str) -> bool:
        """An agent comes no more; whether it took part until now, or was still to come."""
        expected = agent in self._here or agent in self._absent
        self._here.discard(agent)
        self._absent.discard(agent)
        return expected

    def observe(self, event: Event) -> None:
        """Take one event: a turn is waited for until each listener has written it down."""
        if isinstance(event, events.Turn):
            self._unheard |= {
                (listener, event.agent)
                for listener in self._heard_by.get(event.agent, ())
                if listener in self._here
                and listener in self._recognizers
                # A turn that was found in sound is told late: it may have been written down before.
                and (event.response or self._heard(listener, event.agent) <= event.start)
            }
        elif isinstance(event, events.HeardText):
            pair = (event.agent, event.speaker)
            self._unheard.discard(pair)
            self._heard_until[pair] = max(self._heard(*pair), event.end)

    def _heard(self, listener: str, speaker: str) -> Samples:
        """The end of the last speech of an agent that a listener has written down."""
        return self._heard_until.get((listener, speaker), 0)
