"""A page in a real browser that follows OpenAI's documentation to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dummy_chromium import find_chromium, launch, record
from dummy_page import SNIPPET, UNIFIED, DummyPage
from playwright.sync_api import sync_playwright

from soundstage import LocalEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = find_chromium()

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium, and try again"
    ),
]

BEHAVIOUR = '[defaults.realtime.local]\nlines = ["Good morning, how can I help you?"]'
PATIENT = 45_000
HEARD = "conversation.item.input_audio_transcription.completed"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose user says a sentence."""
    assert CHROMIUM is not None
    folder: Path = tmp_path_factory.mktemp("said")
    said = record(folder / "said.wav", "Hello there, good morning.", before=1.0, after=5.0)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, CHROMIUM, said)
        yield browser
        browser.close()


def wait_for(page: Page, condition: str) -> Any:
    page.wait_for_function(f"() => seen.failed || ({condition})", timeout=PATIENT)
    assert page.evaluate("seen.failed") is None
    return page.evaluate(condition)


@pytest.mark.parametrize("snippet", [SNIPPET, UNIFIED], ids=["its own key", "a server between"])
def test_a_page_after_the_documentation_talks_with_the_endpoint(
    browser: Browser, snippet: str
) -> None:
    with LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        page = browser.new_page()
        with DummyPage(snippet, endpoint.base_url).serving() as address:
            page.goto(address)
            wait_for(page, "seen.state == 'connected'")
            assert wait_for(page, "window.audio?.srcObject?.getAudioTracks().length") == 1
            wait_for(page, "seen.events.some((e) => e.type == 'response.done')")
            done = page.evaluate("seen.events.find((e) => e.type == 'response.done').response")
            said = [part["transcript"] for part in done["output"][0]["content"]]
            assert said == ["Good morning, how can I help you?"]
            wait_for(page, "seen.events.some((e) => e.type == 'output_audio_buffer.stopped')")
            wait_for(page, "window.audio.currentTime > 1")
            page.close()
