"""A support call as its event log tells it, made by hand: a judge needs nothing else."""

from __future__ import annotations

import json

from soundstage.expectations import Cast, Demands, Expectation, Expected, judge
from soundstage.messages import Verdict
from soundstage.messages.events import (
    Event,
    HeardText,
    Joined,
    RunEnded,
    RunStarted,
    ToolCalled,
    ToolReturned,
    Turn,
    VoiceStarted,
    VoiceStopped,
)
from soundstage.results import History

BOTH = ("caller", "support")


def at(seconds: float) -> int:
    return round(seconds * 24_000)


class Log:
    """Builds a log line by line.

    Args:
        agents: all of them; each hears all others unless `hears` says else.
    """

    def __init__(self, *agents: str, hears=None, recognizers=None) -> None:
        self.agents = agents or BOTH
        everyone = {a: tuple(b for b in self.agents if b != a) for a in self.agents}
        self.events: list[Event] = [
            RunStarted(
                pts=0,
                schema=2,
                scenario="call",
                seed=1,
                clock="virtual",
                agents=self.agents,
                hears=everyone if hears is None else hears,
                recognizers=self.agents if recognizers is None else recognizers,
            ),
            *(Joined(pts=0, agent=agent) for agent in self.agents),
        ]
        self._turns = 0
        self._calls = 0

    def add(self, *events: Event) -> Log:
        self.events += events
        return self

    def voice(self, agent: str, start: float, end: float) -> Log:
        return self.add(
            VoiceStarted(pts=at(start), agent=agent, track="said"),
            VoiceStopped(pts=at(end), agent=agent, track="said"),
        )

    def says(self, agent: str, start: float, end: float, text: str, **fields) -> Log:
        self._turns += 1
        self.voice(agent, start, end)
        return self.add(
            Turn(
                pts=at(end),
                agent=agent,
                number=self._turns,
                response=f"resp_{self._turns}",
                start=at(start),
                end=at(end),
                generated=fields.pop("generated", text),
                said=text,
                **fields,
            )
        )

    def hears(self, by: str, speaker: str, start: float, end: float, text: str, **fields) -> Log:
        return self.add(
            HeardText(
                pts=at(end),
                agent=by,
                speaker=speaker,
                text=text,
                start=at(start),
                end=at(end),
                **fields,
            )
        )

    def calls(self, agent: str, when: float, tool: str, took: float = 0.1, **arguments) -> Log:
        self._calls += 1
        call = f"call_{self._calls}"
        return self.add(
            ToolCalled(
                pts=at(when), agent=agent, call=call, tool=tool, arguments=json.dumps(arguments)
            ),
            ToolReturned(
                pts=at(when + took),
                agent=agent,
                call=call,
                tool=tool,
                output='{"status": "done"}',
                latency=at(took),
            ),
        )

    def ends(self, when: float, reason: str = "turns", outcome: str = "ended", **fields) -> History:
        code = {"ended": 0, "failed": 1, "invalid": 3, "interrupted": 130}[outcome]
        last = RunEnded(pts=at(when), outcome=outcome, reason=reason, exit_code=code, **fields)
        return History([*self.events, last])


def demands(*tables: dict, cast: Cast | None = None, answers: bool = False) -> Demands:
    """What is expected, with every agent under test unless the cast says else."""
    expected = []
    for number, table in enumerate(tables):
        whole = {"id": f"e{number}", **table}
        expected.append(Expected(whole["id"], (Expectation.model_validate(whole),)))
    whole_cast = cast or Cast(
        under_test=frozenset({"support", "caller"}),
        speakers=frozenset(BOTH),
        answerers=frozenset({"support"}),
    )
    return Demands(expected=tuple(expected), cast=whole_cast, expects_answers=answers)


def verdict_of(history: History, table: dict, *others: dict, **options) -> Verdict:
    """What becomes of the first of some expectations."""
    return judge(demands(table, *others), history, **options)[0]
