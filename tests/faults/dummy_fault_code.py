"""The code and the scenarios of the fault campaign: each breaks in one place, in one way."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dummy_fault_table import BOTS

if TYPE_CHECKING:
    from dummy_fault_table import Case

GUEST: Final = '''
import os
import shutil
import time

import numpy as np

from soundstage import Agent, Effect, FloorPolicy, Frame, handles

SURFACE, FAULT, NTH = {surface!r}, {fault!r}, {nth!r}


class Turn:
    """Says when a surface is to break: at its NTH call, if it is the one that does."""

    def __init__(self, surface):
        self.left = NTH if SURFACE == surface else 0

    def has_come(self):
        self.left -= 1
        return self.left == 0


def break_down():
    if FAULT == "raise":
        raise LookupError("planted")
    if FAULT == "hang":
        while True:
            time.sleep(0.01)
    if FAULT == "die":
        os._exit(9)
    if FAULT == "slow":
        time.sleep(0.05)


class Guest(Agent):
    def __init__(self, context):
        super().__init__(context)
        self.turn = Turn("agent")
        self.folder_goes = Turn("disk" if FAULT == "die" else "none")

    @handles(Frame)
    def hear(self, frame):
        if self.folder_goes.has_come():
            shutil.rmtree("run", ignore_errors=True)
        if not self.turn.has_come():
            return
        break_down()
        if FAULT == "flood":
            for number in range(20_000):
                self.emit("x", number=number)
        if FAULT == "garbage":
            self.send("no sound")


class Odd(Effect):
    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.turn = Turn("effect")

    def apply(self, sound):
        if not self.turn.has_come():
            return sound
        break_down()
        if FAULT == "flood":
            return np.zeros(10_000_000, np.float32)
        return None if FAULT == "garbage" else sound


class Chooses(FloorPolicy):
    def __init__(self, setup):
        super().__init__(setup)
        self.turn = Turn("policy")

    def choose(self, turn):
        if self.turn.has_come():
            break_down()
            if FAULT == "garbage":
                return 7
        return "bot" if turn.speaker == "caller" else "caller"


TOOL = Turn("tool")


def look(at: str = "") -> dict:
    """Looks."""
    if TOOL.has_come():
        break_down()
        if FAULT == "flood":
            return {{"seen": "x" * 3_000_000}}
        if FAULT == "garbage":
            return {{"seen": object()}}
    return {{"seen": "a kettle"}}
'''

SCENE: Final = """
[scenario]
under_test = ["bot", "guest"]
[agents.bot]
voice = "ash"
protocol = "{protocol}"
tools = ["look"]
[agents.bot.local]
{answers}
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello.", "Again."]
wait = "300ms"
[agents.guest]
kind = "./guest.py:Guest"
[tools.look]
python = "./guest.py:look"
timeout = "1s"
{joins}
[speech]
{speech}
[record]
tracks = ["said", "heard"]
[end]
turns = 4
silence = "{silence}"
max = "{longest}"
{judged}
"""

RULES: Final = """rules = [
  { heard = "again", say = "Two." },
  { heard = "hello", call = [{ tool = "look", args = { at = "the shelf" } }] },
  { tool = "look", say = "Yes." },
  { tool = "look", failed = true, say = "No." },
]
otherwise = "Pardon?"
"""

LINKS: Final = """
[[links]]
between = ["bot", "caller"]
[[links]]
between = ["caller", "guest"]
"""
ROOM: Final = """
[rooms.room]
members = ["bot", "caller"]
floor.policy = "./guest.py:Chooses"
[[links]]
between = ["caller", "guest"]
"""
ON_A_LINE: Final = (
    LINKS.replace('"caller"]\n[[links]]', '"caller"]\neffects = ["odd"]\n[[links]]', 1)
    + '[effects.odd]\nkind = "./guest.py:Odd"\n'
)

JUDGED: Final = """
[judge]
url = "{chat}"
model = "m"
timeout = "2s"
[[expect]]
id = "answered"
judge = "The bot answered."
need = "required"
"""

PROGRAMS: Final = Path(__file__).parents[1] / "bots"

BOT_SCENE: Final = """
[servers.desk]
command = ["{{python}}", "{program}", "{{port}}", "{breaks}"]
ready = {{ {ready} }}
timeout = "{patience}"
stop = "1s"
[agents.desk]
kind = "bot"
server = "desk"
transport = "{transport}"
{url}
[agents.caller]
kind = "{programs}/dummy_tone_caller.py:ToneCaller"
tones = 2
{{link}}
[end]
when = [{{ agent = "caller", event = "left" }}]
max = "25s"
[record]
words = false
"""

BOT_PROGRAMS: Final = {
    "websocket": "websocket_bot.py",
    "twilio": "twilio_bot.py",
    "livekit-console": "console_bot.py",
    "pipecat-websocket": "pipecat_bot.py",
    "pipecat-webrtc": "pipecat_webrtc_bot.py",
}

BOT_URLS: Final = {
    "livekit-console": "",
    "pipecat-webrtc": 'url = "http://127.0.0.1:{port}/api/offer"',
}
"""Where they take calls, if not on a WebSocket."""

SERVER_FAULTS: Final = {
    "raise": "stillborn",
    "hang": "never ready",
    "flood": "floods its log",
    "garbage": "garbles its log",
    "slow": "late",
}
"""What the program does before it is ready, where it is not the bot in it that breaks."""

NETWORK: Final = {
    "raise": 'kind = "refuse", status = 503',
    "hang": 'kind = "drop", what = "path"',
    "flood": 'kind = "duplicate_transcription"',
    "garbage": 'kind = "malformed", event = "response.created"',
    "die": 'kind = "drop", what = "connection", nth = 1',
    "slow": 'kind = "slow_response", nth = 1, delay = "500ms"',
}

DUPLEX: Final = NETWORK | {
    "garbage": 'kind = "malformed", event = "session.output_transcript.delta"',
}


def written(case: Case, folder: Path, chat: str) -> Path:
    """The scenario of a case, with its code beside it.

    Args:
        case: which.
        folder: where both are written.
        chat: the address of a chat server that does what the case says.
    """
    if case.surface in BOTS:
        return written_bot(case, folder)
    chance = random.Random(f"{case.surface} {case.fault} {case.seed}")
    # A policy and a tool are called once or twice; frames come fifty times a second.
    nth = 1 if case.surface in {"policy", "tool"} else chance.randint(5, 60)
    code = GUEST.format(surface=case.surface, fault=case.fault, nth=nth)
    (folder / "guest.py").write_text(code)
    answers = RULES
    if case.surface == "model":
        answers = f'chat = {{ url = "{chat}", model = "m", timeout = "2s" }}\n'
    calls = {"network": NETWORK, "duplex": DUPLEX}.get(case.surface)
    if calls is not None:
        answers += f"faults = [{{ {calls[case.fault]} }}]\n"
    joins = {"policy": ROOM, "effect": ON_A_LINE}.get(case.surface, LINKS)
    path_is_lost = calls is not None and case.fault == "hang"
    text = SCENE.format(
        answers=answers,
        protocol="live" if case.surface == "duplex" else "realtime",
        joins=joins,
        speech='synthesizer = "at-fault"' if case.surface == "engine" else "",
        silence="7s" if path_is_lost else "2s",
        longest="25s",
        judged=JUDGED.format(chat=chat) if case.surface == "judge" else "",
    )
    file = folder / "case.toml"
    file.write_text(text)
    return file


def written_bot(case: Case, folder: Path) -> Path:
    """The scenario of a case in which a bot of the user's own breaks, or the program behind it."""
    transport = BOTS[case.surface]
    dials_in = transport == "livekit-console"
    of_server = SERVER_FAULTS if case.surface == "server" else {}
    text = BOT_SCENE.format(
        program=PROGRAMS / "programs" / BOT_PROGRAMS[transport],
        programs=PROGRAMS,
        breaks=f"--then={of_server.get(case.fault, case.fault)}",
        ready="dials_in = true" if dials_in else 'log = "ready"',
        patience="2s" if (case.surface, case.fault) == ("server", "hang") else "60s",
        transport=transport,
        url=BOT_URLS.get(transport, 'url = "ws://127.0.0.1:{port}/"'),
    )
    file = folder / "case.toml"
    file.write_text(text.replace("{link}", '[[links]]\nbetween = ["desk", "caller"]'))
    return file
