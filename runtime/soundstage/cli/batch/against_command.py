"""`run-scenario --against`: the same seeds of two files, and what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from msgspec.structs import replace

from soundstage.cli.batch.repeat_command import repeat, runs_of
from soundstage.cli.comparing.compare_command import compare
from soundstage.messages.outcome import EXIT_ENDED
from soundstage.sweep import default_folder

if TYPE_CHECKING:
    from soundstage.cli.run_request import Request
    from soundstage.kernel import Interrupts
    from soundstage.scenario import Scenario

_CONFIDENCE = 0.95
"""Where neither file has a `[verdict]` that names another one."""


def repeat_against(
    request: Request,
    scenario: Scenario,
    before: Request,
    earlier: Scenario,
    interrupts: Interrupts,
    out: TextIO,
) -> int:
    """Run both files with the same seeds, and compare them.

    Args:
        request: what was asked for.
        scenario: the file that is new.
        before: the same request of the file that was before.
        earlier: that file, read with the seed of the new one.
        interrupts: whether the user has asked to stop.
        out: gets what is printed.

    Returns:
        1 if the new file is worse, else the exit code of its own batch, which is 0 only if nothing
        in it went wrong; what was broken off from outside is not compared.

    Raises:
        RunFolderError: a folder holds something else, or cannot be made.
        RecordingFailed: a ledger or a table cannot be written.
    """
    count = runs_of(request, scenario)
    seeds = range(scenario.seed, scenario.seed + count)
    folder = request.out or default_folder(scenario.stem, seeds)
    sides = ((before, earlier, "before"), (request, scenario, "after"))
    code = EXIT_ENDED
    for asked, side, name in sides:
        code = repeat(replace(asked, out=folder / name), side, count, interrupts, out)
        if interrupts.exit_code:
            return interrupts.exit_code
    rule = scenario.verdict or earlier.verdict
    confidence = _CONFIDENCE if rule is None else rule.rule.confidence
    compared = compare(
        folder / "before", folder / "after", confidence=confidence, as_json=False, out=out
    )
    return compared or code
