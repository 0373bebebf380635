"""Files that a scenario file names."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from soundstage.config.values._written import Written


class FileReference(Written, str):
    """A file by its path, relative to the file that says it.

    Raises:
        ValueError: the text is empty, or is a folder.
    """

    PATTERN: ClassVar[str] = r"[^/\\]$"
    ADVICE: ClassVar[str] = 'a file is named by its path, as "hello.wav"'

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not value.strip() or value.endswith(("/", "\\")) or "\0" in value:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        return super().__new__(cls, value)

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self).expanduser()

    def beside(self, folder: Path) -> Self:
        """The same file, taken relative to this folder."""
        return type(self)(str(folder / self.path))


class SoundFile(FileReference):
    """A recording that must be there: any format that FFmpeg reads."""

    ADVICE: ClassVar[str] = 'a recording is named by its path, as "hello.wav"'

    __slots__ = ()
