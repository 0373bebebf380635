"""Ask every address outside of the repository that a page links to: `make prove`.

Exit code 0: every one answered. 1: at least one is gone. 3: none could be asked, or some refused to
answer a program, so that nothing is known of them.
"""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).resolve().parent.parent
DEADLINE: Final = 15.0
"""Seconds for each step of a request."""

GONE: Final = frozenset({404, 410})
_LINK: Final = re.compile(r"\]\((https?://[^)\s]+)\)")


def external_links(root: Path = ROOT) -> dict[str, list[str]]:
    """Address to the pages that link to it."""
    found: dict[str, list[str]] = {}
    for path in sorted([*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("examples/*.md")]):
        for address in _LINK.findall(path.read_text("utf-8")):
            found.setdefault(address.partition("#")[0], []).append(
                path.relative_to(root).as_posix()
            )
    return found


def ask(client: httpx.Client, address: str) -> tuple[str, str]:
    """What becomes of a link: `ok`, `gone`, `unknown` or `unreachable`, and why."""
    try:
        status = client.get(address).status_code
    except httpx.InvalidURL as error:
        return "gone", str(error)
    except httpx.HTTPError as error:
        return "unreachable", type(error).__name__
    if status in GONE:
        return "gone", f"HTTP {status}"
    return ("ok", "") if status < 400 else ("unknown", f"HTTP {status}")  # noqa: PLR2004 - HTTP


def check(links: dict[str, list[str]], client: httpx.Client) -> int:
    """Ask them all and print what is not right; returns the exit code."""
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(links, pool.map(lambda link: ask(client, link), links), strict=True))
    for address, (verdict, why) in answers.items():
        if verdict != "ok":
            print(f"{verdict}: {address} ({why}), in {', '.join(links[address])}")
    verdicts = [verdict for verdict, _ in answers.values()]
    if verdicts and all(verdict == "unreachable" for verdict in verdicts):
        print(f"NOT CHECKED: no network, so none of the {len(verdicts)} links could be asked")
        return 3
    print(", ".join(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts)))
    if "gone" in verdicts:
        return 1
    return 0 if all(verdict == "ok" for verdict in verdicts) else 3


if __name__ == "__main__":
    with httpx.Client(timeout=DEADLINE, follow_redirects=True) as program:
        sys.exit(check(external_links(), program))
