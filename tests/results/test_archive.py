from __future__ import annotations

import signal
import subprocess
import sys
import threading
import wave
from random import Random

import numpy as np
import pytest
from dummy_run import call
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.errors import RecordingFailed
from soundstage.messages.events import Joined
from soundstage.results import Archive, RunFolder, read_events
from soundstage.units import FRAME_SAMPLES, SILENCE

AGENTS = ("alice", "bob", "cleo")


def frame_of(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def played(path) -> np.ndarray:
    with wave.open(str(path)) as recording:
        pcm = recording.readframes(recording.getnframes())
        return np.frombuffer(pcm, np.int16).reshape(-1, recording.getnchannels())


def new_folder(tmp_path) -> RunFolder:
    return RunFolder.at(tmp_path / "run")


VALUES = st.dictionaries(st.sampled_from(AGENTS), st.integers(-32768, 32767))
TICKS = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 49, 50, 51, 200]), VALUES, VALUES, st.booleans()),
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(ticks=TICKS, rest=st.integers(0, 60_000))
def test_all_tracks_have_every_frame_at_its_time_and_end_together(tmp_path_factory, ticks, rest):
    folder = new_folder(tmp_path_factory.mktemp("archive"))
    archive = Archive.open(folder, AGENTS)
    expected: dict[tuple[str, str], list[tuple[int, int]]] = {}
    pts = -FRAME_SAMPLES
    for step, said, heard, flush in ticks:
        pts += step * FRAME_SAMPLES
        archive.frame(
            pts,
            {agent: frame_of(value) for agent, value in said.items()},
            {agent: frame_of(value) for agent, value in heard.items()},
        )
        for track, values in (("said", said), ("heard", heard)):
            for agent, value in values.items():
                expected.setdefault((agent, track), []).append((pts, value))
        if flush:
            archive.flush()
    end = max(pts + FRAME_SAMPLES, rest)
    archive.close(rest)
    for agent in AGENTS:
        for track in ("said", "heard"):
            model = np.zeros(end, np.int16)
            for start, value in expected.get((agent, track), ()):
                model[start : start + FRAME_SAMPLES] = value
            assert np.array_equal(played(folder.audio(agent, track))[:, 0], model)
    assert played(folder.mix).shape == (end, 2)


def test_the_mix_does_not_depend_on_when_the_files_are_written(tmp_path):
    mixes = []
    for number, flush_every in enumerate((1, 7, 1000)):
        random = Random(3)
        folder = RunFolder.at(tmp_path / str(number))
        archive = Archive.open(folder, AGENTS)
        for tick in range(120):
            said = {agent: random.randbytes(960) for agent in AGENTS if random.random() < 0.7}
            archive.frame(tick * FRAME_SAMPLES, said, {})
            if tick % flush_every == 0:
                archive.flush()
        archive.close(0)
        mixes.append(folder.mix.read_bytes())
    assert mixes[0] == mixes[1] == mixes[2]
    assert len(set(mixes[0][80:])) > 200


def test_frames_that_are_left_out_are_the_same_as_frames_of_silence(tmp_path):
    folders = [RunFolder.at(tmp_path / name) for name in ("stepped", "jumped")]
    for folder in folders:
        archive = Archive.open(folder, AGENTS)
        for tick in range(500):
            speaks = tick < 30 or tick > 450
            if speaks:
                archive.frame(tick * FRAME_SAMPLES, {"bob": frame_of(tick)}, {"alice": SILENCE})
            elif folder is folders[0]:
                archive.frame(tick * FRAME_SAMPLES, dict.fromkeys(AGENTS, SILENCE), {})
        archive.close(300_000)
    files = [sorted(folder.sounds.iterdir()) for folder in folders]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    for stepped, jumped in zip(*files, strict=True):
        assert stepped.read_bytes() == jumped.read_bytes()


def test_the_first_agent_is_left_and_the_second_right(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, ("alice", "bob"))
    archive.frame(0, {"alice": frame_of(100), "bob": frame_of(-7)}, {})
    archive.close(0)
    assert np.array_equal(played(folder.mix), [[100, -7]] * FRAME_SAMPLES)


def test_only_what_is_asked_for_is_kept(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, ("alice", "bob"), tracks=("said",), mix=False)
    archive.frame(0, {"alice": frame_of(1)}, {"bob": frame_of(1)})
    archive.close(0)
    assert [path.name for path in sorted(folder.sounds.iterdir())] == ["alice.wav", "bob.wav"]


def test_the_mix_needs_no_tracks(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, ("alice", "bob"), tracks=())
    archive.frame(0, {"alice": frame_of(5)}, {})
    archive.close(0)
    assert [path.name for path in folder.sounds.iterdir()] == ["mix.wav"]
    assert played(folder.mix)[0, 0] == 5


def test_a_run_that_ends_before_its_first_frame_leaves_whole_files(tmp_path):
    folder = new_folder(tmp_path)
    Archive.open(folder, AGENTS).close(0)
    assert [len(played(path)) for path in folder.sounds.iterdir()] == [0] * 7


def test_events_are_in_the_log_when_it_is_flushed(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, ("alice", "bob"))
    for event in call():
        archive.event(event)
    archive.flush()
    assert list(read_events(folder.events)) == call()
    archive.close(0)


