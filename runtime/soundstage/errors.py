"""Everything that can go wrong, as a tree.

SoundstageError
├── UsageError                   exit 2: the command line or the environment asks for the impossible
│   ├── ScenarioError            a scenario file is wrong; holds every fault found in it
│   ├── KeyMissing               a provider needs a key and none is set
│   └── RunFolderError           the run folder is taken, or cannot be made or read
├── RunFailed                    a run from Python or pytest did not end as its scenario declares
│   └── ExpectationFailed        one of its expectations failed, or could not be judged
├── InfrastructureError          exit 3: something that a run or a client needs failed
│   ├── ConnectError             a Realtime call could not be set up
│   │   ├── CallRefused          the endpoint answered with an HTTP error
│   │   └── ConnectTimeout       a step of the connection missed its deadline
│   ├── ConnectionLost           a call that was up has gone
│   │   └── FarEndClosed         the far end has closed it in order
│   ├── RecordingFailed          an artefact could not be written
│   ├── EngineMissing            a speech engine is not installed or not known
│   ├── EngineFailed             a speech engine raised something, or gave what none gives
│   ├── WeightsMismatch          a model file is not the one that was tested
│   ├── DeviceMissing            a sound card is not there, or cannot be used
│   ├── PortTaken                the local endpoint could not listen
│   ├── ToolServerFailed         a server of tools could not be started or reached
│   ├── ServerFailed             a program of [servers] was not ready in time
│   ├── BotUnreachable           a bot could not be called
│   ├── LanguageModelFailed  a language model gave no answer, or none that can be used
│   ├── ClockStalled             the clock of a live run stood still
│   ├── PatternTimeout           a search for a pattern took longer than it may
│   ├── JobLate                  slow work took longer than it may
│   └── JobRefused               too much slow work waits already
├── BotFailed                    a bot broke its call: it died, or sent or read nothing sensible
├── TooManyMessages              an agent sends more than others can take in
├── ProtocolError                a message breaks the Realtime protocol
│   ├── EventRefused             the endpoint answered a client's event with an `error` event
│   └── ClientFault              a client's event cannot be taken; answered with an `error` event
└── KernelError                  the actor machinery was used in a way it forbids
    ├── BlockedActor             an actor waited for another inside its turn
    ├── RunBrokenOff             an actor failed that the run cannot do without
    ├── StartFailed              an actor faulted, or was silent, before it was ready
    ├── Runaway                  too many turns without time advancing
    ├── StuckTurn                a turn did not end
    └── PortalClosed             a coroutine was started after the portal had closed
"""

from __future__ import annotations

import signal
import warnings
from typing import Any, Final


class SoundstageError(Exception):
    """The base of every error that Soundstage raises on purpose."""


class UsageError(SoundstageError):
    """The command line or the environment asks for something that cannot be done."""


class ScenarioError(UsageError):
    """A scenario file is wrong.

    Attributes:
        faults: one readable line for each fault, with file, line, key path and a hint.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class KeyMissing(UsageError):
    """A provider needs an API key, and the environment holds none."""


class RunFolderError(UsageError):
    """The run folder is not empty, cannot be made, or holds no run that can be read."""


class RunFailed(SoundstageError):
    """A run did not end as its scenario declares.

    Attributes:
        run: the `soundstage.Run`, to look into it.
    """

    def __init__(self, message: str, run: Any) -> None:
        self.run = run
        super().__init__(message)


class ExpectationFailed(RunFailed, AssertionError):
    """An expectation of a run failed, or could not be judged; to pytest it is an assertion."""


class InfrastructureError(SoundstageError):
    """Something that a run or a client needs failed: a service, the network, an engine, a device.

    Of a run it says that nothing is known of what is under test.
    """


class ConnectError(InfrastructureError):
    """A Realtime call could not be set up."""


class CallRefused(ConnectError):
    """The endpoint refused a call, by an HTTP error, or a session, by an event.

    Attributes:
        status: the HTTP status code; 0 where an event refused the session.
        code: the endpoint's own error code, or an empty string.
        param: the field that the endpoint finds fault with, or an empty string.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "", param: str = "") -> None:
        self.status = status
        self.code = code
        self.param = param
        super().__init__(message)


class ConnectTimeout(ConnectError):
    """A step of setting up a call took longer than its deadline."""


class ConnectionLost(InfrastructureError):
    """A call that was up has gone without being hung up."""


class FarEndClosed(ConnectionLost):
    """The far end has closed the connection of a call in order, though with no word of its own."""


class RecordingFailed(InfrastructureError):
    """A recording, log or report could not be written."""


class EngineMissing(InfrastructureError):
    """A speech engine is unknown or not installed."""


class EngineFailed(InfrastructureError):
    """A speech engine raised something, or gave what no such engine gives."""


class WeightsMismatch(InfrastructureError):
    """A model file differs from the one whose checksum is known."""


class DeviceMissing(InfrastructureError):
    """A microphone or speaker is not there or cannot be used, or PortAudio is not installed."""


