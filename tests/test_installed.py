"""Entry points are looked up once."""

from importlib import metadata

from soundstage.installed import installed


def test_a_group_holds_what_packages_bring_to_it():
    assert "realtime" in installed("soundstage.agents").names
    assert set(installed("soundstage.vads").names) == {
        entry.name for entry in metadata.entry_points(group="soundstage.vads")
    }


def test_a_group_that_nobody_brings_anything_to_is_empty():
    assert not installed("soundstage.nonesuch")
