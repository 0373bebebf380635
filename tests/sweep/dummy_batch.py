"""A short conversation that varies with its seed, and the command that makes a batch of it."""

from __future__ import annotations

import sys

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]

TALK = """
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "Goodbye."]
think = ["100ms", "900ms"]
[agents.ben]
voice = "ash"
[agents.ben.local]
lines = ["Nice to hear you."]
think = ["100ms", "900ms"]
[[links]]
between = ["ann", "ben"]
[end]
turns = 2
max = "20s"
"""

SEEDED = "[scenario]\nseed = 3\n" + TALK
