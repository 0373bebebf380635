from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.audio import G711Decoder, G711Encoder, to_float, to_pcm
from soundstage.audio.g711 import _decoded, _encoded

LAWS = ["mu", "a"]
TONE = to_pcm(0.4 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000).astype(np.float32))

PYTHON_311 = {
    # SHA-256 of what `audioop` of Python 3.11 makes of every sample, and of every code.
    ("mu", "encoded"): "617fa4850d68d390",
    ("a", "encoded"): "f77c76aa923ee256",
    ("mu", "decoded"): "3dab54339e520bb2",
    ("a", "decoded"): "e04788d110e58ff8",
}


@pytest.mark.parametrize("law", LAWS)
def test_every_sample_and_every_code_is_as_in_python_before_it_lost_them(law):
    tables = {"encoded": _encoded(law), "decoded": _decoded(law)}
    for way, table in tables.items():
        assert hashlib.sha256(table.tobytes()).hexdigest()[:16] == PYTHON_311[law, way]


@pytest.mark.parametrize(("law", "silence"), [("mu", 0xFF), ("a", 0xD5)])
def test_silence_is_the_code_that_the_recommendation_gives_it(law, silence):
    encoder = G711Encoder(law)
    assert set(encoder.push(bytes(9600)) + encoder.flush()) == {silence}


@pytest.mark.parametrize("law", LAWS)
def test_a_tone_comes_through_with_the_noise_of_eight_bits(law):
    encoder, decoder = G711Encoder(law), G711Decoder(law)
    coded = encoder.push(TONE) + encoder.flush()
    heard = decoder.push(coded) + decoder.flush()
    assert len(coded) == 8000
    assert len(heard) == len(TONE)
    middle = slice(2400, -2400)
    sent, got = to_float(TONE)[middle], to_float(heard)[middle]
    assert np.sqrt(np.mean((sent - got) ** 2)) < 0.02 * np.sqrt(np.mean(sent**2))


@pytest.mark.parametrize("law", LAWS)
@given(cuts=st.lists(st.integers(0, 4000), max_size=6).map(sorted))
def test_how_the_stream_is_cut_changes_nothing(law, cuts):
    coded = bytes((place * 7) % 256 for place in range(4000))
    whole, pieces = G711Decoder(law), G711Decoder(law)
    expected = whole.push(coded) + whole.flush()
    bounds = [0, *cuts, len(coded)]
    got = b"".join(pieces.push(coded[a:b]) for a, b in itertools.pairwise(bounds))
    assert got + pieces.flush() == expected
