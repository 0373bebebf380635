"""Links to other sites: what is gone, what answers, and what cannot be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from external_links import check, external_links

if TYPE_CHECKING:
    from pathlib import Path

LINKS = {"https://a.example/": ["README.md"], "https://b.example/": ["docs/x.md"]}


def client(answers: dict[str, int | None]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        status = answers[str(request.url)]
        if status is None:
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(status)

    return httpx.Client(transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("statuses", "code", "told"),
    [
        ((200, 204), 0, "2 ok"),
        ((200, 404), 1, "gone: https://b.example/ (HTTP 404), in docs/x.md"),
        ((200, 403), 3, "unknown: https://b.example/ (HTTP 403)"),
        ((200, None), 3, "unreachable: https://b.example/ (ConnectError)"),
        ((None, None), 3, "NOT CHECKED: no network, so none of the 2 links could be asked"),
        ((None, 410), 1, "1 unreachable, 1 gone"),
    ],
)
def test_a_link_is_right_gone_or_not_known(
    capsys: pytest.CaptureFixture[str],
    statuses: tuple[int | None, int | None],
    code: int,
    told: str,
) -> None:
    with client(dict(zip(LINKS, statuses, strict=True))) as asked:
        assert check(LINKS, asked) == code
    assert told in capsys.readouterr().out


def test_links_are_found_on_every_page_without_their_anchors(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("[a](https://a.example/#b) [b](docs/x.md)")
    (tmp_path / "docs" / "x.md").write_text("[a](https://a.example/)")
    assert external_links(tmp_path) == {"https://a.example/": ["README.md", "docs/x.md"]}
