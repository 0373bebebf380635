"""What a bot's response gap is measured as, and that many calls leave nothing behind."""

import json
import statistics
from pathlib import Path

import pytest

from soundstage import run_scenario

pytestmark = [pytest.mark.realtime, pytest.mark.prove, pytest.mark.timeout(900)]

HERE = Path(__file__).parent
CALLS = 30

SCENARIO = f"""
[servers.desk]
command = ["{{python}}", "{HERE}/programs/BOT_bot.py", "{{port}}"]
ready = {{ log = "ready" }}

[agents.desk]
kind = "bot"
server = "desk"
transport = "BOT"
url = "ws://127.0.0.1:{{port}}/"

[agents.caller]
kind = "{HERE}/dummy_tone_caller.py:ToneCaller"
tones = {CALLS}

[[links]]
between = ["caller", "desk"]

[end]
when = [{{ agent = "caller", event = "left" }}]
max = "5m"

[record]
words = false
"""


def gaps(folder):
    """Seconds from the caller's last audible sample to the bot's first, of each answer."""
    lines = (folder / "events.jsonl").read_text().splitlines()
    events = [event for line in lines if (event := json.loads(line)).get("track") == "said"]
    ends = [e["pts"] for e in events if (e["type"], e["agent"]) == ("voice_stopped", "caller")]
    begins = [e["pts"] for e in events if (e["type"], e["agent"]) == ("voice_started", "desk")]
    return [(begin - end) / 24_000 for end, begin in zip(ends, begins, strict=False)]


@pytest.mark.parametrize("transport", ["websocket", "twilio"])
def test_a_bot_that_waits_for_500_ms_is_reported_so(tmp_path, transport):
    toml = SCENARIO.replace("BOT", transport)
    run = run_scenario(toml=toml, clock="wall", out=tmp_path / "run", check=False)
    found = gaps(run.folder)
    assert len(found) >= CALLS - 1
    middle, worst = statistics.median(found), max(abs(each - 0.5) for each in found)
    print(f"{transport}: median {middle:.3f} s, farthest from 500 ms {1000 * worst:.0f} ms")
    assert middle == pytest.approx(0.5, abs=0.025)
