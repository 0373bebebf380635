"""The house keeps its measures."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import soundstage

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("runtime", "agents")
    for path in (ROOT / folder).rglob("*.py")
    # Code of others keeps its own measures, so that it can be compared with the original.
    if "_vendor" not in path.parts
)
HEAVY = ("aiortc", "av", "onnxruntime", "ctranslate2", "sounddevice", "fastapi")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_shows_one_idea_in_at_most_500_lines(path: Path) -> None:
    assert path.read_text().count("\n") <= 500


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_functions_stay_under_40_lines_and_classes_under_30_methods(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 40, f"{node.name} has {length} lines"
        if isinstance(node, ast.ClassDef):
            functions = ast.FunctionDef | ast.AsyncFunctionDef
            methods = [n for n in node.body if isinstance(n, functions)]
            assert len(methods) <= 30, f"{node.name} has {len(methods)} methods"


@pytest.mark.parametrize("module", ["soundstage", "soundstage.cli"])
def test_importing_the_package_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == ""


def test_every_public_name_can_be_imported() -> None:
    for name in soundstage.__all__:
        assert getattr(soundstage, name) is not None


def test_tests_sleep_only_in_real_time() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text()
        if re.search(r"\bsleep\(", text) and path.name != "test_house.py":
            assert "realtime" in text, path
