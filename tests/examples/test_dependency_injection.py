"""The FastAPI application of `examples/dependency_injection.py`, alone and in another one."""

from __future__ import annotations

import asyncio
import importlib.util
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dummy_service import make_server, play
from fastapi import FastAPI

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.realtime

PROGRAM = Path(__file__).parents[2] / "examples" / "dependency_injection.py"


def load(url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("REALTIME_URL", url)
    spec = importlib.util.spec_from_file_location("dependency_injection", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def visiting(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who calls an application, which lives meanwhile."""
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://app") as visitor,
    ):
        yield visitor


def test_a_route_gets_a_connected_client_and_the_call_ends_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        server = make_server({"lines": ["One.", "Two."]})
        module = load(await server.start(), monkeypatch)
        async with visiting(module.app) as visitor:
            replies = await asyncio.gather(
                *(visitor.post("/say", json={"text": "Say hi!"}) for _ in range(3))
            )
            assert [reply.json()["reply"] for reply in replies] == ["One."] * 3
            assert len({reply.json()["call"] for reply in replies}) == 3
            key = (await visitor.post("/key")).json()
            assert key["value"].startswith("ek_")
            async with httpx.AsyncClient(trust_env=False) as http:
                health = await http.get(server.base_url.replace("/v1", "/health"))
            assert health.json()["calls"] == 0
        await server.close()

    play(scene)


def test_it_works_mounted_in_another_application(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        server = make_server({"lines": ["One."]})
        module = load(await server.start(), monkeypatch)

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            async with module.voice_lifespan(module.voice_app):
                yield

        mine = FastAPI(lifespan=lifespan)
        mine.mount("/voice", module.voice_app)
        async with visiting(mine) as visitor:
            said = await visitor.post("/voice/say", json={"text": "Say hi!"})
            assert said.json()["reply"] == "One."
        await server.close()

    play(scene)


def test_an_endpoint_that_is_not_there_is_the_gateways_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        module = load("http://127.0.0.1:9/v1", monkeypatch)
        async with visiting(module.app) as visitor:
            said = await visitor.post("/say", json={"text": "Say hi!"})
        assert said.status_code == 502
        assert "cannot be reached" in said.json()["detail"]

    play(scene)
