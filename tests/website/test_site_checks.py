"""The checks of the built site find what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from site_checks import broken_links, outside_loads

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://unpkg.com/shim"></script>',
        '<link rel="stylesheet" href="//fonts.example.org/a.css">',
        '<img src="http://example.org/badge.svg">',
        '<div style="background: url(https://example.org/a.png)"></div>',
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_what_a_browser_would_fetch_from_another_host_is_found(tmp_path: Path, html: str) -> None:
    (tmp_path / "index.html").write_text(html)
    assert len(list(outside_loads(tmp_path))) == 1


def test_a_style_sheet_that_imports_from_another_host_is_found(tmp_path: Path) -> None:
    (tmp_path / "main.css").write_text('@import "https://fonts.example.org/roboto.css"; a{}')
    assert list(outside_loads(tmp_path)) == [
        "main.css loads https://fonts.example.org/roboto.css",
    ]


def test_a_link_in_the_text_is_not_a_load(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<a href="https://example.org">there</a><img src="a.svg">')
    assert list(outside_loads(tmp_path)) == []


def test_links_to_pages_and_headings_that_do_not_exist_are_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tools.html").write_text('<h2 id="mocks">Mocks</h2>')
    (tmp_path / "index.html").write_text(
        '<a href="docs/tools.html#mocks">right</a> <a href="docs/tools.html#mock">1</a>'
        '<a href="docs/agents.html">2</a> <a href="#top">3</a> <a href="docs">4</a>'
        '<a href="mailto:a@example.org">right</a>'
    )
    assert list(broken_links(tmp_path)) == [
        "index.html links to docs/tools.html#mock: no such heading",
        "index.html links to docs/agents.html: no such page",
        "index.html links to #top: no such heading",
        "index.html links to docs: no such page",
    ]
