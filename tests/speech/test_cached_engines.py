"""Voices and words, from the cache and from an engine."""

from itertools import islice

import pytest

from soundstage.cache import Cache
from soundstage.errors import WeightsMismatch
from soundstage.speech import Engines, Recognition, SpeechPart, WordTiming, identities
from soundstage.speech.cached_engines import CachedRecognizer, CachedSynthesizer
from soundstage.speech.identities import IdentifiedEngine, Identity

PARTS = tuple(
    SpeechPart(bytes([number]) * 100, (WordTiming(f"word{number}", 0, 50),), f"word{number}")
    for number in range(3)
)
IDENTITY = Identity("1", "f", ("ash", "echo"))


class Talker:
    """Says three parts of everything, and counts them."""

    name, version, fingerprint, voices = "talker", "1", "f", ("ash", "echo")

    def __init__(self):
        self.made = []

    def synthesize(self, text, voice, speed=1.0):
        if voice not in self.voices:
            raise ValueError(f"no voice {voice}")
        return self._parts(text)

    def _parts(self, text):
        for part in PARTS[: len(text)]:
            self.made.append((text, part.text))
            yield part


class Listener:
    name, version, fingerprint = "listener", "1", "f"

    def __init__(self):
        self.heard = []

    def recognize(self, pcm):
        self.heard.append(pcm)
        return Recognition(f"{len(pcm)} bytes", 0.1 + 0.2, -0.3)


def synthesizer(engine, cache, identity=IDENTITY):
    return CachedSynthesizer(IdentifiedEngine("talker", identity, lambda: engine), cache)


def recognizer(engine, cache):
    return CachedRecognizer(IdentifiedEngine("listener", Identity("1", "f"), lambda: engine), cache)


def forbidden():
    raise AssertionError("an engine was loaded")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)


@pytest.fixture
def again(tmp_path):
    """The cache as the next process finds it."""
    return lambda: Cache(tmp_path)


def test_what_was_said_once_is_not_said_again(cache, again):
    talker = Talker()
    assert tuple(synthesizer(talker, cache).synthesize("abc", "ash")) == PARTS
    warm = CachedSynthesizer(IdentifiedEngine("talker", IDENTITY, forbidden), again())
    assert tuple(warm.synthesize("abc", "ash")) == PARTS
    assert warm.voices == ("ash", "echo")


def test_an_utterance_in_which_nothing_is_said_is_kept_too(cache, again):
    assert tuple(synthesizer(Talker(), cache).synthesize("", "ash")) == ()
    warm = CachedSynthesizer(IdentifiedEngine("talker", IDENTITY, forbidden), again())
    assert tuple(warm.synthesize("", "ash")) == ()


@pytest.mark.parametrize("asked", [0, 1, 2, 3])
def test_an_utterance_that_was_broken_off_is_gone_on_with(cache, again, asked):
    talker = Talker()
    said = tuple(islice(synthesizer(talker, cache).synthesize("abc", "ash"), asked))
    assert said == PARTS[:asked]
    assert len(talker.made) == asked
    assert tuple(synthesizer(Talker(), again()).synthesize("abc", "ash")) == PARTS
    warm = CachedSynthesizer(IdentifiedEngine("talker", IDENTITY, forbidden), again())
    assert tuple(warm.synthesize("abc", "ash")) == PARTS


@pytest.mark.parametrize(
    ("text", "voice", "speed"), [("ab", "ash", 1.0), ("abc", "echo", 1.0), ("abc", "ash", 1.1)]
)
def test_another_text_voice_or_speed_is_another_utterance(cache, text, voice, speed):
    talker = Talker()
    list(synthesizer(talker, cache).synthesize("abc", "ash"))
    made = len(talker.made)
    list(synthesizer(talker, cache).synthesize(text, voice, speed))
    assert len(talker.made) > made


@pytest.mark.parametrize("identity", [Identity("2", "f"), Identity("1", "g")])
def test_another_version_or_other_weights_say_it_anew(cache, identity):
    list(synthesizer(Talker(), cache).synthesize("abc", "ash"))
    other = Talker()
    other.version, other.fingerprint = identity.version, identity.fingerprint
    list(synthesizer(other, cache, identity).synthesize("abc", "ash"))
    assert len(other.made) == 3


def test_another_kind_of_machine_says_it_anew(cache, monkeypatch):
    list(synthesizer(Talker(), cache).synthesize("abc", "ash"))
    monkeypatch.setattr(identities, "machine", lambda: "numpy=9 z80")
    other = Talker()
    list(synthesizer(other, cache).synthesize("abc", "ash"))
    assert len(other.made) == 3


def test_an_unknown_voice_is_refused_at_once(cache):
    with pytest.raises(ValueError, match="no voice nonesuch"):
        synthesizer(Talker(), cache).synthesize("abc", "nonesuch")


def test_an_entry_that_means_nothing_is_made_anew(cache):
    identified = IdentifiedEngine("talker", IDENTITY, Talker)
    cache.put("speech", identified.key("abc", "ash", "1.0"), b"not msgpack")
    assert tuple(CachedSynthesizer(identified, cache).synthesize("abc", "ash")) == PARTS


def test_what_was_heard_once_is_not_recognised_again_and_gives_the_same_to_the_bit(cache, again):
    listener = Listener()
    cold = recognizer(listener, cache).recognize(b"sound")
    warm = CachedRecognizer(IdentifiedEngine("listener", Identity("1", "f"), forbidden), again())
    assert warm.recognize(b"sound") == cold
    recognizer(listener, again()).recognize(b"other")
    assert listener.heard == [b"sound", b"other"]


def test_an_engine_that_is_not_what_was_announced_is_not_used(cache):
    impostor = Talker()
    impostor.fingerprint = "other"
    with pytest.raises(WeightsMismatch, match=r"'talker' is 1 other, but announced as 1 f"):
        synthesizer(impostor, cache).synthesize("abc", "ash")


def test_the_shipped_engines_are_what_they_are_announced_to_be(engines, cache):
    identified = Engines(cache=cache)
    for name in ("synthesizer", "recognizer", "vad"):
        real, said = getattr(engines, name), getattr(identified, name)
        assert (said.name, said.version, said.fingerprint) == (
            real.name,
            real.version,
            real.fingerprint,
        )
    assert identified.synthesizer.voices == engines.synthesizer.voices


def test_the_engines_of_a_run_are_told_though_none_was_loaded(cache):
    engines = Engines(cache=cache)
    assert engines.used() == {}
    assert engines.vad.name == "silero"
    assert engines.synthesizer.name == "hibari"
    assert list(engines.used()) == ["hibari", "silero"]


def test_the_parts_of_a_key_have_places():
    identified = IdentifiedEngine("talker", IDENTITY, forbidden)
    assert identified.key("ab", "") != identified.key("a", "b")
