"""An image that a client adds to the conversation, on its way to a chat model that sees."""

from __future__ import annotations

import asyncio

import pytest
from dummy_chat_server import DummyChatServer, words
from dummy_images import png

from soundstage import LocalEndpoint, RealtimeClient
from soundstage.client import client_events
from soundstage.client import server_events as server
from soundstage.realtime import Item, Part

pytestmark = pytest.mark.realtime


async def answer(base_url: str) -> str:
    """What the session says about a picture."""
    async with (
        asyncio.timeout(40),
        RealtimeClient(base_url=base_url, transport="websocket") as client,
    ):
        parts = [
            Part(type="input_text", text="What is this?"),
            Part(type="input_image", image_url=png(8, 8), detail="low"),
        ]
        item = Item(type="message", role="user", content=parts)
        client.send(client_events.ConversationItemCreate(item=item))
        client.respond(output_modalities=["text"])
        async for event in client:
            if isinstance(event, server.ResponseDone):
                return event.response.said
    raise AssertionError("the events ended")


@pytest.mark.parametrize("sees", [True, False])
def test_a_chat_model_gets_the_image_where_it_sees(sees, caplog) -> None:
    with DummyChatServer(words("A cat.")).serving() as chat:
        table = f'[defaults.realtime.local.chat]\nurl = "{chat.url}"\nmodel = "m"\n'
        with LocalEndpoint(toml=f"{table}sees = {str(sees).lower()}\n") as endpoint:
            assert asyncio.run(answer(endpoint.base_url)) == "A cat."
    shown = chat.requests[0]["messages"][-1]["content"]
    image = {"type": "image_url", "image_url": {"url": png(8, 8), "detail": "low"}}
    assert shown == (
        [{"type": "text", "text": "What is this?"}, image] if sees else "What is this?"
    )
    assert ("an image is ignored" in caplog.text) is not sees
