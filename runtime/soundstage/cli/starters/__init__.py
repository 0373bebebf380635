"""Folders to start from for a bot of one's own: `soundstage new --bot`."""

from soundstage.cli.starters.bot_starter import BOTS, bot_files

__all__ = ["BOTS", "bot_files"]
