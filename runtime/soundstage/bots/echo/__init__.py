"""Echo bots of ours, one for each transport: with them is measured what it adds to a gap."""

from soundstage.bots.echo.echo_bots import ECHOES, serve_echo
from soundstage.bots.echo.parrot import WAIT

__all__ = ["ECHOES", "WAIT", "serve_echo"]
