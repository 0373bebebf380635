"""A page of another site, in the browser of a developer whose run has a page, gets nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from dummy_chromium import FLAGS, find_chromium
from dummy_page import DummyPage
from dummy_played import one_seat
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dummy_played import Played
    from playwright.sync_api import Browser

CHROMIUM = find_chromium()

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium, and try again"
    ),
]

EVIL: Final = "evil.example"
"""The browser is told that this name is this machine: as after DNS rebinding."""

PREPARE: Final = """
const answered = (request) => request.then((answer) => answer.ok, () => false);
const post = (name, kind, body, more) => answered(fetch(link + name, {
  method: "POST", headers: {"Content-Type": kind}, body: JSON.stringify(body), ...more}));
const offered = async () => {
  const call = new RTCPeerConnection();
  call.addTransceiver("audio");
  call.createDataChannel("events");
  await call.setLocalDescription(await call.createOffer());
  return call.localDescription.sdp;
};
"""

WAYS: Final = {
    "the page": "answered(fetch(link))",
    "its script": 'answered(fetch(link + "page.js"))',
    "its story": (
        "(async () => { const stop = new AbortController();"
        ' const led = await answered(fetch(link + "events", {signal: stop.signal}));'
        " stop.abort(); return led; })()"
    ),
    "its story as an event source": (
        "new Promise((tell) => { const source = new EventSource(link + 'events');"
        " source.onopen = () => { source.close(); tell(true); };"
        " source.onerror = () => { source.close(); tell(false); }; })"
    ),
    "a seat": 'post("join", "application/json", {visit: "first", sdp: await offered()})',
    "the end of a visit": 'post("leave", "application/json", {visit: "first", closed: true})',
    "a seat by a request that asks nothing beforehand": (
        'post("join", "text/plain", {visit: "second", sdp: await offered()}, {mode: "no-cors"})'
    ),
    "the end of a visit by such a request": (
        'post("leave", "text/plain", {visit: "second", closed: true}, {mode: "no-cors"})'
    ),
}
"""Ways in for a page that knows the link, each as an expression that is true where it led in."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
        yield browser
        browser.close()


def ways_in(browser: Browser, at: str, link: str) -> list[str]:
    """Which ways lead into the run's page by this link, from a page at this address."""
    led: list[str] = []
    page = browser.new_page()
    page.goto(at)
    for name, way in WAYS.items():
        script = f"{PREPARE} return await {way};"
        if page.evaluate(f"(async () => {{ const link = '{link}'; {script} }})()"):
            led.append(name)
    page.close()
    return led


def test_another_site_has_no_way_in_and_the_page_itself_has_each(
    browser: Browser, played: Callable[..., Played]
) -> None:
    run = played(one_seat("end"))
    rebound = re.sub(r"127\.0\.0\.1|localhost", EVIL, run.link)
    with DummyPage("", "", b"").serving() as address:
        foreign = address.replace("127.0.0.1", EVIL)
        assert ways_in(browser, foreign, run.link) == []
        assert ways_in(browser, foreign, rebound) == []
        # A page of another program of this machine is another site as well.
        assert ways_in(browser, address, run.link) == []
    # Had one of them taken the only seat, or ended a visit, the run would be over.
    assert ways_in(browser, run.link, run.link) == [*WAYS]
    run.interrupt()
    assert run.wait() == 0, run.printed
