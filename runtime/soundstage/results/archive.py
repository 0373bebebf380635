"""What is written while a run goes on: the recordings and the event log."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final, Literal

from soundstage.audio import StereoMixer
from soundstage.errors import RecordingFailed
from soundstage.results.event_log import EventLog
from soundstage.results.run_folder import TRACKS
from soundstage.results.tracks import Track
from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, SAMPLE_RATE, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from soundstage.results.event_log import AnyEvent
    from soundstage.results.run_folder import RunFolder

_BLOCK: Final[Samples] = SAMPLE_RATE
"""What is gathered in memory before it is written."""

_RESCUED_WITHIN: Final = 0.2
"""Seconds until a recorder that hangs is given up."""


class Archive:
    """Records a run: called every 20 ms, writes once a second.

    An archive that fails goes on as well as it can: every file is written as far as its disk
    allows, and the files stay playable and parseable.
    """

    def __init__(
        self,
        log: EventLog,
        said: Sequence[_Lane],
        heard: Sequence[_Lane],
        mix: Track | None,
        *,
        mixes_heard: bool = False,
    ) -> None:
        self._log = log
        self._said = said
        self._heard = heard
        self._mix = mix
        self._mixes_heard = mixes_heard
        self._mixer = StereoMixer(min(2, len(heard)) if mixes_heard else len(said))
        self._start: Samples = 0
        self._end: Samples = 0
        self._finished = False
        self._failure: RecordingFailed | None = None
        # Held around everything, so that what waits can be saved from another thread.
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        folder: RunFolder,
        agents: Sequence[str],
        tracks: Collection[str] = ("said", "heard"),
        *,
        mix: bool | Literal["heard"] = True,
    ) -> Archive:
        """Create the files of a run.

        Args:
            folder: where.
            agents: names, in the order of their declaration; the first is on the left of the mix
                and the second on the right.
            tracks: which of `said` and `heard` to keep of every agent.
            mix: whether to keep a stereo mix of what was said; `heard` for one of what the first
                two agents heard, as a listener has to hear why something was misheard.

        Raises:
            RecordingFailed: a file cannot be written.
        """
        with ExitStack() as undo:

            def opened(path: Path, channels: int = 1) -> Track:
                track = Track.open(path, channels=channels)
                undo.callback(track.close)
                return track

            log = EventLog.open(folder.events)
            undo.callback(log.close)
            keep = {track: track in tracks for track in TRACKS}
            said = [_Lane(a, opened(folder.audio(a)) if keep["said"] else None) for a in agents]
            listeners = agents if keep["heard"] or mix == "heard" else ()
            heard = [
                _Lane(a, opened(folder.audio(a, "heard")) if keep["heard"] else None)
                for a in listeners
            ]
            picture = opened(folder.mix, channels=2) if mix else None
            undo.pop_all()
        return cls(log, said, heard, picture, mixes_heard=mix == "heard")

    def frame(self, pts: Samples, said: Mapping[str, bytes], heard: Mapping[str, bytes]) -> None:
        """Record 20 ms of all agents; an agent that is missing was silent.

        Args:
            pts: the time of the first sample, not before the end of the frame before; time
                that is left out is silence.
            said: agent to the frame it sent.
            heard: agent to the mix it received.

        Raises:
            RecordingFailed: a file takes no more; the others have their share.
            ValueError: `pts` goes back.
        """
        with self._lock:
            if pts < self._end:
                raise ValueError(f"a frame at {pts} comes after {self._end} has been recorded")
            try:
                if pts >= self._start + _BLOCK:
                    self._try([partial(self._turn_over, pts)])
            finally:
                for lane in self._said:
                    if (pcm := said.get(lane.agent, SILENCE)) is not SILENCE:
                        lane.add(pts, pcm)
                for lane in self._heard:
                    if (pcm := heard.get(lane.agent, SILENCE)) is not SILENCE:
                        lane.add(pts, pcm)
                self._end = pts + FRAME_SAMPLES

    def frames(
        self,
        pts: Samples,
        ticks: int,
        said: Mapping[str, Sequence[bytes]],
        heard: Mapping[str, Sequence[bytes]],
    ) -> None:
        """Record the frames of several ticks, as `frame` would one after the other.

        Args:
            pts: of the first one.
            ticks: how many there are.
            said: agent to the frames it sent; an agent that is missing was silent.
            heard: agent to the mixes it received, likewise.

        Raises:
            RecordingFailed: a file takes no more; the others have their share.
            ValueError: `pts` goes back.
        """
        lanes = [(lane, said) for lane in self._said] + [(lane, heard) for lane in self._heard]
        sounding = [
            (lane, frames)
            for lane, of_all in lanes
            if (frames := of_all.get(lane.agent)) is not None
        ]
        with self._lock:
            if pts < self._end:
                raise ValueError(f"a frame at {pts} comes after {self._end} has been recorded")
            first = 0
            while first < ticks:
                begin = pts + first * FRAME_SAMPLES
                # What is gathered is written with the first frame that is past the block.
                room = -(-(self._start + _BLOCK - begin) // FRAME_SAMPLES)
                past = ticks if room <= 0 else min(ticks, first + room)
                try:
                    if room <= 0:
                        self._try([partial(self._turn_over, begin)])
                        past = min(ticks, first + _BLOCK // FRAME_SAMPLES)
                finally:
                    for lane, frames in sounding:
                        lane.add_block(begin, frames[first:past])
                    self._end = pts + past * FRAME_SAMPLES
                first = past

    def event(self, event: AnyEvent) -> None:
        """Write an event to the log.

        Raises:
            RecordingFailed: the log takes no more.
            TypeError: a value in the event has no JSON form.
        """
        self._try([partial(self._log.write, event)])

    @property
    def has_events(self) -> bool:
        """Whether the log has begun."""
        return self._log.has_events

    def flush(self) -> None:
        """Write what waits in memory, and make all tracks equally long.

        Raises:
            RecordingFailed: a file takes no more.
        """
        self._try([partial(self._turn_over, self._end)])

    def rescue(self) -> None:
        """Write what waits in memory, from a thread beside that of the recorder.

        For a process that is about to end by force: it gives up after 0.2 s where the recorder
        hangs on a disk.

        Raises:
            RecordingFailed: a file takes no more.
        """
        if self._lock.acquire(timeout=_RESCUED_WITHIN):
            try:
                self._try([self._log.flush if self._finished else self.flush])
            finally:
                self._lock.release()

    def finish(self, end_pts: Samples) -> None:
        """Write what waits, end all tracks at the same sample, and close them; the log stays open.

        Args:
            end_pts: the end of the run; what was recorded beyond it is kept.

        Raises:
            RecordingFailed: a file takes no more, or did not at any time before: the recording is
                not whole. Everything is closed all the same.
        """
        with self._lock:
            if self._finished:
                self._try([self._log.flush])
            else:
                self._finished = True
                tracks = self._tracks()
                end = max(self._end, end_pts)
                ends = [partial(track.pad_to, end) for track in tracks]
                closings = [track.close for track in tracks]
                self._try([self.flush, *ends, *closings])
        if self._failure is not None:
            raise self._failure

    def close(self, end_pts: Samples = 0) -> None:
        """Finish, and close the log.

        Args:
            end_pts: the end of the run; what was recorded beyond it is kept.

        Raises:
            RecordingFailed: a file takes no more; it is closed all the same.
        """
        self._try([partial(self.finish, end_pts), self._log.close])

    def end_log(self, last: AnyEvent) -> None:
        """Write the last line of the log, and close it.

        Raises:
            RecordingFailed: the log takes no more; it is closed all the same.
        """
        self._try([partial(self._log.write, last), self._log.close])

    def _tracks(self) -> list[Track]:
        """Every file of sound."""
        tracks = [lane.track for lane in (*self._said, *self._heard)]
        return [track for track in (*tracks, self._mix) if track is not None]

    def _turn_over(self, start: Samples) -> None:
        """Write the block that has been gathered; the next one begins at `start`."""
        begun, self._start = self._start, start
        length = self._end - begun
        said = [lane.take(begun, length) for lane in self._said]
        heard = [lane.take(begun, length) for lane in self._heard]
        recordings = list(zip((*self._said, *self._heard), (*said, *heard), strict=True))
        steps = [
            partial(self._record, lane.track, begun, block)
            for lane, block in recordings
            if lane.track is not None
        ]
        if self._mix is not None:
            voices = heard[:2] if self._mixes_heard else said
            audible = any(block is not None for block in voices)
            picture = self._mixer.mix(voices, length) if audible else None
            steps.append(partial(self._record, self._mix, begun, picture))
        self._try([*steps, self._log.flush])

    def _record(self, track: Track, begun: Samples, block: bytes | None) -> None:
        """Write one track's share of the block."""
        if block is not None:
            track.write_at(begun, block)
        track.pad_to(self._end)
        track.flush()

    def _try(self, steps: Sequence[Callable[[], None]]) -> None:
        """Take every step, whatever becomes of the others; then raise the first failure."""
        failures: list[RecordingFailed] = []
        with self._lock:
            for step in steps:
                try:
                    step()
                except RecordingFailed as failure:
                    failures.append(failure)
        if failures:
            self._failure = self._failure or failures[0]
            raise failures[0]


