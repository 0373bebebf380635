from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from soundstage.scenario import kinds

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def dummy_kinds(monkeypatch):
    """The installed kinds are dummies, so that these tests are about scenarios alone."""
    monkeypatch.syspath_prepend(HERE)
    entry = EntryPoint("realtime", "dummy_kinds:DummyRealtime", "soundstage.agents")
    monkeypatch.setattr(kinds, "installed_kinds", lambda: {"realtime": entry})


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes files into a folder that becomes the working folder; gives the first one's path."""
    monkeypatch.chdir(tmp_path)

    def write(text: str, **others: str) -> Path:
        for name, content in others.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        (tmp_path / "call.toml").write_text(text)
        return tmp_path / "call.toml"

    return write


CALL = """
[agents.alice]
voice = "shimmer"

[agents.bob]
voice = "ash"

[[links]]
between = ["alice", "bob"]

[end]
turns = 4
"""


@pytest.fixture
def call() -> str:
    """The shortest scenario there is."""
    return CALL
