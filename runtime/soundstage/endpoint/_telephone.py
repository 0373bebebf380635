"""The audio formats of the telephone, for sessions whose audio travels in events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.audio import G711Decoder, G711Encoder

if TYPE_CHECKING:
    from soundstage.audio import Law
    from soundstage.realtime import Coder

_LAWS: Final[dict[str, Law]] = {"audio/pcmu": "mu", "audio/pcma": "a"}


class TelephoneCoders:
    """Makes coders for `audio/pcmu` and `audio/pcma`."""

    def decoder(self, kind: str) -> Coder:
        """From a format to 24 kHz mono signed 16-bit."""
        return G711Decoder(_LAWS[kind])

    def encoder(self, kind: str) -> Coder:
        """From 24 kHz mono signed 16-bit to a format."""
        return G711Encoder(_LAWS[kind])
