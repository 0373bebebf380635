"""The tool of the weather bot: what the weather is in a few cities, always the same."""

from __future__ import annotations

from typing import TypedDict

_KNOWN = {
    "canberra": ("cloudy", 15),
    "dublin": ("raining", 7),
    "hobart": ("sunny", 25),
    "melbourne": ("cold and wet", 11),
    "sydney": ("humid and stormy", 30),
    "perth": ("hot and dry", 40),
}
_ELSEWHERE = ("sunny", 20)


class Weather(TypedDict):
    """The weather in one place, in degrees Celsius."""

    location: str
    description: str
    temperature: int


def get_weather(location: str) -> Weather:
    """Get the current weather for a location.

    Args:
        location: the city, for instance "Dublin".
    """
    description, temperature = _KNOWN.get(location.strip().casefold(), _ELSEWHERE)
    return Weather(location=location, description=description, temperature=temperature)
