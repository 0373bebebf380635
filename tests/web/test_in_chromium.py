"""The page in a real browser, with a microphone that plays a recording."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from dummy_chromium import (
    find_chromium,
    launch,
    processes_of_chromium,
    record,
    scan,
)
from dummy_played import QUIET_BOT, one_seat
from playwright.sync_api import expect, sync_playwright

from soundstage.messages import events
from soundstage.results import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dummy_played import Played
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = find_chromium()

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium, and try again"
    ),
]

ROOT = Path(__file__).parents[2]
BRIDGE = ROOT / "scenarios" / "browser_bridge.toml"
SAID = "My name is Daniel. The weather is lovely today."
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENT = 40_000


WEATHER = """
[agents.bot]
tools = ["get_weather"]
[agents.bot.local]
rules = [
  # Whatever is made of the words: on a busy machine a frame may be missing.
  { heard = { pattern = "." }, call = [{ tool = "get_weather", args = { location = "Dublin" } }] },
  { tool = "get_weather", say = "There is {sky}." },
]
[agents.caller]
kind = "scripted"
lines = ["What is the weather in Dublin?"]
[tools.get_weather]
parameters = { type = "object", properties = { location = { type = "string" } } }
latency = "300ms"
mock = [{ returns = { sky = "rain" } }]
[[links]]
between = ["bot", "caller"]
[end]
turns = 2
max = "1m"
"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "daniel.wav"
    return record(path, SAID, before=2.5, after=6)


@pytest.fixture
def browser(playwright: Playwright, recording: Path) -> Iterator[Browser]:
    assert CHROMIUM is not None
    with launch(playwright.chromium, CHROMIUM, recording) as started:
        yield started


