"""The commands about many runs."""

from soundstage.cli.batch.against_command import repeat_against
from soundstage.cli.batch.merge_command import merge_batches
from soundstage.cli.batch.repeat_command import checked_cells, repeat, runs_of

__all__ = ["checked_cells", "merge_batches", "repeat", "repeat_against", "runs_of"]
