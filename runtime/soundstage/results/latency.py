"""What a response gap is spent on: contiguous pieces, from points that the event log has.

A piece is named by the point at which it ends. The points, in their order:

- `decided`: the end of the other voice's turn was decided (the last `listening` off of the agent
  before its reply began);
- `recognised`: the words of that turn were recognised (its `heard`);
- `called`: the agent asked for a tool, the first one; only where it waited for tools;
- `returned`: the last of these tools answered;
- `begun`: the first words of the reply came (its first `saying`; for an agent that has its words at
  once, its `response_started`);
- `sent`: the first frame of the reply left the agent;
- `heard`: its first audible sample reached the agent that it answers: the end of the gap.

The first piece begins where the gap begins, at the last audible sample of the turn that is
answered, so the pieces add up to the gap. No point is invented:

- A point that the log does not have joins its piece to the next one, named with both:
  `recognised+begun`. The same holds for a point that came later than one behind it, as words
  that were recognised while the reply was being made already: the reply did not wait for it.
- A point that was reached while the other voice was still audible leaves a piece of 0 s.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from soundstage.messages import events
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.results.history import History, Interval
    from soundstage.units import Samples

LATENCY_POINTS: Final = ("decided", "recognised", "called", "returned", "begun", "sent", "heard")
"""The points in their order; each is also the name of the piece that ends with it."""


class _Decided(NamedTuple):
    pts: Samples
    item: str


class _Heard(NamedTuple):
    pts: Samples
    end: Samples


class _Called(NamedTuple):
    pts: Samples
    call: str


class LatencyPoints:
    """The points of all replies of a run, ready to be looked up.

    Args:
        history: the run.
    """

    def __init__(self, history: History) -> None:
        self._started: dict[str, Samples] = {}
        self._worded: dict[str, Samples] = {}
        self._decided: defaultdict[str, list[_Decided]] = defaultdict(list)
        self._heard: defaultdict[str, list[_Heard]] = defaultdict(list)
        self._heard_items: dict[tuple[str, str], Samples] = {}
        self._called: defaultdict[str, list[_Called]] = defaultdict(list)
        self._returned: dict[tuple[str, str], Samples] = {}
        for event in history.events:
            self._take(event)
        # On the wall clock, lines may stand in another order than their times.
        for points in (self._decided, self._heard, self._called):
            for found in points.values():
                found.sort()

    def spans(self, turn: events.Turn, answered: events.Turn, gap: Interval) -> dict[str, float]:
        """The pieces of the gap before a turn, in seconds; none where it is below zero.

        Args:
            turn: the answer.
            answered: the turn that it answers.
            gap: from the last audible sample of the one to the first of the other.
        """
        if gap.end < gap.start:
            return {}
        points = self._points(turn, answered, gap)
        known = [pts for pts in points.values() if pts is not None]
        spans: dict[str, float] = {}
        joined: list[str] = []
        since = gap.start
        for name, pts in points.items():
            joined.append(name)
            if pts is None:
                continue
            known.remove(pts)
            if known and pts > min(known):
                continue
            until = min(max(pts, since), gap.end)
            spans["+".join(joined)] = round(seconds_of(until - since), 6)
            since, joined = until, []
        return spans

    def _points(
        self, turn: events.Turn, answered: events.Turn, gap: Interval
    ) -> Mapping[str, Samples | None]:
        begun = self._worded.get(turn.response, self._started.get(turn.response))
        latest = turn.start if begun is None else min(begun, turn.start)
        decided = self._last_decided(turn.agent, answered.start, latest)
        tools = self._tools(turn.agent, gap.start, latest)
        return {
            "decided": None if decided is None else decided.pts,
            "recognised": self._recognised(turn.agent, decided, answered.start, latest),
            **({} if tools is None else {"called": tools[0], "returned": tools[1]}),
            "begun": begun,
            "sent": turn.start,
            "heard": gap.end,
        }

    def _last_decided(self, agent: str, since: Samples, latest: Samples) -> _Decided | None:
        decided = self._decided.get(agent, ())
        place = bisect_right(decided, latest, key=lambda each: each.pts)
        return decided[place - 1] if place and decided[place - 1].pts > since else None

    def _recognised(
        self, agent: str, decided: _Decided | None, since: Samples, latest: Samples
    ) -> Samples | None:
        if decided is not None and decided.item:
            return self._heard_items.get((agent, decided.item))
        heard = self._heard.get(agent, ())
        place = bisect_right(heard, latest, key=lambda each: each.pts)
        return heard[place - 1].pts if place and heard[place - 1].end > since else None

    def _tools(self, agent: str, since: Samples, latest: Samples) -> tuple[Samples, Samples] | None:
        """The first call and the last answer that the reply waited for; None without any."""
        calls = self._called.get(agent, ())
        first = bisect_left(calls, since, key=lambda each: each.pts)
        last = bisect_right(calls, latest, key=lambda each: each.pts)
        answers = [self._returned.get((agent, each.call)) for each in calls[first:last]]
        returned = [pts for pts in answers if pts is not None and pts <= latest]
        return (calls[first].pts, max(returned)) if returned else None

    def _take(self, event: object) -> None:
        match event:
            case events.Saying():
                self._worded.setdefault(event.response, event.pts)
            case events.ResponseStarted():
                self._started.setdefault(event.response, event.pts)
            case events.Listening(on=False):
                self._decided[event.agent].append(_Decided(event.pts, event.item))
            case events.HeardText():
                self._heard[event.agent].append(_Heard(event.pts, event.end))
                if event.item:
                    self._heard_items.setdefault((event.agent, event.item), event.pts)
            case events.ToolCalled():
                self._called[event.agent].append(_Called(event.pts, event.call))
            case events.ToolReturned():
                self._returned.setdefault((event.agent, event.call), event.pts)
            case _:
                pass
