"""From the tables of `[[expect]]` to expectations; notes what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.config.values import is_list, is_table, suggestion
from soundstage.expectations.declared.demands import Expected
from soundstage.expectations.declared.expectation_tables import Expectation
from soundstage.expectations.llm_judge.judge_settings import JudgeSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import KeyPath, Validator

_EACH = "{agent}"


def declared_expectations(validator: Validator) -> dict[KeyPath, Expected]:
    """The expectations that are right, each where it is written, in the order of the file."""
    written = validator.document.tree.get("expect", [])
    if not is_list(written):
        reason = "is a list of tables: write [[expect]]"
        validator.diagnostics.add(validator.document.place_of(("expect",)), reason)
        return {}
    found: dict[KeyPath, Expected] = {}
    for index, table in enumerate(written):
        path: KeyPath = ("expect", index)
        instances = [validator.valid(Expectation, each, path) for each in _instances(table)]
        right = tuple(each for each in instances if each is not None)
        if len(right) == len(instances) and is_table(table):
            placed = tuple(_with_state(each, path, validator) for each in right)
            found[path] = Expected(right[0].id, placed)
    known = [table.get("id") for table in written if is_table(table)]
    _check_references(found, [each for each in known if isinstance(each, str)], validator)
    return found


def declared_judge(validator: Validator) -> JudgeSettings | None:
    """The language model of the table `[judge]`; None where there is none, or it is wrong."""
    document, diagnostics = validator.document, validator.diagnostics
    if "judge" in document.tree:
        return validator.table(JudgeSettings, ("judge",))
    written = document.tree.get("expect")
    for index, table in enumerate(written if is_list(written) else ()):
        if is_table(table) and "judge" in table:
            reason = "there is no table [judge] that says which language model judges"
            diagnostics.add(document.place_of(("expect", index, "judge")), reason)
    return None


def _instances(table: object) -> list[object]:
    """A table, or one for each agent of its `each`, which stands where `{agent}` does."""
    each = table.get("each") if is_table(table) else None
    if not is_list(each) or not each or not all(isinstance(name, str) for name in each):
        return [table]
    return [_filled(table, str(name)) for name in each]


def _filled(value: object, agent: str) -> object:
    if isinstance(value, str):
        return value.replace(_EACH, agent)
    if is_list(value):
        return [_filled(inner, agent) for inner in value]
    if is_table(value):
        return {key: _filled(inner, agent) for key, inner in value.items()}
    return value


def _with_state(expectation: Expectation, path: KeyPath, validator: Validator) -> Expectation:
    """The expectation, with its object found from anywhere."""
    if expectation.state is None:
        return expectation
    place = validator.document.place_of((*path, "state"))
    return expectation.model_copy(update={"state": expectation.state.beside(place.folder)})


def _check_references(
    found: Mapping[KeyPath, Expected], known: list[str], validator: Validator
) -> None:
    """Note ids that come twice, ids that are not there, and those that refer to themselves."""
    first: dict[str, KeyPath] = {}
    for path, each in found.items():
        if each.id in first:
            before = validator.document.place_of((*first[each.id], "id"))
            reason = f'the expectation at {before} has the id "{each.id}" already'
            validator.diagnostics.add(validator.document.place_of((*path, "id")), reason)
        first.setdefault(each.id, path)
    needs = {each.id: _references(each) for each in found.values()}
    for path, each in found.items():
        for key, name in _references(each):
            place = validator.document.place_of((*path, key))
            if name not in known:
                hint = suggestion(name, known)
                validator.diagnostics.add(place, f'there is no expectation "{name}"; {hint}')
            elif each.id in _reachable(name, needs):
                reason = f'"{name}" depends on "{each.id}" in its turn: one must be judged first'
                validator.diagnostics.add(place, reason)


def _references(expected: Expected) -> list[tuple[str, str]]:
    """The key and the id of each expectation that one refers to."""
    one = expected.instances[0]
    found = [("when", one.when)] if one.when is not None else []
    return [*found, *((one.form, part) for part in one.parts)]


def _reachable(name: str, needs: Mapping[str, list[tuple[str, str]]]) -> set[str]:
    """An id, and all that its expectation depends on."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += [part for _, part in needs.get(one, ())]
    return reached
