"""How a call is offered to an endpoint and ended, over HTTP."""

from __future__ import annotations

import asyncio
import logging
import ssl
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from soundstage.errors import CallRefused, ConnectError, ConnectTimeout
from soundstage.json_text import NotJson, read_json_as
from soundstage.secrets import Secret
from soundstage.units import Samples, seconds_of
from soundstage.webrtc.connection_watch import Deadlines
from soundstage.webrtc.provider import Provider, call_refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)

EPHEMERAL: Final = "ek_"
"""How an ephemeral key begins; with one, the configuration is in the key."""

_CALLS: Final = ("realtime", "calls")
_SDP: Final = "application/sdp"
_JSON: Final = "application/json"
_SHOWN: Final = 300

_FORM_REFUSED: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What servers answer that read an offer as plain SDP only; FastAPI says the last."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class EphemeralKey(Struct, frozen=True):
    """A key for one session's configuration, fit to be handed to a browser for a short time.

    Attributes:
        value: the key.
        expires_at: UNIX seconds.
    """

    value: Secret
    expires_at: int = 0


class _ClientSecret(Struct):
    value: str
    expires_at: int = 0


class _LiveSession(Struct):
    id: str


class _LiveAnswer(Struct):
    sdp: str


class _LiveCall(Struct):
    session: _LiveSession
    transport: _LiveAnswer


def _is_ephemeral(key: Secret | None) -> bool:
    return key is not None and key.reveal().startswith(EPHEMERAL)


class Call(Struct, frozen=True):
    """An offer that was taken.

    Attributes:
        answer: the endpoint's SDP, to the byte.
        call_id: what the call is hung up by; empty where the endpoint gave none.
    """

    answer: str
    call_id: str


