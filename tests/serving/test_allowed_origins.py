"""Which names and pages may reach a server of this machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.serving import AllowedOrigins


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8765", "127.0.0.1:8765", "127.8.0.1", "[::1]:8765", "app.localhost:1"],
)
def test_this_machine_is_called_by_its_own_names(host: str) -> None:
    assert AllowedOrigins().takes_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "192.0.2.1:8765",
        "[",
        "a@localhost@evil.example",
    ],
)
def test_it_is_not_called_by_another_name(host: str) -> None:
    assert not AllowedOrigins().takes_host(host)


def test_a_name_may_be_allowed_with_any_port() -> None:
    allowed = AllowedOrigins(["Desk.example"])
    assert allowed.takes_host("desk.example:80")
    assert not allowed.takes_host("evil.desk.example:80")


def test_where_other_machines_may_call_an_address_in_figures_is_a_name() -> None:
    allowed = AllowedOrigins(any_address=True)
    assert allowed.takes_host("192.0.2.1:8765")
    assert allowed.takes_host("[2001:db8::1]:8765")
    assert not allowed.takes_host("evil.example")


def test_what_is_no_browser_need_not_say_a_name_or_an_origin() -> None:
    assert AllowedOrigins().takes_host("")
    assert AllowedOrigins().takes_origin(None)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173"]
)
def test_a_page_that_this_machine_serves_may_ask(origin: str) -> None:
    assert AllowedOrigins().takes_origin(origin)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "file://", "http://localhost.evil.example", "http://["],
)
def test_a_page_of_another_site_may_not_ask(origin: str) -> None:
    assert not AllowedOrigins().takes_origin(origin)


def test_a_listed_page_may_ask_however_its_port_is_written() -> None:
    allowed = AllowedOrigins(origins=["https://App.example:443/", "null"])
    assert allowed.takes_origin("https://app.example")
    assert allowed.takes_origin("null")
    assert not allowed.takes_origin("http://app.example")
    assert not allowed.takes_origin("https://app.example:8443")


def test_a_star_lets_every_page_in() -> None:
    assert AllowedOrigins(origins=["*"]).takes_origin("https://evil.example")


@pytest.mark.parametrize("origin", ["app.example", "https://", "https://app.example/page", ""])
def test_what_is_no_origin_is_refused_with_how_to_write_one(origin: str) -> None:
    with pytest.raises(ValueError, match=r"write it as https://app\.example\.org"):
        AllowedOrigins(origins=[origin])


@given(st.text(max_size=60))
def test_whatever_a_header_holds_is_judged(text: str) -> None:
    allowed = AllowedOrigins()
    assert allowed.takes_host(text) in {True, False}
    assert allowed.takes_origin(text) in {True, False}
