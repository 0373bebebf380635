from __future__ import annotations

import logging

import pytest
from rich.pretty import pretty_repr

from soundstage.secrets import Secret
from soundstage.webrtc import Provider

KEY = "sk-planted-0123456789abcdef"


def provider(**changes) -> Provider:
    return Provider(name="openai", base_url="https://api.example/v1", **changes)


def test_a_provider_shows_the_names_of_headers_and_never_their_values(caplog):
    shown = provider(
        api_key=Secret(KEY), headers={"api-key": "header-secret"}, query={"sig": "query-secret"}
    )
    with caplog.at_level(logging.DEBUG):
        logging.getLogger().info("%r %s", shown, shown)
    text = repr(shown) + pretty_repr(shown) + caplog.text
    for secret in (KEY, "header-secret", "query-secret"):
        assert secret not in text
    assert "api-key" in text
    assert "https://api.example/v1" in text


def test_masking_blots_out_every_secret_and_leaves_ordinary_words():
    masked = provider(
        api_key=Secret(KEY), headers={"api-key": "header-secret", "version": "1"}
    ).mask(f"1 bad key {KEY}, header-secret")
    assert masked == "1 bad key ********, ********"


@pytest.mark.parametrize(
    ("base", "whole"),
    [
        ("https://api.example/v1", "https://api.example/v1/realtime/calls"),
        ("https://api.example/v1/", "https://api.example/v1/realtime/calls"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/realtime/calls"),
        ("https://x.azure.example/openai/v1", "https://x.azure.example/openai/v1/realtime/calls"),
    ],
)
def test_the_version_is_in_every_url_once(base, whole):
    assert Provider(name="p", base_url=base).url("realtime", "calls") == whole


def test_what_an_endpoint_calls_a_call_cannot_change_the_url():
    url = provider().url("realtime", "calls", "../a?b", "hangup")
    assert url == "https://api.example/v1/realtime/calls/..%2Fa%3Fb/hangup"


@pytest.mark.parametrize(
    ("base", "local"),
    [
        ("http://127.0.0.1:9", True),
        ("http://localhost/v1", True),
        ("http://[::1]:9/v1", True),
        ("https://api.example", False),
        ("http://192.0.2.1", False),
        ("nonsense", False),
    ],
)
def test_only_loopback_addresses_are_local(base, local):
    assert Provider(name="p", base_url=base).is_local is local
