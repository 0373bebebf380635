"""What is published: the source archive, the wheel that is built from it, and what both hold."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TIMEOUT = 280

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    [archive] = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [top] = folder.iterdir()
    return top


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked)
    [archive] = folder.iterdir()
    return archive


def test_the_source_archive_holds_what_a_packager_needs(unpacked: Path) -> None:
    for name in ("LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "pyproject.toml", "Makefile"):
        assert (unpacked / name).is_file(), name
    for name in ("docs", "examples", "scenarios", "tests", "website"):
        assert any((unpacked / name).iterdir()), name
    left_out = {".venv", "runs", "build", ".cache", ".git"}
    assert {path.name for path in unpacked.iterdir()} & left_out == set()


def test_the_wheel_holds_the_code_the_scenarios_and_all_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
        told = archive.read(metadata).decode()
    info = metadata.removesuffix("METADATA")
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license-files"]
    assert {"LICENSE", "NOTICE"} <= {*listed}
    assert {f"{info}licenses/{name}" for name in listed} <= names
    assert "License-Expression: BSD-3-Clause" in told
    for path in [*ROOT.glob("scenarios/*.toml"), *ROOT.glob("scenarios/*.json")]:
        assert f"soundstage/scenarios/{path.name}" in names
    for path in (ROOT / "runtime" / "soundstage" / "web" / "page").iterdir():
        assert f"soundstage/web/page/{path.name}" in names
    assert "soundstage/py.typed" in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"soundstage", "soundstage_agents", info.rstrip("/")}


def test_the_notice_names_every_dependency_and_every_vendored_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    notice = (ROOT / "NOTICE").read_text().lower()
    extras = project["optional-dependencies"]
    users = [name for extra, names in extras.items() if extra != "dev" for name in names]
    for requirement in [*project["dependencies"], *users]:
        name = requirement.split(";")[0].split("[")[0].split(">")[0].split("=")[0].strip()
        assert name.lower() in notice, name
    for vendored in (ROOT / "runtime" / "soundstage").rglob("_vendor/*/LICENSE"):
        assert vendored.parent.name in notice
        assert vendored.relative_to(ROOT).as_posix() in project["license-files"]


def clean_environment(folder: Path) -> Path:
    """A new virtual environment that has the packages of this one, but no Soundstage."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    [site] = (folder / "lib").glob("python*/site-packages")
    # A path in a .pth file brings the packages there, and not what their own .pth files bring:
    # so the editable Soundstage of this environment stays outside.
    paths = [path for path in sys.path if path.endswith("site-packages")]
    (site / "zz_packages.pth").write_text("\n".join([*paths, sysconfig.get_path("purelib")]))
    return python


def use(python: Path, folder: Path) -> None:
    """Do what a new user does."""
    folder.mkdir()
    command = python.with_name("run-scenario")
    where = run(python, "-c", "import soundstage; print(soundstage.__file__)", cwd=folder)
    assert Path(where.strip()).is_relative_to(python.parents[1])
    assert run(command, "--version", cwd=folder).startswith("soundstage ")
    assert "alice_bob" in run(command, "--list", cwd=folder)
    run(command, "alice_bob", "--clock", "virtual", "--set", "end.turns=2", cwd=folder)
    assert (folder / "runs" / "alice_bob" / "latest" / "audio" / "mix.wav").is_file()
    soundstage = python.with_name("soundstage")
    run(soundstage, "new", "first_desk", cwd=folder)
    run(command, "first_desk/first_desk.toml", "--clock", "virtual", cwd=folder)
    assert '"$schema"' in run(soundstage, "schema", "scenario", cwd=folder)


def pip_install(python: Path, *what: str | Path, cwd: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*pip, "--disable-pip-version-check", *what, cwd=cwd)


def test_the_wheel_works_in_an_environment_without_the_repository(
    wheel: Path, tmp_path: Path
) -> None:
    python = clean_environment(tmp_path / "env")
    pip_install(python, "--no-deps", "--no-index", wheel, cwd=tmp_path)
    use(python, tmp_path / "home")


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("what", ["wheel", "sdist"])
def test_pip_installs_it_with_all_that_it_needs(
    what: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    archive: Path = request.getfixturevalue(what)
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    pip_install(python, "-c", ROOT / "constraints.txt", archive, cwd=tmp_path)
    use(python, tmp_path / "home")
