"""Imports between the files that stand beside a scenario: `import prices` in `./tools.py`."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import CodeType, ModuleType


class FreshLoader(SourceFileLoader):
    """Compiles the file as it is now: a cached compilation can be stale within a second."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - importlib's own signature
        """What the file says now."""
        return self.source_to_code(self.get_data(self.path), self.path)


class SiblingFinder(MetaPathFinder):
    """Finds modules beside files that were loaded by their paths, where nothing else is found.

    It is asked last, and `sys.path` stays as it is: a file beside a scenario can take no name away
    from an installed module. The folder that was named last is searched first.
    """

    def __init__(self) -> None:
        self._folders: list[str] = []
        self._found: dict[str, str] = {}

    def use(self, folder: Path) -> None:
        """Search this folder first, from now on.

        A module that was found in another folder is forgotten where this one has one of that name;
        those that have imported it keep it.
        """
        place = str(folder)
        self._folders = [place, *(each for each in self._folders if each != place)]
        if self not in sys.meta_path:
            sys.meta_path.append(self)
        for name, where in list(self._found.items()):
            if where != place and _spec_in(place, name) is not None:
                sys.modules.pop(name, None)
                del self._found[name]

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - importlib's own signature
    ) -> ModuleSpec | None:
        """The module of this name in one of the folders, or None."""
        if path is not None:
            return None
        for folder in self._folders:
            spec = _spec_in(folder, fullname)
            if spec is not None:
                self._found[fullname] = folder
                return spec
        return None


def _spec_in(folder: str, name: str) -> ModuleSpec | None:
    # A new finder each time: one that is kept does not see a file that was made within a second.
    finder = FileFinder(
        folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (FreshLoader, SOURCE_SUFFIXES)
    )
    spec = finder.find_spec(name)
    # A folder without `__init__.py` is found too, as a namespace: here it is no module.
    return spec if spec is not None and spec.loader is not None else None


SIBLINGS = SiblingFinder()
"""The one of this process: what is imported is the whole process's, as `sys.modules` is."""
