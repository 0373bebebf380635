"""How the delay of a transport is known: measured on this machine, or stated by its class."""

import pytest

from soundstage.bots import MeasuredDelay, delay_facts, keep_delay, transport_delay
from soundstage.cli.measuring import bots_command
from soundstage.errors import InfrastructureError, UsageError

MEASURED = MeasuredDelay(delay_ms=23, on="2026-11-28", answers=14)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_delay_that_was_not_measured_is_stated():
    assert delay_facts("twilio", 0.02) == {
        "transport_delay_ms": 20,
        "transport_delay_source": "stated",
    }


def test_a_delay_that_was_measured_is_said_with_its_day():
    keep_delay("twilio", MEASURED)
    assert delay_facts("twilio", 0.02) == {
        "transport_delay_ms": 23,
        "transport_delay_source": "measured 2026-11-28",
    }
    assert delay_facts("websocket", 0.0)["transport_delay_source"] == "stated"
    assert "twilio                 23 ms  measured 2026-11-28\n" in bots_command.listed()


def test_a_measurement_does_not_hold_for_other_versions(monkeypatch):
    keep_delay("twilio", MEASURED)
    monkeypatch.setattr(transport_delay, "version_of", lambda name: f"99 of {name}")
    assert delay_facts("twilio", 0.02)["transport_delay_source"] == "stated"


def test_a_measurement_that_cannot_be_read_is_none(monkeypatch):
    monkeypatch.setattr(transport_delay.msgspec.json, "encode", lambda _: b"{}")
    keep_delay("twilio", MEASURED)
    assert delay_facts("twilio", 0.02)["transport_delay_source"] == "stated"


def test_the_delay_of_a_transport_in_a_file_is_what_its_class_states():
    keep_delay("./mine.py:Mine", MEASURED)
    assert delay_facts("./mine.py:Mine", 0.07) == {
        "transport_delay_ms": 70,
        "transport_delay_source": "stated",
    }


def test_what_has_no_echo_bot_is_not_measured():
    with pytest.raises(UsageError, match='"smoke" has no echo bot; there are websocket'):
        next(bots_command.measured(["smoke"], 5))


@pytest.mark.realtime
@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize("transport", bots_command.ECHOES)
def test_a_transport_is_measured_near_what_its_class_states(transport):
    (line,) = bots_command.measured([transport], 15)
    print(line)
    stated = round(1000 * bots_command.load_transport(transport).delay)
    facts = delay_facts(transport, 0.0)
    assert facts["transport_delay_source"].startswith("measured 20")
    assert abs(facts["transport_delay_ms"] - stated) <= 30


def test_a_machine_that_is_too_busy_measures_nothing(tmp_path, monkeypatch):
    class Busy:
        outcome = "ended"
        folder = tmp_path

    (tmp_path / "events.jsonl").write_text(
        '{"type":"warned","pts":9,"agent":"echo","code":"bot","message":"so late"}\n'
    )
    monkeypatch.setattr(bots_command, "run_scenario", lambda **_: Busy())
    with pytest.raises(InfrastructureError, match="twilio could not be measured: so late"):
        next(bots_command.measured(["twilio"], 5))
    assert delay_facts("twilio", 0.02)["transport_delay_source"] == "stated"
