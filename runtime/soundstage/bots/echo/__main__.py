"""`python -m soundstage.bots.echo TRANSPORT PORT`: the echo bot of a transport."""

from __future__ import annotations

import asyncio
import sys

from soundstage.bots.echo import serve_echo

asyncio.run(serve_echo(sys.argv[1], int(sys.argv[2])))
