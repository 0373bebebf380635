"""Our structs against the classes of the official SDK: same events, same fields, same demands."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

import pytest
from dummy_samples import CLIENT_EVENTS, SERVER_EVENTS
from msgspec import Struct
from msgspec.structs import fields
from openai.types import realtime as sdk
from openai.types.realtime.conversation_item_input_audio_transcription_failed_event import (
    Error as SdkTranscriptionError,
)
from openai.types.realtime.realtime_conversation_item_user_message import Content as SdkUserContent
from openai.types.realtime.realtime_error import RealtimeError
from openai.types.realtime.response_content_part_added_event import Part as SdkPart
from pydantic import BaseModel, Field, TypeAdapter

from soundstage.realtime import (
    ClientEvent,
    ErrorBody,
    Item,
    Part,
    Response,
    ServerEvent,
    decode_client,
    decode_server,
    encode,
    server_events,
)
from soundstage.realtime.protocol.event_codec import BETA_NAMES
from soundstage.realtime.protocol.items import ITEM_SHAPES, PART_SHAPES, PARTS_OF_ROLE


def members(union) -> list[type[BaseModel]]:
    if isinstance(union, type) and issubclass(union, BaseModel):
        return [union]
    return [found for arm in get_args(union) for found in members(arm)]


def sdk_events(union) -> dict[str, type[BaseModel]]:
    return {get_args(c.model_fields["type"].annotation)[0]: c for c in members(union)}


def our_events(union) -> dict[str, type[Struct]]:
    return {str(event.__struct_config__.tag): event for event in get_args(union)}


SDK_SERVER = sdk_events(sdk.RealtimeServerEvent)
SDK_CLIENT = sdk_events(sdk.RealtimeClientEvent)
SDK_ITEMS = {
    f"{kind}/{get_args(c.model_fields['role'].annotation)[0]}" if kind == "message" else kind: c
    for c in members(sdk.ConversationItem)
    for kind in get_args(c.model_fields["type"].annotation)
}
EVENTS = [
    *[(name, ours, SDK_SERVER[name]) for name, ours in our_events(ServerEvent).items()],
    *[(name, ours, SDK_CLIENT[name]) for name, ours in our_events(ClientEvent).items()],
]

ONLY_OURS = {
    # Recorded on the wire, and missing in the SDK's classes.
    "response.output_text.delta": {"obfuscation"},
    "response.output_audio_transcript.delta": {"obfuscation"},
    "response.function_call_arguments.delta": {"obfuscation"},
    "conversation.item.input_audio_transcription.delta": {"obfuscation"},
    # Sent by xAI while the user still speaks.
    "conversation.item.input_audio_transcription.completed": {"status"},
    # It comes without an id; the field is there so that every event can be given one, or none.
    "input_audio_buffer.dtmf_event_received": {"event_id"},
}


def names(struct) -> set[str]:
    return {field.encode_name for field in fields(struct)}


def demanded(struct) -> set[str]:
    return {field.encode_name for field in fields(struct) if field.required}


def sdk_names(model) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()} - {"type"}


def sdk_demanded(model) -> set[str]:
    return {n for n, field in model.model_fields.items() if field.is_required()} - {"type"}


def test_both_know_the_same_events():
    # An event has one name here; that of the beta, which the SDK has too, is read as today's.
    assert our_events(ServerEvent).keys() == SDK_SERVER.keys() - BETA_NAMES.keys()
    assert our_events(ClientEvent).keys() == SDK_CLIENT.keys()


@pytest.mark.parametrize(("name", "ours", "theirs"), EVENTS, ids=[name for name, _, _ in EVENTS])
def test_an_event_has_the_fields_that_the_sdk_has(name, ours, theirs):
    assert names(ours) - sdk_names(theirs) == ONLY_OURS.get(name, set())
    assert sdk_names(theirs) - names(ours) == set()


@pytest.mark.parametrize(("name", "ours", "theirs"), EVENTS, ids=[name for name, _, _ in EVENTS])
def test_an_event_demands_the_fields_that_the_sdk_demands(name, ours, theirs):
    # A server event is given its id when it is sent, so it can be made without one.
    assert demanded(ours) == sdk_demanded(theirs) - {"event_id"}


def test_an_item_has_the_fields_of_all_the_sdks_items_together():
    theirs = set().union(*(sdk_names(model) for model in SDK_ITEMS.values()))
    # Its `phase` is on the wire of gpt-realtime-2.1 and in no type yet.
    assert names(Item) - {"type", "phase"} == theirs


def test_the_item_shapes_are_those_of_the_sdk():
    assert {kind.partition("/")[0] for kind in SDK_ITEMS} == set(ITEM_SHAPES)
    for kind, model in SDK_ITEMS.items():
        shape = ITEM_SHAPES[kind.partition("/")[0]]
        assert {*shape.required, *shape.optional} - {"phase"} == sdk_names(model), kind
        assert set(shape.required) == sdk_demanded(model), kind


def test_the_parts_of_each_role_are_those_of_the_sdk():
    for role, kinds in PARTS_OF_ROLE.items():
        model = get_args(SDK_ITEMS[f"message/{role}"].model_fields["content"].annotation)[0]
        theirs = get_args(get_args(model.model_fields["type"].annotation)[0])
        assert set(kinds) == set(theirs), role
        taken = {
            n for kind in kinds for s in [PART_SHAPES[kind]] for n in (*s.required, *s.optional)
        }
        assert taken == sdk_names(model), role


def test_a_part_has_the_fields_of_all_the_sdks_parts_together():
    assert names(Part) - {"type"} == sdk_names(SdkUserContent) | sdk_names(SdkPart)


def test_a_response_has_the_fields_that_the_sdk_has():
    assert names(Response) == sdk_names(sdk.RealtimeResponse)
    # Without its id a response cannot be told from another one; the SDK lets it be missing.
    assert demanded(Response) - sdk_demanded(sdk.RealtimeResponse) == {"id"}


def test_errors_have_the_fields_that_the_sdk_has():
    assert names(ErrorBody) - {"type"} == sdk_names(RealtimeError)
    assert names(server_events.TranscriptionError) - {"type"} == sdk_names(SdkTranscriptionError)


@pytest.fixture(scope="module")
def server_adapter() -> TypeAdapter[Any]:
    classes = get_args(sdk.RealtimeServerEvent)[0]
    return TypeAdapter(Annotated[classes, Field(discriminator="type")])


@pytest.mark.parametrize("sample", SERVER_EVENTS, ids=lambda sample: sample["type"])
def test_the_sdk_takes_what_we_send_as_a_server(sample, server_adapter):
    event = server_adapter.validate_json(encode(decode_server(json.dumps(sample))))
    assert type(event) is SDK_SERVER[sample["type"]]


def test_the_sdk_takes_a_response_with_nothing_but_an_id(server_adapter):
    created = server_events.ResponseCreated(event_id="event_1", response=Response(id="resp_1"))
    assert server_adapter.validate_json(encode(created)).response.id == "resp_1"


@pytest.mark.parametrize("sample", CLIENT_EVENTS, ids=lambda sample: sample["type"])
def test_the_sdk_takes_what_we_send_as_a_client(sample):
    sent = json.loads(encode(decode_client(json.dumps(sample))))
    # The SDK's class of the event forgets that an input may hold references.
    given = sent.get("response", {}).get("input", [])
    for reference in [item for item in given if item["type"] == "item_reference"]:
        sdk.ResponseItemReference.model_validate(reference)
        given.remove(reference)
    SDK_CLIENT[sample["type"]].model_validate(sent)
