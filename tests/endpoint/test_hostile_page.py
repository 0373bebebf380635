"""A page of another site, in a real browser on the developer's machine, gets nowhere."""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from aiortc import RTCPeerConnection
from dummy_chromium import FLAGS, find_chromium
from dummy_page import DummyPage
from playwright.sync_api import sync_playwright

from soundstage import LocalEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

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

JSON: Final = "{Authorization: 'Bearer any', 'Content-Type': 'application/json'}"

PREPARE: Final = f"""
const answered = (request) => request.then((answer) => answer.ok, () => false);
const post = (path, body) =>
  answered(fetch(base + path, {{method: "POST", headers: {JSON}, body}}));
const opens = (url, protocols) => new Promise((resolve) => {{
  const socket = new WebSocket(url, protocols);
  socket.onopen = () => {{ socket.close(); resolve(true); }};
  socket.onerror = socket.onclose = () => resolve(false);
}});
const offered = async () => {{
  const call = new RTCPeerConnection();
  call.addTransceiver("audio");
  call.createDataChannel("oai-events");
  await call.setLocalDescription(await call.createOffer());
  return call.localDescription.sdp;
}};
const socketUrl = base.replace("http", "ws") + "/realtime?model=gpt-realtime";
"""

WAYS: Final = {
    "the models": f'answered(fetch(base + "/models", {{headers: {JSON}}}))',
    "one model": f'answered(fetch(base + "/models/gpt-realtime", {{headers: {JSON}}}))',
    "an ephemeral key": 'post("/realtime/client_secrets", "{}")',
    "an ephemeral key for a session": (
        'post("/realtime/client_secrets",'
        ' JSON.stringify({session: {type: "realtime", model: "gpt-realtime"}}))'
    ),
    "a call": (
        f'answered(fetch(base + "/realtime/calls", {{method: "POST", headers: {{...{JSON},'
        ' "Content-Type": "application/sdp"}, body: await offered()}))'
    ),
    "a call as a form": (
        '(async () => { const form = new FormData(); form.set("sdp", await offered());'
        ' return answered(fetch(base + "/realtime/calls", {method: "POST",'
        ' headers: {Authorization: "Bearer any"}, body: form})); })()'
    ),
    "the end of a call": 'post("/realtime/calls/KNOWN/hangup", "")',
    "a WebSocket": 'opens(socketUrl, ["realtime", "openai-insecure-api-key.any"])',
    "a WebSocket for a transcription": (
        'opens(base.replace("http", "ws") + "/realtime?intent=transcription",'
        ' ["realtime", "openai-insecure-api-key.any"])'
    ),
    "a sideband": (
        'opens(base.replace("http", "ws") + "/realtime?call_id=KNOWN",'
        ' ["realtime", "openai-insecure-api-key.any"])'
    ),
    "a Live call": (
        'post("/live/sessions", JSON.stringify({session: {model: "gpt-live-1.1"},'
        ' transport: {type: "webrtc", sdp: await offered()}}))'
    ),
    "the end of a Live call": 'post("/live/sessions/LIVE/hangup", "")',
    "how many there are": 'answered(fetch(base.replace("/v1", "/health")))',
    "a request from a worker": (
        "new Promise((resolve) => { const worker = new Worker(URL.createObjectURL(new Blob(["
        "`fetch('${base}/models', {headers: {Authorization: 'Bearer any'}})"
        ".then((a) => postMessage(a.ok), () => postMessage(false))`])));"
        " worker.onmessage = (event) => resolve(event.data); })"
    ),
}
"""Ways in, each as an expression that is true where it led in."""

