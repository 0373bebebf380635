"""Which items a client may make, and what the server keeps of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, structs

from soundstage.realtime._appended import read_audio
from soundstage.realtime._conversation import Entry
from soundstage.realtime._session_config import not_offered
from soundstage.realtime.protocol.items import Item, Part
from soundstage.units import SAMPLE_BYTES

if TYPE_CHECKING:
    from soundstage.realtime.audio_formats import Coder
    from soundstage.realtime.protocol.ids import Ids


class Admitted(Struct, frozen=True):
    """An item that a client has made.

    Attributes:
        entry: the item as it enters the conversation.
        pcm: the audio in it.
        unknown: whether the audio is still to be recognised.
    """

    entry: Entry
    pcm: bytes
    unknown: bool


def admit(item: Item, ids: Ids, param: str, coder: Coder) -> Admitted:
    """Take a client's item.

    Args:
        item: of one of the documented shapes.
        ids: for what the client has not named.
        param: the dotted path at which it stands.
        coder: makes 24 kHz mono signed 16-bit of audio in it.

    Raises:
        ClientFault: it holds something that is not offered, or audio that is none.
    """
    if item.type.startswith("mcp_"):
        raise not_offered("MCP tools are", f"{param}.type")
    parts, pcm = _parts(item, param, coder)
    whole = structs.replace(item, id=item.id or ids.make("item"), status="completed")
    if item.type == "message":
        whole.content = parts
    if item.type == "function_call":
        whole.call_id = item.call_id or ids.make("call")
    unknown = item.role == "user" and bool(pcm) and not any(part.transcript for part in parts)
    return Admitted(Entry(whole, samples=len(pcm) // SAMPLE_BYTES, private=True), pcm, unknown)


def _parts(item: Item, param: str, coder: Coder) -> tuple[list[Part], bytes]:
    """The parts of a message without their audio, and that."""
    parts: list[Part] = []
    pcm = b""
    for place, part in enumerate(item.content or []):
        here = f"{param}.content[{place}]"
        if part.type == "input_image":
            raise not_offered("Images are", f"{here}.type")
        if part.audio:
            audio = coder.push(read_audio(part.audio, f"{here}.audio")) + coder.flush()
            pcm += audio[: len(audio) - len(audio) % SAMPLE_BYTES]
        transcript = part.transcript or None if part.type in _SPOKEN else UNSET
        parts.append(Part(type=part.type, text=part.text, transcript=transcript))
    return parts, pcm


_SPOKEN = ("input_audio", "output_audio")
