"""Functions and mocks as tools."""

from __future__ import annotations

import json

import pytest

from soundstage.tools import FunctionTool, MockTool, answer


def weather(city: str, days: int = 1) -> dict[str, object]:
    """What the weather is."""
    if city == "Nowhere":
        raise LookupError("no such city")
    return {"city": city, "days": days}


def object_of_no_form() -> object:
    """Something that JSON cannot say."""
    return object()


TOOL = FunctionTool("get_weather", weather)


def test_a_functions_signature_and_docstring_are_its_definition() -> None:
    definition = TOOL.definition()
    assert definition["name"] == "get_weather"
    assert definition["description"] == "What the weather is."
    assert definition["parameters"]["required"] == ["city"]
    assert definition["parameters"]["properties"]["days"]["type"] == "integer"


def test_a_call_is_validated_and_answered_in_json() -> None:
    given = answer(TOOL, "get_weather", '{"city": "Dublin"}')
    assert json.loads(given.output) == {"city": "Dublin", "days": 1}
    assert given.error == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"city": "Dub', "JSONDecodeError"),
        ("[]", "must be a JSON object"),
        ("{}", "city: Field required"),
        ('{"city": "Dublin", "days": "many"}', "days: Input should be a valid integer"),
        ('{"city": "Dublin", "colour": 1}', "colour: Extra inputs are not permitted"),
        ('{"city": "Nowhere"}', "LookupError: no such city"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(arguments: str, error: str) -> None:
    given = answer(TOOL, "get_weather", arguments)
    assert error in given.error
    assert json.loads(given.output) == {"error": given.error}


def test_a_tool_that_does_not_exist_is_an_answer_too() -> None:
    assert "no tool called nosuch" in answer(None, "nosuch", "{}").error


def test_a_result_that_is_not_json_is_an_error() -> None:
    assert answer(FunctionTool("f", object_of_no_form), "f", "{}").error


def test_the_first_mock_that_matches_answers() -> None:
    mock = MockTool(
        "find",
        "Finds.",
        {"type": "object"},
        (
            (lambda given: given.get("order") == 1, {"item": "kettle"}, None),
            (lambda _: True, None, "no such order"),
        ),
    )
    assert json.loads(answer(mock, "find", '{"order": 1}').output) == {"item": "kettle"}
    assert "no such order" in answer(mock, "find", '{"order": 2}').error
