"""A language model in a file, run in this process by llama.cpp."""

from __future__ import annotations

import hashlib
import threading
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.endpoint.replies.chat_completion import Completion, completion_request
from soundstage.errors import EngineMissing, LanguageModelFailed
from soundstage.kernel import Stopwatch
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.endpoint.local_settings import ChatSettings
    from soundstage.endpoint.replies.language_model import Write
    from soundstage.realtime import Compose, Reply

CONTEXT: Final = 8192
"""Tokens of all conversations at once."""

AT_ONCE: Final = 2
THREADS: Final = 2
LONGEST: Final = 512
"""Tokens of an answer for which the client sets no limit: small models do not know when to stop."""

SEED: Final = 1
_LOADING: Final = threading.Lock()
_SAMPLE: Final = 1 << 20


class GgufModel:
    """Has a model file answer; loaded with the first answer, once for the process.

    Args:
        settings: which file.

    Raises:
        EngineMissing: the library that runs it is not installed.
    """

    def __init__(self, settings: ChatSettings) -> None:
        if settings.gguf is None:
            raise AssertionError("a gguf table names a file")
        _library()
        self._path = settings.gguf
        self._temperature = settings.temperature
        self._within = seconds_of(settings.timeout)

    def key(self, request: Compose) -> bytes:
        """What the model is, and the request, which has everything else in it."""
        version = str(getattr(_library(), "__version__", ""))
        known = [version, _fingerprint(self._path), self._body(request)]
        return msgspec.json.encode(known, order="sorted")

    def answer(self, request: Compose, write: Write) -> Reply:
        """Run the model, and write the words as they come; see `LanguageModel`."""
        completion = Completion()
        watch = Stopwatch()
        broken: list[Exception] = []

        def take(chunk: object) -> bool:
            """Whether the model is to stop. It must not be left by an exception."""
            try:
                if words := completion.read(chunk):
                    write(words, watch.seconds)
                if watch.seconds > self._within:
                    raise self._failed(f"it took longer than {self._within:g} s")  # noqa: TRY301
            except Exception as error:  # noqa: BLE001 - raised again behind the library's code
                broken.append(error)
            return bool(broken)

        try:
            _load(self._path).handle_chat_completions(self._body(request), take)
        except Exception as error:
            raise self._failed(str(error)) from error
        if broken:
            raise broken[0]
        write(completion.rest(), watch.seconds)
        return completion.reply

    def _body(self, request: Compose) -> dict[str, Any]:
        longest = min(request.longest, LONGEST)
        body = completion_request(request, temperature=self._temperature, seed=SEED)
        return body | {"max_tokens": longest, "cache_prompt": True}

    def _failed(self, reason: str) -> LanguageModelFailed:
        return LanguageModelFailed(f"the model {self._path.name} failed: {reason}")


def _library() -> Any:
    try:
        return import_module("xllamacpp")
    except ImportError:
        raise EngineMissing(
            "a gguf model needs the extra of that name: pip install 'soundstage[gguf]'"
        ) from None


def _load(path: Path) -> Any:
    """The model, loaded once: it takes seconds and gigabytes, and two answers may begin at once."""
    with _LOADING:
        return _loaded(path)


@lru_cache(maxsize=1)
def _loaded(path: Path) -> Any:
    library = _library()
    parameters = library.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = AT_ONCE
    parameters.cpuparams.n_threads = THREADS
    parameters.verbosity = -1
    return library.Server(parameters)


@lru_cache(maxsize=8)
def _fingerprint(path: Path) -> str:
    """A hash of a model's length, beginning and end: the whole may be gigabytes."""
    with path.open("rb") as file:
        digest = hashlib.sha256(file.read(_SAMPLE))
        length = file.seek(0, 2)
        file.seek(max(0, length - _SAMPLE))
        digest.update(file.read())
    return f"{length}-{digest.hexdigest()}"
