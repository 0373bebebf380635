"""How a call to a bot of Pipecat over WebRTC is offered: SDP in JSON, by HTTP.

Source: `transports/smallwebrtc/request_handler.py` and `runner/run.py` of pipecat-ai 1.14.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
from msgspec import Struct

from soundstage.bots.bot_call import CONNECTS_WITHIN
from soundstage.errors import BotUnreachable
from soundstage.json_text import NotJson, read_json_as
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 200

_T = TypeVar("_T")


class _Started(Struct):
    sessionId: str  # noqa: N815 - the wire's name


class _Answer(Struct):
    sdp: str
    type: str


async def exchange(url: str, offer: str, parameters: Mapping[str, str]) -> str:
    """Offer a call; returns the SDP of the answer.

    Args:
        url: of the offers, as `http://127.0.0.1:7860/api/offer`; or of `/start`, which opens a
            session first, as Pipecat Cloud demands it.
        offer: the SDP, all candidates in it.
        parameters: what the bot gets as `runner_args.body`.

    Raises:
        BotUnreachable: the bot does not answer, or not with an answer.
    """
    async with httpx.AsyncClient(timeout=seconds_of(CONNECTS_WITHIN), trust_env=False) as client:
        told: dict[str, Any] = {}
        if urlsplit(url).path.endswith("/start"):
            body = {"transport": "webrtc", "body": dict(parameters)}
            started = await _post(client, url, body, _Started)
            url = _offers_of(url, started.sessionId)
        elif parameters:
            told["request_data"] = dict(parameters)
        answer = await _post(client, url, {"sdp": offer, "type": "offer", **told}, _Answer)
    if answer.type != "answer":
        raise BotUnreachable(f"the bot at {url} answered the offer with {answer.type[:_SHOWN]!r}")
    return answer.sdp


def _offers_of(url: str, session: str) -> str:
    """Where the offers of a session go that `/start` has opened."""
    parts = urlsplit(url)
    path = parts.path.removesuffix("/start") + f"/sessions/{quote(session, safe='')}/api/offer"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


async def _post(client: httpx.AsyncClient, url: str, body: object, kind: type[_T]) -> _T:
    try:
        answer = await client.post(url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BotUnreachable(
            f"the bot at {url} does not answer ({type(error).__name__}: {error}): see whether it "
            "runs, and listens there"
        ) from None
    if not answer.is_success:
        raise BotUnreachable(
            f"the bot at {url} refused the call with HTTP status {answer.status_code}: "
            f"{answer.text[:_SHOWN] or 'no message'}"
        )
    try:
        return read_json_as(answer.content, kind)
    except NotJson as error:
        raise BotUnreachable(
            f"the bot at {url} answered what is no answer to an offer ({error}): "
            f"{answer.text[:_SHOWN]}"
        ) from None
