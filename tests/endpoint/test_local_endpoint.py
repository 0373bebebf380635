"""The local endpoint in somebody's program or test."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from openai import OpenAI

from soundstage import LocalEndpoint, RealtimeClient
from soundstage.client import server_events
from soundstage.endpoint import AGENT_HEADER, Behaviour, Chooser, load_behaviour
from soundstage.endpoint.call_plan import names_asked_for
from soundstage.errors import PortTaken, ScenarioError, UsageError
from soundstage.seeds import Seeds
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {"type": "realtime", "output_modalities": ["text"]}
LINES = '[defaults.realtime.local]\nlines = ["Hello from here."]'


def answer(endpoint: LocalEndpoint, api_key: str = "any") -> str:
    with (
        OpenAI(base_url=endpoint.base_url, api_key=api_key) as client,
        client.realtime.connect(model="m") as session,
    ):
        session.session.update(session=TEXT)  # type: ignore[arg-type]
        session.response.create()
        for event in session:
            if event.type == "response.output_text.done":
                return event.text
    raise AssertionError("there was no answer")


def test_what_the_endpoint_is_told_of_its_sessions_lifetime_goes_before_the_table(
    tmp_path: Path,
) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text('[agents.a.local]\nexpires_after = "20s"')
    behaviour = load_behaviour(path)
    by_table = Chooser(lambda: behaviour, Seeds(1))
    by_option = Chooser(lambda: behaviour, Seeds(1), samples_of_seconds(5))
    assert by_table(("b",)).lasts(samples_of_seconds(3600)) == samples_of_seconds(3600)
    assert by_table(("a",)).lasts(samples_of_seconds(3600)) == samples_of_seconds(20)
    assert by_option(("a",)).lasts(samples_of_seconds(3600)) == samples_of_seconds(5)
    with pytest.raises(UsageError, match=r"expires_after: .*at least 1s"):
        LocalEndpoint(expires_after="10ms")


def test_a_session_is_answered_by_the_agent_that_its_header_its_url_or_its_model_names(
    tmp_path: Path,
) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text('[agents.a]\nvoice = "ash"\n[agents.b]\nvoice = "echo"')
    behaviour = load_behaviour(path)
    choose = Chooser(lambda: behaviour, Seeds(1))
    by_model = choose(names_asked_for({}, "", {"model": "a"}))
    assert (by_model.voice, by_model.replaces_model) == ("ash", True)
    by_header = names_asked_for({AGENT_HEADER: "b"}, "a", {"model": "a"})
    assert (choose(by_header).voice, choose(by_header).replaces_model) == ("echo", False)
    assert choose(names_asked_for({}, "b", {"model": "a"})).voice == "echo"
    assert choose(names_asked_for({}, "gpt", {"model": "a"})).name == "a"
    nothing = choose(names_asked_for({}, "gpt", None))
    assert (nothing.voice, nothing.name) == (None, None)


def test_no_two_sessions_draw_the_same_numbers() -> None:
    choose = Chooser(Behaviour, Seeds(1))
    first, second = choose(()), choose(())
    assert first.stream("think").random() != second.stream("think").random()


@pytest.mark.realtime
def test_it_serves_while_it_is_entered_and_leaves_nothing() -> None:
    before = set(threading.enumerate())
    with LocalEndpoint(toml=LINES) as endpoint:
        assert answer(endpoint) == "Hello from here."
    assert set(threading.enumerate()) - before == set()


@pytest.mark.realtime
def test_it_serves_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "endpoint.toml").write_text(LINES)
    with LocalEndpoint(tmp_path / "endpoint.toml", api_key="sk-1") as endpoint:
        assert answer(endpoint, "sk-1") == "Hello from here."


@pytest.mark.realtime
def test_it_speaks_tls_to_clients_that_trust_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with LocalEndpoint(toml=LINES, tls=True) as endpoint:
        assert endpoint.base_url.startswith("https://127.0.0.1:")
        monkeypatch.setenv("SSL_CERT_FILE", str(endpoint.certificate))
        assert answer(endpoint) == "Hello from here."
        assert asyncio.run(say_hello(endpoint)) == "Hello from here."


async def say_hello(endpoint: LocalEndpoint) -> str:
    """By this package's own client, over WebRTC."""
    async with RealtimeClient(base_url=endpoint.base_url, api_key="any") as client:
        client.prompt("Say hello.")
        async for event in client:
            if isinstance(event, server_events.OutputTranscriptDone):
                return event.transcript
    raise AssertionError("there was no answer")


@pytest.mark.realtime
def test_a_port_that_is_taken_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as other:
        endpoint = LocalEndpoint(port=other.getsockname()[1])
        with pytest.raises(PortTaken):
            endpoint.__enter__()
    assert set(threading.enumerate()) - before == set()


def test_a_wrong_behaviour_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"inline\.toml:2: defaults\.realtime\.local\.line"):
        LocalEndpoint(toml='[defaults.realtime.local]\nline = ["Hello."]')
    with pytest.raises(UsageError, match="not both"):
        LocalEndpoint(tmp_path, toml=LINES)
