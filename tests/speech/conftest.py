"""The real engines, loaded once: they are quick enough for every test."""

import pytest

from soundstage.speech import Engines


@pytest.fixture(scope="session")
def engines():
    return Engines()


@pytest.fixture(scope="session")
def synthesizer(engines):
    return engines.synthesizer


@pytest.fixture(scope="session")
def recognizer(engines):
    return engines.recognizer


@pytest.fixture(scope="session")
def vad(engines):
    return engines.vad
