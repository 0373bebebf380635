"""What a page is shown."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from soundstage.messages import Cause, Owner, events
from soundstage.web.page_feed import Feed


def joined(name: str) -> events.Joined:
    return events.Joined(pts=0, agent=name)


def told(line: bytes) -> dict[str, Any]:
    assert line.startswith(b"data: ")
    assert line.endswith(b"\n\n")
    value: dict[str, Any] = json.loads(line[6:])
    return value


def read(feed: Feed, then: Any = None) -> list[dict[str, Any]]:
    """What a page reads that comes now, until the goodbye; `then` happens once it is reading."""

    async def follow() -> list[dict[str, Any]]:
        lines = [told(await anext(story := feed.read()))]
        if then is not None:
            then()
        feed.close("bye")
        return lines + [told(line) async for line in story]

    return asyncio.run(follow())


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line["type"] for line in lines]


def test_a_page_that_comes_late_is_told_the_story_from_its_beginning() -> None:
    feed = Feed({"title": "A call"})
    feed.show(joined("bob"))
    lines = read(feed, then=lambda: feed.show(joined("alice")))
    assert lines[0] == {"type": "hello", "title": "A call"}
    assert [line["agent"] for line in lines if line["type"] == "joined"] == ["bob", "alice"]
    assert kinds(lines)[-1] == "bye"


def test_a_page_that_comes_after_the_end_is_told_that_too() -> None:
    feed = Feed({})
    feed.show(joined("bob"))
    feed.close("That was it.")
    assert read(feed)[-1] == {"type": "bye", "text": "That was it."}


def test_levels_are_for_those_who_look_now() -> None:
    feed = Feed({})
    feed.show_levels(480, {"bob": 32_768}, {1: 16_384})
    lines = read(feed, then=lambda: feed.show_levels(960, {"bob": 32_768}, {1: 16_384}))
    [levels] = [line for line in lines if line["type"] == "levels"]
    assert levels == {"type": "levels", "pts": 960, "peaks": {"bob": 1.0}, "seats": {"1": 0.5}}


def test_of_the_seats_only_the_last_word_counts() -> None:
    feed = Feed({})
    feed.show_seats([{"seat": 1, "state": "free"}])
    feed.show_seats([{"seat": 1, "state": "seated"}])
    [seats] = [line for line in read(feed) if line["type"] == "seats"]
    assert seats["seats"] == [{"seat": 1, "state": "seated"}]


def test_what_was_heard_the_wire_and_tracebacks_stay_here() -> None:
    feed = Feed({})
    feed.show(events.VoiceStarted(pts=0, agent="bob", track="heard"))
    feed.show(events.Wire(pts=0, agent="bob", sent=True, event={"key": "sk"}))
    feed.show(events.Noted(pts=0, agent="bob", name="n", data={}))
    cause = Cause(owner=Owner.AGENT, reason="fault:bob", message="E", place="bob.py:3")
    feed.show(
        events.Fault(
            pts=0, agent="bob", error="E", traceback="/home/x", action="leave", cause=cause
        )
    )
    lines = read(feed)
    assert kinds(lines) == ["hello", "fault", "bye"]
    assert not {"traceback", "cause"} & lines[1].keys()


def test_an_agent_may_be_called_seats() -> None:
    feed = Feed({})
    feed.show_seats([{"seat": 1, "state": "free"}])
    feed.show(joined("seats"))
    assert kinds(read(feed)) == ["hello", "seats", "joined", "bye"]


def test_what_was_told_twice_alike_is_told_twice() -> None:
    feed = Feed({})
    saying = events.Saying(pts=1, agent="bob", response="r", text="x")
    feed.show(saying)
    feed.show(saying)
    assert kinds(read(feed)) == ["hello", "saying", "saying", "bye"]


def test_a_long_run_is_remembered_from_where_memory_reaches_with_who_is_here() -> None:
    feed = Feed({})
    feed.show(joined("bob"))
    for number in range(4000):
        feed.show(events.Saying(pts=number, agent="bob", response="r", text="x"))
    lines = read(feed)
    assert kinds(lines)[:2] == ["hello", "joined"]
    assert lines[-2]["pts"] == 3999
    assert len(lines) < 3100


@pytest.mark.parametrize("told_to", [1, 3])
def test_a_page_that_does_not_read_is_let_go(told_to: int) -> None:
    async def stall() -> None:
        feed = Feed({})
        stories = [feed.read() for _ in range(told_to)]
        for story in stories:
            await anext(story)
        assert feed.readers == told_to
        for number in range(5000):
            feed.show_levels(number, {}, {})
        assert feed.readers == 0
        for story in stories:
            assert [line async for line in story]

    asyncio.run(stall())


def test_only_so_many_pages_may_look() -> None:
    async def crowd() -> None:
        feed = Feed({})
        stories = [feed.read() for _ in range(100)]
        for story in stories:
            assert not feed.is_full
            await anext(story)
        assert feed.is_full
        await stories[0].aclose()
        assert not feed.is_full

    asyncio.run(crowd())


def test_a_page_that_goes_is_forgotten() -> None:
    async def go() -> None:
        feed = Feed({})
        story = feed.read()
        await anext(story)
        await story.aclose()
        assert feed.readers == 0

    asyncio.run(go())


def test_marks_that_turn_text_around_are_shown_by_their_number() -> None:
    feed = Feed({})
    feed.show(events.Saying(pts=0, agent="bob", text="\u202eoot\x1b[2J", response="r"))
    (line,) = [each for each in read(feed) if each["type"] == "saying"]
    assert line["text"] == r"\u202eoot\x1b[2J"
