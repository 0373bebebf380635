"""What a task of Ray does in its own process, which runs more than one of them."""

from __future__ import annotations

import pickle
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from soundstage.ledger import Unit, encode_row
from soundstage.sweep.sweep_worker import UnitRunner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.sweep.sweep_request import SweepRequest


def run_units(request: SweepRequest, units: Sequence[bytes]) -> list[bytes]:
    """Run some units, one after the other.

    Args:
        request: what is run.
        units: encoded as MessagePack.

    Returns:
        Their rows, as lines of the ledger.
    """
    # As bytes, because what workers are told holds dictionaries, by which nothing can be kept.
    runner = _runner(pickle.dumps(request))
    return [encode_row(runner.run(msgspec.msgpack.decode(unit, type=Unit))) for unit in units]


@lru_cache(maxsize=1)
def _runner(request: bytes) -> UnitRunner:
    return UnitRunner(pickle.loads(request))  # noqa: S301 - written by this process
