from __future__ import annotations

import json

import pytest

from soundstage.errors import KeyMissing, ScenarioError
from soundstage.scenario import load_scenario, resolved

AZURE = """
[providers.azure]
base_url = "https://${SHOP}.example.com/openai/v1/"
auth = "ephemeral"
api_key = "${AZURE_KEY}"
headers = { X-Team = "voice", X-Token = "t ${TOKEN}" }
query = { webrtcfilter = "on" }
"""
PLANTED = {"SHOP": "shop", "AZURE_KEY": "sk-planted-1\n", "TOKEN": "planted-2"}


@pytest.fixture
def azure(write, call, monkeypatch):
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    return write(call.replace('voice = "ash"', 'provider = "azure"') + AZURE)


def test_variables_are_replaced_in_the_providers_that_are_used(azure):
    provider = load_scenario(azure).providers["azure"]
    assert provider.base_url == "https://shop.example.com/openai/v1"
    assert provider.api_key.reveal() == "sk-planted-1"
    assert provider.auth == "ephemeral"
    assert provider.headers["X-Token"].reveal() == "t planted-2"
    assert provider.query["webrtcfilter"].reveal() == "on"


def test_no_secret_shows_in_what_is_printed_or_kept(azure):
    scenario = load_scenario(azure)
    shown = repr(scenario) + str(scenario.providers) + json.dumps(resolved(scenario))
    assert "planted" not in shown
    assert resolved(scenario)["providers"]["azure"] == {
        "base_url": "https://${SHOP}.example.com/openai/v1/",
        "auth": "ephemeral",
        "api_key": "${AZURE_KEY}",
        "headers": {"X-Team": "********", "X-Token": "********"},
        "query": {"webrtcfilter": "********"},
    }


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_named_with_who_needs_it(azure, monkeypatch, value):
    monkeypatch.delenv("AZURE_KEY")
    if value is not None:
        monkeypatch.setenv("AZURE_KEY", value)
    with pytest.raises(KeyMissing, match=r"call\.toml:14: the provider azure .* AZURE_KEY.* bob"):
        load_scenario(azure)


def test_a_provider_that_nobody_calls_needs_no_variable(write, call):
    assert load_scenario(write(call + AZURE)).providers == {}


def test_openai_is_built_in_and_needs_its_key(write, call, monkeypatch):
    with pytest.raises(KeyMissing, match=r"OPENAI_API_KEY.*alice, bob.*--provider local"):
        load_scenario(write(call), provider="openai")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    openai = load_scenario(write(call), provider="openai").providers["openai"]
    assert openai.base_url == "https://api.openai.com/v1"
    assert openai.api_key.reveal() == "sk-planted"


def test_without_a_provider_no_key_is_read(write, call, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    assert load_scenario(write(call)).providers == {}


def test_a_missing_key_is_told_with_the_other_faults(write, call):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(call + "[scenario]\nsed = 7\n"), provider="openai")
    first, second = caught.value.faults
    assert "scenario.sed" in first
    assert "OPENAI_API_KEY" in second


def test_a_provider_of_the_command_line_that_is_not_there_is_told(write, call):
    with pytest.raises(ScenarioError, match=r'--provider opnai: .*did you mean "openai"'):
        load_scenario(write(call), provider="opnai")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("api_key = ['sk-planted']", "api_key: must be text"),
        ("headers = { A = ['sk-planted'] }", "headers.A: must be text"),
        ("headers = 'sk-planted'", "headers: must be a table, not this"),
        ("auth = 'sk-planted'", 'auth: must be "key" or "ephemeral", not this'),
        ("key = 'sk-planted'", 'key: unknown key; did you mean "api_key"'),
    ],
)
def test_a_fault_beside_a_secret_does_not_show_it(write, call, line, fault):
    path = write(call + f'[providers.x]\nbase_url = "https://x.example.com"\n{line}\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert f"call.toml:15: providers.x.{fault}" in str(caught.value)
    assert "planted" not in str(caught.value)


def test_a_variable_elsewhere_stays_as_it_is_and_is_warned_about(write, call):
    path = write(call.replace('voice = "ash"', 'instructions = "Never say ${HOME}."'))
    scenario = load_scenario(path)
    assert scenario.agents["bob"].settings.instructions == "Never say ${HOME}."
    [warning] = scenario.warnings
    assert warning.startswith("call.toml:6: agents.bob.instructions: ${HOME} stays as it is")


WEBSOCKET = """
[providers.azure]
base_url = "wss://shop.example.com/v1"
transport = "websocket"
model_in = "session"
"""


def test_a_provider_may_be_called_over_a_websocket(write, call):
    path = write(call.replace('voice = "ash"', 'provider = "azure"') + WEBSOCKET)
    scenario = load_scenario(path)
    azure = scenario.providers["azure"]
    assert azure.base_url == "https://shop.example.com/v1"
    assert (azure.transport, azure.model_in) == ("websocket", "session")
    written = resolved(scenario)["providers"]["azure"]
    assert (written["transport"], written["model_in"]) == ("websocket", "session")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('base_url = "wss://x.example.com"', "base_url: must begin with https:// or http://"),
        (
            'base_url = "x.example.com"\ntransport = "websocket"',
            "base_url: must begin with https:// or http://, or wss:// or ws://",
        ),
        (
            'base_url = "https://x.example.com"\ntransport = "websockets"',
            'transport: must be "webrtc" or "websocket", not "websockets"',
        ),
        (
            'base_url = "https://x.example.com"\nmodel_in = "session"',
            'model_in = "session" is for transport = "websocket"',
        ),
    ],
)
def test_a_transport_that_does_not_fit_is_told(write, call, lines, fault):
    file = f"{call}[providers.x]\n{lines}\n".replace('voice = "ash"', 'provider = "x"')
    with pytest.raises(ScenarioError, match=r"providers\.x") as caught:
        load_scenario(write(file))
    assert fault in str(caught.value)


def test_openai_may_be_called_over_a_websocket(write, call, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    path = write(call + '[providers.openai]\ntransport = "websocket"\n')
    openai = load_scenario(path, provider="openai").providers["openai"]
    assert (openai.transport, openai.base_url) == ("websocket", "https://api.openai.com/v1")
    sets = ["providers.openai.transport=websocket"]
    assert load_scenario(write(call), provider="openai", sets=sets).providers["openai"] == openai


def test_nothing_else_of_openai_can_be_changed(write, call):
    with pytest.raises(ScenarioError, match=r"providers\.openai\.base_url: unknown key"):
        load_scenario(write(call + '[providers.openai]\nbase_url = "https://x.example.com"\n'))
