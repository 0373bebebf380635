"""A call between Alice and Bob as its event log tells it, made by hand."""

from __future__ import annotations

from soundstage.messages.events import (
    Audio,
    Event,
    Fault,
    HeardText,
    Interrupted,
    Joined,
    RunEnded,
    RunStarted,
    ToolCalled,
    ToolReturned,
    Turn,
    VoiceStarted,
    VoiceStopped,
)

SECOND = 24_000


def at(seconds: float) -> int:
    return round(seconds * SECOND)


def started(**fields) -> RunStarted:
    known = {
        "pts": 0,
        "schema": 1,
        "scenario": "alice_bob",
        "seed": 7,
        "clock": "virtual",
        "agents": ("alice", "bob"),
        "hears": {"alice": ("bob",), "bob": ("alice",)},
    }
    return RunStarted(**{**known, **fields})


def voice(agent: str, track: str, start: float, end: float | None) -> list[Event]:
    on = VoiceStarted(pts=at(start), agent=agent, track=track)
    if end is None:
        return [on]
    return [on, VoiceStopped(pts=at(end), agent=agent, track=track)]


def turn(number: int, agent: str, start: float, end: float, text: str, **fields) -> Turn:
    known = {
        "pts": at(end),
        "agent": agent,
        "number": number,
        "response": f"resp_{number}",
        "start": at(start),
        "end": at(end),
        "generated": text,
        "said": text,
    }
    return Turn(**{**known, **fields})


def heard(agent: str, speaker: str, start: float, end: float, text: str) -> HeardText:
    return HeardText(
        pts=at(end), agent=agent, speaker=speaker, text=text, start=at(start), end=at(end)
    )


def spoken(speaker: str, listener: str, start: float, end: float) -> list[Event]:
    """Voice as it is said, and as it is heard a hundredth of a second later."""
    return [
        *voice(speaker, "said", start, end),
        *voice(listener, "heard", start + 0.01, end + 0.01),
    ]


def call() -> list[Event]:
    """Alice greets, Bob answers, Alice cuts in while Bob goes on, Bob looks something up."""
    return [
        started(),
        Joined(pts=0, agent="alice"),
        Joined(pts=0, agent="bob"),
        *spoken("alice", "bob", 1.0, 3.0),
        turn(1, "alice", 1.0, 3.1, "Hi Bob! How was your week?"),
        heard("bob", "alice", 1.0, 3.0, "hi bob, how was your week"),
        *spoken("bob", "alice", 3.71, 6.5),
        Interrupted(pts=at(6.4), agent="bob", by="alice", response="resp_2"),
        turn(
            2,
            "bob",
            3.7,
            6.4,
            "",
            said="Long. I spent",
            generated="Long. I spent it *all* on the <new> kitchen.",
            cut_by="alice",
            estimated=True,
        ),
        heard("alice", "bob", 3.7, 6.4, "Long I spend"),
        *spoken("alice", "bob", 6.0, 8.0),
        turn(3, "alice", 6.0, 8.0, "Oh, you poor thing & all!"),
        ToolCalled(
            pts=at(8.5), agent="bob", call="call_1", tool="get_weather", arguments='{"city":"Cork"}'
        ),
        ToolReturned(
            pts=at(8.9),
            agent="bob",
            call="call_1",
            tool="get_weather",
            output='{"sky":"rain"}',
            latency=at(0.4),
        ),
        *spoken("bob", "alice", 9.01, 10.01),
        turn(4, "bob", 9.0, 10.0, "It rains."),
        Fault(pts=at(10.2), agent="alice", error="ValueError: no", traceback="…", action="restart"),
        Audio(pts=at(12), agent="alice", sent=600, heard=590, dropped=1, concealed=2, late=3),
        Audio(pts=at(12), agent="bob", sent=600, heard=580, dropped=10, concealed=20, late=30),
        RunEnded(pts=at(12), outcome="ended", reason="turns", exit_code=0),
    ]
