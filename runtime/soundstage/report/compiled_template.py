"""Templates that are compiled once for an installation, as Python does with modules."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from sys import dont_write_bytecode
from typing import TYPE_CHECKING

import jinja2

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jinja2.bccache import Bucket


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Keeps compiled templates where Python keeps the compiled modules of a folder.

    They are code, so they are where the code of an installation is, and in no cache that others
    may have filled. A file that cannot be read as a whole is made anew; one that cannot be
    written is done without.

    Args:
        place: a folder that exists, or is made.
        options: what the code depends on, beside the template and the version of jinja2.
    """

    def __init__(self, place: Path, options: str) -> None:
        super().__init__(str(place), "%s.jinja")
        self._place = place
        self._depends_on = f"{jinja2.__version__} {options}"

    def get_source_checksum(self, source: str) -> str:
        """The digest of all that the code depends on."""
        return super().get_source_checksum(f"{self._depends_on}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code from its file, if that is there and of the same digest."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - pickle raises what a damaged file makes it raise
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Put the code into its file, in one step."""
        with suppress(OSError):
            self._place.mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def compiled_templates(folder: Traversable, options: str) -> CompiledTemplates | None:
    """Where the compiled templates of a folder are; arguments as for `CompiledTemplates`.

    None where there is no such place: the folder is in an archive, or Python was told to write no
    bytecode.
    """
    if dont_write_bytecode or not isinstance(folder, Path):
        return None
    return CompiledTemplates(Path(cache_from_source(str(folder / "any.py"))).parent, options)
