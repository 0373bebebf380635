"""A recording is a voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import word_error_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage import Run

TOLD = (
    "When I was nine, my grandmother taught me to bake bread. She never used a scale. She listened "
    "to the dough, and I thought that was nonsense. One winter the power failed, and we baked by "
    "candle light. I closed my eyes, and for the first time I heard it too: a very small sound, "
    "like snow. That is all there is to tell."
)


@pytest.mark.timeout(120)
def test_a_recording_is_heard_to_its_end_and_answered(run_scenario: Callable[..., Run]) -> None:
    run = run_scenario("monologue")
    [heard] = [turn for turn in run.events("heard") if turn.agent == "listener"]
    assert heard.speaker == "narrator"
    assert word_error_rate(TOLD, heard.text) <= 0.12
    assert run.said_by("listener") == "Thank you. I will listen to the dough tomorrow."
