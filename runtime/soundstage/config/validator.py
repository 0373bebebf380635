"""Validating a document's tables, and collecting every error in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from soundstage.config.explainer import Explainer
from soundstage.config.model_keys import fields_of
from soundstage.config.values import Name, is_list, is_table, without_plugins
from soundstage.errors import error_text, is_interrupt

if TYPE_CHECKING:
    from soundstage.config.diagnostics import Diagnostics, KeyPath
    from soundstage.config.document import Document
    from soundstage.config.values import ValidationContext
    from soundstage.config.variation import Variation

_M = TypeVar("_M", bound=BaseModel)


@dataclass
class Validator:
    """Validates the tables of one document.

    Attributes:
        document: what is validated.
        diagnostics: collects what is wrong.
        context: what values are validated with.
        root: the model of the whole file, for the names of its tables.
        variation: draws the values that vary with the seed.
    """

    document: Document
    diagnostics: Diagnostics
    context: ValidationContext
    root: type[BaseModel]
    variation: Variation

    def check_root(self) -> None:
        """Add a diagnostic for each table that such a file does not have."""
        known = fields_of(self.root)
        for key in self.document.tree:
            if key not in known:
                self.report_unknown(self.root, (key,))

    def report_unknown(self, model: type[BaseModel], path: KeyPath) -> None:
        """Add a diagnostic for a key that its table does not have.

        Args:
            model: the model of that table.
            path: the key's path.
        """
        self._explainer().report_unknown(model, path[:-1], path[-1:])

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
        settled = self.variation.settle(model, value, path)
        try:
            return model.model_validate(settled, context=self.context)
        except ValidationError as error:
            self._explainer().report(error, model, path)
        except BaseException as error:
            if is_interrupt(error):
                raise
            reason = f"its check raised {error_text(error)}"
            self.diagnostics.add(self.document.place_of(path), reason)
        return None

    def named_tables(self, key: str) -> dict[str, dict[str, object]]:
        """The tables below a key such as `agents` by name, those that are tables."""
        written = self.document.tree.get(key, {})
        if not is_table(written):
            reason = f"must be one table for each: [{key}.NAME]"
            self.diagnostics.add(self.document.place_of((key,)), reason)
            return {}
        tables: dict[str, dict[str, object]] = {}
        for name, value in written.items():
            self._check_name(name, (key, name))
            if is_table(value):
                tables[name] = value
            else:
                reason = f"must be a table: [{key}.{name}]; every value belongs to one"
                self.diagnostics.add(self.document.place_of((key, name)), reason)
        return tables

    def listed_tables(self, key: str, model: type[_M]) -> list[tuple[KeyPath, _M]]:
        """The tables of a list of tables with their key paths, those that are right."""
        written = self.document.tree.get(key, [])
        if not is_list(written):
            reason = f"is a list of tables: write [[{key}]]"
            self.diagnostics.add(self.document.place_of((key,)), reason)
            return []
        found: list[tuple[KeyPath, _M]] = []
        for index in range(len(written)):
            table = self.table(model, (key, index))
            if table is not None:
                found.append(((key, index), table))
        return found

    def _check_name(self, name: str, path: KeyPath) -> None:
        try:
            _name_checker().validate_python(name)
        except ValidationError as error:
            self._explainer().report_value(error, path)

    def _explainer(self) -> Explainer:
        return Explainer(self.document, self.diagnostics, self.root)


@cache
def _name_checker() -> TypeAdapter[str]:
    with without_plugins():
        return TypeAdapter[str](Name)
