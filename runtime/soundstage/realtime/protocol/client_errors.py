"""What msgspec finds wrong with a client's event, in the words of the protocol."""

from __future__ import annotations

from soundstage.errors import ClientFault


def fault_of(message: str, root: str = "") -> ClientFault:
    """The fault that a `msgspec.ValidationError` stands for.

    Args:
        message: the error's text, such as "Expected `int`, got `str` - at `$.item.id`".
        root: dotted path of what was read, empty for the whole event.
    """
    what, _, path = message.partition(" - at `$")
    param = (root + path.rstrip("`")).removeprefix(".")
    name = what.rpartition("`")[0].rpartition("`")[2]
    if what.startswith("Object contains unknown field"):
        return unknown_parameter(_under(param, name))
    if what.startswith("Object missing required field"):
        return missing_parameter(_under(param, name))
    if what.startswith("Expected") and (", got " in what or what == "Expected `str`"):
        return invalid_type(param, what.removeprefix("Expected ").replace("`", ""))
    return ClientFault(
        "invalid_value", f"Invalid value for '{param}': {what.replace('`', '')}.", param=param
    )


def unknown_parameter(param: str) -> ClientFault:
    """A field that does not exist."""
    return ClientFault("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def missing_parameter(param: str) -> ClientFault:
    """A field that must be there and is not."""
    return ClientFault(
        "missing_required_parameter", f"Missing required parameter: '{param}'.", param=param
    )


def invalid_type(param: str, expected: str) -> ClientFault:
    """A field of the wrong JSON type; `expected` completes the sentence."""
    message = f"Invalid type for '{param}': expected {expected}."
    return ClientFault("invalid_type", message, param=param)


def invalid_choice(param: str, value: str, choices: list[str]) -> ClientFault:
    """A field with a value that is none of those it may have."""
    supported = ", ".join(f"'{choice}'" for choice in choices)
    message = f"Invalid value: '{value}'. Supported values are: {supported}."
    return ClientFault("invalid_value", message, param=param)


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
