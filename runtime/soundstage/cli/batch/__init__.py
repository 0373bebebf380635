"""The commands about many runs."""

from soundstage.cli.batch.repeat_command import repeat

__all__ = ["repeat"]
