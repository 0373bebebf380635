"""What the command does with the collection of garbage."""

import gc

import pytest

from soundstage.cli import command_line, run_command


def test_no_garbage_is_collected_while_the_command_loads_even_if_that_fails(monkeypatch):
    seen = []

    def app():
        seen.append(gc.isenabled())
        raise SystemExit(2)

    monkeypatch.setattr(command_line, "_run_scenario_app", app)
    with pytest.raises(SystemExit):
        command_line.run_scenario()
    assert seen == [False]
    assert gc.isenabled()


@pytest.mark.parametrize(("clock", "kept_out"), [("virtual", True), ("wall", False)])
def test_garbage_is_collected_again_before_the_run(clock, kept_out):
    gc.disable()
    try:
        run_command._collect_garbage(clock)
        assert gc.isenabled()
        assert (gc.get_freeze_count() > 0) == kept_out
    finally:
        gc.unfreeze()
        gc.enable()
