"""Files that a scenario file names, and the texts in them."""

import errno
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, StrictInt, ValidationInfo, WithJsonSchema

from soundstage.config.values.moment import Line
from soundstage.config.values.table import context_of, folder_of, is_table
from soundstage.config.values.written_value import Written

OWN_FOLDER = "audio"
"""Where a run keeps its own recordings, in its folder."""

TEXT_LIMIT = 1 << 20
"""The largest size of a file that a person writes, in bytes."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_IN_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string"}},
    "required": ["file"],
    "additionalProperties": False,
}


Channel: TypeAlias = Literal["left", "right"] | Annotated[StrictInt, Field(ge=1)]
"""A channel of a recording: 1 is `left` and 2 is `right`."""


def path_of(name: str | Path) -> Path:
    """The path of a name, `~` taken for a home; `~x` stays as it is where there is no user x."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


class FileReference(Written, str):
    """A file by its path, relative to the file that says it.

    Raises:
        ValueError: the text is empty, or is a folder.
    """

    PATTERN: ClassVar[str] = r"[^/\\]$"
    ADVICE: ClassVar[str] = 'a file is named by its path, as "hello.wav"'

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Read the text."""
        if not value.strip() or value.endswith(("/", "\\")) or "\0" in value:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        return super().__new__(cls, value)

    @property
    def path(self) -> Path:
        """Where it is."""
        return path_of(self)

    def beside(self, folder: Path) -> Self:
        """The same file, taken relative to this folder."""
        return type(self)(str(folder / self.path))


class SoundFile(FileReference):
    """A recording that must be there: any format that FFmpeg reads.

    It is read with the table's `channel`, if the table has that key.
    """

    ADVICE: ClassVar[str] = 'a recording is named by its path, as "hello.wav"'

    __slots__ = ()


class OutputFile(Written, str):
    """A WAV file that a run writes: in its run folder, or where an absolute path says.

    Raises:
        ValueError: it is no WAV file, leaves the run folder, or lies where the run's own are.
    """

    PATTERN: ClassVar[str] = r"\.wav$"
    ADVICE: ClassVar[str] = (
        'it is written into the run folder, as "heard.wav", or to an absolute path; it ends in .wav'
    )

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Read the text."""
        path = path_of(value)
        leaves = ".." in value.replace("\\", "/").split("/")
        half_absolute = bool(path.anchor) and not path.is_absolute()
        is_sound = path.suffix.lower() == ".wav" and "\0" not in value
        if leaves or half_absolute or not is_sound or path.parts[0] == OWN_FOLDER:
            raise ValueError(f'"{value}": {cls.ADVICE}')
        return super().__new__(cls, value)

    def created(self, run_folder: Path | None) -> Path:
        """The path of the file, which is made here, empty; an agent that is restarted gets another.

        Raises:
            OSError: it cannot be made, or an absolute path is taken: nothing is overwritten.
        """
        path = path_of(self)
        if path.is_absolute():
            path.touch(exist_ok=False)
            return path
        if run_folder is None:
            raise FileNotFoundError(errno.ENOENT, "there is no run folder")
        wanted = run_folder / path
        wanted.parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            place = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}")
            with suppress(FileExistsError):
                place.touch(exist_ok=False)
                return place
        raise AssertionError("counting does not end")


def read_text_file(path: Path) -> str:
    """The text of a file, a byte order mark left out.

    Args:
        path: a regular file of at most `TEXT_LIMIT` bytes of UTF-8.

    Raises:
        ValueError: it is missing, a folder, unreadable, too large, or not UTF-8.
    """
    data = _read(path)
    if len(data) > TEXT_LIMIT:
        raise ValueError(f"is larger than {TEXT_LIMIT >> 20} MiB, which no hand-written file is")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        utf16 = " (it looks like UTF-16)" if data.startswith(_UTF16_MARKS) else ""
        raise ValueError(f"is not UTF-8, from line {line} on{utf16}: save it as UTF-8") from None


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise ValueError("is a folder, not a file")
    if path.exists() and not path.is_file():
        raise ValueError("is not a regular file")
    try:
        with path.open("rb") as file:
            return file.read(TEXT_LIMIT + 1)
    except FileNotFoundError:
        raise ValueError("does not exist") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def text_in_file(table: object, info: ValidationInfo) -> tuple[Path, str] | None:
    """The file that a `{ file = … }` table names, and its text; None for anything else.

    Raises:
        ValueError: the file cannot be read.
    """
    if not is_table(table) or table.keys() != {"file"}:
        return None
    name = table["file"]
    if not isinstance(name, str):
        return None
    path = folder_of(table, "file") / path_of(name)
    try:
        text = read_text_file(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from None
    context_of(info.context).files.append(path)
    return path, text


def _read_text(value: object, info: ValidationInfo) -> object:
    if is_table(value):
        found = text_in_file(value, info)
        if found is None:
            raise ValueError('a text is "…" or { file = "name.md" }')
        return found[1].strip()
    return value


def _read_lines(value: object, info: ValidationInfo) -> object:
    if is_table(value):
        found = text_in_file(value, info)
        if found is None:
            raise ValueError('lines are ["…", "…"] or { file = "name.txt" }, one on each line')
        return tuple(line.strip() for line in found[1].splitlines() if line.strip())
    return value


Text: TypeAlias = Annotated[
    str,
    BeforeValidator(_read_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, _IN_FILE]}),
]
"""Text in place, or `{ file = "x.md" }` relative to the file that says it, in UTF-8."""

Lines: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(_read_lines),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, _IN_FILE]}),
]
"""A list of texts, or a file with one on each line; blank lines are left out."""

LinesAndKeys: TypeAlias = Annotated[tuple[Line, ...], BeforeValidator(_read_lines)]
"""As `Lines`; a line of a list may be keys of a telephone."""
