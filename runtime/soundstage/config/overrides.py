"""`--set PATH=VALUE`: one value of a scenario, changed from the command line."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from soundstage.config.diagnostics import Place, written_path
from soundstage.config.values import is_list, is_table, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.config.diagnostics import Diagnostics, KeyPath
    from soundstage.config.document import Document

_NAMED = ("agents", "providers", "tools")

_BUILT_IN: Final = frozenset({("providers", "openai")})
"""Named tables that may be changed though no file has them."""
_PATH = "is not a path of keys, as agents.alice.voice or links[0].between"
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
_KEY = rf"[A-Za-z0-9_-]+|{_QUOTED}"
_STEP = re.compile(
    rf"(?P<first>{_KEY})[ \t]*|\.[ \t]*(?P<next>{_KEY})[ \t]*|\[(?P<index>[0-9]{{1,9}})\][ \t]*"
)


class _WrongPathError(Exception):
    """A path does not lead to a value."""


def apply_sets(document: Document, sets: Sequence[str], diagnostics: Diagnostics) -> None:
    """Change single values of a document.

    Args:
        document: is changed in place.
        sets: `PATH=VALUE` each; the path as `end.turns`, `links[0].between` or
            `links.0.between`, the value in TOML, else taken as text.
        diagnostics: collects what is wrong.
    """
    for text in sets:
        end = _end_of_path(text)
        place = Place(f"--set {text[:end].strip()}", Path.cwd())
        if end == len(text):
            diagnostics.add(place, "a value is set with PATH=VALUE, as agents.alice.voice=ash")
            continue
        try:
            path = _put(document.tree, _keys(text[:end]), _value(text[end + 1 :]))
        except _WrongPathError as error:
            diagnostics.add(place, str(error))
            continue
        document.say(path, place)
        for end in range(1, len(path)):
            document.places.setdefault(path[:end], place)


def written_set(path: str, value: object) -> str:
    """A Python value as `apply_sets` takes it; a text stays a text, whatever is in it.

    Raises:
        ValueError: TOML has no such value.
    """
    return f"{path}={_written(value)}"


def _written(value: object) -> str:
    if is_table(value):
        pairs = (f"{json.dumps(key)} = {_written(item)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, cast('Sequence[object]', value)))}]"
    if isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise ValueError(f"a scenario has no values of the type {type(value).__name__}")


def _end_of_path(text: str) -> int:
    """Where the path of a `PATH=VALUE` ends: at the first `=` that is not within quotes."""
    found = re.match(rf"(?:{_QUOTED}|[^=])*", text)
    return found.end() if found else 0


def _keys(written: str) -> KeyPath:
    """The keys of a path; an index in brackets is a number, one after a dot may be a key too."""
    keys: list[str | int] = []
    rest = written.strip()
    while rest:
        step = _STEP.match(rest)
        if step is None or (not keys) != (step["first"] is not None):
            raise _WrongPathError(_PATH)
        key = step["first"] or step["next"]
        keys.append(int(step["index"]) if key is None else _unquoted(key))
        rest = rest[step.end() :]
    if not keys:
        raise _WrongPathError(_PATH)
    return tuple(keys)


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        raise _WrongPathError(_PATH) from None


def _value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return text.strip()
    return read["value"] if read.keys() == {"value"} else text.strip()


def _put(tree: dict[str, object], keys: KeyPath, value: object) -> KeyPath:
    """Put a value into nested tables; missing tables are made, missing names are not."""
    holder: object = tree
    path: KeyPath = ()
    for depth, key in enumerate(keys):
        step = _step(holder, key, path)
        path = (*path, step)
        if depth == len(keys) - 1:
            _assign(holder, step, value)
        else:
            holder = _enter(holder, step)
    return path


def _step(holder: object, key: str | int, path: KeyPath) -> str | int:
    if is_list(holder):
        if not str(key).isdecimal() or int(key) >= len(holder):
            count = f"0 to {len(holder) - 1}" if holder else "none: it is empty"
            raise _WrongPathError(f"{written_path(path)} is a list; its indexes are {count}")
        return int(key)
    if not is_table(holder):
        raise _WrongPathError(f"{written_path(path)} is no table, so it has no {key}")
    if isinstance(key, int):
        raise _WrongPathError(f"{written_path(path)} is a table, and has keys, not indexes")
    is_named = len(path) == 1 and path[0] in _NAMED and (path[0], key) not in _BUILT_IN
    if is_named and key not in holder:
        hint = suggestion(key, holder.keys())
        raise _WrongPathError(f'{path[0]} has no "{key}"; {hint}')
    return key


def _enter(holder: object, step: str | int) -> object:
    if isinstance(step, int):
        return holder[step] if is_list(holder) else None
    return holder.setdefault(step, {}) if is_table(holder) else None


def _assign(holder: object, step: str | int, value: object) -> None:
    if isinstance(step, int):
        if is_list(holder):
            holder[step] = value
    elif is_table(holder):
        holder[step] = value
