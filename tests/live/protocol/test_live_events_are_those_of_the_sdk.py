"""The events have the names and fields that the official SDK types."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from openai.types import live as sdk
from pydantic import BaseModel, Field, TypeAdapter

from soundstage.live import client_events, encode, server_events

Unions = dict[str, Any]


def models_in(union: Any) -> Iterator[type[BaseModel]]:
    for each in get_args(union):
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each
        elif get_origin(each) in {Annotated, Union, types.UnionType}:
            yield from models_in(each)


def tags_of(*unions: Any) -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for union in unions:
        for model in models_in(union):
            found[get_args(model.model_fields["type"].annotation)[0]] = model
    return found


CLIENT = tags_of(sdk.ClientEvent, sdk.ConnectClientEvent)
SERVER = tags_of(sdk.ServerEvent, sdk.ConnectServerEvent)
OURS_OF_CLIENT = {
    str(each.__struct_config__.tag): each for each in get_args(client_events.ClientEvent)
}
OURS_OF_SERVER = {
    str(each.__struct_config__.tag): each for each in get_args(server_events.ServerEvent)
}


def test_a_client_sends_the_sixteen_types_of_the_sdk() -> None:
    assert OURS_OF_CLIENT.keys() == CLIENT.keys()
    assert len(CLIENT) == 16


def test_a_server_sends_the_thirty_types_of_the_sdk() -> None:
    assert OURS_OF_SERVER.keys() == SERVER.keys()
    assert len(SERVER) == 30


@pytest.mark.parametrize("kind", sorted(OURS_OF_CLIENT))
def test_a_client_event_has_the_fields_of_the_sdk(kind: str) -> None:
    ours = set(OURS_OF_CLIENT[kind].__struct_encode_fields__)
    assert ours == set(CLIENT[kind].model_fields) - {"type"}


# Beside what the SDK types: an acknowledgement may name the event it answers, whatever it is.
@pytest.mark.parametrize("kind", sorted(OURS_OF_SERVER))
def test_a_server_event_has_the_fields_of_the_sdk(kind: str) -> None:
    ours = set(OURS_OF_SERVER[kind].__struct_encode_fields__) - {"client_event_id"}
    theirs = set(SERVER[kind].model_fields) - {"type", "client_event_id"}
    # Typed by the decisions' own events alone, and the same on all of these.
    assert ours == theirs


def adapter_of(union: Any) -> TypeAdapter[Any]:
    # By the discriminator: without one pydantic takes any model whose fields fit.
    return TypeAdapter(Annotated[get_args(union)[0], Field(discriminator="type")])


ADAPTERS = [
    adapter_of(union) for union in (sdk.ServerEvent, sdk.ConnectServerEvent, sdk.ForkServerEvent)
]


def plain(kind: msgspec.inspect.Type) -> object:
    """The plainest value of a type."""
    match kind:
        case msgspec.inspect.StructType():
            fields = {each.encode_name: plain(each.type) for each in kind.fields if each.required}
            return {**fields, "type": "delegation"} if kind.cls.__name__ == "Delegation" else fields
        case msgspec.inspect.UnionType():
            return plain(next(t for t in kind.types if not isinstance(t, msgspec.inspect.NoneType)))
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return 0
        case msgspec.inspect.StrType():
            return "x"
        case msgspec.inspect.DictType():
            return {}
        case _:
            raise AssertionError(kind)


RESOURCE = {"id": "live_1", "expires_at": 1, "model": "gpt-live-1", "status": "active"}


# Decisions are refused, so their events are never written.
WRITTEN = sorted(kind for kind in OURS_OF_SERVER if not kind.startswith("decision."))


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_sdk_takes_every_server_event_as_it_is_written(kind: str) -> None:
    fields = plain(msgspec.inspect.type_info(OURS_OF_SERVER[kind]))
    assert isinstance(fields, dict)
    if "session" in fields:
        fields["session"] = RESOURCE
    if "reason" in fields:
        fields["reason"] = "expired"
    if "delegation" in fields:
        fields["delegation"]["target"] = "client"
    event = msgspec.convert({**fields, "type": kind}, OURS_OF_SERVER[kind])
    if isinstance(event, server_events.ServerEventBase):
        event.event_id = "event_1"
    if isinstance(event, server_events.Error):
        event.error.type, event.error.code = "invalid_request_error", "invalid_value"
    if isinstance(event, server_events.CallFailed):
        event.error.type = "call_error"
    raw = encode(event)
    taken = [adapter for adapter in ADAPTERS if kind in str(adapter.core_schema)]
    assert taken
    for adapter in taken:
        assert adapter.validate_json(raw).type == kind


def test_a_literal_type_is_what_the_sdk_tells_events_apart_by() -> None:
    assert all(get_origin(m.model_fields["type"].annotation) is Literal for m in SERVER.values())
