"""The ledger of a batch: its units, a row for each run, and the folder that keeps them."""

from soundstage.ledger.batch_folder import UNFINISHED, BatchFolder, place_run
from soundstage.ledger.batch_plan import PLAN, BatchPlan, differences, digest_of, read_plan
from soundstage.ledger.duplicates import (
    DIFFERENCES,
    Difference,
    difference,
    read_differences,
    write_differences,
)
from soundstage.ledger.ledger_file import LEDGER, read_rows, sorted_rows
from soundstage.ledger.row import (
    ExpectationRow,
    MachineFacts,
    Pool,
    Row,
    RowOwner,
    encode_row,
    pure_part,
)
from soundstage.ledger.unit import NO_MATRIX, Cell, Shard, Unit, cell_name, cell_text, units_of

__all__ = [
    "DIFFERENCES",
    "LEDGER",
    "NO_MATRIX",
    "PLAN",
    "UNFINISHED",
    "BatchFolder",
    "BatchPlan",
    "Cell",
    "Difference",
    "ExpectationRow",
    "MachineFacts",
    "Pool",
    "Row",
    "RowOwner",
    "Shard",
    "Unit",
    "cell_name",
    "cell_text",
    "difference",
    "differences",
    "digest_of",
    "encode_row",
    "place_run",
    "pure_part",
    "read_differences",
    "read_plan",
    "read_rows",
    "sorted_rows",
    "units_of",
    "write_differences",
]
