#!/usr/bin/env bash
# websockets 16.1.1 (and with it the synchronous realtime client of openai): websockets.sync reads on a thread of
# its own while the caller's thread sends the request of the handshake. Over TLS 1.3 a server's session tickets
# arrive just then, so that one OpenSSL object is read and written at once, which CPython 3.11 does not lock
# against. On a busy machine about one connection in a hundred gets no answer: the server is healthy, and the client
# ends with a TimeoutError after open_timeout. Not with TLS 1.2, and not with a server that sends no tickets
# (SSLContext.num_tickets = 0).
#
# Output seen (Python 3.11.7, OpenSSL 3.0.19): "2 tickets: a handshake timed out within 6000 connections: True;
# no tickets: False"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check websockets==16.1.1 trustme==1.2.1
cat > "$folder/connect.py" <<'PY'
import asyncio
import logging
import multiprocessing
import ssl
import threading

import trustme
import websockets
from websockets.sync.client import connect

MOST = 6000


def busy() -> None:
    while True:
        pass


def loses_one(tickets: int) -> bool:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    server.num_tickets = tickets
    listening, ports = threading.Event(), []

    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    async def serve():
        async with websockets.serve(echo, "127.0.0.1", 0, ssl=server) as serving:
            ports.append(serving.sockets[0].getsockname()[1])
            listening.set()
            await asyncio.Future()

    threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
    listening.wait()
    for _ in range(MOST):
        try:
            with connect(f"wss://127.0.0.1:{ports[0]}/", ssl=client, open_timeout=5):
                pass
        except (TimeoutError, websockets.ConnectionClosedError):
            return True
    return False


if __name__ == "__main__":
    logging.disable()
    burners = [multiprocessing.Process(target=busy, daemon=True) for _ in range(3)]
    for each in burners:
        each.start()
    with_tickets, without = loses_one(2), loses_one(0)
    print(
        f"2 tickets: a handshake timed out within {MOST} connections: {with_tickets}; "
        f"no tickets: {without}"
    )
    assert with_tickets and not without
PY
"$folder/venv/bin/python" "$folder/connect.py"
