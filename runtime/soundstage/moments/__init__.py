"""Finding the moments that a scenario waits for in the events of a run, and in them alone."""

from soundstage.moments.conversation_events import (
    CONVERSATION_EVENTS,
    ConversationEvent,
    ConversationEvents,
)
from soundstage.moments.key_sequences import KeySequence
from soundstage.moments.moment_matcher import Happening, MomentMatcher
from soundstage.moments.silence_watch import KNOWN_WITHIN

__all__ = [
    "CONVERSATION_EVENTS",
    "KNOWN_WITHIN",
    "ConversationEvent",
    "ConversationEvents",
    "Happening",
    "KeySequence",
    "MomentMatcher",
]
