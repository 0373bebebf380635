"""A simulated run opens no connection: neither ours nor one of a dependency, compiled ones too.

Some libraries send usage reports unless they are told not to. So the run is played in a process
that may open no socket of the internet: Python's audit hook names the place of the attempt, and on
Linux the kernel (seccomp, see seccomp(2)) ends the process at the attempt of compiled code.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BLOCKED = """
import ctypes
import ipaddress
import platform
import struct
import sys

CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # its number, and socket()'s
FAMILIES = (2, 10)  # AF_INET, AF_INET6
KILL, ALLOW = 0x80000000, 0x7FFF0000
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2


def is_outside(address):
    host = address[0] if isinstance(address, tuple) else ""
    try:
        return bool(host) and not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and is_outside(arguments[1]):
        raise PermissionError(f"connects to {arguments[1]}")
    if event == "socket.getaddrinfo" and is_outside((arguments[0] or "",)):
        raise PermissionError(f"looks up {arguments[0]}")


def kill_at_a_socket():
    known = CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return
    architecture, number = known
    load, equal, give = 0x20, 0x15, 0x06
    steps = (
        (load, 0, 0, 4), (equal, 0, 5, architecture),
        (load, 0, 0, 0), (equal, 0, 3, number),
        (load, 0, 0, 16), (equal, 2, 0, FAMILIES[0]), (equal, 1, 0, FAMILIES[1]),
        (give, 0, 0, ALLOW), (give, 0, 0, KILL),
    )
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(SET_SECCOMP, FILTER, ctypes.c_char_p(program), 0, 0) == 0


sys.addaudithook(refuse)
"""

RUN = """
kill_at_a_socket()
from soundstage.cli import run_scenario
run_scenario()
"""

SIGSYS = -31

TALK = """
[scenario]
seed = 4
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "Goodbye."]
[agents.ben]
voice = "ash"
[agents.ben.local]
lines = ["Nice to hear you.", "See you soon."]
[[links]]
between = ["ann", "ben"]
[end]
turns = 3
max = "30s"
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
def test_a_simulated_run_opens_no_connection(tmp_path: Path) -> None:
    file = tmp_path / "talk.toml"
    file.write_text(TALK)
    options = ("--clock", "virtual", "--ui", "plain", "--no-cache", "--out", str(tmp_path / "run"))
    done = python(RUN, str(file), *options)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert "ann: Hello there." in done.stdout


def test_the_hook_refuses_an_address_and_a_name_that_are_not_here() -> None:
    for attempt in (
        "import socket; socket.socket().connect(('192.0.2.1', 80))",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 80))",
        "import socket; socket.getaddrinfo('telemetry.example', 443)",
    ):
        done = python(attempt)
        assert "PermissionError" in done.stderr, attempt


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
    reason="the filter is written for Linux on x86-64 and arm64",
)
def test_the_kernel_ends_a_process_that_opens_a_socket_in_compiled_code() -> None:
    code = "kill_at_a_socket()\nctypes.CDLL(None).socket({family}, 1, 0)\nprint('open')"
    assert python(code.format(family=2)).returncode == SIGSYS
    assert python(code.format(family=10)).returncode == SIGSYS
    assert python(code.format(family=1)).stdout == "open\n"