def test_everything_is_written_once_a_second_at_least(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, ("alice", "bob"))
    archive.event(Joined(pts=0, agent="alice"))
    for tick in range(51):
        archive.frame(tick * FRAME_SAMPLES, {"alice": frame_of(1)}, {})
    assert list(read_events(folder.events)) == [Joined(pts=0, agent="alice")]
    assert {len(played(path)) for path in folder.sounds.iterdir()} == {24_000}
    archive.close(0)


def test_time_that_goes_back_is_refused(tmp_path):
    archive = Archive.open(new_folder(tmp_path), ("alice",))
    archive.frame(960, {}, {})
    with pytest.raises(ValueError, match="960 comes after 1440"):
        archive.frame(960, {}, {})
    archive.close(0)


def test_closing_twice_does_nothing(tmp_path):
    archive = Archive.open(new_folder(tmp_path), ("alice",))
    archive.close(480)
    archive.close(960)


def test_a_file_that_cannot_be_made_is_a_failure_that_leaves_none_open(tmp_path):
    folder = new_folder(tmp_path)
    folder.audio("bob").mkdir()
    with pytest.raises(RecordingFailed, match=r"bob\.wav"):
        Archive.open(folder, AGENTS)


FILL = """
import resource, sys
from pathlib import Path
from soundstage.errors import RecordingFailed
from soundstage.messages.events import Joined
from soundstage.results import Archive, RunFolder

folder = RunFolder.at(Path(sys.argv[1]))
archive = Archive.open(folder, ("alice", "bob"))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
failures = 0
for tick in range(400):
    try:
        archive.event(Joined(pts=tick * 480, agent="alice"))
        archive.frame(tick * 480, {"alice": b"\\1\\0" * 480}, {"bob": b"\\1\\0" * 480})
    except RecordingFailed:
        failures += 1
try:
    archive.close(0)
except RecordingFailed:
    failures += 1
print(failures)
"""


def test_files_that_may_grow_no_more_fail_and_stay_playable_while_the_log_goes_on(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path / "run")],
        check=True,
        capture_output=True,
        text=True,
    )
    folder = RunFolder(tmp_path / "run")
    assert int(done.stdout) > 1
    assert len(played(folder.audio("alice"))) == (200_000 - 80) // 2
    assert played(folder.audio("alice")).all()
    assert len(played(folder.mix)) == (200_000 - 80) // 4
    assert len(list(read_events(folder.events))) == 400


WRITE = """
import itertools, sys
from pathlib import Path
from soundstage.messages.events import Joined
from soundstage.results import Archive, RunFolder

archive = Archive.open(RunFolder.at(Path(sys.argv[1])), ("alice", "bob"))
for tick in itertools.count():
    archive.event(Joined(pts=tick * 480, agent="alice"))
    archive.frame(tick * 480, {"alice": b"\\1\\0" * 480}, {"bob": b"\\1\\0" * 480})
    if tick == 200:
        print("written", flush=True)
"""


def test_a_killed_process_leaves_playable_tracks_and_a_readable_log(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    folder = RunFolder(tmp_path / "run")
    recordings = {path.name: played(path) for path in folder.sounds.iterdir()}
    assert all(len(recording) >= 4 * 24_000 for recording in recordings.values())
    assert recordings["alice.wav"].all()
    assert recordings["mix.wav"][:, 0].all()
    assert not recordings["alice.heard.wav"].any()
    events = list(read_events(folder.events))
    assert len(events) >= 200
    assert [event.pts for event in events] == [tick * 480 for tick in range(len(events))]


def test_what_waits_is_saved_from_another_thread_and_the_run_can_go_on(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, AGENTS)
    archive.event(Joined(pts=0, agent="bob"))
    archive.frame(0, {"bob": frame_of(7)}, {})
    saving = threading.Thread(target=archive.rescue)
    saving.start()
    saving.join()
    assert list(read_events(folder.events)) == [Joined(pts=0, agent="bob")]
    assert played(folder.audio("bob"))[:, 0].tolist() == [7] * FRAME_SAMPLES
    archive.frame(FRAME_SAMPLES, {"bob": frame_of(8)}, {})
    archive.close()
    assert len(played(folder.audio("bob"))) == 2 * FRAME_SAMPLES


def test_a_recorder_that_hangs_does_not_hold_up_what_saves(tmp_path):
    archive = Archive.open(new_folder(tmp_path), AGENTS)
    with archive._lock:
        saving = threading.Thread(target=archive.rescue)
        saving.start()
        saving.join(2)
        assert not saving.is_alive()
    archive.close()
    archive.rescue()


def test_a_mix_of_what_was_heard_has_what_the_first_two_agents_heard(tmp_path):
    folder = new_folder(tmp_path)
    archive = Archive.open(folder, AGENTS, ("said",), mix="heard")
    archive.frame(0, {"alice": frame_of(5)}, {"alice": frame_of(7), "bob": frame_of(9)})
    archive.close()
    assert (played(folder.mix) == [7, 9]).all()
    assert not folder.audio("alice", "heard").exists()
