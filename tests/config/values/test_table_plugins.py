"""What checks a table is made without the plugins of pydantic."""

import os

import pydantic.plugin._loader as loader
import pytest

from soundstage.config.values import Table, without_plugins


def test_tables_are_made_without_looking_for_plugins(monkeypatch):
    def looked(**_):
        raise AssertionError("the metadata of all packages was read")

    monkeypatch.setattr(loader, "_plugins", None)
    monkeypatch.setattr(loader, "entry_points", looked)

    class Inner(Table):
        count: int = 1

    class Outer(Table):
        inner: "Inner" = Inner()

    assert Outer.model_validate({"inner": {"count": 3}}).inner.count == 3


@pytest.mark.parametrize("value", [None, "some-plugin"])
def test_what_the_environment_says_of_plugins_stays(monkeypatch, value):
    name = "PYDANTIC_DISABLE_PLUGINS"
    monkeypatch.delenv(name, raising=False)
    if value is not None:
        monkeypatch.setenv(name, value)
    with without_plugins():
        assert os.environ[name] == "__all__"
    assert os.environ.get(name) == value
