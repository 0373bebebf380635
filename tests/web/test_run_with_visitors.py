"""A run with visitors, and one that is watched, by the command and without a browser."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dummy_played import COMMAND, QUIET, Played, one_seat
from dummy_visitor import DummyVisitor

from soundstage.messages import events
from soundstage.results import Run
from soundstage.serving import listen
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.realtime

HANG_UP = 'when = [{ event = "hang_up" }]\n'
LOUD = (8000).to_bytes(2, "little") * FRAME_SAMPLES


def visit(run: Played, act: Callable[[DummyVisitor], Awaitable[Any]]) -> Any:
    """Look at the run's page, do something there, and go."""

    async def look() -> Any:
        async with httpx.AsyncClient(timeout=10) as client:
            visitor = DummyVisitor(run.link, client)
            try:
                return await act(visitor)
            finally:
                await visitor.hang_up()

    return asyncio.run(look())


def test_a_run_waits_for_its_visitor_and_ends_when_he_leaves(
    played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(one_seat("end").replace(HANG_UP, ""))

    async def talk(visitor: DummyVisitor) -> None:
        await visitor.connect()
        await visitor.talk(lambda _: LOUD, 1.5)
        await visitor.leave()

    visit(run, talk)
    assert run.wait() == 0, run.printed
    assert "ended: hang_up" in run.printed
    kept = Run.load(tmp_path / "run")
    assert kept.audio("visitor").max() > 4000
    [hang_up] = kept.events(events.HangUp)
    assert (hang_up.agent, hang_up.by) == ("visitor", "visitor")
    [left] = [each for each in kept.events(events.Noted) if each.name == "visitor_left"]
    assert left.data == {"seat": 1, "reason": "left"}


def test_a_run_that_nobody_visits_can_be_broken_off(
    played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(one_seat("end").replace(HANG_UP, ""))
    run.interrupt()
    assert run.wait() == 130, run.printed
    assert Run.load(tmp_path / "run").outcome == "interrupted"


def test_those_who_only_look_do_not_begin_the_run(
    played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(one_seat("free"))

    async def look(visitor: DummyVisitor) -> list[str]:
        story = visitor.story()
        first = [(await anext(story))["type"] for _ in range(3)]
        await story.aclose()
        return first

    assert visit(run, look)[0] == "hello"
    run.interrupt()
    assert run.wait() == 0, run.printed
    joined = [each.agent for each in Run.load(tmp_path / "run").events(events.Joined)]
    assert joined == ["bot"]


def test_visitors_are_told_that_the_scenario_has_ended(played: Callable[..., Played]) -> None:
    run = played(one_seat("free"))

    async def stay(visitor: DummyVisitor) -> dict[str, Any]:
        await visitor.connect()
        run.interrupt()
        *_, last = [told async for told in visitor.story()]
        await visitor.lost.wait()
        return last

    assert visit(run, stay) == {"type": "bye", "text": "The scenario has ended."}
    assert run.wait() == 0, run.printed


def test_a_window_on_any_run_is_told_how_it_ended(
    played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(
        """
[agents.ann]
kind = "./quiet.py:Quiet"
[agents.ben]
kind = "./quiet.py:Quiet"
[[links]]
between = ["ann", "ben"]
[end]
max = "4s"
""",
        "--watch",
    )

    async def look(visitor: DummyVisitor) -> list[dict[str, Any]]:
        return [told async for told in visitor.story()]

    story = visit(run, look)
    assert story[0] == {"type": "hello", "title": "call", "you": "", "ice": []}
    assert story[-1] == {"type": "bye", "text": "The scenario has ended (max)."}
    assert {told["type"] for told in story} >= {"run_started", "joined", "levels", "run_ended"}
    assert run.wait() == 0, run.printed
    assert run.link not in (tmp_path / "run" / "events.jsonl").read_text()


def test_a_page_whose_port_is_taken_makes_the_run_invalid(tmp_path: Path) -> None:
    (tmp_path / "quiet.py").write_text(QUIET)
    with listen(0, who="somebody else") as listener:
        port = listener.getsockname()[1]
        file = tmp_path / "call.toml"
        file.write_text(
            one_seat("free").replace('kind = "browser"', f'kind = "browser"\nport = {port}')
        )
        done = subprocess.run(
            [*COMMAND, str(file), "--ui", "none", "--out", str(tmp_path / "run")],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 3
    assert f"the page cannot listen on 127.0.0.1:{port}" in done.stderr
    assert Run.load(tmp_path / "run").reason == "port"


@pytest.mark.parametrize("beside", [["--clock", "virtual"], ["--repeat", "2"]])
def test_what_is_over_before_anybody_could_watch_is_not_watched(beside: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, "alice_bob", "--watch", *beside],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "--watch shows one run as it happens" in done.stderr
