"""Images that a client shows an assistant: read from data URIs, and counted in tokens."""

from __future__ import annotations

import base64
from typing import Final

from msgspec import Struct

from soundstage.realtime.protocol.client_errors import invalid_choice, invalid_image

MOST_IMAGE_BYTES: Final = 15 * 1024 * 1024
"""The largest image that is taken, the limit of one event."""

LOW_DETAIL_TOKENS: Final = 85
"""An image of low detail, and the base of any other, by the service's rule for vision."""

TILE_TOKENS: Final = 170
"""Each tile of 512 by 512 pixels, once the image is scaled."""

_TILE: Final = 512
_LONGEST_SIDE: Final = 2048
_SHORTEST_SIDE: Final = 768
_PNG_HEADER: Final = 24
"""Bytes up to and with its width and height."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_MARKER: Final = 0xFF
# The frames of a JPEG are numbered so, but for three that mark something else.
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


DETAILS: Final = ("auto", "low", "high")


class Image(Struct, frozen=True):
    """An image of an item.

    Attributes:
        place: the number of its part in the item.
        url: the data URI.
        tokens: how many tokens it is to a model.
    """

    place: int
    url: str
    tokens: int


def read_image(url: str, detail: str, place: int, param: str) -> Image:
    """Read an image.

    Args:
        url: a data URI with a PNG or a JPEG in base64.
        detail: `low`, `high` or `auto`, which is high.
        place: the number of its part in the item.
        param: the dotted path of its part.

    Raises:
        ClientFault: it is none, it is another kind of image, or it is too large.
    """
    if detail not in DETAILS:
        raise invalid_choice(f"{param}.detail", detail, DETAILS)
    param = f"{param}.image_url"
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise invalid_image(param)
    # Before it is decoded: a client may send as much as its transport carries.
    if len(body) > MOST_IMAGE_BYTES * 4 // 3 + 4:
        raise invalid_image(param, f"of at most {MOST_IMAGE_BYTES} bytes")
    try:
        image = base64.b64decode(body, validate=True)
    except ValueError:
        raise invalid_image(param) from None
    size = _png_size(image) or _jpeg_size(image)
    if size is None:
        raise invalid_image(param)
    return Image(place, url, image_tokens(*size, detail))


def image_tokens(width: int, height: int, detail: str = "auto") -> int:
    """Tokens of an image of so many pixels, by the service's rule for vision models."""
    if detail == "low":
        return LOW_DETAIL_TOKENS
    scale = min(1.0, _LONGEST_SIDE / max(width, height))
    scale = min(scale, _SHORTEST_SIDE / min(width, height))
    across, down = (-(-max(1, round(side * scale)) // _TILE) for side in (width, height))
    return LOW_DETAIL_TOKENS + TILE_TOKENS * across * down


def _png_size(image: bytes) -> tuple[int, int] | None:
    # Its header comes first, by its rules.
    if not image.startswith(_PNG) or image[12:16] != b"IHDR" or len(image) < _PNG_HEADER:
        return None
    return _sides(image[16:20], image[20:24])


def _jpeg_size(image: bytes) -> tuple[int, int] | None:
    if not image.startswith(_JPEG):
        return None
    at = 2
    while at + 9 <= len(image) and image[at] == _MARKER:
        kind, length = image[at + 1], int.from_bytes(image[at + 2 : at + 4], "big")
        if kind in _JPEG_FRAMES:
            return _sides(image[at + 7 : at + 9], image[at + 5 : at + 7])
        at += 2 + length
    return None


def _sides(width: bytes, height: bytes) -> tuple[int, int] | None:
    sides = int.from_bytes(width, "big"), int.from_bytes(height, "big")
    return sides if all(sides) else None
