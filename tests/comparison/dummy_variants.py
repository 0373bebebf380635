"""A shop whose callers vary with the seed, and variants of it that differ in one place."""

from __future__ import annotations

STRICT = """
[scenario]
seed = 1
under_test = ["shop"]
[agents.shop]
voice = "ash"
[agents.shop.local]
rules = [
  { heard = "hello", say = "Hi, what can I do?" },
  { heard = "kettle", say = "A good kettle is on the shelf." },
]
otherwise = "Pardon?"
[agents.caller]
kind = "scripted"
voice = "coral"
lines = ["Hello.", { one_of = ["I want a kettle.", "A kettle, please.", "I want a lamp."] }]
wait = "300ms"
[[links]]
between = ["shop", "caller"]
[[expect]]
id = "answers"
agent = "shop"
said = "what can I do"
[[expect]]
id = "sells"
agent = "shop"
said = "shelf"
[end]
turns = 4
max = "20s"
"""
"""Runs with a lamp fail."""

SOLD_OUT = STRICT.replace("A good kettle is on the shelf.", "I have none, sorry.")
"""Runs with a kettle fail as well."""
