"""How long a line may hold sound back."""

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator

from soundstage.config.values import Duration

_LONGEST: Final = Duration("10s")


def _check(time: Duration) -> Duration:
    if time > _LONGEST:
        raise ValueError(f"a line holds sound back for at most {_LONGEST}, not {time}")
    return time


LineTime: TypeAlias = Annotated[Duration, AfterValidator(_check)]
"""A duration of at most 10 s."""
