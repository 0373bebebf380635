"""Images are read from data URIs, and counted."""

from __future__ import annotations

import base64
import contextlib

import pytest
from dummy_images import jpeg, png, uri
from hypothesis import given
from hypothesis import strategies as st

from soundstage.errors import ClientFault
from soundstage.realtime.images import MOST_IMAGE_BYTES, image_tokens, read_image


@pytest.mark.parametrize("make", [png, jpeg])
@pytest.mark.parametrize(
    ("width", "height", "detail", "tokens"),
    [
        (100, 100, "low", 85),
        (100, 100, "high", 85 + 170),
        (1024, 1024, "high", 85 + 4 * 170),
        (1024, 1024, "auto", 85 + 4 * 170),
        (2048, 4096, "high", 85 + 6 * 170),
        (4096, 1, "high", 85 + 4 * 170),
    ],
)
def test_an_image_is_so_many_tokens(make, width, height, detail, tokens):
    image = read_image(make(width, height), detail, 2, "part")
    assert (image.tokens, image.place) == (tokens, 2)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.com/cat.png",
        "data:,",
        "data:image/png;base64,",
        "data:image/png;base64,?",
        "data:image/png,abcd",
        "data:text/plain;base64,aGVsbG8=",
        uri("png", b"GIF89a" + bytes(40)),
        uri("png", b"\x89PNG\r\n\x1a\n" + bytes(40)),
        png(0, 10),
        jpeg(10, 0),
        jpeg(10, 10)[:40],
    ],
)
def test_what_is_no_image_is_refused_where_it_stands(url):
    with pytest.raises(ClientFault) as caught:
        read_image(url, "auto", 0, "item.content[0]")
    assert caught.value.code == "invalid_value"
    assert caught.value.param == "item.content[0].image_url"


def test_an_image_that_is_too_large_is_refused():
    with pytest.raises(ClientFault, match="at most"):
        read_image(png(10, 10, MOST_IMAGE_BYTES), "auto", 0, "part")


def test_an_unknown_detail_is_refused():
    with pytest.raises(ClientFault) as caught:
        read_image(png(10, 10), "highest", 0, "part")
    assert caught.value.param == "part.detail"


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_are_an_image_or_a_fault(image, start):
    url = f"data:image/png;base64,{base64.b64encode(start + image).decode()}"
    with contextlib.suppress(ClientFault):
        assert read_image(url, "auto", 0, "part").tokens > 0


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_no_image_is_more_than_it_is_after_scaling(width, height):
    assert 85 + 170 <= image_tokens(width, height) <= 85 + 170 * 8
