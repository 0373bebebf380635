"""The tree of errors, and the names that it had."""

from __future__ import annotations

import pytest

from soundstage import errors


def test_a_name_of_an_earlier_version_works_and_warns() -> None:
    with pytest.warns(DeprecationWarning, match="RunInvalid is called InfrastructureError now"):
        assert errors.RunInvalid is errors.InfrastructureError


def test_a_name_that_never_was_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'RunBroken'"):
        _ = errors.RunBroken


def test_the_tree_in_the_docstring_has_every_error() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    own = {each.__name__ for each in classes if issubclass(each, errors.SoundstageError)}
    assert {name for name in own if name not in str(errors.__doc__)} == set()
