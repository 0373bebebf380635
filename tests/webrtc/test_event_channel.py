from __future__ import annotations

import pytest

from soundstage.errors import ConnectionLost, ProtocolError
from soundstage.webrtc.event_channel import EventChannel


class DummyLoop:
    def call_soon_threadsafe(self, function) -> None:
        function()


class ClosedLoop:
    def call_soon_threadsafe(self, function) -> None:
        raise RuntimeError("the loop is closed")


class DummyChannel:
    """A data channel whose state the test sets."""

    def __init__(self, state: str = "connecting") -> None:
        self.readyState = state
        self.bufferedAmount = 0
        self.sent: list[str] = []
        self._handlers: dict = {}

    def on(self, name, handler) -> None:
        self._handlers[name] = handler

    def emit(self, name, *arguments) -> None:
        self._handlers[name](*arguments)

    def open(self) -> None:
        self.readyState = "open"
        self.emit("open")

    def send(self, text: str) -> None:
        self.sent.append(text)


class Log:
    def __init__(self, loop=None) -> None:
        self.entries: list = []
        self.channel = EventChannel(
            loop or DummyLoop(),
            on_open=lambda: self.entries.append("open"),
            on_event=self.entries.append,
            on_lost=self.entries.append,
        )


def test_events_wait_for_the_channel_and_then_go_in_order():
    log, channel = Log(), DummyChannel()
    log.channel.send(b"1")
    log.channel.attach(channel)
    log.channel.send(b"2")
    assert (channel.sent, log.channel.is_open) == ([], False)
    channel.open()
    log.channel.send(b"3")
    assert (channel.sent, log.entries, log.channel.is_open) == (["1", "2", "3"], ["open"], True)


def test_a_channel_that_is_open_when_it_comes_is_noticed():
    log = Log()
    log.channel.attach(DummyChannel("open"))
    assert log.entries == ["open"]


def test_what_is_sent_when_it_opens_comes_after_what_waited():
    log, channel = Log(), DummyChannel()
    log.channel._on_open = lambda: log.channel.send(b"new")
    log.channel.attach(channel)
    log.channel.send(b"old")
    channel.open()
    assert channel.sent == ["old", "new"]


def test_messages_are_handed_on_in_order():
    log, channel = Log(), DummyChannel("open")
    log.channel.attach(channel)
    for text in ("a", "b", "c"):
        channel.emit("message", text)
    assert log.entries == ["open", "a", "b", "c"]


def test_a_second_channel_is_not_used():
    log, second = Log(), DummyChannel("open")
    log.channel.attach(DummyChannel("open"))
    log.channel.attach(second)
    log.channel.send(b"1")
    assert second.sent == []
    assert log.entries == ["open"]


def test_an_event_larger_than_the_far_end_takes_is_refused_where_it_is_sent():
    log, channel = Log(), DummyChannel("open")
    log.channel.attach(channel)
    log.channel.message_size = 10
    log.channel.send(b"x" * 10)
    with pytest.raises(ProtocolError, match=r"11 bytes is more than the 10"):
        log.channel.send(b"x" * 11)
    assert channel.sent == ["x" * 10]


def test_events_after_the_end_go_nowhere():
    log, channel = Log(), DummyChannel("open")
    log.channel.attach(channel)
    channel.readyState = "closed"
    log.channel.send(b"1")
    assert channel.sent == []
    Log(ClosedLoop()).channel.send(b"1")


def test_a_far_end_that_does_not_read_is_given_up():
    log, channel = Log(), DummyChannel("open")
    log.channel.attach(channel)
    channel.bufferedAmount = 17 * 1024 * 1024
    log.channel.send(b"1")
    assert isinstance(log.entries[-1], ConnectionLost)


def test_a_channel_that_does_not_open_holds_a_bounded_number_of_events():
    log = Log()
    log.channel.attach(DummyChannel())
    for _ in range(1500):
        log.channel.send(b"1")
    assert len(log.channel._waiting) == 1000


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_a_channel_that_was_open_and_is_no_more_is_closed(state):
    log, channel = Log(), DummyChannel()
    log.channel.attach(channel)
    assert not log.channel.is_closed
    channel.open()
    assert not log.channel.is_closed
    channel.readyState = state
    assert log.channel.is_closed