LIVE_SOCKETS: Final = {
    "a Live WebSocket": (
        'opens(base.replace("http", "ws") + "/live/sessions",'
        ' ["realtime", "openai-insecure-api-key.any"])'
    ),
    "a Live WebSocket without a protocol": 'opens(base.replace("http", "ws") + "/live/sessions")',
    "a Live sideband": (
        'opens(base.replace("http", "ws") + "/live/sessions/LIVE/attach",'
        ' ["realtime", "openai-insecure-api-key.any"])'
    ),
}
"""Ways that no page has: the Live API takes a key in a header only, which a page cannot send."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
        yield browser
        browser.close()


def ways_in(browser: Browser, endpoint: LocalEndpoint, *, site: str, base_url: str) -> list[str]:
    """Which ways lead in from a page of this site, to the endpoint by this URL."""
    calls, led = known_calls(endpoint), []
    with DummyPage("", endpoint.base_url, b"").serving() as address:
        page = browser.new_page()
        page.goto(re.sub(r"127\.0\.0\.1", site, address))
        for name, way in {**WAYS, **LIVE_SOCKETS}.items():
            known = way.replace("KNOWN", calls["KNOWN"]).replace("LIVE", calls["LIVE"])
            script = f"{PREPARE}return await {known};"
            if page.evaluate(f"(async () => {{ const base = '{base_url}'; {script} }})()"):
                led.append(name)
                calls = known_calls(endpoint) if name.startswith("the end of") else calls
        page.close()
    return led


def known_calls(endpoint: LocalEndpoint) -> dict[str, str]:
    """A call of each protocol that is there, as if a page had learned of them."""

    async def offer() -> str:
        connection = RTCPeerConnection()
        connection.addTransceiver("audio")
        connection.createDataChannel("oai-events")
        await connection.setLocalDescription(await connection.createOffer())
        sdp = connection.localDescription.sdp
        await connection.close()
        return sdp

    # Playwright's own loop runs on this thread.
    with ThreadPoolExecutor(1) as beside:
        made = [beside.submit(lambda: asyncio.run(offer())).result() for _ in range(2)]
    key = {"Authorization": "Bearer any"}
    answer = httpx.post(
        f"{endpoint.base_url}/realtime/calls",
        headers={**key, "Content-Type": "application/sdp"},
        content=made[0],
    )
    live = httpx.post(
        f"{endpoint.base_url}/live/sessions",
        headers=key,
        json={
            "session": {"model": "gpt-live-1.1"},
            "transport": {"type": "webrtc", "sdp": made[1]},
        },
    )
    return {
        "KNOWN": answer.headers["location"].rsplit("/", 1)[1],
        "LIVE": live.json()["session"]["id"],
    }


def test_a_page_of_this_machine_has_every_way(browser: Browser) -> None:
    with LocalEndpoint() as endpoint:
        assert ways_in(browser, endpoint, site="localhost", base_url=endpoint.base_url) == [*WAYS]


def test_a_page_of_another_site_has_none(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with LocalEndpoint() as endpoint:
        assert ways_in(browser, endpoint, site=EVIL, base_url=endpoint.base_url) == []
        assert served(caplog) == 2  # the calls that were there beforehand
    assert f"http://{EVIL}" in caplog.text
    assert "--allow-origin" in caplog.text


def test_a_name_that_was_let_point_here_leads_nowhere_either(browser: Browser) -> None:
    with LocalEndpoint() as endpoint:
        rebound = endpoint.base_url.replace("127.0.0.1", EVIL)
        assert ways_in(browser, endpoint, site=EVIL, base_url=rebound) == []
        assert ways_in(browser, endpoint, site="localhost", base_url=rebound) == []


def test_a_site_that_is_allowed_has_every_way(browser: Browser) -> None:
    with LocalEndpoint(allow_origins=["*"], allow_hosts=[EVIL]) as endpoint:
        rebound = endpoint.base_url.replace("127.0.0.1", EVIL)
        assert ways_in(browser, endpoint, site=EVIL, base_url=rebound) == [*WAYS]


def served(caplog: pytest.LogCaptureFixture) -> int:
    """How many requests were answered with success."""
    answers: list[Any] = [vars(record).get("soundstage_fields", {}) for record in caplog.records]
    return sum(200 <= each.get("status", 500) < 300 for each in answers)
