"""The documentation as a site: complete, with a search, and nothing of it from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from build_site import SITE
from dummy_chromium import find_chromium
from playwright.sync_api import expect, sync_playwright
from site_checks import Page
from site_reference import PAGES

import soundstage

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CHROMIUM = find_chromium()


@pytest.fixture(scope="module")
def site() -> Path:
    done = subprocess.run(
        [sys.executable, ROOT / "website" / "build_site.py"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return SITE


@pytest.mark.timeout(120)
def test_each_public_name_has_an_entry_in_the_reference(site: Path) -> None:
    anchors = {
        anchor
        for path in (site / "reference").glob("*.html")
        for anchor in Page(path.read_text()).anchors
    }
    listed = [name for _, _, names in PAGES.values() for name in names]
    assert {f"soundstage.{name}" for name in soundstage.__all__} <= set(listed)
    modules = {"soundstage.errors"}
    assert [name for name in listed if name not in anchors and name not in modules] == []


@pytest.mark.timeout(120)
def test_each_page_is_on_the_site_and_in_its_search(site: Path) -> None:
    pages = {path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("docs/*.md")}
    assert [page for page in pages if not (site / f"{page}.html").is_file()] == []
    found = {
        item["location"].partition("#")[0]
        for item in json.loads((site / "search.json").read_text())["items"]
    }
    assert {f"{page}.html" for page in map(Path.as_posix, pages)} <= found


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.realtime
@pytest.mark.timeout(180)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_reader_finds_a_page_by_its_words_and_loads_nothing_from_outside(address: str) -> None:
    asked: list[str] = []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for each in ("index.html", "docs/scenarios.html", "reference/agents.html"):
            page.goto(f"{address}/{each}")
            expect(page.locator("h1").first).to_be_visible()
        page.get_by_role("button", name="Search").first.click()
        page.keyboard.type("backchannel", delay=30)
        expect(page.get_by_role("option").filter(has_text="backchannel").first).to_be_visible(
            timeout=20_000
        )
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
