"""A language model behind an OpenAI-compatible `/chat/completions`."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from soundstage.config.values import is_table
from soundstage.endpoint.replies.chat_completion import Completion, completion_request
from soundstage.errors import LanguageModelFailed
from soundstage.json_text import NotJson, is_too_deep, read_json
from soundstage.kernel import Stopwatch
from soundstage.secrets import mask
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from soundstage.endpoint.local_settings import ChatSettings
    from soundstage.endpoint.replies.language_model import Write
    from soundstage.realtime import Compose, Reply
    from soundstage.secrets import Secret

_CONNECTS_WITHIN: Final = 5.0
_SHOWN: Final = 300
_LONGEST_ERROR: Final = 10_000
_LONGEST_LINE: Final = 1 << 20
_DATA: Final = "data:"
_DONE: Final = "[DONE]"
_LIMITED: Final = 429


class ChatServer:
    """Asks a server, and reads its answer as it is written.

    Args:
        settings: which server and model.
        key: the server's key, its variables replaced; None where it asks for none.
    """

    def __init__(self, settings: ChatSettings, key: Secret | None) -> None:
        self._address = settings.address
        self._host = urlsplit(settings.address).hostname or settings.address
        self._parameters = {"model": settings.model, "temperature": settings.temperature}
        self._sees = settings.sees
        self._within = seconds_of(settings.timeout)
        self._key = key

    def key(self, request: Compose) -> bytes:
        """The address and the request, which has everything else in it."""
        return msgspec.json.encode([self._address, self._body(request)], order="sorted")

    def answer(self, request: Compose, write: Write) -> Reply:
        """Ask, and write the words as they come; see `LanguageModel`."""
        completion = Completion()
        watch = Stopwatch()
        try:
            # Closed at once, and not when it is collected: the server writes no further.
            with closing(self._chunks(self._body(request))) as chunks:
                for chunk in chunks:
                    if words := completion.read(chunk):
                        write(words, watch.seconds)
                    if completion.ended:
                        break
        except httpx.TimeoutException:
            raise LanguageModelFailed(self._late()) from None
        except httpx.HTTPError as error:
            told = mask(f"{type(error).__name__}: {error}", [self._key])[:_SHOWN]
            raise LanguageModelFailed(
                f"the chat server {self._host} cannot be reached: {told}"
            ) from None
        write(completion.rest(), watch.seconds)
        return completion.reply

    def _body(self, request: Compose) -> dict[str, Any]:
        return completion_request(request, sees=self._sees, **self._parameters)

    def _chunks(self, body: dict[str, Any]) -> Generator[object, None, None]:
        headers = {"Accept": "text/event-stream"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        watch = Stopwatch()
        limits = httpx.Timeout(self._within, connect=min(_CONNECTS_WITHIN, self._within))
        with (
            httpx.Client(timeout=limits, trust_env=not _is_here(self._host)) as client,
            client.stream("POST", self._address, json=body, headers=headers) as response,
        ):
            if response.is_error:
                raise self._refusal(response)
            if "json" in response.headers.get("content-type", ""):
                yield self._parsed("".join(self._lines(response, watch)))
                return
            for line in self._lines(response, watch):
                data = line.removeprefix(_DATA).strip()
                if data == _DONE:
                    return
                if line.startswith(_DATA):
                    yield self._parsed(data)
        # Whoever reads stops at the chunk that says why the answer ends. Without one, and without
        # the mark, the rest of the answer was lost on its way.
        raise LanguageModelFailed(f"the chat server {self._host} broke off in the middle")

    def _lines(self, response: httpx.Response, watch: Stopwatch) -> Iterator[str]:
        """The lines of an answer, none of them longer than it may be."""
        rest = b""
        for piece in response.iter_bytes():
            if watch.seconds > self._within:
                raise LanguageModelFailed(self._late())
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace").rstrip("\r")
            if len(rest) > _LONGEST_LINE:
                raise LanguageModelFailed(
                    f"the chat server {self._host} sent a line that has no end"
                )
        yield rest.decode("utf-8", "replace")

    def _parsed(self, data: str | bytes) -> object:
        try:
            chunk = _read(data)
        except NotJson:
            raise LanguageModelFailed(
                f"the chat server {self._host} sent what is no JSON"
            ) from None
        if is_table(chunk) and chunk.get("error"):
            raise LanguageModelFailed(f"the chat server {self._host} failed: {self._told(chunk)}")
        return chunk

    def _refusal(self, response: httpx.Response) -> LanguageModelFailed:
        text = b""
        with suppress(httpx.HTTPError):
            for piece in response.iter_bytes():
                text += piece
                if len(text) > _LONGEST_ERROR:
                    break
        told = ""
        with suppress(NotJson):
            told = self._told(read_json(text))
        code = "rate_limit_exceeded" if response.status_code == _LIMITED else "server_error"
        status = response.status_code
        return LanguageModelFailed(
            f"the chat server {self._host} answered {status}: {told or '-'}",
            status=status,
            code=code,
        )

    def _told(self, body: object) -> str:
        """What an error says, without the key should it repeat it."""
        error = body.get("error") if is_table(body) else None
        text = str(error.get("message") or error if is_table(error) else error or "")
        return mask(text, [self._key])[:_SHOWN]

    def _late(self) -> str:
        return f"the chat server {self._host} took longer than {self._within:g} s"


def _read(data: str | bytes) -> object:
    try:
        return read_json(data)
    except NotJson:
        # Python's own reader, which is slower, takes half a surrogate pair: the other half may
        # be in the next chunk.
        try:
            value: object = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise NotJson(str(error)) from None
        if is_too_deep(value):
            raise
        return value


def _is_here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")
