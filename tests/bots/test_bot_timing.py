"""What a bot's response gap is measured as, and that many calls leave nothing behind."""

import json
import statistics

import pytest
from dummy_bot_call import BOTS, play

pytestmark = [pytest.mark.realtime, pytest.mark.prove, pytest.mark.timeout(900)]

CALLS = 30


def events_of(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def gaps(folder):
    """Seconds from the caller's last audible sample to the bot's first, of each answer."""
    events = [event for event in events_of(folder) if event.get("track") == "said"]
    ends = [e["pts"] for e in events if (e["type"], e["agent"]) == ("voice_stopped", "caller")]
    begins = [e["pts"] for e in events if (e["type"], e["agent"]) == ("voice_started", "desk")]
    return [(begin - end) / 24_000 for end, begin in zip(ends, begins, strict=False)]


@pytest.mark.parametrize("transport", BOTS)
def test_a_bot_that_waits_for_500_ms_is_reported_so(tmp_path, transport):
    run = play(tmp_path, transport, **{"agents.caller.tones": CALLS, "end.max": "5m"})
    found = gaps(run.folder)
    assert len(found) >= CALLS - 1
    (told,) = [e["data"] for e in events_of(run.folder) if e.get("name") == "bot_call"]
    middle, worst = statistics.median(found), max(abs(each - 0.5) for each in found)
    print(f"{transport}: median {middle:.3f} s, farthest from 500 ms {1000 * worst:.0f} ms")
    assert told["answers"] == len(found)
    result = json.loads((run.folder / "result.json").read_text())
    assert result["bot_calls"] == {"desk": told}
    assert told["answer_gap_ms"] == pytest.approx(1000 * middle, abs=5)
    assert middle - told["transport_delay_ms"] / 1000 == pytest.approx(0.5, abs=0.025)


def test_what_is_cleared_is_silent_within_40_ms_at_the_callers_ear(tmp_path):
    changed = {"agents.caller.tones": 10, "end.max": "5m"}
    run = play(tmp_path, "websocket", "--speaks", 5, "--then", "clear", **changed)
    events = events_of(run.folder)
    # The bot says that it has cleared in the message behind the one that clears.
    cleared = [e["pts"] for e in events if e.get("name") == "bot_message"]
    said = [e for e in events if e.get("track") == "said" and e["agent"] == "desk"]
    stopped = [e["pts"] for e in said if e["type"] == "voice_stopped"]
    late = [(stop - clear) / 24 for clear, stop in zip(cleared, stopped, strict=True)]
    print(f"silent after a clear: median {statistics.median(late):.0f} ms, most {max(late):.0f} ms")
    assert len(late) == 10
    assert statistics.median(late) <= 40
    assert run.metrics["desk"].talk_time < 10 * 0.6
