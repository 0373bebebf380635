"""The commands about many runs."""

from soundstage.cli.batch.merge_command import merge_batches
from soundstage.cli.batch.repeat_command import repeat

__all__ = ["merge_batches", "repeat"]