class _Lane:
    """What has been gathered of one track since it was last written."""

    def __init__(self, agent: str, track: Track | None = None) -> None:
        self.agent = agent
        self.track = track
        self._frames: list[tuple[Samples, bytes]] = []

    def add(self, pts: Samples, pcm: bytes) -> None:
        """Gather a frame that is not silent."""
        self._frames.append((pts, pcm))

    def add_block(self, pts: Samples, frames: Sequence[bytes]) -> None:
        """Gather the frames of several ticks."""
        if all(pcm is not SILENCE for pcm in frames):
            self._frames += zip(count(pts, FRAME_SAMPLES), frames, strict=False)
            return
        self._frames += [
            (at, pcm)
            for at, pcm in zip(count(pts, FRAME_SAMPLES), frames, strict=False)
            if pcm is not SILENCE
        ]

    def take(self, start: Samples, length: Samples) -> bytes | None:
        """All that was gathered as one block, or None if that is silence."""
        if not self._frames:
            return None
        frames, self._frames = self._frames, []
        if len(frames) * FRAME_SAMPLES == length:
            return b"".join(pcm for _, pcm in frames)
        block = bytearray(length * SAMPLE_BYTES)
        for pts, pcm in frames:
            offset = (pts - start) * SAMPLE_BYTES
            block[offset : offset + len(pcm)] = pcm
        return bytes(block)
