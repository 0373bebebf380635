"""Build the documentation: `make docs`.

The pages are the Markdown files of the repository, copied as they lie there, so that a link between
two of them means the same on the site and in the repository. The API reference is made from the
docstrings. Nothing that the site loads comes from another host; the build fails if something does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from site_checks import broken_links, outside_loads
from site_reference import write_reference

ROOT: Final = Path(__file__).resolve().parent.parent
STAGED: Final = ROOT / "build" / "site-source"
SITE: Final = ROOT / "build" / "site"
CONFIG: Final = ROOT / "zensical.toml"

PAGES: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE")
FOLDERS: Final = ("docs", "examples", "scenarios")


def stage() -> None:
    """Copy what the site is made of, and write the pages of the API reference."""
    shutil.rmtree(STAGED, ignore_errors=True)
    STAGED.mkdir(parents=True)
    for name in PAGES:
        shutil.copy(ROOT / name, STAGED)
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, STAGED / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
    write_reference(STAGED / "reference")


def build() -> int:
    """Build the site; returns the exit code."""
    stage()
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", str(CONFIG)]
    done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own command
    if done.returncode:
        return done.returncode
    faults = [*broken_links(SITE), *outside_loads(SITE)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if not faults:
        sys.stdout.write(
            f"look at it: {sys.executable} -m http.server -d {SITE} --bind 127.0.0.1\n"
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(build())
