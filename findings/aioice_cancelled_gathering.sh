#!/usr/bin/env bash
# aioice 0.13.0: a Connection learns of its sockets only once all of a component are bound. A task that is
# cancelled in between (a call that is hung up at once) leaves them open, and `await connection.close()`
# does not close them: they stay until the loop closes.
#
# Output seen: "after gathering and close: 0 sockets; after a cancelled gathering and close: 1 sockets"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aioice==0.13.0 psutil==7.2.2
"$folder/venv/bin/python" - <<'PY'
import asyncio

import psutil
from aioice import Connection


def sockets() -> int:
    return sum(each.type == 2 for each in psutil.Process().net_connections("inet"))


async def leave(cancel: bool) -> int:
    before = sockets()
    connection = Connection(ice_controlling=True)
    gathering = asyncio.create_task(connection.get_component_candidates(1, ["127.0.0.1"] * 3))
    if cancel:
        while sockets() < before + 2:
            await asyncio.sleep(0)
        gathering.cancel()
    await asyncio.wait([gathering])
    await connection.close()
    await asyncio.sleep(0.1)
    return sockets() - before


async def main() -> None:
    whole, cancelled = await leave(cancel=False), await leave(cancel=True)
    print(
        f"after gathering and close: {whole} sockets; "
        f"after a cancelled gathering and close: {cancelled} sockets"
    )
    assert (whole, cancelled) == (0, 1), (whole, cancelled)


asyncio.run(main())
PY
