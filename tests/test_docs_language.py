"""The documentation is written for readers whose first language may not be English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md")])
AVOIDED = re.compile(
    r"\b(whoever|nobody|somebody|whom|whomever|anybody|how-manieth)\b", re.IGNORECASE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_names_the_agent_the_user_or_the_service_that_it_means(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert AVOIDED.findall(prose) == []
