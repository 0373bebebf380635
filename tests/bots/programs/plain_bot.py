"""What the bots of these tests have in common: what they are told, their voice, and how they break.

`--then` says what a bot does in place of an answer, or before it is ready.
"""

import argparse
import math
import os
import struct
import sys
import time

AUDIBLE = 400


def options(**more):
    """What the command line says; further options with their defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    given = {"wait": 0.5, "speaks": 0.5, "rate": 24_000, "then": "", **more}
    for name, value in given.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    told = parser.parse_args()
    if told.then == "slow":
        told.wait = 2.5
    return told


def tone(seconds, rate):
    """A sine as signed 16 bit."""
    count = int(seconds * rate)
    samples = [int(9_000 * math.sin(2 * math.pi * 330 * n / rate)) for n in range(count)]
    return struct.pack(f"<{count}h", *samples)


def is_audible(pcm):
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    return max(map(abs, samples), default=0) >= AUDIBLE


class Answers:
    """What a bot says, made before it is needed: that would count as the time in which it thinks.

    With `--then six`, it asks a tool before its second answer, and its third lasts for 4 s.
    """

    def __init__(self, given, rate):
        self.is_script = given.then == "six"
        self.usual = tone(given.speaks, rate)
        self.long = tone(4, rate) if self.is_script else b""
        self.turn = 0

    def following(self):
        """The next answer, and whether a tool is asked for it."""
        self.turn += 1
        is_long = self.is_script and self.turn == 3
        return self.long if is_long else self.usual, self.is_script and self.turn == 2


def break_before_ready(then):
    if then == "never ready":
        print("still loading", flush=True)
        time.sleep(600)
    if then == "stillborn":
        sys.exit("ModuleNotFoundError: No module named 'the_framework'")
    if then == "floods its log":
        print("x" * 100 * 1000 * 1000, flush=True)
    if then == "garbles its log":
        os.write(1, bytes(range(256)) * 1000)
    if then == "late":
        time.sleep(1)


def break_down(then):
    """Break as a whole program does: die in the call, or hang."""
    if then == "die":
        print("RuntimeError: the model is gone", flush=True)
        os._exit(7)
    if then == "hang":
        time.sleep(600)
