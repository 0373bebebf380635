"""What was played is told: the last turn of a run, and every turn that is cut."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from soundstage import Agent, Heard, handles, run_scenario
from soundstage.config.values import normalize, word_error_rate
from soundstage.messages import events
from soundstage.speech import Engines
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage import Run

CALL = """
[agents.bot]
voice = "ash"
OPENING
tools = ["end_call"]
[agents.bot.local]
LOCAL
[agents.caller]
kind = "scripted"
voice = "coral"
wait = "300ms"
lines = [LINES]
[tools.end_call]
description = "Ends."
parameters = { type = "object", properties = {} }
mock = [{ returns = { ok = true } }]
[[links]]
between = ["bot", "caller"]
[end]
END
"""
GREETING = (
    "Our shop is open from nine in the morning until six in the evening on every day of the week "
    "except for Sunday, and we have parking behind the house."
)
THANKS = (
    "Thank you very much for calling our shop today, it was a pleasure to help you, and goodbye."
)
OPENS = f'lines = ["{GREETING}"]'
AUDIBLE = 100
"""Sample value from which on a sound counts, as in the metrics."""

EDGES = 0.25
"""Seconds that a turn may be longer than its sound, for the silence at its edges, or shorter."""


def call(
    end: str, local: str = OPENS, lines: str = "", opening: str = 'opening_prompt = "Go."'
) -> str:
    """A call between a bot and a caller."""
    text = CALL.replace("END", end).replace("LOCAL", local)
    return text.replace("LINES", lines).replace("OPENING", opening)


def audible_seconds(run: Run, agent: str) -> float:
    """How long an agent is audible in its recording, pauses of less than 400 ms included."""
    loud = np.flatnonzero(np.abs(run.audio(agent).astype(np.int32)) >= AUDIBLE)
    if not len(loud):
        return 0.0
    gaps = np.diff(loud)
    long = gaps[gaps >= 0.4 * SAMPLE_RATE]
    return float(loud[-1] - loud[0] - long.sum() + 1) / SAMPLE_RATE


def recognised(run: Run, agent: str) -> str:
    """The words in an agent's recording, turn by turn."""
    sound, recogniser = run.audio(agent), Engines().recognizer
    words: list[str] = []
    for turn in (turn for turn in run.turns if turn.agent == agent):
        part = sound[int(turn.start * SAMPLE_RATE) : int(turn.end * SAMPLE_RATE)]
        words.append(recogniser.recognize(part.tobytes()).text)
    return " ".join(words)


def check_lengths(run: Run, agent: str) -> None:
    turns = [turn for turn in run.turns if turn.agent == agent]
    told = sum(turn.end - turn.start for turn in turns)
    assert told == pytest.approx(audible_seconds(run, agent), abs=EDGES * max(1, len(turns)))


def test_a_turn_in_progress_is_played_to_its_end_however_long_it_is() -> None:
    run = run_scenario(
        toml=call('when = [{ agent = "bot", event = "speech_started" }]\nmax = "1m"')
    )
    assert run.said_by("bot") == GREETING
    assert run.reason == "when[0]"
    check_lengths(run, "bot")


def test_a_farewell_that_is_said_with_the_call_that_ends_the_run_is_heard() -> None:
    rules = 'rules = [{ heard = "thank you", say = "TEXT", call = [{ tool = "end_call" }] }]'
    run = run_scenario(
        toml=call(
            'when = [{ tool = "end_call" }]\nmax = "1m"',
            rules.replace("TEXT", THANKS),
            '"That was all, thank you."',
            "",
        )
    )
    assert THANKS in run.said_by("bot")
    check_lengths(run, "bot")


def test_a_reply_that_has_been_asked_for_counts_as_in_progress_while_it_is_thought_of() -> None:
    rules = (
        'think = "2500ms"\nrules = [{ heard = "thank you", call = [{ tool = "end_call" }] },'
        ' { tool = "end_call", say = "Done. Goodbye." }]'
    )
    run = run_scenario(
        toml=call(
            'when = [{ tool = "end_call" }]\nmax = "1m"', rules, '"That was all, thank you."', ""
        )
    )
    assert run.said_by("bot") == "Done. Goodbye."


@pytest.mark.parametrize("after", ["3s", "5s"])
def test_what_was_played_until_the_longest_time_is_a_turn_that_is_cut(after: str) -> None:
    run = run_scenario(toml=call(f'max = "{after}"'))
    [turn] = run.turns
    assert turn.generated == GREETING
    assert turn.text
    assert GREETING.startswith(turn.text)
    assert turn.text != GREETING
    assert not turn.interrupted_by
    assert word_error_rate(turn.text, recognised(run, "bot")) <= 0.1
    check_lengths(run, "bot")


def test_a_turn_in_progress_at_a_declared_end_is_cut_by_the_longest_time() -> None:
    run = run_scenario(toml=call('when = [{ at = "1s" }]\nmax = "3s"'))
    assert run.reason == "when[0]"
    assert run.duration < 3.5
    assert run.said_by("bot")
    assert GREETING.startswith(run.said_by("bot"))


