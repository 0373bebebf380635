"""What the log keeps of how sure a service was of the words that it heard."""

from __future__ import annotations

import msgspec
import pytest

from soundstage.agent import SpeakerTracker
from soundstage.messages.events import HeardText
from soundstage.realtime import server_events as server
from soundstage_agents._reply_playback import ReplyPlayback
from soundstage_agents._session_event_log import SessionEventLog


@pytest.mark.parametrize(
    ("logprobs", "score"),
    [
        (msgspec.UNSET, msgspec.UNSET),
        (None, msgspec.UNSET),
        ([], msgspec.UNSET),
        ([{"token": "a", "logprob": -0.2}, {"token": "b", "logprob": -1.0}], -0.6),
        ([{"token": "a"}, {"token": "b", "logprob": -1.0}], -1.0),
    ],
)
def test_the_score_is_the_mean_of_what_the_service_tells(logprobs, score):
    log = SessionEventLog("bob", ReplyPlayback("bob"), SpeakerTracker(), lambda at: at * 24)
    completed = server.InputTranscriptionCompleted(
        event_id="e",
        item_id="i",
        content_index=0,
        transcript="Hello.",
        usage={},
        logprobs=logprobs,
    )
    [heard] = log.events(completed, 24_000)
    assert isinstance(heard, HeardText)
    assert heard.score == score
