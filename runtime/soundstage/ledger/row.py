"""A row of the ledger: one run of a batch, as it came out."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from soundstage.ledger.unit import Unit, cell_text
from soundstage.messages.verdict import Kind, Need, Status
from soundstage.results import Turn
from soundstage.units import Samples

RowOwner: TypeAlias = Literal["", "agent", "simulator", "infrastructure"]
"""Whose it is that something did not come out well; empty where it did."""

SYSTEM_FAILURES: Final = frozenset({"worker", "recording"})
"""Reasons for which a run is made again when its batch is resumed: its worker died, or its disk
took no more. The machine failed, and nothing was learned of the scenario."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")


class ExpectationRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one expectation in one run.

    Attributes:
        id: the expectation's own.
        status: `passed`, `failed`, `skipped`, `unknown` or `deferred`.
        need: `required` or `advisory`.
        kind: why it did not pass, of a closed list; empty where it passed.
        owner: whose it is that it did not pass; empty where it passed or was skipped.
        sentence: what happened instead; empty where it passed or was skipped.
        agent: the agent that it turns on; empty where there is none.
        pts: the moment to listen to, in samples of the run; None where there is none.
        turn: the number of the turn in which that is; None where it is in none.
        measured: the value that was compared with a limit, in seconds, a count or a share.
    """

    id: str
    status: Status
    need: Need = "required"
    kind: Kind = ""
    owner: RowOwner = ""
    sentence: str = ""
    agent: str = ""
    pts: Samples | None = None
    turn: int | None = None
    measured: float | None = None


class Pool(Struct, frozen=True, kw_only=True):
    """What one run adds to an expectation with `over = "batch"`.

    Attributes:
        values: each single measurement of its metric, in seconds, a count or a share, in the order
            of the run; of a metric that is no spread, one value or none.
        missing: answers that never came; each counts as a gap without end, or an agent that answers
            less often looks faster. 0 for a metric that is no spread of `response_gap`.
    """

    values: tuple[float, ...] = ()
    missing: int = 0


class MachineFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a row says of the machine; two rows of one unit may differ in it.

    Attributes:
        wall: seconds that the run took.
        processor: the kind of the processor and the level of its features; fingerprints are only
            compared within one.
        versions: of Soundstage, Python, the speech engines and the numerical libraries.
    """

    wall: float = 0.0
    processor: str = ""
    versions: dict[str, str] = {}


class Row(Struct, frozen=True, kw_only=True):
    """One run of a batch, as it came out: all but `machine` is decided by the unit alone.

    Attributes:
        batch: the digest of the batch, as in `batch.json`.
        cell: what was changed in the scenario: key path to value; empty without a matrix.
        seed: of the run.
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it, in a word; `worker` where its process died.
        owner: whose it is that it did not end as declared: `agent`, `simulator` or
            `infrastructure`; empty where it did.
        exit_code: what a run of its own would have exited with.
        explanation: the reason in a sentence, or empty.
        deterministic: whether another run of the unit gives the same; false for a live run, and
            for one that asks a server outside or measures.
        duration: seconds of its own clock.
        turns: of all agents, by their start.
        drawn: what its seed decided before the run, by the path of the key.
        fingerprint: the same for two runs in which the same was played and called at the same
            times; empty for a run that was broken off.
        expectations: what became of each, in the order of the file.
        pools: what it adds to each expectation with `over = "batch"`, by the expectation's id.
        machine: what is not decided by the unit.
    """

    batch: str
    cell: dict[str, Any] = {}
    seed: int
    outcome: str
    reason: str
    owner: RowOwner = ""
    exit_code: int
    explanation: str = ""
    deterministic: bool = False
    duration: float = 0.0
    turns: tuple[Turn, ...] = ()
    drawn: dict[str, Any] = {}
    fingerprint: str = ""
    expectations: tuple[ExpectationRow, ...] = ()
    pools: dict[str, Pool] = {}
    machine: MachineFacts = MachineFacts()

    @property
    def unit(self) -> Unit:
        """What was run."""
        return Unit(batch=self.batch, cell=self.cell, seed=self.seed)

    @property
    def key(self) -> tuple[str, int]:
        """The same for two rows of a batch that are of one unit."""
        return cell_text(self.cell), self.seed

    @property
    def is_owed_again(self) -> bool:
        """Whether the machine failed, so that the run is made again when the batch is resumed."""
        return self.outcome == "invalid" and self.reason in SYSTEM_FAILURES


def encode_row(row: Row) -> bytes:
    """A row as its line of the ledger, the line's end included."""
    return _encoder.encode(row) + b"\n"


def pure_part(row: Row) -> bytes:
    """A row without the facts of the machine: equal bytes for two runs of a deterministic unit."""
    return encode_row(replace(row, machine=MachineFacts()))
