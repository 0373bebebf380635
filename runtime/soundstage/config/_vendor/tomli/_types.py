# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2021 Taneli Hukkinen
# Licensed to PSF under a Contributor Agreement.

from typing import Any, Callable, Protocol, Tuple  # soundstage: Protocol

# Type annotations
ParseFloat = Callable[[str], Any]
Key = Tuple[str, ...]
Pos = int


class Positions(Protocol):  # soundstage: added
    """Is told where each key and each item of a list begins, as the parser comes to it."""

    def open_table(self, key: Key, start: Pos, end: Pos) -> None:
        """A `[header]` begins at `start`; its key ends before `end`."""

    def open_list(self, key: Key, start: Pos) -> None:
        """A `[[header]]` begins at `start`."""

    def open_list_item(self, key: Key, start: Pos, end: Pos) -> None:
        """The `[[header]]` has added a table to its list."""

    def enter(self, key: Tuple[str | int, ...], start: Pos) -> None:
        """A key, or an item of a list by its index, begins at `start`, within those entered."""

    def leave(self) -> None:
        """The value of what was entered last has been read."""
