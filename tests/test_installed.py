"""Entry points are looked up once."""

from importlib import metadata

import pytest

from soundstage.installed import installed, version_of


def test_a_group_holds_what_packages_bring_to_it():
    assert "realtime" in installed("soundstage.agents").names
    assert set(installed("soundstage.vads").names) == {
        entry.name for entry in metadata.entry_points(group="soundstage.vads")
    }


def test_a_group_that_nobody_brings_anything_to_is_empty():
    assert not installed("soundstage.nonesuch")


@pytest.mark.parametrize("package", ["soundstage", "numpy", "hibari-tts", "ctranslate2"])
def test_a_version_is_the_one_that_the_metadata_gives(package):
    assert version_of(package) == metadata.version(package)


def test_a_description_is_not_taken_for_the_version(tmp_path, monkeypatch):
    folder = tmp_path / "odd_one-1.5.dist-info"
    folder.mkdir()
    about = "Metadata-Version: 2.1\nName: odd-one\nversion: 1.5\n\nVersion: 9 is better.\n"
    (folder / "METADATA").write_text(about)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert version_of("odd-one") == "1.5"


def test_a_package_that_is_not_there_has_no_version():
    with pytest.raises(metadata.PackageNotFoundError):
        version_of("no-such-package")
