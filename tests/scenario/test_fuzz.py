"""Scenario files with something wrong in them: loaded, or refused with a reason; never a crash."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from soundstage.errors import UsageError
from soundstage.scenario import load_scenario

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))

ODD = (
    *("true", "-1", "0", "1e308", "inf", "nan", "9" * 40, '""', '" "', '"\\u0000"', '"\\u202e"'),
    *("[]", "{}", "[[[]]]", '[""]', "{ a = {} }", "{ one_of = [] }", '{ one_of = ["a", 1] }'),
    *('"../../x"', '"/"', '"${HOME}"', '"{x:number}"', '"{"', '{ pattern = "(" }', '"5s"'),
    *("1979-05-27", '"é" ', '"' + "x" * 5000 + '"', "[" * 200 + "]" * 200, '"-5s"', '"0dB"'),
)
EXTRA = """
[verdict]
at_least = "95%"
confidence = "95%"
invalid_at_most = "10%"
max_runs = 400
[matrix]
"end.max" = ["20s", "40s"]
"end.silence" = ["2s", "4s"]
[judge]
url = "http://127.0.0.1:9/v1"
model = "m"
timeout = "2s"
[[expect]]
id = "polite"
judge = "Every agent stayed polite."
need = "required"
[[expect]]
id = "quick"
metric = "response_gap.p95"
at_most = "2s"
over = "batch"
"""
"""Tables that few of the shipped files have."""

KEYS = (
    *("voice", "kind", "agents", "local", "rules", "lines", "end", "links", "rooms", "expect"),
    *("after", "said", "tool", "args", "judge", "when", "each", "effects", "record", "a.b", '"" '),
)
VALUE = re.compile(r"(?<== )[^\n]+$", re.MULTILINE)
KEY = re.compile(r"^[\w.]+(?= =)", re.MULTILINE)


def mutated(text: str, chance: random.Random) -> str:
    """The text, changed in one to three places."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        lines = text.splitlines()
        at = chance.randrange(max(1, len(lines)))
        match chance.choice((0, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5, 6)):
            case 0:
                text = "\n".join(lines[:at] + lines[at + 1 :])
            case 1:
                text = "\n".join([*lines[:at], *lines[at : at + 3], *lines[at:]])
            case 2:
                text = _replaced(VALUE, text, chance.choice(ODD), chance)
            case 3:
                text = _replaced(KEY, text, chance.choice(KEYS), chance)
            case 4:
                chance.shuffle(lines)
                text = "\n".join(lines)
            case 5:
                cut = chance.randrange(len(text) + 1)
                text = (
                    text[:cut]
                    + chance.choice(["[", '"', "\x00", "{", "=", "\n", "'''"])
                    + text[cut:]
                )
            case _:
                text = text[: chance.randrange(len(text) + 1)]
    return text


def _replaced(pattern: re.Pattern[str], text: str, new: str, chance: random.Random) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start()] + new + text[one.end() :]


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(300, id="some"),
        pytest.param(20_000, id="many", marks=[pytest.mark.prove, pytest.mark.timeout(2400)]),
    ],
)
def test_a_wrong_file_is_loaded_or_refused_with_a_reason(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SHIPPED[0].parent)
    texts = [path.read_text() for path in SHIPPED]
    texts += [text + EXTRA for text in texts if "[verdict" not in text and "[judge" not in text]
    refused = loaded = 0
    for number in range(count):
        chance = random.Random(number)
        text = mutated(chance.choice(texts), chance)
        try:
            load_scenario(toml=text, clock="virtual")
        except UsageError as error:
            refused += bool(str(error).strip())
        except BaseException as error:
            raise AssertionError(f"mutation {number} raised {error!r}") from error
        else:
            loaded += 1
    print(f"{refused} of {count} refused, {loaded} loaded")
    # None was refused without a reason, and not all for the first one that comes to mind.
    assert refused + loaded == count
    assert loaded > count / 100
