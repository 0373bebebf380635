"""What becomes of good input when it goes through bad hands."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2**31, -(2**63), 10**30, 1.5, -0.0, 1e308, "", "\x00", "\ud800"),
    *("é" * 300, "root", "auto", "none", "audio/pcmu", [], [[]], {}, {"type": "mcp"}, ["audio"]),
    {"type": "function", "name": "x"},
]
TOKENS = [
    b"",
    b"\x00",
    b"\r\n",
    b"\n",
    b"{",
    b'"',
    b"--",
    b"9" * 40,
    b"\xff\xfe",
    b"a=",
    b"m=audio ",
]


def mutated(rng: random.Random, data: bytes) -> bytes:
    """Bytes with a few of them lost, doubled, changed or put in between."""
    for _ in range(rng.choice([1, 1, 2, 5])):
        start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        end = min(end, start + rng.choice([1, 4, 60]))
        match rng.randrange(5):
            case 0:
                data = data[:start] + data[end:]
            case 1:
                data = data[:end] + data[start:]
            case 2:
                data = data[:start] + rng.choice(TOKENS) + data[end:]
            case 3:
                data = data[:start] + rng.randbytes(end - start) + data[end:]
            case _:
                lines = data.split(b"\n")
                one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
                lines[one], lines[other] = lines[other], lines[one]
                data = b"\n".join(lines)
    return data


def mutated_json(rng: random.Random, value: Any) -> Any:
    """A value with one thing in it lost, renamed, or something else."""
    value = copy.deepcopy(value)
    places = list(_places(value))
    if not places:
        return value
    holder, key = rng.choice(places)
    match rng.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[str(key) + rng.choice(["_", "s", "\x00"])] = holder.pop(key)
        case 2:
            other, name = rng.choice(places)
            holder[key] = copy.deepcopy(other[name])
        case _:
            holder[key] = rng.choice(VALUES)
    return value


def _places(value: Any):
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield value, index
            yield from _places(inner)