@contextmanager
def looking(context: BrowserContext, link: str) -> Iterator[Page]:
    """A page that is looked at, and that must not complain."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(link)
    yield page
    assert complaints == []


def join(page: Page) -> None:
    page.locator("#join").click()
    expect(page.locator("#state")).to_have_text("Connected", timeout=PATIENT)


def gets_loud(page: Page, meter: str, within: float) -> bool:
    """Whether a meter of the page, which goes from 0 to 1, passes its middle in so many seconds."""
    return bool(
        page.evaluate(
            """([meter, within]) => new Promise((tell) => {
                const until = performance.now() + within;
                const look = setInterval(() => {
                    const loud = document.querySelector(meter).value > 0.5;
                    if (!loud && performance.now() < until) return;
                    clearInterval(look);
                    tell(loud);
                }, 30);
            })""",
            [meter, 1000 * within],
        )
    )


def has_ink(page: Page, name: str) -> bool:
    """Whether a waveform has bars that are taller than silence."""
    return bool(
        page.evaluate(
            """name => {
                const card = [...document.querySelectorAll(".person")]
                    .find(each => each.querySelector(".name").textContent.startsWith(name));
                const canvas = card.querySelector("canvas");
                const row = Math.round(canvas.height / 4);
                return canvas.getContext("2d").getImageData(0, row, canvas.width, 1).data
                    .some(value => value > 0);
            }""",
            name,
        )
    )


def photograph(page: Page, name: str) -> None:
    """Keep a picture, where somebody wants to look at them."""
    if folder := os.environ.get("SOUNDSTAGE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_visitor_talks_with_the_bot(
    browser: Browser, played: Callable[..., Played], tmp_path: Path
) -> None:
    axe = files("axe_core_python").joinpath("axe.min.js").read_text()
    run = played(BRIDGE)
    context = browser.new_context(viewport=DESKTOP)
    phone = browser.new_context(viewport=PHONE, color_scheme="dark", device_scale_factor=2)
    with looking(context, run.link) as page, looking(phone, run.link) as small:
        expect(page.locator("#hint")).to_have_text("Your browser will ask for the microphone.")
        assert scan(page, axe) == []
        photograph(page, "desktop-waiting")
        photograph(small, "phone-dark-waiting")
        join(page)
        transcript = page.locator("#transcript")
        expect(transcript).to_contain_text("Hi there! Who is talking to me?", timeout=PATIENT)
        expect(transcript).to_contain_text("My name is Daniel", timeout=PATIENT)
        expect(transcript).to_contain_text("weather is lovely today", ignore_case=True)
        answers = page.locator("#growing, #transcript").filter(has_text="Nice to meet you, Daniel")
        expect(answers.first).to_be_visible(timeout=PATIENT)
        assert gets_loud(page, "#heard", within=5)
        assert has_ink(page, "bot")
        assert has_ink(page, "visitor")
        expect(page.locator("#trip")).to_contain_text("ms")
        expect(page.locator(".person").first).to_contain_text("answered in")
        for each, name in ((page, "desktop"), (small, "phone-dark")):
            assert scan(each, axe) == []
            assert each.evaluate("document.documentElement.scrollWidth <= innerWidth")
            photograph(each, name)
        page.locator("#mute").click()
        expect(page.locator("#state")).to_have_text("Connected, muted")
        expect(small.locator("#people")).to_contain_text("muted")
        small.emulate_media(color_scheme="light")
        page.emulate_media(color_scheme="dark")
        assert scan(small, axe) == []
        assert scan(page, axe) == []
        photograph(small, "phone-light")
        photograph(page, "desktop-dark-muted")
        page.locator("#mute").click()
        run.interrupt()
        expect(page.locator("#state")).to_have_text("Ended", timeout=PATIENT)
        expect(page.locator("#message")).to_contain_text("The scenario has ended")
        for button in ("#join", "#mute", "#leave"):
            expect(page.locator(button)).to_be_hidden()
        photograph(page, "desktop-dark-ended")
    assert run.wait() == 0, run.printed
    kept = Run.load(tmp_path / "run")
    assert "daniel" in kept.heard_by("bot").lower()
    assert kept.outcome == "ended"
    assert run.link not in (tmp_path / "run" / "events.jsonl").read_text()


def test_two_visitors_hear_each_other_and_a_third_finds_no_seat(
    browser: Browser, played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(QUIET_BOT)
    contexts = [browser.new_context(viewport=DESKTOP) for _ in range(3)]
    third_refused = "All 2 seats are taken"
    with (
        looking(contexts[0], run.link) as first,
        looking(contexts[1], run.link) as second,
    ):
        join(first)
        join(second)
        second.locator("#mute").click()
        expect(second.locator("#state")).to_have_text("Connected, muted")
        assert gets_loud(second, "#heard", within=12)
        expect(second.locator(".person")).to_have_count(3)
        photograph(second, "two-visitors")
        first.locator("#mute").click()
        expect(first.locator("#state")).to_have_text("Connected, muted")
        second.wait_for_timeout(1500)
        assert not gets_loud(second, "#heard", within=4)
        third = contexts[2].new_page()
        third.goto(run.link)
        expect(third.locator("#hint")).to_have_text("All seats are taken.")
        third.locator("#join").click()
        expect(third.locator("#message")).to_contain_text(third_refused)
        photograph(third, "no-seat")
        first.locator("#leave").click()
        expect(first.locator("#state")).to_have_text("Not joined")
        join(third)
        second.reload()
        expect(second.locator("#state")).to_have_text("Connected", timeout=PATIENT)
        expect(second.locator("#message")).to_contain_text("you have your seat again")
        photograph(second, "welcome-back")
        run.interrupt()
        expect(second.locator("#state")).to_have_text("Ended", timeout=PATIENT)
    assert run.wait() == 0, run.printed
    noted = [
        (event.name, event.data.get("seat"), event.data.get("reason"))
        for event in Run.load(tmp_path / "run").events(events.Noted)
    ]
    assert noted[:4] == [
        ("visitor_joined", 1, None),
        ("visitor_joined", 2, None),
        ("visitor_left", 1, "left"),
        ("visitor_joined", 1, None),
    ]
    assert len(noted) == 4


def reasons(kept: Run) -> list[str]:
    """Why visitors have left, in order."""
    noted = kept.events(events.Noted)
    return [event.data["reason"] for event in noted if event.name == "visitor_left"]


def test_a_visitor_who_leaves_is_not_told_that_the_connection_was_lost(
    browser: Browser, played: Callable[..., Played]
) -> None:
    run = played(one_seat("free"))
    with looking(browser.new_context(), run.link) as page:
        # The answer comes after the seats have told that this one is free.
        page.evaluate(
            """() => {
                const fetched = window.fetch;
                window.fetch = async (...given) => {
                    const answer = await fetched(...given);
                    if (given[0].endsWith("leave")) {
                        await new Promise((go) => setTimeout(go, 1500));
                        document.body.dataset.answered = "yes";
                    }
                    return answer;
                };
            }"""
        )
        join(page)
        page.locator("#leave").click()
        expect(page.locator("body[data-answered]")).to_have_count(1, timeout=PATIENT)
        expect(page.locator("#state")).to_have_text("Not joined", timeout=PATIENT)
        assert "lost" not in page.locator("#message").inner_text()


def test_closing_the_tab_ends_the_run_where_the_scenario_says_so(
    browser: Browser, played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(one_seat("end"))
    with looking(browser.new_context(), run.link) as page:
        join(page)
        page.close(run_before_unload=True)
        assert run.wait() == 0, run.printed
    kept = Run.load(tmp_path / "run")
    assert kept.outcome == "ended"
    assert [event.by for event in kept.events(events.HangUp)] == ["visitor"]
    assert reasons(kept) == ["closed"]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be put to sleep here")
def test_a_closed_laptop_frees_the_seat_and_is_told_when_it_opens(
    browser: Browser, played: Callable[..., Played], tmp_path: Path
) -> None:
    run = played(one_seat("free"))
    with looking(browser.new_context(), run.link) as page:
        join(page)
        asleep = processes_of_chromium()
        for process in asleep:
            process.suspend()
        try:
            wait_for_seat(run.link, "free")
        finally:
            for process in asleep:
                process.resume()
        expect(page.locator("#message")).to_contain_text("The connection was lost", timeout=PATIENT)
        expect(page.locator("#people")).to_contain_text("a free seat")
        photograph(page, "lost")
        join(page)
        run.interrupt()
        expect(page.locator("#state")).to_have_text("Ended", timeout=PATIENT)
    assert run.wait() == 0, run.printed
    assert reasons(Run.load(tmp_path / "run"))[:1] == ["lost"]


def wait_for_seat(link: str, state: str) -> None:
    """Watch the page's story, as another visitor, until the first seat is so."""
    with httpx.stream("GET", f"{link}events", timeout=30) as story:
        for line in story.iter_lines():
            told = json.loads(line.removeprefix("data: ") or "{}")
            if told.get("type") == "seats" and told["seats"][0]["state"] == state:
                return


