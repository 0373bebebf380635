"""The far end of LiveKit's console, by hand: it dials in, and answers what it hears with a tone.

The same contract is held by real agents, in `test_livekit_agents.py`.
"""

import socket
import struct
import sys
import threading
import time

from plain_bot import Answers, break_before_ready, break_down, is_audible, options
from protobuf_by_hand import field, fields

RATE = 48_000


def event(number, body):
    return field(3, field(number, body))


class Far:
    """An agent that waits, answers, marks the end, and is interrupted by what it hears."""

    def __init__(self, given):
        self.given = given
        self.connection = socket.create_connection(("127.0.0.1", given.port))
        self.answer = None
        self.speaks = self.heard = 0
        self.turns = 0
        self.is_deaf = False
        self.answers = Answers(given, RATE)

    def send(self, message):
        self.connection.sendall(struct.pack(">I", len(message)) + message)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more and self.given.then in {"bye", "raise"}:
                time.sleep(600)
            if not more:
                sys.exit(0)
            data += more
        return data

    def serve(self):
        while not self.is_deaf:
            told = fields(self.read(struct.unpack(">I", self.read(4))[0]))
            if 4 in told and 10 in fields(told[4]):
                info = field(1, b"python") + field(2, self.given.version.encode())
                self.send(field(5, field(1, fields(told[4])[1]) + field(11, info)))
            if 4 in told and 2 in fields(told[4]):
                self.send(field(5, field(1, fields(told[4])[1]) + field(3, b"")))
            if 1 in told:
                self.hear(fields(told[1]))
            if 8 in told:
                print("finished", flush=True)
                self.speaks = 0

    def hear(self, frame):
        assert (frame[2], frame[3], frame[4]) == (RATE, 1, len(frame[1]) // 2)
        if not is_audible(frame[1]):
            self.heard = 0
            return
        self.heard += 1
        if self.speaks and self.heard > 10:
            print("interrupted", flush=True)
            self.speaks = 0
            self.send(field(7, b""))
        if self.answer is not None:
            self.answer.cancel()
        self.answer = threading.Timer(self.given.wait, self.say)
        self.answer.daemon = True
        self.answer.start()

    def say(self):
        # Its answers are on a thread of their own: only the one that reads can hang all of it.
        if self.given.then == "hang":
            self.is_deaf = True
            return
        break_down(self.given.then)
        if self.given.then == "raise":
            self.connection.sendall(b"\0\0")
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.given.then == "bye":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.given.then == "garbage":
            self.send(b"\x0f" * 40)
        if self.given.then == "never reads":
            self.is_deaf = True
        if self.given.then == "flood":
            self.flood()
        while self.given.then == "text flood":
            self.send(event(10, field(1, 3) + field(2, 4)))
        self.turns += 1
        self.speaks = 1
        audio, asks = self.answers.following()
        if asks:
            call = field(1, field(3, b"{}") + field(4, b"look"))
            self.send(event(14, call + field(2, field(4, b"grey"))))
        self.send(event(10, field(1, 3) + field(2, 4)))
        self.send(event(12, field(1, field(1, field(2, 3) + field(3, field(1, b"Good day."))))))
        for start in range(0, len(audio), 9600):
            part = audio[start : start + 9600]
            shape = field(2, RATE) + field(3, 1) + field(4, len(part) // 2)
            self.send(field(2, field(1, part) + shape))
        self.send(field(6, b""))

    def flood(self):
        part = bytes(9_000_000)
        shape = field(2, RATE) + field(3, 1) + field(4, len(part) // 2)
        while True:
            self.send(field(2, field(1, part) + shape))


def main():
    given = options(version="1.8.9")
    break_before_ready(given.then)
    far = Far(given)
    if given.then in {"deaf", "mute"}:
        time.sleep(600)
    far.serve()
    time.sleep(600)


if __name__ == "__main__":
    main()
