"""The house keeps its measures: what a stranger needs to find their way in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for path in chain((ROOT / "runtime").rglob("*.py"), (ROOT / "agents").rglob("*.py"))
    if "_vendor" not in path.parts
)
MODULES = [path for path in SOURCES if path.name != "__init__.py"]
PROSE = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
HEAVY = ("aiortc", "av", "onnxruntime", "ctranslate2", "sounddevice", "fastapi")

# Both ends of a protocol, and its dialects, have the same parts: each pair of packages is parallel,
# and the name of a part means the same in both.
PARALLEL_PACKAGES = (
    {
        *("realtime/server", "realtime/client", "realtime/protocol"),
        *("live/server", "live/client", "live/protocol"),
    },
)

# The words of the field, and the module that each must lead to.
LOOKUPS = {
    "vad": "speech",
    "tts": "speech",
    "stt": "speech",
    "barge": "soundstage_agents",
    "websocket": "endpoint/transports",
    "mixer": "mixing",
    "jitter": "audio",
    "truncat": "realtime",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
    """The package's path below `soundstage`, or below `agents`: `realtime/server`."""
    return (
        relative(path.parent).removeprefix("runtime/soundstage").removeprefix("agents/").strip("/")
    )


def functions_of(tree: ast.AST) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_shows_one_idea_in_at_most_500_lines(path: Path) -> None:
    assert path.read_text().count("\n") <= 500


def test_a_folder_holds_at_most_15_modules() -> None:
    counts = Counter(relative(path.parent) for path in MODULES)
    assert {folder: n for folder, n in counts.items() if n > 15} == {}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_functions_have_at_most_40_lines_and_classes_20_public_methods(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert {f.name: length_of(f) for f in functions_of(tree) if length_of(f) > 40} == {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            kinds = ast.FunctionDef | ast.AsyncFunctionDef
            public = [n for n in node.body if isinstance(n, kinds) and not n.name.startswith("_")]
            assert len(public) <= 20, f"{node.name} has {len(public)} public methods"


def test_nine_functions_in_ten_have_at_most_15_lines() -> None:
    lengths = sorted(
        length_of(f) for path in SOURCES for f in functions_of(ast.parse(path.read_text()))
    )
    assert lengths[len(lengths) * 9 // 10] <= 15


def test_the_name_of_a_module_means_one_thing_in_the_whole_tree() -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        where[path.stem.lstrip("_")].add(package_of(path))
    several = {name: sorted(packages) for name, packages in where.items() if len(packages) > 1}
    unlisted = {
        name: packages
        for name, packages in several.items()
        if not any(set(packages) <= parallel for parallel in PARALLEL_PACKAGES)
    }
    assert unlisted == {}


@pytest.mark.parametrize(("word", "package"), LOOKUPS.items())
def test_a_word_of_the_field_leads_to_its_file_by_name(word: str, package: str) -> None:
    found = {package_of(path) for path in MODULES if word in path.stem}
    assert any(place == package or place.startswith(f"{package}/") for place in found), found


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("soundstage", "soundstage_agents", cache_dir=None)
    # Imports for types only count too: a reader follows them like the others.
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while (
        True
    ):  # take away what imports nothing that is left: what cannot be taken away is a circle
        leaves = {module for module, used in imports.items() if not used & imports.keys()}
        if not leaves:
            break
        imports = {module: used for module, used in imports.items() if module not in leaves}
    circles = {module: sorted(used & imports.keys()) for module, used in imports.items()}
    assert circles == {}


def comment_lines(path: Path) -> int:
    comment = re.compile(r"# (?!noqa|type:|pyright:)")
    return sum(comment.search(line) is not None for line in path.read_text().splitlines())


@pytest.mark.parametrize("package", ["kernel", "mixing", "realtime", "webrtc"])
def test_three_lines_in_a_hundred_say_why_where_the_code_is_hard(package: str) -> None:
    paths = [path for path in SOURCES if package_of(path).split("/")[0] == package]
    lines = sum(path.read_text().count("\n") for path in paths)
    assert sum(map(comment_lines, paths)) >= lines * 3 / 100


def test_code_and_docs_are_in_plain_english() -> None:
    riddles = re.compile(r"\b(?:nobody|somebody|whoever|whom)\b", re.IGNORECASE)
    counts = {relative(p): len(riddles.findall(p.read_text())) for p in [*SOURCES, *PROSE]}
    assert sum(counts.values()) < 20, {name: n for name, n in counts.items() if n}


def test_reading_a_scenario_loads_nothing_that_only_another_kind_of_run_needs() -> None:
    late = (
        "soundstage.verdict",
        "soundstage.ledger",
        "soundstage.expectations.llm_judge.labelled_conversations",
        "statistics",
        "httpx",
        "opentelemetry",
    )
    program = f"import sys, soundstage.run; print(*[m for m in {late!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", ["soundstage", "soundstage.cli"])
def test_importing_the_package_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == ""


def test_tests_sleep_only_in_real_time() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text()
        if re.search(r"\bsleep\(", text) and path.name != "test_house.py":
            assert "realtime" in text, path
