"""Python objects that a scenario file names, and loading them."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Self

from soundstage.config.values.names import suggestion
from soundstage.config.values.sibling_imports import SIBLINGS, FreshLoader
from soundstage.config.values.written_value import Written
from soundstage.errors import UsageError, error_text, is_interrupt, said_by

_FILE = re.compile(r"(?:\.\.?[/\\]|/|[A-Za-z]:[/\\]).*\.py")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


class ObjectReference(Written, str):
    """An object by name: `"package.module:Name"`, or `"./file.py:Name"` beside the file.

    Raises:
        ValueError: the text is neither.
    """

    PATTERN: ClassVar[str] = r"^.+:[A-Za-z_][A-Za-z0-9_.]*$"
    ADVICE: ClassVar[str] = 'an object is named as "./file.py:Name" or "package.module:Name"'

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Read the text."""
        place, _, attribute = value.rpartition(":")
        if _MODULE.fullmatch(attribute) is None:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        if place.endswith(".py") and _FILE.fullmatch(place) is None:
            raise ValueError(f'"{value}": a file is named with its folder, as "./{value}"')
        if not place.endswith(".py") and _MODULE.fullmatch(place) is None:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        return super().__new__(cls, value)

    @property
    def place(self) -> str:
        """The module or the file, without the object's name."""
        return self.rpartition(":")[0]

    @property
    def attribute(self) -> str:
        """The object's name in its module."""
        return self.rpartition(":")[2]

    @property
    def is_file(self) -> bool:
        """Whether it stands in a file rather than in an importable module."""
        return self.place.endswith(".py")

    def beside(self, folder: Path) -> ObjectReference:
        """The same object, its file taken relative to this folder."""
        if not self.is_file:
            return self
        return ObjectReference(f"{(folder / self.place).resolve()}:{self.attribute}")

    def load(self) -> object:
        """The object itself.

        A file becomes a module under a name of its own, which changes when the file does. It may
        import the modules beside it by their names; `sys.path` stays as it is.

        Raises:
            UsageError: the module cannot be imported, or holds no such object.
        """
        module = _from_file(Path(self.place)) if self.is_file else _imported(self.place)
        found: object = module
        for part in self.attribute.split("."):
            known = [name for name in vars(found) if not name.startswith("_")]
            found = getattr(found, part, None)
            if found is None:
                hint = suggestion(part, known, none="it is empty")
                raise UsageError(f'{self.place} has no "{self.attribute}"; {hint}')
        return found


def _from_file(path: Path) -> ModuleType:
    try:
        digest = hashlib.sha256(os.fsencode(path) + b"\0" + path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    name = f"soundstage_file_{path.stem}_{digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    loader = FreshLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    module = importlib.util.module_from_spec(spec) if spec else ModuleType(name)
    # Registered before it runs: dataclasses and pydantic look their module up by name.
    sys.modules[name] = module
    SIBLINGS.use(path.parent)
    try:
        loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if is_interrupt(error):
            raise
        raise UsageError(_broken(path, error)) from error
    return module


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"{name} cannot be imported: {error}") from error
        raise UsageError(
            f"there is no module {error.name}: is it installed? "
            'A file beside this one is named as "./file.py:Name"'
        ) from error
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise UsageError(f"{name} cannot be imported: {error_text(error)}") from error


def _broken(path: Path, error: BaseException) -> str:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{path}:{line}" if line else str(path)
    reason = error.msg if isinstance(error, SyntaxError) else said_by(error)
    return f"{where} cannot be loaded: {type(error).__name__}: {reason}"
