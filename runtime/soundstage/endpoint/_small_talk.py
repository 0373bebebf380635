"""A short conversation for sessions that nobody gave anything to say.

It is written by hand and meant to sound like it. Whoever speaks first has one side, whoever
answers first has the other, so that two such sessions do not repeat each other's words.
"""

from __future__ import annotations

from typing import Final

OPENING_SIDE: Final = (
    "Hello! It is good to hear you. How has your week been?",
    "Mine was busy, but I found time for a long walk.",
    "Most evenings, along the river. It is quiet there.",
    "I have been reading about old maps. Do you like to read?",
    "That sounds lovely. You must tell me more some other day.",
    "I have to go now. It was nice talking to you. Goodbye!",
)
"""The lines of a session that is asked to speak before it has heard anything."""

ANSWERING_SIDE: Final = (
    "Hello! It was a quiet week, thank you. And how was yours?",
    "A walk is always good. Do you go out often?",
    "I like quiet places too. What else have you been doing?",
    "I do, mostly in the garden, with a cup of tea.",
    "I will, gladly. There is always another day.",
    "It was nice talking to you too. Goodbye!",
)
"""The lines of a session that hears something first."""
