"""What must hold of the built site: its links lead somewhere, and it loads nothing from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urldefrag, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOADING: Final = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("audio", "src"),
    ("video", "src"),
    ("link", "href"),
    ("object", "data"),
    ("embed", "src"),
    ("use", "href"),
}
"""Attributes that make a browser fetch something; a link in the text is not one of them."""

_CSS_URL: Final = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has.

    Attributes:
        links: the addresses of its links.
        loads: the addresses of what a browser fetches with it.
        anchors: the ids of its elements, and the names of its anchors.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)
            elif (tag, name) in _LOADING:
                self.loads.append(value)
            elif name == "style":
                self.loads.extend(_CSS_URL.findall(value))


def is_outside(address: str) -> bool:
    """Whether an address names a host, or leaves the site in another way."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in {"", "data"}


def outside_loads(site: Path) -> Iterator[str]:
    """What pages and style sheets load from other hosts, one line each."""
    for path in sorted(site.rglob("*.html")):
        for address in Page(path.read_text("utf-8")).loads:
            if is_outside(address):
                yield f"{path.relative_to(site)} loads {address}"
    for path in sorted(site.rglob("*.css")):
        for address in _CSS_URL.findall(path.read_text("utf-8")):
            yield f"{path.relative_to(site)} loads {address}"


def broken_links(site: Path) -> Iterator[str]:
    """Links inside the site whose file or anchor does not exist, one line each."""
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        # The page for missing pages is served at any depth: its links are not relative to it.
        if path.name == "404.html":
            continue
        for link in page.links:
            if is_outside(link):
                continue
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address)).resolve() if address else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{path.relative_to(site)} links to {link}: no such page"
            elif anchor and target in pages and unquote(anchor) not in pages[target].anchors:
                yield f"{path.relative_to(site)} links to {link}: no such heading"
