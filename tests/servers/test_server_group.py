"""Programs that a run needs: started, ready, and gone afterwards."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from soundstage.errors import ServerFailed
from soundstage.secrets import Secret
from soundstage.servers import Readiness, ServerGroup, ServerProgram

pytestmark = pytest.mark.realtime

LISTENS = """
import os, socket, subprocess, sys, time
if "child" in sys.argv:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
if "late" in sys.argv:
    time.sleep(0.3)
print("word", os.environ.get("WORD"), os.environ["PORT"], os.environ["SOUNDSTAGE"], flush=True)
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("ready", flush=True)
    time.sleep(600)
"""


def program(*more, **changed):
    given = {
        "name": "desk",
        "command": ("{python}", "-c", LISTENS, "{port}", *more),
        "folder": Path.cwd(),
        "timeout": 30.0,
        "stop": 2.0,
    }
    return ServerProgram(**{**given, **changed})


def children():
    return psutil.Process().children(recursive=True)


def test_a_program_is_ready_when_it_listens_and_gone_afterwards(tmp_path):
    before = children()
    with ServerGroup([program("late")], tmp_path) as group:
        server = group.running["desk"]
        with socket.create_connection(("127.0.0.1", server.port), 5):
            pass
        assert not server.has_ended()
    assert server.has_ended()
    assert children() == before


def test_what_a_program_writes_is_kept_and_its_variables_are_filled_in(tmp_path):
    made = program(env={"WORD": Secret("{port}")}, ready=Readiness(log="READY"))
    with ServerGroup([made], tmp_path) as group:
        port = group.running["desk"].port
    assert (tmp_path / "servers" / "desk.log").read_text() == f"word {port} {port} 1\nready\n"


def test_a_program_that_writes_much_before_it_is_ready_is_ready_all_the_same(tmp_path):
    source = LISTENS.replace("import os", "print('x' * 3_000_000)\nimport os", 1)
    made = program(command=("{python}", "-c", source, "{port}"), ready=Readiness(log="ready"))
    with ServerGroup([made], tmp_path) as group:
        assert not group.running["desk"].has_ended()


def test_what_a_program_has_started_ends_with_it(tmp_path):
    with ServerGroup([program("child")], tmp_path) as group:
        leader = psutil.Process(group.running["desk"].pid)
        started = leader.children(recursive=True)
        assert len(started) == 1
    # It was killed, and may not have noticed yet.
    psutil.wait_procs(started, timeout=5)
    assert not any(each.is_running() and each.status() != "zombie" for each in started)


def test_a_program_that_ends_before_it_is_ready_is_told_with_its_last_lines(tmp_path):
    made = program(command=("{python}", "-c", "import sys; sys.exit('no such model')"))
    with pytest.raises(ServerFailed, match=r"exit code 1 before it was ready.*\n  no such model"):
        ServerGroup([made], tmp_path).__enter__()
    assert children() == []


def test_a_program_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ServerFailed, match="no such program on PATH"):
        ServerGroup([program(command=("no-such-bot",))], tmp_path).__enter__()


def test_a_port_that_is_taken_is_told_and_may_be_used(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerFailed, match=f"the port {port} .* is taken"):
            ServerGroup([program(port=port)], tmp_path).__enter__()
        with ServerGroup([program(port=port, reuse=True)], tmp_path) as group:
            assert (group.running["desk"].port, group.running["desk"].pid) == (port, 0)
            assert not group.running["desk"].has_ended()


def test_a_program_ends_even_if_we_are_killed(tmp_path):
    source = f"""
import os, signal, sys
from pathlib import Path
from soundstage.servers import ServerGroup, ServerProgram
command = ("{{python}}", "-c", {LISTENS!r}, "{{port}}")
made = ServerProgram(name="desk", command=command, folder=Path())
with ServerGroup([made], Path({str(tmp_path)!r})) as group:
    print(group.running["desk"].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], check=False, capture_output=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    for _ in range(300):
        try:
            os.kill(pid, 0)
            if psutil.Process(pid).status() == "zombie":
                return
            psutil.Process(pid).wait(0.1)
        except (ProcessLookupError, psutil.NoSuchProcess):
            return
        except psutil.TimeoutExpired:
            continue
    pytest.fail("the program lives on")
