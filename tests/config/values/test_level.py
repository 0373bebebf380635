from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import BaseModel

from soundstage.config.values import Level, Ratio


class Sample(BaseModel):
    gain: Level = Level("-6dB")
    rate: Ratio = Ratio("3%")


def test_a_level_is_a_factor_and_a_ratio_a_share():
    assert Level("-6dB").gain == pytest.approx(0.501187)
    assert Level("+20dB").gain == pytest.approx(10)
    assert Ratio("3%") == pytest.approx(0.03)
    assert (str(Level("-6.5dB")), str(Ratio("2.5%"))) == ("-6.5dB", "2.5%")


@pytest.mark.parametrize("text", ["-6", "6db", "nandB", "infdB", "100dB", "-121dB", "six dB"])
def test_a_text_that_is_no_level_is_refused(text):
    with pytest.raises(ValueError, match="level"):
        Level(text)


@pytest.mark.parametrize("text", ["3", "-3%", "101%", "nan%", "three%"])
def test_a_text_that_is_no_ratio_is_refused(text):
    with pytest.raises(ValueError, match="ratio"):
        Ratio(text)


def test_levels_and_ratios_are_written_as_text_and_can_be_copied():
    sample = Sample.model_validate({"gain": "+3dB"})
    written = {"gain": "3dB", "rate": "3%"}
    assert sample.model_dump() == sample.model_dump(mode="json") == written
    assert Sample.model_validate(written) == sample
    assert copy.deepcopy(sample) == sample
    assert pickle.loads(pickle.dumps(sample)) == sample
