"""Validating a document's tables, every fault of all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from soundstage.audio.effects import PRESETS
from soundstage.config.values import Name, Reading, is_list, is_table
from soundstage.scenario._problems import Problems
from soundstage.scenario._shapes import fields_of
from soundstage.scenario._tables import Root
from soundstage.scenario._vocabulary import BUILT_IN_PROVIDERS
from soundstage.tools import GIVE_FLOOR

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.scenario._document import Document
    from soundstage.scenario._faults import Faults, KeyPath

_M = TypeVar("_M", bound=BaseModel)


@dataclass
class Validator:
    """Validates tables of one document.

    Attributes:
        document: what is validated.
        faults: collects what is wrong.
        reading: the context that values are validated in.
    """

    document: Document
    faults: Faults
    reading: Reading

    @classmethod
    def of(cls, document: Document, faults: Faults) -> Validator:
        """A validator that knows the names which the document declares."""
        names = {key: list(document.table(key)) for key in ("agents", "tools")}
        if document.table("rooms"):
            names["tools"] = [*names["tools"], GIVE_FLOOR]
        if not _offers_more_tools(document):
            names["called"] = names["tools"]
        names["effects"] = [*PRESETS, *document.table("effects")]
        names["providers"] = [*BUILT_IN_PROVIDERS, *document.table("providers")]
        return cls(document, faults, Reading(names, _folders(document)))

    def check_root(self, root: type[BaseModel] = Root) -> None:
        """Note each table that no such file has."""
        known = fields_of(root)
        problems = Problems(self.document, self.faults)
        for key in self.document.tree:
            if key not in known:
                problems.report_unknown(root, (), (key,))

    def table(self, model: type[_M], path: KeyPath) -> _M | None:
        """One table as its model; None where it is wrong.

        Args:
            model: the model.
            path: its key path; where nothing is written, the defaults count.
        """
        value = self.document.value(path)
        return self.valid(model, {} if value is None else value, path)

    def valid(self, model: type[_M], value: object, path: KeyPath) -> _M | None:
        """A value as a model; None where it is wrong."""
        try:
            return model.model_validate(value, context=self.reading)
        except ValidationError as error:
            Problems(self.document, self.faults).report(error, model, path)
        except Exception as error:  # noqa: BLE001 - a Settings model is its author's own code
            reason = f"its check raised {type(error).__name__}: {error}"
            self.faults.add(self.document.place_of(path), reason)
        return None

    def named_tables(self, key: str) -> dict[str, dict[str, object]]:
        """The tables below a key such as `agents` by name, those that are tables."""
        written = self.document.tree.get(key, {})
        if not is_table(written):
            reason = f"must be one table for each: [{key}.NAME]"
            self.faults.add(self.document.place_of((key,)), reason)
            return {}
        tables: dict[str, dict[str, object]] = {}
        for name, value in written.items():
            self._check_name(name, (key, name))
            if is_table(value):
                tables[name] = value
            else:
                reason = f"must be a table: [{key}.{name}]; every value belongs to one"
                self.faults.add(self.document.place_of((key, name)), reason)
        return tables

    def listed_tables(self, key: str, model: type[_M]) -> list[tuple[KeyPath, _M]]:
        """The tables of a list of tables with their key paths, those that are right."""
        written = self.document.tree.get(key, [])
        if not is_list(written):
            reason = f"is a list of tables: write [[{key}]]"
            self.faults.add(self.document.place_of((key,)), reason)
            return []
        found: list[tuple[KeyPath, _M]] = []
        for index in range(len(written)):
            table = self.table(model, (key, index))
            if table is not None:
                found.append(((key, index), table))
        return found

    def _check_name(self, name: str, path: KeyPath) -> None:
        try:
            TypeAdapter[str](Name).validate_python(name)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                reason = str(details.get("ctx", {}).get("error", details["msg"]))
                self.faults.add(self.document.place_of(path), reason)


def _offers_more_tools(document: Document) -> bool:
    """Whether there may be tools that no table names: a server's, or one's own agents' methods."""
    tables = [*document.table("tools").values(), *document.table("agents").values()]
    return any(
        is_table(table) and ("mcp" in table or ":" in str(table.get("kind", "")))
        for table in tables
    )


def _folders(document: Document) -> dict[int, Path]:
    """The folder of the file that says each `{ file = … }` table, by the table's id."""
    folders: dict[int, Path] = {}
    for path, place in document.places.items():
        holder = document.value(path[:-1])
        if path[-1] == "file" and is_table(holder):
            folders[id(holder)] = place.folder
    return folders
