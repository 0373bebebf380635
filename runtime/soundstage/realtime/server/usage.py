"""How many tokens things are, by the service's own rules where these are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.units import Samples, samples_of_ms, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soundstage.realtime.server.conversation import Entry

INPUT_TOKEN: Final[Samples] = samples_of_ms(100)
"""Audio that the assistant hears is a token every 100 ms."""

OUTPUT_TOKEN: Final[Samples] = samples_of_ms(50)
"""Audio that the assistant speaks is a token every 50 ms."""

TOKENS_PER_MINUTE: Final = 15_000_000
"""The limit that is reported, as recorded, that of the service's fifth tier; nothing is held to
it."""

_LETTERS_PER_TOKEN: Final = 4

_WORD: Final = re.compile(r"\s*\S+")


def text_tokens(text: str) -> int:
    """Tokens of a text: one for every four letters, as English has them on average."""
    return -(-len(text) // _LETTERS_PER_TOKEN)


class TokenCount(Struct):
    """What a response has put out, held within a limit.

    Attributes:
        limit: the most tokens it may have.
        text: tokens of text.
        samples: samples of audio.
        exhausted: whether something was refused because of the limit.
    """

    limit: int
    text: int = 0
    samples: Samples = 0
    exhausted: bool = False

    @property
    def audio(self) -> int:
        """Tokens of audio."""
        return -(-self.samples // OUTPUT_TOKEN)

    @property
    def total(self) -> int:
        """Tokens of both."""
        return self.text + self.audio

    def write(self, text: str) -> bool:
        """Count a text; False, and nothing counted, where it is too much."""
        tokens = text_tokens(text)
        if self.total + tokens > self.limit:
            self.exhausted = True
            return False
        self.text += tokens
        return True

    def has_room_for(self, texts: Iterable[str]) -> bool:
        """Whether all these texts can be written."""
        return self.total + sum(map(text_tokens, texts)) <= self.limit

    def speak(self, samples: Samples, words: Callable[[Samples], str]) -> Samples:
        """Count audio; how much of it is allowed.

        Its words count as text once they are told, so audio leaves room for them: what was heard
        is in the transcript.

        Args:
            samples: how much there is.
            words: what has been said when so much of it is played, and has yet to be told.
        """
        allowed = samples
        while allowed > 0 and self._is_too_much(allowed, words(allowed)):
            # A token at a time, to the last whole one that fits.
            allowed = (self.samples + allowed - 1) // OUTPUT_TOKEN * OUTPUT_TOKEN - self.samples
        allowed = max(0, allowed)
        self.exhausted |= allowed < samples
        self.samples += allowed
        return allowed

    def _is_too_much(self, samples: Samples, words: str) -> bool:
        # In samples rather than in tokens: a part that ends within a token still counts it once.
        audio = -(-(self.samples + samples) // OUTPUT_TOKEN)
        text = sum(text_tokens(word) for word in _WORD.findall(words))
        return self.text + text + audio > self.limit


class InputCount(Struct, frozen=True):
    """Tokens that a response was made from."""

    text: int = 0
    audio: int = 0
    images: int = 0

    @property
    def total(self) -> int:
        """Tokens of all kinds."""
        return self.text + self.audio + self.images


def input_count(entries: Iterable[Entry], *instructions: str) -> InputCount:
    """Tokens of a conversation with the instructions and tools before it."""
    text = sum(text_tokens(words) for words in instructions)
    audio = images = 0
    for entry in entries:
        count = entry.derived(_tokens_of)
        text += count.text
        audio += count.audio
        images += count.images
    return InputCount(text, audio, images)


def _tokens_of(entry: Entry) -> InputCount:
    item = entry.item
    texts = (*(part.text for part in item.content or []), item.arguments, item.output)
    return InputCount(
        text=sum(text_tokens(text or "") for text in texts),
        audio=-(-entry.samples // INPUT_TOKEN),
        images=sum(image.tokens for image in entry.images),
    )


def usage(heard: InputCount, made: TokenCount, *, reasons: bool = False) -> dict[str, Any]:
    """The `usage` of a response: nothing is cached here, and no token is spent on reasoning."""
    output = {"text_tokens": made.text, "audio_tokens": made.audio}
    cached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
    return {
        "total_tokens": heard.total + made.total,
        "input_tokens": heard.total,
        "output_tokens": made.total,
        "input_token_details": {
            "text_tokens": heard.text,
            "audio_tokens": heard.audio,
            "image_tokens": heard.images,
            "cached_tokens": 0,
            "cached_tokens_details": cached,
        },
        "output_token_details": output | ({"reasoning_tokens": 0} if reasons else {}),
    }


class RateLimit:
    """What is left of the tokens of a minute; what was used comes back evenly."""

    def __init__(self) -> None:
        self._used = 0.0
        self._since: Samples = 0

    def spend(self, tokens: int, now: Samples) -> list[dict[str, Any]]:
        """Use tokens; the `rate_limits` to report then."""
        # Evenly, not all at the turn of a minute: as the service's `reset_seconds` show.
        back = seconds_of(now - self._since) * TOKENS_PER_MINUTE / 60
        self._used = min(max(0.0, self._used - back) + tokens, TOKENS_PER_MINUTE)
        self._since = now
        used = round(self._used)
        return [
            {
                "name": "tokens",
                "limit": TOKENS_PER_MINUTE,
                "remaining": TOKENS_PER_MINUTE - used,
                "reset_seconds": round(used * 60 / TOKENS_PER_MINUTE, 3),
            }
        ]
