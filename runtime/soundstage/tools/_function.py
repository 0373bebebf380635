"""A Python function as a tool."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, create_model

from soundstage.errors import UsageError
from soundstage.tools._docstring import read_docstring
from soundstage.tools._tool import definition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONFIG: Final = ConfigDict(extra="forbid", validate_default=False)
_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class FunctionTool:
    """A Python function; its schema comes from its type hints, its description from its docstring.

    The section `Args:` of a docstring describes the arguments. A coroutine function is awaited;
    any other may block.

    Args:
        name: what the model calls it.
        function: all its parameters have names and type hints.

    Attributes:
        function: what is called.

    Raises:
        UsageError: it cannot be a tool: a hint is missing, or names a type that JSON cannot say.
    """

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        self.name = name
        self.is_async = inspect.iscoroutinefunction(function)
        self.function = function
        self._description, described = read_docstring(function)
        try:
            signature = inspect.signature(function, eval_str=True)
            parameters = list(signature.parameters.values())
            self._arguments = _model(name, parameters, described)
            self._schema = _plain(self._arguments.model_json_schema())
        except (NameError, TypeError, ValueError, PydanticUserError) as error:
            reason = str(error).partition("\n")[0]
            raise UsageError(f"{name} cannot be a tool: {reason}") from error

    def definition(self) -> dict[str, Any]:
        """The tool as a Realtime session declares it."""
        return definition_of(self.name, self._description, self._schema)

    def call(self, arguments: Mapping[str, Any]) -> object:
        """Validate the arguments and call the function.

        Raises:
            ValidationError: the arguments are not what the hints say.
        """
        checked = self._arguments.model_validate(arguments)
        given = {
            str(field.alias): getattr(checked, name)
            for name, field in type(checked).model_fields.items()
            if name in checked.model_fields_set
        }
        return self.function(**given)


def _model(
    name: str, parameters: list[inspect.Parameter], described: Mapping[str, str]
) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for number, parameter in enumerate(parameters):
        if parameter.kind not in _NAMED:
            raise TypeError(f"its parameter {parameter} cannot be given by name")
        if parameter.annotation is parameter.empty:
            raise TypeError(f"its parameter {parameter.name} has no type hint")
        default = ... if parameter.default is parameter.empty else parameter.default
        hint = parameter.annotation
        if parameter.name in described:
            hint = Annotated[hint, Field(description=described[parameter.name])]
        # By number, for a parameter may have any name, those of a model's own methods too.
        fields[f"argument_{number}"] = (hint, Field(default, alias=parameter.name))
    model: type[BaseModel] = create_model(name, __config__=_CONFIG, **fields)
    return model


def _plain(schema: Any) -> Any:
    """The schema without the titles that pydantic makes of every name."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, Any]", schema)
    return {
        key: {name: _plain(value) for name, value in each.items()}
        if key in {"properties", "$defs"}
        else _plain(each)
        for key, each in fields.items()
        if not (key == "title" and isinstance(each, str))
    }
