"""A page that is one file: its template, with the style and the script that stand inside it."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypedDict

import jinja2
from markupsafe import Markup

from soundstage.printable_text import printable
from soundstage.report.compiled_template import compiled_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable


class _Blocks(TypedDict):
    trim_blocks: bool
    lstrip_blocks: bool


_BLOCKS: Final = _Blocks(trim_blocks=True, lstrip_blocks=True)
"""A line that holds only a statement leaves no empty line in the page."""


class PageTemplate:
    """Makes a page in which no text is obeyed: not as markup, and not by the terminal or reader.

    Args:
        folder: where the parts of the page are.
        name: of the template, one of them.
        filters: what it may do with a value, beside jinja2's own.
    """

    def __init__(
        self, folder: Traversable, name: str, filters: Mapping[str, Callable[..., object]]
    ) -> None:
        self._folder = folder
        self._name = name
        self._filters = dict(filters)
        self._parts: dict[str, str] = {}

    def part(self, name: str) -> Markup:
        """A part of the page, as it is."""
        return Markup(self._text(name))  # noqa: S704 - our own

    def digest(self, name: str) -> str:
        """A part's digest, as a Content-Security-Policy names what may stand in the page."""
        digest = hashlib.sha256(self._text(name).encode()).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"

    def render(self, **values: Any) -> str:
        """The page with these values."""
        page = self._template.render(**values)
        # What is no text as such, a path for example, may hold half a surrogate pair.
        return page.encode("utf-8", "replace").decode()

    @cached_property
    def _template(self) -> jinja2.Template:
        environment = jinja2.Environment(
            autoescape=True,
            finalize=_shown,
            loader=jinja2.FunctionLoader(self._text),
            undefined=jinja2.StrictUndefined,
            bytecode_cache=compiled_templates(self._folder, f"{_BLOCKS} {sorted(self._filters)}"),
            **_BLOCKS,
        )
        environment.filters |= self._filters
        return environment.get_template(self._name)

    def _text(self, name: str) -> str:
        if name not in self._parts:
            self._parts[name] = self._folder.joinpath(name).read_text("utf-8")
        return self._parts[name]


def _shown(value: object) -> object:
    """What the template shows for a value: of our own markup, what it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value
