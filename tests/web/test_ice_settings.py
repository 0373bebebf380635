"""The STUN and TURN servers of a page."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from soundstage.errors import UsageError
from soundstage.secrets import Secret
from soundstage.web import ServerUrl, ice_servers
from soundstage.web.ice_settings import shown_servers
from soundstage.webrtc import IceServer

TURN = {"SOUNDSTAGE_TURN_USERNAME": "visitor", "SOUNDSTAGE_TURN_PASSWORD": "hunter2hunter2"}


def test_with_nothing_said_nobody_is_asked() -> None:
    assert ice_servers((), {}) == ()


def test_the_environment_may_name_servers() -> None:
    environment = {"SOUNDSTAGE_ICE_SERVERS": "stun:a.example:3478 turn:b.example", **TURN}
    assert ice_servers((), environment) == (
        IceServer("stun:a.example:3478"),
        IceServer("turn:b.example", "visitor", Secret("hunter2hunter2")),
    )


def test_the_scenario_wins_over_the_environment() -> None:
    environment = {"SOUNDSTAGE_ICE_SERVERS": "stun:a.example"}
    assert ice_servers(["stun:c.example"], environment) == (IceServer("stun:c.example"),)


def test_a_turn_server_needs_its_password() -> None:
    with pytest.raises(UsageError, match=r"turn:b\.example needs SOUNDSTAGE_TURN_USERNAME"):
        ice_servers(["turn:b.example"], {})


def test_what_is_no_server_is_named() -> None:
    with pytest.raises(UsageError, match=r"'b\.example' is no server; say it as stun:host:port"):
        ice_servers((), {"SOUNDSTAGE_ICE_SERVERS": "b.example"})


def test_the_page_is_told_of_no_server_that_needs_a_password() -> None:
    servers = ice_servers(["stun:a.example", "turn:b.example"], TURN)
    assert shown_servers(servers) == [{"urls": "stun:a.example"}]


@pytest.mark.parametrize(
    "url", ["stun:a.example", "stun:a.example:1", "turns:a.example:5349?transport=tcp"]
)
def test_a_scenario_may_name_a_server(url: str) -> None:
    assert TypeAdapter(ServerUrl).validate_python(url) == url


@pytest.mark.parametrize(
    "url", ["", "a.example", "http://a.example", "stun:", "turn:u:p@a.example"]
)
def test_a_scenario_may_not_name_anything_else(url: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ServerUrl).validate_python(url)
