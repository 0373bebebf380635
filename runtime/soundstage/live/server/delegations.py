"""Work that the voice model hands on: to the application, or to the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.errors import ClientFault
from soundstage.live.protocol.server_events import Delegation, DelegationCreated
from soundstage.live.server.backend_response import BackendResponse
from soundstage.realtime import Part, client_errors

if TYPE_CHECKING:
    from collections.abc import Container

    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.session_config import SessionConfig
    from soundstage.live.server.session_history import History
    from soundstage.live.server.speaker.session_timeline import Timeline
    from soundstage.realtime import Ids, Item, Reply


_MOST_CALLS: Final = 1000
"""How many calls are remembered, for outputs that come again."""


class _OpenCall(Struct):
    delegation: str
    is_answered: bool = False


class Wanted(Struct, frozen=True):
    """What a `response.create` asks for.

    Attributes:
        delegation: whose work goes on; empty for new work.
        outputs: what the functions have answered.
        words: what was typed.
    """

    delegation: str
    outputs: tuple[Item, ...] = ()
    words: str = ""


class Delegations:
    """Hands work on and keeps what is known of it.

    Args:
        config: says to which end.
        timeline: where the session is.
        events: takes the events.
        history: learns of calls and their outputs.
        ids: for all that is new.
        unix_time: seconds since 1970, for the backend's responses.
    """

    def __init__(
        self,
        config: SessionConfig,
        timeline: Timeline,
        events: ServerOutbox,
        history: History,
        ids: Ids,
        unix_time: int,
    ) -> None:
        self._config = config
        self._timeline = timeline
        self._events = events
        self._history = history
        self._ids = ids
        self._unix_time = unix_time
        self._of_client: set[str] = set()
        self._calls: dict[str, _OpenCall] = {}
        self._outputs: list[Item] = []
        self._typed: list[str] = []

    @property
    def of_client(self) -> Container[str]:
        """The ids of what was handed to the application."""
        return self._of_client

    @property
    def is_open(self) -> bool:
        """Whether a function has still to answer."""
        return any(not call.is_answered for call in self._calls.values())

    def begin(self, reply: Reply) -> str:
        """Hand on the functions that a reply calls; the delegation's id."""
        if self._config.responses is None:
            ident = self._create("client", None, None)
            self._of_client.add(ident)
            return ident
        response_id = self._ids.make("resp")
        ident = self._create("responses", response_id, None)
        self.respond(ident, reply, response_id)
        return ident

    def begin_typed(self, answers: str | None) -> tuple[str, str]:
        """The application begins work itself; the ids of the delegation and its response."""
        response_id = self._ids.make("resp")
        return self._create("responses", response_id, answers), response_id

    def respond(self, ident: str, reply: Reply, response_id: str = "") -> None:
        """Tell a whole response of the backend."""
        response = self._response(ident, response_id)
        response.create()
        complete = not reply.unfinished
        for call in reply.calls:
            call_id = self._ids.make("call")
            if complete:
                self._calls[call_id] = _OpenCall(ident)
                self._history.add_call(call, call_id)
            response.call(call, call_id, complete=complete)
        # What it says beside its calls is the voice's, which says it at once.
        if reply.text and not reply.calls:
            response.write(reply.text, complete=complete)
        if complete:
            response.complete()
        else:
            response.break_off(reply.unfinished)
            self._events.fail("Responses handoff incomplete.", None, kind="invalid_request_error")

    def fail(self, ident: str, message: str, response_id: str = "") -> None:
        """The backend has failed."""
        response = self._response(ident, response_id)
        response.create()
        response.fail(message)

    def put_item(self, item: dict[str, Any]) -> None:
        """The application gives the backend an item.

        Raises:
            ClientFault: there is no backend, or the item is none that it takes.
        """
        self._check_backend()
        kind = item.get("type", "message")
        if kind == "function_call_output":
            self._put_output(item)
        elif kind == "message":
            self._put_message(item)
        else:
            choices = ("message", "function_call_output")
            raise client_errors.invalid_choice("item.type", kind, choices)

    def wanted(self) -> Wanted:
        """What a `response.create` asks for; each output and each typed word is given once.

        Raises:
            ClientFault: there is no backend, or one of its functions has not answered.
        """
        self._check_backend()
        if self.is_open:
            missing = [ident for ident, call in self._calls.items() if not call.is_answered]
            message = f"The function call '{missing[0]}' has no output yet."
            raise ClientFault("invalid_value", message)
        outputs, self._outputs = tuple(self._outputs), []
        typed, self._typed = self._typed, []
        answered = [self._calls[str(each.call_id)].delegation for each in outputs]
        for ident in list(self._calls)[:-_MOST_CALLS]:
            del self._calls[ident]
        return Wanted(answered[-1] if answered else "", outputs, "\n".join(typed))

    def _response(self, ident: str, response_id: str) -> BackendResponse:
        backend = self._config.responses
        return BackendResponse(
            self._ids,
            self._events,
            delegation=ident,
            model="" if backend is None else backend.responses.model,
            unix_time=self._unix_time,
            ident=response_id or self._ids.make("resp"),
        )

    def _create(self, target: str, response_id: str | None, answers: str | None) -> str:
        ident = self._ids.make("item")
        delegation = Delegation(id=ident, target=target)
        if response_id is not None:
            delegation.response_id = response_id
        event = DelegationCreated(delegation=delegation, offset_ms=self._timeline.ms)
        self._events.send(event, answers=answers)
        return ident

    def _put_output(self, item: dict[str, Any]) -> None:
        call_id = item.get("call_id")
        if "call_id" not in item:
            raise client_errors.missing_parameter("item.call_id")
        call = self._calls.get(call_id) if isinstance(call_id, str) else None
        if call is None:
            message = f"No function call waits for an output with the id '{call_id}'."
            raise ClientFault("invalid_value", message, param="item.call_id")
        if "output" not in item:
            raise client_errors.missing_parameter("item.output")
        output = _text_of(item["output"], "item.output")
        # The service takes an output that comes again for what it is: the same one.
        if not call.is_answered:
            call.is_answered = True
            self._outputs.append(self._history.add_output(str(call_id), output))

    def _put_message(self, item: dict[str, Any]) -> None:
        role = item.get("role")
        roles = ("user", "system", "developer", "assistant")
        if not isinstance(role, str) or role not in roles:
            raise client_errors.invalid_choice("item.role", role, roles)
        if "content" not in item:
            raise client_errors.missing_parameter("item.content")
        parts = _parts_of(item["content"], role)
        self._history.add_typed("system" if role == "developer" else role, parts)
        if role == "user":
            self._typed.append(" ".join(str(part.text) for part in parts if part.text))

    def _check_backend(self) -> None:
        if self._config.responses is None:
            message = "This session has no backend: its delegation is of the type 'client'."
            raise ClientFault("invalid_event", message, param="type")


def _parts_of(content: object, role: str) -> list[Part]:
    kind = "output_text" if role == "assistant" else "input_text"
    if isinstance(content, str):
        return [Part(type=kind, text=content)]
    if not isinstance(content, list):
        raise client_errors.invalid_type("item.content", ["a string", "an array"], content)
    parts: list[Part] = []
    for place, part in enumerate(content):
        path = f"item.content[{place}]"
        if not isinstance(part, dict):
            raise client_errors.invalid_type(path, ["an object"], part)
        match part.get("type"):
            case "input_text" | "output_text" | "text":
                parts.append(Part(type=kind, text=_text_of(part.get("text"), f"{path}.text")))
            case "input_image":
                url = _text_of(part.get("image_url"), f"{path}.image_url")
                parts.append(Part(type="input_image", image_url=url))
            case other:
                choices = ("input_text", "output_text", "input_image")
                raise client_errors.invalid_choice(f"{path}.type", other, choices)
    return parts


def _text_of(value: object, path: str) -> str:
    """A text, or the texts of a list of parts: the Responses API takes both for an output."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise client_errors.invalid_type(path, ["a string"], value)
    texts = [part.get("text") for part in value if isinstance(part, dict)]
    return " ".join(text for text in texts if isinstance(text, str))
