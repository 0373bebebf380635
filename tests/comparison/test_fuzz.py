"""Folders of batches with something wrong in them: compared and merged, or refused with a reason.

A cluster that loses a node, a full disk, an editor and an unfinished copy all leave such folders.
"""

from __future__ import annotations

import json
import random
import shutil
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from dummy_batches import batch, row

from soundstage.cli.batch import merge_batches
from soundstage.cli.comparing.compare_command import compare
from soundstage.cli.comparing.diff_command import diff
from soundstage.cli.report_command import write_reports
from soundstage.errors import SoundstageError
from soundstage.ledger import BatchFolder, read_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 1e308, 10**40, "", " ", "\x00", "\u202e", "../../x", "/", "x" * 5000),
    *([], {}, [[[]]], [None], {"a": {}}, [{"id": 1}], "ended", "failed", "invalid", 2**63),
)
BYTES = (b"\x00", b"{", b"}", b'"', b"\n", b"\xff", b"\xf0\x9f", b"[" * 200, b"1e999", b"null")


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON value."""
    found = [path] if path else []
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, each in inside:
        found += places(each, (*path, key))
    return found


def changed_value(text: bytes, chance: random.Random) -> bytes:
    """One line of JSON, with another value somewhere, or a key less."""
    lines = text.splitlines()
    at = chance.randrange(len(lines))
    try:
        whole = json.loads(lines[at])
    except ValueError:
        return text
    found = places(whole)
    if found:
        *way, key = chance.choice(found)
        holder = whole
        for step in way:
            holder = holder[step]
        if chance.random() < 0.2 and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = chance.choice(ODD)
    lines[at] = json.dumps(whole).encode()
    return b"\n".join(lines) + b"\n"


def changed_bytes(text: bytes, chance: random.Random) -> bytes:
    """A text that is cut off, or has lines twice or in another order, or bytes too many."""
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(text) + 1)
    match chance.randrange(5):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + chance.choice(BYTES) + text[at:]
        case 2:
            return text + b"".join(lines[:2])
        case 3:
            return b"".join(chance.sample(lines, len(lines)))
        case _:
            return text[:at] + text[at + chance.randrange(40) :]


def damage(folder: Path, chance: random.Random) -> str:
    """Change one file of a batch, or take it away; returns what was done, for the message."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    likely = [path for path in files if path.suffix in {".json", ".jsonl"}]
    file = chance.choice(likely if chance.random() < 0.9 else files)
    match chance.randrange(12):
        case 0:
            file.unlink()
        case 1:
            file.unlink()
            file.mkdir()
        case 2 | 3 | 4:
            file.write_bytes(changed_bytes(file.read_bytes(), chance))
        case _:
            file.write_bytes(changed_value(file.read_bytes(), chance))
    return str(file.relative_to(folder))


def resume(folder: Path) -> int:
    """Go on with a batch, as far as the ledger goes."""
    plan = read_plan(folder)
    if plan is None:
        return 3
    with BatchFolder(folder, plan) as going_on:
        return len(list(going_on.owed()))


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(150, id="some"),
        pytest.param(12_000, id="many", marks=[pytest.mark.prove, pytest.mark.timeout(2400)]),
    ],
)
def test_a_damaged_batch_is_read_or_refused_with_a_reason(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = dict.fromkeys(range(2), "It rains.")
    whole = batch(tmp_path / "whole", [row(seed) for seed in range(6)], logs=said)
    folder, out = tmp_path / "damaged", tmp_path / "out"
    first = [path / "seed-0" for path in (whole, folder)]
    compared = partial(compare, confidence=0.95, out=StringIO())
    commands: dict[str, Callable[[], object]] = {
        "compare": lambda: compared(whole, folder, as_json=False),
        "compare as JSON": lambda: compared(folder, whole, as_json=True),
        "merge": lambda: merge_batches([folder, whole], out),
        "diff": lambda: diff(*first, every=True, rows=3, as_json=False, out=StringIO()),
        "report": lambda: list(write_reports([folder], embed_audio=False)),
        "resume": lambda: resume(folder),
    }
    refused = done = 0
    wrong: list[str] = []
    for number in range(count):
        chance = random.Random(number)
        for each in (folder, out):
            shutil.rmtree(each, ignore_errors=True)
        shutil.copytree(whole, folder)
        what = damage(folder, chance)
        name = chance.choice(list(commands))
        try:
            commands[name]()
        except SoundstageError as error:
            refused += bool(str(error).strip())
        except Exception as error:  # noqa: BLE001 - all of them are what is looked for
            wrong.append(f"{name}, number {number}, {what}: {error!r}")
        else:
            done += 1
        capsys.readouterr()
    print(f"{refused} of {count} refused, {done} done")
    assert "\n".join(wrong) == ""
    # None was refused without a reason, and not all for the first one that comes to mind.
    assert refused + done == count
    assert refused > count / 20
    assert done > count / 20
