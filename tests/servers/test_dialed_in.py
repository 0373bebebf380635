"""The one connection of a program that dials in, and what must not be taken for it."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from soundstage.servers.dialed_in import DialedIn

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKS = 1000


@pytest.fixture
def dialed_in() -> Iterator[DialedIn]:
    listening = DialedIn(0)
    yield listening
    listening.close()


def comes(dialed_in: DialedIn) -> bool:
    return any(dialed_in.has_come() for _ in range(LOOKS))


def test_a_program_that_waits_to_be_asked_has_come(dialed_in: DialedIn) -> None:
    assert not dialed_in.has_come()
    with closing(socket.create_connection(("127.0.0.1", dialed_in.port), 5)) as program:
        assert comes(dialed_in)
        taken = dialed_in.take()
        assert taken is not None
        with taken:
            assert taken.getpeername() == program.getsockname()
    assert dialed_in.take() is None


def test_a_program_that_speaks_first_has_come_and_loses_nothing(dialed_in: DialedIn) -> None:
    with closing(socket.create_connection(("127.0.0.1", dialed_in.port), 5)) as program:
        program.sendall(b"\0\0\0\1x")
        assert comes(dialed_in)
        taken = dialed_in.take()
        assert taken is not None
        with taken:
            taken.settimeout(5)
            assert taken.recv(5) == b"\0\0\0\1x"


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: https://evil.example\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\0\0\0\0",
        b"OPTIONS / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\0\1\0",
        b"",
    ],
    ids=["fetch", "form", "preflight", "tls", "closes"],
)
def test_a_page_in_a_browser_is_not_taken_for_the_program(dialed_in: DialedIn, said: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", dialed_in.port), 5)) as page:
        page.sendall(said)
        page.shutdown(socket.SHUT_WR)
        assert not comes(dialed_in)
        page.settimeout(5)
        try:
            told = page.recv(100)
        except ConnectionResetError:
            told = b""
        assert told == b""
    with closing(socket.create_connection(("127.0.0.1", dialed_in.port), 5)):
        assert comes(dialed_in)


def test_nothing_is_let_in_after_the_program(dialed_in: DialedIn) -> None:
    with closing(socket.create_connection(("127.0.0.1", dialed_in.port), 5)):
        assert comes(dialed_in)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", dialed_in.port), 5)
