"""Calls to bots with Pipecat's SmallWebRTC: a bot of plain aiortc, on the wall clock."""

import pytest
from dummy_bot_call import logged, noted, play, scenario

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario
from soundstage.units import SAMPLE_RATE

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("nothing_is_left"),
]

PARAMETERS = {"agents.desk.parameters": {"tier": "gold"}}


def test_a_bot_over_webrtc_is_heard_and_says_what_it_believes(tmp_path):
    run = play(tmp_path, "pipecat-webrtc", "--speaks", 1, **PARAMETERS)
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time > 0.5
    assert noted(run, "bot_ready") == [{"version": "2.2.0"}]
    assert noted(run, "bot_started_speaking") == [{}]
    log = (run.folder / "servers" / "desk.log").read_text().splitlines()
    assert log[:2] == ["ready", 'offer {"tier": "gold"}']
    assert log[2].split()[0] == "client-ready"


@pytest.mark.prove
def test_a_session_is_started_first_where_the_url_says_so(tmp_path):
    changed = PARAMETERS | {"agents.desk.url": "http://127.0.0.1:{port}/start"}
    run = play(tmp_path, "pipecat-webrtc", **changed)
    assert run.outcome == "ended"
    log = (run.folder / "servers" / "desk.log").read_text().splitlines()
    started = 'start {"transport": "webrtc", "body": {"tier": "gold"}}'
    assert log[:3] == ["ready", started, "offer null"]


@pytest.mark.prove
def test_a_bot_over_webrtc_stops_when_it_is_interrupted(tmp_path):
    changed = {"agents.caller.over": False, "agents.caller.again": 2.5, "end.max": "8s"}
    run = play(tmp_path, "pipecat-webrtc", "--speaks", 5, **changed)
    assert noted(run, "bot_interrupted") == [{}]
    stopped = next(e for e in logged(run, "voice_stopped") if e["agent"] == "desk")
    assert stopped["pts"] < 4 * SAMPLE_RATE


@pytest.mark.parametrize("then", ["bye", pytest.param("close", marks=pytest.mark.prove)])
def test_a_bot_over_webrtc_that_hangs_up_has_left_by_its_own_hand(tmp_path, then):
    run = play(tmp_path, "pipecat-webrtc", "--then", then, **{"agents.caller.over": False})
    left = next(e for e in logged(run, "left") if e["agent"] == "desk")
    assert (left["reason"], left["by"]) == ("hung_up", "desk")


@pytest.mark.prove
@pytest.mark.parametrize(
    ("then", "changed", "told"),
    [
        ("--version=3.0.0", {}, "speaks RTVI 3.0.0"),
        ("--then=garbage", {}, "answered what is no answer to an offer"),
        ("--then=", {"agents.desk.url": "http://127.0.0.1:{port}/offer"}, "HTTP status 404"),
        ("--then=", {"agents.desk.url": "http://127.0.0.1:9/"}, "does not answer"),
    ],
)
def test_a_bot_over_webrtc_that_does_not_take_the_call_cannot_be_judged(
    tmp_path, then, changed, told
):
    run = play(tmp_path, "pipecat-webrtc", then, **changed, **{"agents.caller.over": False})
    assert run.cause is not None
    assert (run.cause.owner, run.exit_code) == ("infrastructure", 3)
    assert told in run.cause.message


def test_a_jitter_is_refused_where_the_transport_has_its_own():
    toml = scenario("pipecat-webrtc").replace('/api/offer"', '/api/offer"\njitter = "40ms"')
    with pytest.raises(ScenarioError, match="jitter has no meaning"):
        load_scenario(toml=toml, clock="wall")
