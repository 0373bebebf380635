"""What is wrong with a client's event, in the codes and the words of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.errors import ClientFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A client may send megabytes where a word belongs, and gets them back in no error.
_LONGEST_QUOTED: Final = 64
"""Letters of a client's own value that an error repeats."""


def unknown_parameter(param: str) -> ClientFault:
    """A field that does not exist."""
    return ClientFault("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def missing_parameter(param: str) -> ClientFault:
    """A field that must be there and is not."""
    return ClientFault(
        "missing_required_parameter", f"Missing required parameter: '{param}'.", param=param
    )


def invalid_type(param: str, expected: Sequence[str], value: object) -> ClientFault:
    """A field of the wrong JSON type.

    Args:
        param: its dotted path, empty for a whole event.
        expected: the types it may have, each with its article.
        value: what was given.
    """
    return ClientFault(
        "invalid_type",
        f"Invalid type for '{param}': expected {' or '.join(expected)}, "
        f"but got {_json_type(value)} instead.",
        param=param,
    )


def invalid_choice(param: str, value: object, choices: Iterable[object]) -> ClientFault:
    """A field with a value that is none of those it may have."""
    supported = ", ".join(_quoted(choice) for choice in choices)
    message = f"Invalid value: {_quoted(value)}. Supported values are: {supported}."
    return ClientFault("invalid_value", message, param=param)


def out_of_bounds(param: str, expected: str, value: object) -> ClientFault:
    """A number that is too large or too small, or something that is too long or too short."""
    message = f"Invalid '{param}': expected {expected}, but got {_quoted(value)} instead."
    return ClientFault("invalid_value", message, param=param)


def invalid_image(param: str, bound: str = "with a PNG or JPEG image") -> ClientFault:
    """An image that is none, or that is too large."""
    message = f"Invalid '{param}': expected a base64-encoded data URI {bound}."
    return ClientFault("invalid_value", message, param=param)


def _quoted(value: object) -> str:
    text = str(value)
    if len(text) > _LONGEST_QUOTED:
        text = f"{text[:_LONGEST_QUOTED]}…"
    return f"'{text}'" if isinstance(value, str) else text


def _json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        # Before the integers: to Python, True is one.
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
