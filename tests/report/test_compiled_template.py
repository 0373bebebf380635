"""Templates that are compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
import pytest

from soundstage.report.compiled_template import CompiledTemplates, compiled_templates

if TYPE_CHECKING:
    from pathlib import Path


class CountingEnvironment(jinja2.Environment):
    """Counts what it compiles."""

    compiled = 0

    def _generate(self, *args: object, **kwargs: object) -> str:
        CountingEnvironment.compiled += 1
        return super()._generate(*args, **kwargs)  # type: ignore[arg-type]


def shown(place: Path, text: str = "{{ a }}!", options: str = "", **kept: object) -> str:
    environment = CountingEnvironment(
        loader=jinja2.DictLoader({"page": text}),
        autoescape=True,
        bytecode_cache=CompiledTemplates(place, options),
    )
    return environment.get_template("page").render(a="<b>", **kept)


@pytest.fixture(autouse=True)
def nothing_compiled() -> None:
    CountingEnvironment.compiled = 0


def test_a_template_is_compiled_once_for_many_processes(tmp_path: Path) -> None:
    assert [shown(tmp_path / "made") for _ in range(3)] == ["&lt;b&gt;!"] * 3
    assert CountingEnvironment.compiled == 1


def test_another_text_or_another_option_is_compiled_anew(tmp_path: Path) -> None:
    shown(tmp_path)
    assert shown(tmp_path, "{{ a }}?") == "&lt;b&gt;?"
    assert shown(tmp_path, "{{ a }}?", "trimmed") == "&lt;b&gt;?"
    assert CountingEnvironment.compiled == 3


@pytest.mark.parametrize("kept", [0, 1, 9, 40, 80, -1])
def test_a_torn_file_is_made_anew(tmp_path: Path, kept: int) -> None:
    shown(tmp_path)
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:kept])
    assert shown(tmp_path) == "&lt;b&gt;!"
    assert CountingEnvironment.compiled == 2
    assert shown(tmp_path) == "&lt;b&gt;!"
    assert CountingEnvironment.compiled == 2


def test_a_place_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder would be")
    assert [shown(taken), shown(taken)] == ["&lt;b&gt;!"] * 2
    assert CountingEnvironment.compiled == 2
    assert taken.read_text() == "a file where the folder would be"


def test_nothing_is_written_where_python_was_told_to_write_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundstage.report.compiled_template.dont_write_bytecode", True)
    assert compiled_templates(tmp_path, "") is None


def test_compiled_templates_are_where_compiled_modules_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundstage.report.compiled_template.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    assert compiled_templates(tmp_path, "").directory == str(tmp_path / "__pycache__")  # type: ignore[union-attr]
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path / "elsewhere"))
    assert "elsewhere" in compiled_templates(tmp_path, "").directory  # type: ignore[union-attr]