class PortTaken(InfrastructureError):
    """The local endpoint could not listen on the port it was given."""


class ToolServerFailed(InfrastructureError):
    """A server of tools could not be started or reached."""


class ServerFailed(InfrastructureError):
    """A program of `[servers]` could not be started, or was not ready in time."""


class BotUnreachable(InfrastructureError):
    """A bot could not be called: nothing is known of how it talks."""


class BotFailed(SoundstageError):
    """A bot broke the call that it had taken: it died, sent what it may not, or does not read."""


class LanguageModelFailed(InfrastructureError):
    """No answer of a language model came, or none that can be used.

    Attributes:
        status: the HTTP status that its server answered with; 0 where there was none.
        code: what the failure is called in the protocol.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "server_error") -> None:
        self.status = status
        self.code = code
        super().__init__(message)


class ClockStalled(InfrastructureError):
    """The clock of a live run stood still: the process was stopped, or the machine was."""


class PatternTimeout(InfrastructureError):
    """Whether a pattern is in a text could not be told in time: no match, and no miss."""


class JobLate(InfrastructureError):
    """Speech, recognition or other slow work took longer than it may, and was given up."""


class JobRefused(InfrastructureError):
    """So much slow work waits already that more would never be done."""


class TooManyMessages(SoundstageError):
    """An agent sends more than others can take in; raised in its own code, and nothing is sent."""


class ProtocolError(SoundstageError):
    """A message breaks the Realtime protocol."""


class EventRefused(ProtocolError):
    """The endpoint answered a client's event with an `error` event.

    Attributes:
        code: what exactly, as `invalid_value`.
        param: dotted path of the field at fault, or empty.
        event_id: of the event at fault.
    """

    def __init__(self, message: str, *, code: str, param: str, event_id: str) -> None:
        self.code = code
        self.param = param
        self.event_id = event_id
        super().__init__(message)


class ClientFault(ProtocolError):
    """A client's event cannot be taken; what is wrong with it, in the words of an `error` event.

    Attributes:
        code: the protocol's name for it, such as `missing_required_parameter`.
        param: dotted path of the field at fault, or None.
        event_id: the client's own id of the event, or None.
    """

    def __init__(
        self, code: str, message: str, *, param: str | None = None, event_id: str | None = None
    ) -> None:
        self.code = code
        self.param = param
        self.event_id = event_id
        super().__init__(message)


class KernelError(SoundstageError):
    """The actor machinery was used in a way it forbids."""


class BlockedActor(KernelError):
    """An actor waited for another one inside its turn."""


class RunBrokenOff(KernelError):
    """An actor failed that the run cannot do without, or was interrupted in its turn.

    Attributes:
        actor: its name.
        error: how it failed.
        traceback: where, as text.
    """

    def __init__(self, actor: str, error: BaseException, traceback: str) -> None:
        self.actor = actor
        self.error = error
        self.traceback = traceback
        super().__init__(f"{actor} broke the run off: {error_text(error)}")


class StartFailed(KernelError):
    """An actor faulted, or stayed silent past its deadline, before it was ready."""


class Runaway(KernelError):
    """Too many turns went by without time advancing."""


class StuckTurn(KernelError):
    """A turn did not end: on the virtual clock it was broken off, on the wall clock given up."""


class PortalClosed(KernelError):
    """A coroutine was started after the portal had closed."""


def error_text(error: BaseException) -> str:
    """The class of an error and what it says of itself, as `LookupError: nothing here`.

    Never raises, whatever the error's own code does: the error may be of the user's making.
    """
    return f"{type(error).__name__}: {said_by(error)}"


def said_by(error: BaseException) -> str:
    """What an error says of itself, without lone surrogates, which no JSON file can hold."""
    try:
        return str(error).encode("utf-8", "backslashreplace").decode()
    except (Exception, SystemExit, GeneratorExit):  # noqa: BLE001 - whatever its `__str__` raises
        return "<its text cannot be made>"


def is_interrupt(error: BaseException) -> bool:
    """Whether an error that came out of the user's code is a Ctrl-C that only passed through it.

    Everything else that comes out of code of the user, `sys.exit` and `raise KeyboardInterrupt`
    included, is a fault of that code. A Ctrl-C is raised by the function that handles the signal;
    where Python's own handler does, nothing tells the two apart, and it is taken for a Ctrl-C.
    """
    if not isinstance(error, KeyboardInterrupt):
        return False
    handler: object = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code: object = getattr(handler, "__code__", None)
    return trace is not None and trace.tb_frame.f_code is code


def __getattr__(name: str) -> type[SoundstageError]:
    if name in _RENAMED:
        new = _RENAMED[name]
        warnings.warn(
            f"soundstage.errors.{name} is called {new.__name__} now",
            DeprecationWarning,
            stacklevel=2,
        )
        return new
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_RENAMED: Final[dict[str, type[SoundstageError]]] = {"RunInvalid": InfrastructureError}
"""Names of earlier versions; each is kept for one minor version."""
