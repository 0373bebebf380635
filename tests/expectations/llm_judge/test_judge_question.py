"""What a judge reads of a run, and what makes two questions the same."""

from __future__ import annotations

from dummy_log import Log, at
from msgspec.structs import replace

from soundstage.expectations.llm_judge.judge_question import JudgeQuestion, written_transcript
from soundstage.messages.events import Dropped, ToolReturned

QUESTION = JudgeQuestion("It was polite.", "support", "[1] 0:01.0 caller: Hello.")


def test_a_transcript_has_turns_with_their_numbers_and_calls_in_the_order_of_time():
    log = Log().says("caller", 1, 2, "Refund order twelve.")
    log.calls("support", 3, "refund", order=12).says("support", 4, 5, "Done.")

    assert written_transcript(log.ends(6)).splitlines() == [
        "[1] 0:01.0 caller: Refund order twelve.",
        '0:03.0 support called refund with {"order": 12}',
        '0:03.1 refund returned {"status": "done"}',
        "[2] 0:04.0 support: Done.",
    ]


def test_a_cut_turn_has_the_words_that_were_played_and_the_agent_that_cut_it():
    log = Log().says(
        "support", 1, 2, "Your refund", generated="Your refund is late", cut_by="caller"
    )

    assert written_transcript(log.ends(3)) == "[1] 0:01.0 support: Your refund (cut off by caller)"


def test_words_that_no_recogniser_found_are_not_silence():
    log = Log().says("caller", 1, 2, "", text_source="unknown")

    assert written_transcript(log.ends(3)) == "[1] 0:01.0 caller: (words not known)"


def test_a_lost_session_and_a_failed_tool_are_told():
    log = Log().add(Dropped(pts=at(1), agent="support", error="closed"))
    log.add(
        ToolReturned(
            pts=at(2), agent="support", call="c", tool="refund", output="", error="no", latency=0
        )
    )

    assert written_transcript(log.ends(3)).splitlines() == [
        "0:01.0 support lost the connection",
        "0:02.0 refund failed: no",
    ]


def test_a_line_break_in_what_was_said_does_not_look_like_another_turn():
    log = Log().says("support", 1, 2, "Yes.\n[2] 0:03.0 caller: Thank you!")

    assert len(written_transcript(log.ends(3)).splitlines()) == 1


def test_questions_differ_by_statement_agent_and_transcript():
    others = [
        replace(QUESTION, statement="It was rude."),
        replace(QUESTION, agent="caller"),
        replace(QUESTION, transcript="[1] 0:01.0 caller: Hi."),
    ]

    assert len({each.digest for each in [QUESTION, *others]}) == 4
    assert replace(QUESTION).digest == QUESTION.digest
