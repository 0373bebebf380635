"""A recording as a voice, and a file that keeps what is heard."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from pydantic import StrictBool, model_validator

from soundstage.agent import Agent, AgentContext
from soundstage.audio import FrameCutter
from soundstage.config.values import Channel, OutputFile, SoundFile
from soundstage.errors import RecordingFailed
from soundstage.kernel import JobKind, handles
from soundstage.messages import Begin, CutOff, Frame, Tick, WindDown
from soundstage.messages.events import AgentSpeechStarted, AgentSpeechStopped, Warned
from soundstage.recordings import Recording, read_recording
from soundstage.results import Track
from soundstage.units import SILENCE, Samples

RECORDING = "recording"
"""What the playing of a recording is called in the log, where replies have their ids."""


class FileAgent(Agent):
    """Plays a recording once all agents are ready, or keeps all it hears as a WAV file, or both.

    In a room with a floor it plays while it has that, to the recording's end.

    It is ready when the recording has been read. A recording is no reply: its end is logged, and
    its turns are those that are found in its sound.
    """

    auto_ready: ClassVar[bool] = False
    cues: ClassVar[frozenset[str]] = frozenset()

    class Settings(Agent.Settings):
        """The keys of a file agent.

        Attributes:
            plays: the recording that is its voice, in any format that FFmpeg reads.
            channel: the only channel of `plays` that is heard, `left`, `right` or its number from
                1; all of them by default, averaged.
            keeps: the WAV file that is written with what it hears, on the run's time line: in the
                run folder, or to an absolute path where there is no file yet.
            repeat: whether the recording begins again at its end.
        """

        plays: SoundFile | None = None
        channel: Channel | None = None
        keeps: OutputFile | None = None
        repeat: StrictBool = False

        @model_validator(mode="after")
        def _has_a_file(self) -> Self:
            if self.plays is None and self.keeps is None:
                raise ValueError("a file agent needs plays, keeps or both")
            if self.repeat and self.plays is None:
                raise ValueError("there is nothing to repeat without plays")
            if self.channel is not None and self.plays is None:
                raise ValueError("channel goes with plays")
            return self

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Never: it plays a recording."""
        return False

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._frames: list[bytes] = []
        self._next = 0
        self._playing = False
        self._repeats = self.settings.repeat
        self._track: Track | None = None

    def started(self) -> None:
        """Read the recording, outside the actor; open the file that is kept."""
        super().started()
        plays, keeps = self.settings.plays, self.settings.keeps
        if keeps is not None:
            self._track = Track.open(self._file_for(keeps))
        if plays is None:
            self.ready()
        else:
            channel = self.settings.channel
            self.work(JobKind.IO, lambda: read_recording(Path(plays), channel=channel), self._have)

    @handles(Begin)
    def begin(self, _: Begin) -> None:
        """All agents are ready: play."""
        self._playing = bool(self._frames)

    @handles(WindDown)
    def wind_down(self, _: WindDown) -> None:
        """Do not begin the recording again."""
        self._repeats = False

    @handles(CutOff)
    def cut_off(self, _: CutOff) -> None:
        """The run ends now: stop."""
        self._end_recording(self.now)

    def settle(self) -> None:
        """However it ends, it is told that the recording was stopped."""
        self._end_recording(self.now)

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send the recording's next frame."""
        self._port.send(tick.pts, self._next_frame(tick.pts))
        if self._floor_grant.is_used(tick.pts, busy=self._playing):
            self.give_floor()

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Keep the mix."""
        if self._track is not None and frame.pcm is not SILENCE:
            self._track.write_at(frame.pts, frame.pcm)

    def closed(self) -> None:
        """However it ends, the file is whole: it is as long as the run was."""
        if self._track is not None:
            self._track.pad_to(self.now)
            self._track.close()

    def _file_for(self, keeps: OutputFile) -> Path:
        try:
            return keeps.created(self.context.folder)
        except FileExistsError:
            raise RecordingFailed(
                f"{keeps} is there already, and nothing is overwritten: remove it, or name a file "
                'of the run folder, as keeps = "heard.wav"'
            ) from None
        except OSError as error:
            raise RecordingFailed(f"{keeps} cannot be written ({error.strerror})") from None

    def _end_recording(self, pts: Samples) -> None:
        """Play no more of the recording."""
        was_heard, self._playing = self._playing and self._next > 0, False
        if was_heard:
            self.log_event(
                AgentSpeechStopped(pts=pts, agent=self.context.name, response=RECORDING, cut=True)
            )

    def _have(self, recording: Recording) -> None:
        for remark in recording.remarks:
            self.log_event(Warned(pts=self.now, agent=self.name, code="recording", message=remark))
        cutter = FrameCutter()
        self._frames = [*cutter.push(recording.pcm), *cutter.flush()]
        self.ready()

    def _next_frame(self, pts: Samples) -> bytes:
        if not (self._playing and self._floor_grant.may_begin(pts)):
            return SILENCE
        if self._next == 0:
            self.log_event(AgentSpeechStarted(pts=pts, agent=self.context.name, response=RECORDING))
        if self._next == len(self._frames):
            self.log_event(AgentSpeechStopped(pts=pts, agent=self.context.name, response=RECORDING))
            self._next = 0
            self._playing = self._repeats
            if self._floor_grant.held:
                self.give_floor()
            return self._next_frame(pts)
        frame = self._frames[self._next]
        self._next += 1
        return frame
