"""Fields of protobuf messages, by number: the few that a transport reads and writes.

Source: the page "Encoding" of Protocol Buffers. A schema, and the library that compiles it, would
tie a user's bot to the version of that library that we have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from soundstage.errors import BotFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

FieldValue: TypeAlias = int | bytes
"""A number, or the bytes of a text, of a message or of anything of a fixed size."""

_VARINT: Final = 0
_LENGTH: Final = 2
_FIXED: Final = {1: 8, 5: 4}
"""Bytes of the wire types of a fixed size."""

_LONGEST_VARINT: Final = 10


def number_field(number: int, value: int) -> bytes:
    """A field that is a whole number of 0 or more."""
    return _varint(number << 3 | _VARINT) + _varint(value)


def bytes_field(number: int, value: bytes) -> bytes:
    """A field that is bytes, a text in UTF-8, or a message."""
    return _varint(number << 3 | _LENGTH) + _varint(len(value)) + value


def text_field(number: int, value: str) -> bytes:
    """A field that is a text."""
    return bytes_field(number, value.encode())


def read_fields(message: bytes) -> Iterator[tuple[int, FieldValue]]:
    """The fields of a message in their order: numbers and values.

    Raises:
        BotFailed: it is no protobuf message.
    """
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _read_varint(message, at)
            yield number, value
            continue
        if kind == _LENGTH:
            size, at = _read_varint(message, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise BotFailed(f"it sent what is no protobuf message: wire type {kind}")
        if not number or size > len(message) - at:
            raise BotFailed("it sent what is no protobuf message, or half of one")
        yield number, message[at : at + size]
        at += size


def fields_of(message: bytes) -> dict[int, FieldValue]:
    """The fields of a message by number; of one that comes again, the last.

    Raises:
        BotFailed: it is no protobuf message.
    """
    return dict(read_fields(message))


def text_of(value: FieldValue | None) -> str:
    """A field as a text; empty where it is not there.

    Raises:
        BotFailed: it is a number, or no UTF-8.
    """
    if value is None:
        return ""
    try:
        return message_of(value).decode()
    except UnicodeDecodeError:
        raise BotFailed("it sent a text in protobuf that is no UTF-8") from None


def number_of(value: FieldValue | None) -> int:
    """A field as a number; 0 where it is not there, as in protobuf.

    Raises:
        BotFailed: it is none.
    """
    if isinstance(value, bytes):
        raise BotFailed("it sent bytes in protobuf where a number belongs")
    return value or 0


def message_of(value: FieldValue | None) -> bytes:
    """A field as bytes; empty where it is not there.

    Raises:
        BotFailed: it is a number.
    """
    if isinstance(value, int):
        raise BotFailed("it sent a number in protobuf where bytes belong")
    return value or b""


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits of a byte
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - the last one has no upper bit
            return value, at + place + 1
    raise BotFailed("it sent what is no protobuf message: a number without end")
