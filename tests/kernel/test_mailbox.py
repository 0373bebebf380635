"""What waits for an actor: in order, but for three urgent messages, and bounded."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from dummy_actors import Keeper, Text, settled
from hypothesis import given
from hypothesis import strategies as st

from soundstage.kernel import Actor, Limits, SimulatedKernel, handles
from soundstage.kernel.mailbox import Mailbox
from soundstage.messages import EndOfSpeech, Faulted, Frame, Interrupt, Join, Kill, Mute, Stop, Tick
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from soundstage.kernel import Kernel


class Witness(Actor):
    """Takes anything."""

    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept

    def on_receive(self, message: Any) -> None:
        self.kept.append(message)


class Waiting(Actor):
    """Begins its work when everything has come: on threads only, as turns come one by one."""

    def __init__(self, hold: threading.Event) -> None:
        super().__init__()
        self.hold = hold

    def started(self) -> None:
        self.hold.wait(3)

    @handles(Text)
    def take(self, text: Text) -> None:
        """Nothing to do."""


def test_messages_are_handled_in_the_order_of_their_sending(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.spawn("a", lambda: Keeper(kept))
    for number in range(100):
        address.tell(Text(str(number)))
    assert settled(kernel, kept, 100) == [Text(str(number)) for number in range(100)]


def test_only_frames_are_dropped_and_the_oldest_go_first() -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.spawn("a", lambda: Keeper(kept), limits=Limits({Frame: 2}))
        address.tell(Text("first"))
        for number in range(4):
            address.tell(Frame("x", number, SILENCE))
        address.tell(Interrupt("x", 0, 1))
        kernel.settle()
        assert kernel.drops(address) == {"Frame:x": 2}
    assert kept[:2] == [Interrupt("x", 0, 1), Text("first")]
    assert [m.pts for m in kept if isinstance(m, Frame)] == [2, 3]


class PlainMailbox:
    """The rules, as simply as they can be said."""

    def __init__(self, frames: int, letters: int) -> None:
        self.frames = frames
        self.letters = letters
        self.waiting: list[Any] = []
        self.drops: Counter[str] = Counter()
        self.overflowed = False

    def put(self, letter: Any) -> None:
        if isinstance(letter, Frame):
            rivals = [
                each
                for each in self.waiting
                if isinstance(each, Frame) and each.source == letter.source
            ]
            if len(rivals) >= self.frames:
                self.waiting.remove(rivals[0])
                self.drops[f"Frame:{letter.source}"] += 1
        elif not is_urgent(letter) and sum(not is_urgent(w) for w in self.waiting) >= self.letters:
            self.drops[type(letter).__name__] += 1
            self.overflowed = True
            return
        self.waiting.append(letter)

    def get(self) -> Any:
        first = next(filter(is_urgent, self.waiting), self.waiting[0])
        self.waiting.remove(first)
        return first


def is_urgent(letter: object) -> bool:
    return isinstance(letter, Interrupt | Mute | Kill)


NUMBERS = st.integers(0, 1000)
SOURCES = st.sampled_from(["alice", "bob"])
LETTERS = st.one_of(
    st.builds(Frame, SOURCES, NUMBERS, st.just(SILENCE)),
    st.builds(EndOfSpeech, SOURCES, NUMBERS),
    st.builds(Text, st.text(max_size=3)),
    st.builds(Join, SOURCES),
    st.builds(Tick, NUMBERS),
    st.builds(Interrupt, SOURCES, NUMBERS, NUMBERS),
    st.builds(Mute, SOURCES),
    st.just(Stop()),
    st.just(Kill()),
)
TAKE = None


@given(
    st.lists(st.one_of(LETTERS, st.just(TAKE)), max_size=80), st.integers(1, 4), st.integers(1, 12)
)
def test_a_mailbox_keeps_order_and_counts_as_the_plain_rules_say(
    steps: list[Any], frames: int, letters: int
) -> None:
    mailbox = Mailbox(Limits({Frame: frames}, letters))
    plain = PlainMailbox(frames, letters)
    for step in steps:
        before = len(mailbox)
        if step is not TAKE:
            plain.put(step)
            assert mailbox.put(step) == (len(mailbox) > before)
        elif before:
            assert mailbox.get() == plain.get()
        assert len(mailbox) == len(plain.waiting)
    assert [mailbox.get() for _ in range(len(mailbox))] == [plain.get() for _ in plain.waiting[:]]
    assert (mailbox.drops, mailbox.overflowed) == (plain.drops, plain.overflowed)


@given(st.lists(LETTERS, max_size=40), st.lists(LETTERS, max_size=40), st.integers(1, 4))
def test_narrower_bounds_hold_for_what_comes_after_them_and_keep_what_waits(
    before: list[Any], after: list[Any], frames: int
) -> None:
    mailbox = Mailbox(Limits({}))
    for letter in before:
        mailbox.put(letter)
    kept = len(mailbox)
    mailbox.limit(Limits({Frame: frames}))
    assert len(mailbox) == kept
    for letter in after:
        mailbox.put(letter)
    assert len(mailbox) + sum(mailbox.drops.values()) == len(before) + len(after)
    taken = [mailbox.get() for _ in range(len(mailbox))]
    assert len(taken) >= kept
    assert mailbox.get() is None


@given(st.lists(LETTERS.filter(lambda each: not isinstance(each, Stop | Kill)), max_size=60))
def test_every_letter_is_handled_or_counted(letters: list[Any]) -> None:
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        address = kernel.spawn("a", lambda: Witness(kept), limits=Limits({Frame: 2}))
        for letter in letters:
            address.tell(letter)
        kernel.settle()
        assert len(kept) + sum(kernel.drops(address).values()) == len(letters)
    urgent = [each for each in letters if is_urgent(each)]
    assert kept[: len(urgent)] == urgent
    ordinary = iter(each for each in letters if not is_urgent(each))
    assert all(each in ordinary for each in kept[len(urgent) :])


def test_more_letters_than_may_wait_are_a_fault_of_the_receiver(kernel: Kernel) -> None:
    seen: list[object] = []
    hold = threading.Event()
    watcher = kernel.spawn("b", lambda: Keeper(seen))
    address = kernel.spawn("a", lambda: Waiting(hold), limits=Limits(letters=5), watcher=watcher)
    for number in range(20):
        address.tell(Text(str(number)))
    hold.set()
    fault = settled(kernel, seen, 2)[1]
    assert isinstance(fault, Faulted)
    assert "too many letters wait for a" in fault.cause.message
