from __future__ import annotations

import copy
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from soundstage.config.values import Duration, DurationRange
from soundstage.units import SAMPLE_RATE


class Sample(BaseModel):
    wait: Duration = Duration("10s")
    think: DurationRange = DurationRange.read("0ms")


@pytest.mark.parametrize(
    ("text", "samples"),
    [("0ms", 0), ("400ms", 9600), ("8s", 192_000), ("2m", 2_880_000), ("1.5s", 36_000)],
)
def test_a_duration_counts_samples(text, samples):
    assert Duration(text) == samples
    assert Duration(text).seconds == samples / SAMPLE_RATE


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("400ms", "400ms"), ("60s", "1m"), ("90s", "90s"), ("1000ms", "1s"), ("0s", "0ms")],
)
def test_a_duration_is_written_back_in_the_largest_unit_that_fits(text, canonical):
    assert str(Duration(text)) == canonical
    assert f"{Duration(text)}" == canonical
    assert repr(Duration(text)) == f"Duration('{canonical}')"


@given(st.integers(0, 24 * 3600 * SAMPLE_RATE))
def test_every_duration_reads_back_as_itself(samples):
    assert Duration(str(Duration(samples))) == samples


@pytest.mark.parametrize(
    "text",
    ["400", "ms", "-1s", "nan", "inf", "1e3s", "8 s", "8S", "٣s", "1h", "", "9999m", "9" * 30],
)
def test_a_text_that_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        Duration(text)


@pytest.mark.parametrize("value", [400, 4.0, True, None, ["1s"], {"s": 1}])
def test_a_table_takes_a_duration_as_text_only(value):
    with pytest.raises(ValidationError, match="written with its unit"):
        Sample.model_validate({"wait": value})


def test_a_range_draws_between_its_ends_the_same_for_the_same_stream():
    spread = DurationRange.read(["300ms", "700ms"])
    drawn = [spread.draw(random.Random(7)) for _ in range(3)]
    assert len(set(drawn)) == 1
    assert all(7200 <= spread.draw(random.Random(seed)) <= 16800 for seed in range(200))


def test_a_fixed_time_draws_nothing_from_the_stream():
    stream = random.Random(7)
    before = stream.getstate()
    assert DurationRange.read("400ms").draw(stream) == 9600
    assert stream.getstate() == before


@pytest.mark.parametrize("value", [["700ms", "300ms"], ["1s"], ["1s", "2s", "3s"], 5, "soon"])
def test_a_value_that_is_no_range_is_refused(value):
    with pytest.raises(ValidationError):
        Sample.model_validate({"think": value})


def test_durations_are_written_as_text_and_can_be_copied():
    sample = Sample.model_validate({"think": ["300ms", "700ms"]})
    written = {"wait": "10s", "think": ["300ms", "700ms"]}
    assert sample.model_dump() == sample.model_dump(mode="json") == written
    assert Sample.model_validate(written) == sample
    assert copy.deepcopy(sample) == sample
    assert pickle.loads(pickle.dumps(sample)) == sample
    assert Sample.model_json_schema()["properties"]["wait"]["default"] == "10s"
