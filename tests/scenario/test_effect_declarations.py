from __future__ import annotations

import wave

import numpy as np
import pytest

from soundstage.errors import UsageError
from soundstage.run.actor_system import lines_of
from soundstage.scenario import describe_graph, load_scenario, resolved
from soundstage.scenario.effect_declarations import make_effect
from soundstage.seeds import Seeds
from soundstage.units import FRAME_SAMPLES

CALL = """
[agents.caller]
line = { sends = ["cafe", "phone"], hears = ["phone"] }
[agents.shop]
[[links]]
between = ["caller", "shop"]
effects = ["crackle"]
[effects.cafe]
kind = "noise"
source = "cafe.wav"
snr = "12dB"
[effects.crackle]
kind = "loss"
rate = "3%"
burst = "60ms"
[end]
turns = 4
"""

OWN = """
from soundstage import Effect, EffectSettings

class Wrong(Effect):
    class Settings(EffectSettings):
        factor: float
    def __init__(self, settings, given):
        super().__init__(settings, given)
        if settings.factor == 13:
            raise ValueError("unlucky")
    def apply(self, sound):
        return sound * self.settings.factor
"""


@pytest.fixture
def cafe(tmp_path):
    path = tmp_path / "cafe.wav"
    save(path, np.arange(-500, 500, dtype="<i2"))
    return path


def save(path, samples, *, rate=24_000, channels=1, width=2):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def test_effects_are_found_and_chained_in_the_order_that_is_written(write, cafe):
    lines = lines_of(load_scenario(write(CALL)), Seeds(1))

    def names(line):
        return [link.name for link in line.chain._links]

    assert names(lines.sends["caller"]) == ["cafe", "phone"]
    assert names(lines.hears["caller"]) == ["phone"]
    assert {edge: names(line) for edge, line in lines.edges.items()} == {
        ("caller", "shop"): ["crackle"],
        ("shop", "caller"): ["crackle"],
    }


def test_each_direction_of_a_link_draws_its_own_chances_from_the_seed(write, cafe):
    scenario = load_scenario(write(CALL.replace("3%", "50%")))

    def lost(seed, *edge):
        line = lines_of(scenario, Seeds(seed)).edges[edge]
        sound = np.full(FRAME_SAMPLES, 1000, np.int16)
        return [line.chain.carry(sound).tobytes() for _ in range(50)]

    one = lost(1, "caller", "shop")
    assert one == lost(1, "caller", "shop")
    assert one != lost(1, "shop", "caller")
    assert one != lost(2, "caller", "shop")


def test_a_scenario_with_effects_is_written_as_it_could_be_read_again(write, cafe):
    written = resolved(load_scenario(write(CALL)))
    assert written["effects"] == {
        "cafe": {"kind": "noise", "source": "cafe.wav", "snr": "12dB"},
        "crackle": {"kind": "loss", "rate": "3%", "burst": "60ms", "conceal": True},
    }
    assert written["agents"]["caller"]["line"] == {"sends": ["cafe", "phone"], "hears": ["phone"]}


def test_the_graph_shows_what_a_way_does_to_sound(write, cafe):
    shown = describe_graph(load_scenario(write(CALL)))
    assert "caller  hears shop (crackle)" in shown
    assert "sends over cafe + phone, hears over phone" in shown


def test_a_sound_of_an_included_file_stands_beside_that_file(write, tmp_path):
    (tmp_path / "lines").mkdir()
    save(tmp_path / "lines" / "hum.wav", np.ones(10, "<i2"))
    (tmp_path / "lines" / "all.toml").write_text(
        '[effects.hum]\nkind = "noise"\nsource = "hum.wav"\n'
    )
    path = write(
        '[scenario]\ninclude = ["lines/all.toml"]\n[agents.a]\nline = { sends = ["hum"] }\n'
        '[agents.b]\n[[links]]\nbetween = ["a", "b"]\n[end]\nturns = 1\n'
    )
    assert "hum" in load_scenario(path).effects


def test_an_effect_of_ones_own_stands_beside_the_file_that_names_it(write, cafe):
    more = '[effects.own]\nkind = "./own.py:Wrong"\nfactor = 2.0\n'
    effect = load_scenario(write(CALL + more, own__py=OWN)).effects["own"]
    made = make_effect(effect, Seeds(1).stream("x"))
    assert made.apply(np.ones(3, np.float32)).tolist() == [2, 2, 2]


def test_an_effect_that_cannot_be_made_is_told_before_the_run(write, cafe):
    more = '[effects.own]\nkind = "./own.py:Wrong"\nfactor = 13\n'
    with pytest.raises(UsageError, match=r"effects\.own: making it raised ValueError: unlucky"):
        load_scenario(write(CALL + more, own__py=OWN))