class Signalling:
    """Places calls with one provider, and hangs them up.

    Args:
        provider: who is called.
        client: carries the requests; its owner closes it. One is made, and closed by `close`,
            where none is given.
        deadlines: how long an exchange may take.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        client: httpx.AsyncClient | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._provider = provider
        self._deadlines = deadlines or Deadlines()
        self._own = client is None
        self._client = client or _client_for(provider)

    async def call(self, offer: str, session: Mapping[str, object]) -> Call:
        """Offer a call.

        Args:
            offer: SDP; it goes out to the byte, as some endpoints refuse it otherwise.
            session: the session's configuration, `type` and `model` in it.

        Raises:
            CallRefused: the endpoint answered with an HTTP error.
            ConnectError: it cannot be reached, or its answer is no SDP.
            ConnectTimeout: it did not answer in time.
        """
        if self._provider.protocol == "live":
            return await self._call_live(offer, session)
        key = await self.key_for(session)
        if key is not None or _is_ephemeral(self._provider.api_key):
            response = await self._post(
                "realtime", "calls", key=key, content=offer.encode(), kind=_SDP
            )
        else:
            response = await self._offer(offer, session)
        answer = response.content.decode(errors="replace")
        if not answer.startswith("v=0"):
            shown = self._provider.mask(answer, key)[:_SHOWN]
            raise ConnectError(
                f"{self._provider.name} took the offer and answered with {shown!r}, which is no "
                f"SDP: see whether {self._provider.base_url} is a Realtime endpoint"
            )
        location: str = response.headers.get("location", "")
        return Call(answer, urlsplit(location).path.rstrip("/").rpartition("/")[2])

    async def hang_up(self, call_id: str) -> None:
        """End a call; what goes wrong is logged only, as the call is over either way."""
        try:
            path = ("live", "sessions") if self._provider.protocol == "live" else _CALLS
            await self._post(*path, call_id, "hangup", within=self._deadlines.hang_up)
        except ConnectError as error:
            _log.debug("the hang-up was not heard: %s", error)

    async def close(self) -> None:
        """Close the client, if it is this object's own."""
        if self._own:
            await self._client.aclose()

    async def key_for(self, session: Mapping[str, object]) -> Secret | None:
        """The key that is made for a call; None where the provider's own opens it.

        Args:
            session: the configuration, `type` and `model` in it.

        Raises:
            ConnectError: there is none to be had.
        """
        if self._provider.auth == "key" or _is_ephemeral(self._provider.api_key):
            return None
        return (await self.make_key(session)).value

    async def make_key(
        self, session: Mapping[str, object], seconds: int | None = None
    ) -> EphemeralKey:
        """Trade the provider's key for one that opens sessions with this configuration only.

        Args:
            session: the configuration, `type` and `model` in it.
            seconds: how long it lasts, 10 to 7200; as the provider likes where it is None.

        Raises:
            CallRefused: the endpoint answered with an HTTP error.
            ConnectError: it cannot be reached, or does not know such keys.
            ConnectTimeout: it did not answer in time.
        """
        fields: dict[str, object] = {"session": session}
        if seconds is not None:
            fields["expires_after"] = {"anchor": "created_at", "seconds": seconds}
        body = msgspec.json.encode(fields)
        response = await self._post("realtime", "client_secrets", content=body, kind=_JSON)
        try:
            made = read_json_as(response.content, _ClientSecret)
            return EphemeralKey(Secret(made.value), made.expires_at)
        except NotJson:
            raise ConnectError(
                f"{self._provider.name} answered the request for an ephemeral key with something "
                'else: where it does not know them, set auth = "key"'
            ) from None

    async def _call_live(self, offer: str, session: Mapping[str, object]) -> Call:
        """Offer a call to the Live API, which takes and gives JSON, and knows no ephemeral keys."""
        fields = {"session": session, "transport": {"type": "webrtc", "sdp": offer}}
        body = msgspec.json.encode(fields)
        response = await self._post("live", "sessions", content=body, kind=_JSON)
        try:
            made = read_json_as(response.content, _LiveCall)
        except NotJson:
            shown = self._provider.mask(response.content.decode(errors="replace"))[:_SHOWN]
            raise ConnectError(
                f"{self._provider.name} took the offer and answered with {shown!r}, which is no "
                f"Live session: see whether {self._provider.base_url} has the Live API"
            ) from None
        return Call(made.transport.sdp, made.session.id)

    async def _offer(self, offer: str, session: Mapping[str, object]) -> httpx.Response:
        """Offer a call with its configuration; where the endpoint cannot read both, without."""
        body = msgspec.json.encode(session)
        parts = {"sdp": (None, offer.encode(), _SDP), "session": (None, body, _JSON)}
        try:
            return await self._post("realtime", "calls", parts=parts)
        except CallRefused as refused:
            if not _is_about_form(refused):
                raise
            first = refused
        _log.info(
            "%s does not take an offer in two parts (HTTP %d): the offer goes alone, and the "
            "session is configured once the call is up",
            self._provider.name,
            first.status,
        )
        model = session.get("model")
        named = {"model": model} if isinstance(model, str) else {}
        try:
            return await self._post(
                "realtime", "calls", content=offer.encode(), kind=_SDP, query=named
            )
        except CallRefused:
            # What was wrong with the whole request tells more than what was wrong with a half.
            raise first from None

    async def _post(
        self,
        *path: str,
        key: Secret | None = None,
        content: bytes | None = None,
        kind: str = "",
        parts: Mapping[str, tuple[None, bytes, str]] | None = None,
        within: Samples | None = None,
        query: Mapping[str, str] = _NOTHING,
    ) -> httpx.Response:
        seconds = seconds_of(self._deadlines.signalling if within is None else within)
        headers = self._provider.headers_with(key)
        if kind:
            headers["Content-Type"] = kind
        url = self._provider.url(*path)
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.post(
                    url,
                    headers={"Accept": f"{_SDP}, {_JSON}", **headers},
                    params={**query, **self._provider.query} or None,
                    content=content,
                    files=parts,
                    timeout=seconds,
                )
        except (TimeoutError, httpx.TimeoutException):
            raise ConnectTimeout(
                f"{self._provider.name} did not answer POST {url} within {seconds:g} s"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # From None: httpx's errors hold the request, and with it the key.
            raise ConnectError(
                f"{self._provider.name} cannot be reached at {url} "
                f"({type(error).__name__}: {self._provider.mask(str(error))}): see whether it "
                "runs and the base URL is right"
            ) from None
        if not response.is_success:
            raise call_refused(self._provider, response.status_code, response.content, key)
        return response


def _client_for(provider: Provider) -> httpx.AsyncClient:
    if not provider.is_local:
        return httpx.AsyncClient()
    # A proxy of the environment has no business between two processes of one machine, yet the
    # certificates of the environment have (SSL_CERT_FILE): a local endpoint signs its own.
    is_tls = urlsplit(provider.base_url).scheme == "https"
    verify = ssl.create_default_context() if is_tls else True
    return httpx.AsyncClient(trust_env=False, verify=verify)


def _is_about_form(refused: CallRefused) -> bool:
    """Whether an endpoint may have refused the form of an offer rather than what it says."""
    # An error that names a field of the session has read it: the form is not at fault.
    return refused.status in _FORM_REFUSED and not refused.param
