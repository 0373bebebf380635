"""The smallest images that have a size."""

from __future__ import annotations

import base64


def png(width: int, height: int, padding: int = 0) -> str:
    """A data URI of a PNG of so many pixels; of its data, only the header is real."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(5)
    image = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + header + bytes(padding)
    return uri("png", image)


def jpeg(width: int, height: int) -> str:
    """A data URI of a JPEG of so many pixels, with a comment before its frame."""
    comment = b"\xff\xfe\x00\x06abcd"
    frame = (
        b"\xff\xc0\x00\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes(10)
    )
    return uri("jpeg", b"\xff\xd8" + comment + frame)


def uri(kind: str, image: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"
