"""The ten checks of the guide: each passes for a good agent, and fails for one that errs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "testing.md").read_text()
_, _, SECTION = GUIDE.partition("\n## Ten checks\n")
SECTION, _, _ = SECTION.partition("\n## ")
CHECKS: list[str] = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)


def without_expectations(name: str) -> str:
    text = (ROOT / "scenarios" / f"{name}.toml").read_text()
    return text.partition("\n[[expect]]")[0] + "\n"


REFUND = without_expectations("refund")
PANEL = without_expectations("roundtable")

PATIENCE = """
[agents.support]
kind = "{folder}/patient.py:Patient"
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["Good morning."]
[[links]]
between = ["support", "caller"]
[end]
silence = "9s"
max = "2m"
"""

PATIENT = '''
from soundstage import Agent, Begin, Duration, handles



class Ask:
    pass


class Patient(Agent):
    """Asks after each silence, and leaves after the last one."""

    class Settings(Agent.Settings):
        asks: int = 3

    @handles(Begin)
    def begin(self, begin):
        self.left = self.settings.asks
        self.after(Duration("9s"), Ask())

    @handles(Ask)
    def ask(self, ask):
        self.left -= 1
        if self.left < 0:
            self.leave()
            return
        self.say("Are you still there?")
        self.after(Duration("7s"), Ask())
'''

SPELLING = """
[agents.support]
voice = "marin"
[agents.support.local]
think = "300ms"
rules = [{ heard = "address", say = "Let me repeat. J, A, N, E, at example dot com." }]
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["My address is jane at example dot com."]
[[links]]
between = ["caller", "support"]
[end]
turns = 2
max = "1m"
"""

HANDOVER = """
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["I have a question about my bill."]
[agents.support]
voice = "marin"
[agents.support.local]
think = "300ms"
rules = [{ heard = "bill", say = "One moment, I give you to billing." }]
[agents.billing]
kind = "scripted"
voice = "sage"
[rooms.call]
members = ["caller", "support", "billing"]
[[cues]]
id = "transfer"
after = { agent = "support", event = "speech_stopped" }
agent = "billing"
join = "call"
[[cues]]
after = { agent = "support", event = "speech_stopped", delay = "500ms" }
agent = "billing"
say = "I see your bill of May. What is wrong with it?"
[end]
turns = 3
max = "1m"
"""

DROPS: dict[str, Any] = {
    "agents.support.on_drop": "reconnect",
    "agents.support.local.faults": [{"kind": "drop", "nth": 1, "after": "1s"}],
}
DROPS_FOR_LONG = {
    "agents.support.local.faults": [
        *DROPS["agents.support.local.faults"],
        *({"kind": "refuse", "status": 503, "session": session} for session in (2, 3, 4)),
    ]
}
SHORT = {
    "agents.support.local.rules[1].say": "Shall I refund order {order}?",
    "agents.support.local.rules[5].say": "Done. Goodbye.",
    "agents.support.local.lines": ["Kettle shop. Your order, please?"],
}

LONG = "I found it. " + "It will take the same way back that it came. " * 4

# The number of the check, its scene, what is changed for the good agent, and for the one that errs.
TRIALS: list[tuple[int, str, dict[str, Any], dict[str, Any]]] = [
    (1, REFUND, {}, {"agents.support.local.rules[3].say": "Then say yes, please."}),
    (2, REFUND, {}, {"tools.find_order.mock": [{"returns": {"item": "a", "price": "$245"}}]}),
    (3, REFUND, {"agents.support.local.think": "0ms"}, {"agents.support.local.think": "1s"}),
    (4, REFUND, {}, {"agents.support.turn_detection.interrupt_response": False}),
    (5, PATIENCE, {}, {"agents.support.asks": 2}),
    (6, SPELLING, {}, {"agents.support.local.rules[0].say": "Thank you, jane at example dot com."}),
    (7, REFUND, SHORT, {"agents.support.local.rules[1].say": LONG}),
    (8, HANDOVER, {}, {"cues[1].say": "Hello, and welcome to our company."}),
    (9, PANEL, {}, {"rooms.panel.floor": {"policy": "free"}}),
    (10, REFUND, DROPS, DROPS_FOR_LONG),
]


def statuses(run_scenario: RunScenario, text: str, changes: dict[str, Any]) -> set[str]:
    run = run_scenario(toml=text, set=changes, check=False)
    found = {each.id: each for each in run.expectations if each.id != "unanswered"}
    return {each.status for each in found.values()}


def test_the_guide_has_ten_checks() -> None:
    assert len(CHECKS) == 10
    assert [number for number, *_ in TRIALS] == [*range(1, 11)]


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    (tmp_path / "patient.py").write_text(PATIENT)
    return tmp_path


@pytest.mark.parametrize(("number", "scene", "good", "bad"), TRIALS, ids=range(1, 11))
def test_a_check_passes_for_a_good_agent_and_fails_for_one_that_errs(
    number: int,
    scene: str,
    good: dict[str, Any],
    bad: dict[str, Any],
    patient: Path,
    run_scenario: RunScenario,
) -> None:
    text = scene.replace("{folder}", str(patient)) + CHECKS[number - 1]
    assert statuses(run_scenario, text, good) == {"passed"}
    assert "failed" in statuses(run_scenario, text, good | bad)
