"""The next ticks of a Live session, as far as nothing but sound passes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.live.server.answers import Answers
    from soundstage.live.server.speaker.duplex import DuplexDecisions
    from soundstage.live.server.speaker.ears import Ears
    from soundstage.live.server.speaker.output_audio import AudioTrack
    from soundstage.live.server.speaker.session_timeline import Timeline
    from soundstage.live.server.speaker.voice_track import VoiceTrack
    from soundstage.live.server.usage_meter import UsageMeter
    from soundstage.units import Samples


class ForeseenTicks:
    """The frames that a call's session will put out, and those that it will hear.

    A simulated run looks ahead with this, and takes many frames at once where nothing is told.
    What asks changes nothing; `skip` and `hear` do what the frames would have done one by one.
    """

    def __init__(
        self,
        timeline: Timeline,
        usage: UsageMeter,
        ears: Ears,
        duplex: DuplexDecisions,
        voice: VoiceTrack,
        answers: Answers,
        track: AudioTrack,
    ) -> None:
        self._timeline = timeline
        self._usage = usage
        self._ears = ears
        self._duplex = duplex
        self._voice = voice
        self._answers = answers
        self._track = track

    def foresee(self, now: Samples, most: int, ends: Samples) -> list[bytes]:
        """The frames that `advance` will give from this time on, as long as nothing else happens.

        It holds as long as no event comes, and what is heard means nothing, as `foresee_hearing`
        tells.

        Args:
            now: the time of the first one.
            most: how many are wanted.
            ends: when the session is over.
        """
        lasting = (ends - now) // FRAME_SAMPLES
        most = min(most, lasting, self._usage.foresee(now), self._answers.foresee())
        if most <= 0:
            return []
        # What is heard in a tick makes the frame of the next one.
        said = self._voice.foresee(most)
        return [*self._track.waiting(), *said][: len(said)]

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:  # noqa: ARG002 - as Realtime
        """In none of the ticks that are foreseen: where words are told, none is."""
        return ()

    def foresee_hearing(self, judged: Iterable[tuple[float, Samples]]) -> int:
        """How many of the next frames of the caller mean nothing.

        Args:
            judged: of each frame, the `probability` and the `lag` that `ServerSession.hear` takes.
        """
        return self._ears.foresee(judged, self._patience())

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks have passed, the first one at this time, whose frames were foreseen."""
        self._usage.skip(now + (ticks - 1) * FRAME_SAMPLES)

    def hear(self, pcm: bytes, judged: Sequence[tuple[float, Samples]]) -> None:
        """Frames of the caller that mean nothing, all of them as one sound, in foreseen ticks."""
        ticks = len(judged)
        self._ears.hear_block(pcm, judged, over=self._voice.is_heard)
        self._track.pass_on(self._voice.skip(ticks))
        self._timeline.advance(ticks)

    def _patience(self) -> Samples | None:
        """How much more speech it hears before it does something; None where it does nothing."""
        stretch = self._ears.stretch
        if stretch is None:
            return None
        if self._voice.is_heard:
            return self._duplex.patience(stretch)
        if self._voice.is_busy or self._answers.is_thinking:
            return None
        return self._duplex.until_nod(stretch)
