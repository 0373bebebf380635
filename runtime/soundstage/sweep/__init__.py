"""One scenario with many seeds: in worker processes, one folder a run, and tables over all."""

from soundstage.sweep.batch_expectations import pooled_expectations
from soundstage.sweep.batch_identity import identity_of
from soundstage.sweep.batch_schemas import BATCH_SCHEMAS, batch_schema
from soundstage.sweep.batch_verdict import CellVerdict, Failing, Judgements, judgement_of
from soundstage.sweep.engine import Engine
from soundstage.sweep.merged_batch import merge
from soundstage.sweep.ray_engine import RayEngine
from soundstage.sweep.sweep_request import Keep, SweepRequest, default_folder, exit_code_of
from soundstage.sweep.sweep_tables import TABLE, Summary, write_tables
from soundstage.sweep.sweep_worker import UnitRunner
from soundstage.sweep.worker_pool import WorkerPool

__all__ = [
    "BATCH_SCHEMAS",
    "TABLE",
    "CellVerdict",
    "Engine",
    "Failing",
    "Judgements",
    "Keep",
    "RayEngine",
    "Summary",
    "SweepRequest",
    "UnitRunner",
    "WorkerPool",
    "batch_schema",
    "default_folder",
    "exit_code_of",
    "identity_of",
    "judgement_of",
    "merge",
    "pooled_expectations",
    "write_tables",
]
