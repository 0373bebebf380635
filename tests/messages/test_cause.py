"""Whose fault an error is, by its class and by whose code raised it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from soundstage import errors
from soundstage.agent.slow_work import WorkFailed, Working
from soundstage.messages import (
    Cause,
    Owner,
    cause_of,
    cause_of_break_off,
    traceback_text,
)

HERE = "test_cause.py"


class Gone(errors.ConnectionLost):
    """A subclass of a known error."""


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def fail(error: BaseException) -> None:
    raise error


def caught(error: BaseException) -> BaseException:
    """The error, raised by this file: by code of the user."""
    with pytest.raises(type(error)) as raised:
        fail(error)
    return raised.value


def caught_from_soundstage(error: Exception) -> BaseException:
    """The error, raised by an agent that Soundstage ships."""
    with pytest.raises(type(error)) as raised:
        Working._fail(object(), WorkFailed(error))  # type: ignore[arg-type]  # pyright: ignore[reportPrivateUsage]
    return raised.value


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.CallRefused("agent room-404: HTTP 401", status=401), "provider:401"),
        (errors.ConnectTimeout("slow"), "provider:timeout"),
        (errors.ConnectError("no way"), "provider"),
        (errors.ConnectionLost("gone"), "connection_lost"),
        (Gone("gone"), "connection_lost"),
        (errors.RecordingFailed("full"), "recording"),
        (errors.EngineMissing("none"), "engine"),
        (errors.WeightsMismatch("other"), "weights"),
        (errors.DeviceMissing("none"), "device"),
        (errors.PortTaken("8765"), "port"),
        (errors.ToolServerFailed("dead"), "tool_server"),
        (errors.KeyMissing("OPENAI_API_KEY"), "key"),
        (errors.InfrastructureError("no variable"), "start"),
    ],
)
def test_what_soundstage_raises_of_the_infrastructure_is_the_infrastructures(
    error: Exception, reason: str
) -> None:
    cause = cause_of(caught_from_soundstage(error), "bob")
    assert (cause.owner, cause.reason) == (Owner.INFRASTRUCTURE, reason)
    assert cause.message == f"{type(error).__name__}: {error}"


def test_the_status_is_the_errors_own_and_never_read_from_its_text() -> None:
    refused = errors.CallRefused("room-404: the endpoint answered HTTP 401", status=401)
    assert cause_of(caught_from_soundstage(refused), "room-404").status == 401


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        errors.ConnectError("refused"),
        errors.CallRefused("HTTP 401", status=401),
        Gone("gone"),
        OSError("disk"),
        TimeoutError(),
    ],
)
def test_what_a_users_code_raises_is_the_agents_whatever_its_class(error: Exception) -> None:
    cause = cause_of(caught(error), "bob")
    assert (cause.owner, cause.reason, cause.status) == (Owner.AGENT, "fault:bob", 0)
    assert f"{HERE}:" in cause.place


def test_the_class_is_told_with_its_module() -> None:
    assert cause_of(caught(httpx.ConnectError("x")), "bob").error == "httpx.ConnectError"
    assert cause_of(caught(ValueError("x")), "bob").error == "ValueError"


def test_the_place_is_the_users_line_below_which_a_library_raised() -> None:
    with pytest.raises(OSError, match="No such file") as raised:
        Path("/no/such/file").read_text()
    place = cause_of(raised.value, "bob").place
    assert place.endswith(f"{HERE}:{raised.value.__traceback__.tb_lineno}")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert cause_of(errors.ConnectionLost("gone"), "bob").place == ""


def test_an_error_whose_text_cannot_be_made_is_told_all_the_same() -> None:
    cause = cause_of(caught(Mute()), "bob")
    assert cause.message == "Mute: <its text cannot be made>"
    assert "Mute" in traceback_text(caught(Mute()))


def test_a_text_that_no_file_can_hold_is_escaped() -> None:
    error = caught(ValueError("\udc80"))
    assert cause_of(error, "bob").message == "ValueError: \\udc80"
    assert traceback_text(error).encode()


def test_a_traceback_names_no_folder_of_this_machine() -> None:
    group = ExceptionGroup("all", [caught(ValueError("inner"))])
    group.__cause__ = caught(KeyError("first"))
    text = traceback_text(caught(group))
    assert text.count(HERE) >= 3
    assert str(Path(__file__).parent) not in text
    assert "first" in text
    assert "inner" in text


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.PortTaken("8765"), "port"),
        (errors.InfrastructureError("unset"), "start"),
        (errors.KernelError("nothing can happen"), "kernel"),
        (ValueError("a bug"), "internal"),
    ],
)
def test_a_run_that_is_broken_off_is_the_infrastructures_fault(
    error: Exception, reason: str
) -> None:
    cause = cause_of_break_off(error)
    assert cause == Cause(
        owner=Owner.INFRASTRUCTURE,
        reason=reason,
        message=str(error),
        error=cause.error,
    )
