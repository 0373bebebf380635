"""What is read of a session description before aiortc gets it, so that errors can say more."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from soundstage.errors import ConnectError

_UNSTATED_MESSAGE_SIZE: Final = 65_536
"""What RFC 8841 supposes where a description does not say."""

_SENDS: Final = ("sendrecv", "sendonly")
_DIRECTION: Final = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", re.MULTILINE)
_MESSAGE_SIZE: Final = re.compile(r"^a=max-message-size:(\d+)", re.MULTILINE)
_END_OF_CANDIDATES: Final = re.compile(r"^a=end-of-candidates\s*?\r?\n", re.MULTILINE)
_SHOWN: Final = 80


class Description(Struct, frozen=True):
    """What the far end's SDP promises.

    Attributes:
        sends_audio: whether its audio section sends.
        has_channel: whether it has a section for data channels.
        message_size: bytes that one message may have; 0 for any number.
    """

    sends_audio: bool
    has_channel: bool
    message_size: int

    @classmethod
    def read(cls, sdp: str) -> Description:
        """Read a description.

        Raises:
            ConnectError: it is none, or not WebRTC's, or has no audio section.
        """
        if not sdp.startswith("v=0"):
            beginning = sdp[:_SHOWN]
            raise ConnectError(
                f"the far end sent no session description but {beginning!r}: "
                "see whether the base URL is that of a Realtime endpoint"
            )
        # A section with port 0 is one that was refused (RFC 3264, 6).
        session, *sections = re.split(r"^(?=m=)", sdp, flags=re.MULTILINE)
        accepted = [section for section in sections if section.split()[1:2] != ["0"]]
        audio = next((each for each in accepted if each.startswith("m=audio ")), None)
        if audio is None:
            raise ConnectError(
                "the far end's session description has no audio section, or refuses it: "
                "the session may be one of text or transcription only"
            )
        # Without these aiortc fails later, and names its own attribute and not the far end's text.
        for needed in ("ice-ufrag", "ice-pwd", "fingerprint"):
            if f"\na={needed}:" not in sdp:
                raise ConnectError(
                    f"the far end's session description has no {needed}: it is not WebRTC's"
                )
        channel = next((each for each in accepted if each.startswith("m=application ")), "")
        # A direction above all sections holds for those that give none; none at all is sendrecv.
        direction = _DIRECTION.search(audio) or _DIRECTION.search(session)
        size = _MESSAGE_SIZE.search(channel)
        return cls(
            sends_audio=direction is None or direction[1] in _SENDS,
            has_channel=bool(channel),
            message_size=int(size[1]) if size else _UNSTATED_MESSAGE_SIZE,
        )


def without_end_of_candidates(sdp: str) -> str:
    """A description that leaves open whether more candidates come (RFC 8838, 8.2)."""
    return _END_OF_CANDIDATES.sub("", sdp)