def test_a_reply_that_its_token_limit_cuts_says_what_is_heard_of_it() -> None:
    run = run_scenario(
        toml=call(
            'silence = "2s"\nmax = "1m"',
            opening='opening_prompt = "Go."\nsession = { max_output_tokens = 100 }',
        )
    )
    said = run.said_by("bot")
    assert len(normalize(said)) >= 8
    assert word_error_rate(said, recognised(run, "bot")) <= 0.1
    check_lengths(run, "bot")


class Leaver(Agent):
    """Says goodbye and leaves at once."""

    @handles(Heard)
    def answer(self, _: Heard) -> None:
        self.say("Goodbye, and thank you for the call.")
        self.leave()


class Faller(Agent):
    """Dies while it speaks."""

    @handles(Heard)
    def answer(self, _: Heard) -> None:
        self.say("One two three four five six seven eight nine ten.")
        self.after(2 * SAMPLE_RATE, _Fall())

    def on_receive(self, message: Any) -> Any:
        if type(message) is _Fall:
            raise RuntimeError("fallen")
        return super().on_receive(message)


class _Fall:
    pass


TWO = """
[agents.ann]
kind = "PATH:KIND"
voice = "ash"
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello, are you there?"]
[[links]]
between = ["ann", "caller"]
[end]
silence = "5s"
max = "30s"
"""


def two(kind: str) -> str:
    return TWO.replace("PATH", str(Path(__file__))).replace("KIND", kind)


def test_an_agent_that_leaves_says_first_what_it_had_to_say() -> None:
    run = run_scenario(toml=two("Leaver"))
    assert run.said_by("ann") == "Goodbye, and thank you for the call."
    check_lengths(run, "ann")


def test_what_an_agent_has_said_before_it_failed_is_a_turn() -> None:
    run = run_scenario(toml=two("Faller"), check=False)
    assert run.outcome == "failed"
    assert run.said_by("ann").startswith("One two three")
    assert run.said_by("ann") != "One two three four five six seven eight nine ten."
    check_lengths(run, "ann")


SENTENCES = [
    "The train to London leaves at nine from the second platform.",
    "I would like to order a large pizza with mushrooms and cheese, please.",
    "My grandmother taught me how to bake bread when I was a child.",
    "We can meet on Friday afternoon in the garden behind the old house.",
    "Please tell the doctor that I am going to be ten minutes late.",
]
ENDS = ['max = "{}ms"', 'when = [{{ at = "{}ms" }}]\nmax = "40s"', 'turns = 3\nmax = "{}ms"']


def scenario_of(seed: int) -> str:
    """A call with random words, interruptions, limits and a random end."""
    drawn = random.Random(seed)
    words = [" ".join(drawn.sample(SENTENCES, drawn.randint(1, 3))) for _ in range(4)]
    lines = ", ".join(f'"{each}"' for each in words[:3])
    opening = 'opening_prompt = "Go."\non_fault = "restart"'
    if drawn.random() < 0.5:
        opening += f"\nsession = {{ max_output_tokens = {drawn.randint(60, 300)} }}"
    end = drawn.choice(ENDS).format(drawn.randint(2500, 14000))
    text = call(end, f"lines = [{lines}]", f'"{words[3]}", "{words[0]}"', opening)
    if drawn.random() < 0.6:
        text += f"""
[[cues]]
after = {{ at = "{drawn.randint(1500, 9000)}ms" }}
agent = "caller"
say = "Excuse me, I have a question for you."
overlap = true
"""
    return text


def check_seed(seed: int) -> tuple[int, int]:
    """Word errors and words of all agents of one random run."""
    run = run_scenario(toml=scenario_of(seed), check=False)
    errors = words = 0
    for agent in ("bot", "caller"):
        check_lengths(run, agent)
        said = run.said_by(agent)
        if said:
            count = len(normalize(said))
            errors += round(word_error_rate(said, recognised(run, agent)) * count)
            words += count
    return errors, words


def check_seeds(seeds: range) -> None:
    found = [check_seed(seed) for seed in seeds]
    errors, words = (sum(each) for each in zip(*found, strict=True))
    print(f"{len(found)} runs: {errors} errors in {words} words")
    assert errors <= 0.05 * words


def test_transcripts_are_what_the_recordings_say_in_a_few_random_runs() -> None:
    check_seeds(range(4))


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_transcripts_are_what_the_recordings_say_in_many_random_runs() -> None:
    check_seeds(range(4, 104))


def test_every_reply_that_begins_is_a_turn() -> None:
    for seed in range(4):
        run = run_scenario(toml=scenario_of(seed), check=False)
        begun = [event.response for event in run.events(events.AgentSpeechStarted)]
        assert sorted(begun) == sorted(event.response for event in run.events(events.Turn))
