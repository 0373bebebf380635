from __future__ import annotations

import json

import pytest

from soundstage.secrets import Secret
from soundstage.webrtc import Provider
from soundstage.webrtc.provider import call_refused

KEY = "sk-planted-0123456789abcdef"
PROVIDER = Provider(name="openai", base_url="https://api.example/v1", api_key=Secret(KEY))


def refuse(status: int, body: object):
    text = body if isinstance(body, str) else json.dumps(body)
    return call_refused(PROVIDER, status, text.encode(), PROVIDER.api_key)


def test_an_error_object_gives_its_message_and_its_code():
    error = refuse(401, {"error": {"message": "Bad key.", "code": "invalid_api_key"}})
    assert (error.status, error.code) == (401, "invalid_api_key")
    assert str(error) == (
        "openai refused the call with HTTP 401: Bad key.; check the provider's API key"
    )


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "settings or the offer"),
        (401, "API key"),
        (403, "may not use"),
        (404, "base URL and the model"),
        (429, "quota"),
        (500, "try again later"),
        (503, "try again later"),
        (302, "Realtime endpoint"),
        (418, "Realtime endpoint"),
        (599, "try again later"),
        (799, "try again later"),
    ],
)
def test_each_status_says_what_to_do(status, advice):
    error = refuse(status, "")
    assert advice in str(error)
    assert "no message" in str(error)


@pytest.mark.parametrize(
    "body",
    ["<html>gone</html>", {"error": "gone"}, {"error": {"message": "gone", "type": "t"}}],
)
def test_any_body_is_understood(body):
    assert "gone" in str(refuse(500, body))


def test_a_body_without_end_is_cut():
    assert len(str(refuse(500, "x" * 100_000))) < 500


def test_a_key_that_the_endpoint_repeats_is_blotted_out():
    error = refuse(401, {"error": {"message": f"Incorrect API key: {KEY}.", "code": f"bad_{KEY}"}})
    assert KEY not in f"{error} {error!r} {error.code} {error.args}"
    assert "Incorrect API key: ********." in str(error)