def test_a_denied_microphone_and_a_wrong_link_are_explained(
    playwright: Playwright, recording: Path, played: Callable[..., Played]
) -> None:
    assert CHROMIUM is not None
    run = played(one_seat("free"))
    with (
        launch(playwright.chromium, CHROMIUM, recording, allow=False) as browser,
        looking(browser.new_context(), run.link) as page,
    ):
        page.locator("#join").click()
        expect(page.locator("#message")).to_contain_text("may not use the microphone")
        expect(page.locator("#join")).to_be_visible()
        expect(page.locator("#people")).to_contain_text("a free seat")
        photograph(page, "denied")
        wrong = browser.new_context().new_page()
        wrong.goto(run.link[:-3] + "x/")
        expect(wrong.locator("main")).to_contain_text("the link that run-scenario printed last")
    run.interrupt()
    assert run.wait() == 0, run.printed


def test_a_window_shows_any_run_and_needs_no_microphone(
    playwright: Playwright, recording: Path, played: Callable[..., Played]
) -> None:
    assert CHROMIUM is not None
    run = played(WEATHER, "--watch")
    with (
        launch(playwright.chromium, CHROMIUM, recording, allow=False) as browser,
        looking(browser.new_context(viewport=DESKTOP), run.link) as page,
    ):
        expect(page.locator("#state")).to_have_text("Watching")
        expect(page.locator("#join")).to_be_hidden()
        call = page.locator("#transcript .tool")
        expect(call).to_contain_text("get_weather(location: Dublin)", timeout=PATIENT)
        expect(call).to_contain_text("→ sky: rain")
        assert has_ink(page, "caller")
        expect(page.locator("#transcript")).to_contain_text("There is rain.", timeout=PATIENT)
        photograph(page, "watching")
        expect(page.locator("#message")).to_contain_text(
            "The scenario has ended (turns).", timeout=PATIENT
        )
    assert run.wait() == 0, run.printed
