"""The certificate of a server: made once, kept, shown, and trusted by clients that are strict."""

from __future__ import annotations

import asyncio
import logging
import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from soundstage.errors import UsageError
from soundstage.serving import HttpServer, TlsFiles, kept_certificate, listen, names_of, url_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOW = datetime.now(UTC)  # noqa: TID251 - OpenSSL compares the certificate with the real time
NODE = shutil.which("node")


def serial(tls: TlsFiles) -> int:
    return x509.load_pem_x509_certificate(tls.certificate.read_bytes()).serial_number


def test_a_certificate_is_made_once_and_kept(tmp_path: Path) -> None:
    first, second = (kept_certificate(NOW, ["10.0.0.7"], tmp_path) for _ in range(2))
    assert serial(first) == serial(second)
    # Names that it has are no reason for a new one.
    assert serial(kept_certificate(NOW, [], tmp_path)) == serial(first)


def test_only_the_user_can_read_the_key(tmp_path: Path) -> None:
    tls = kept_certificate(NOW, [], tmp_path / "deep" / "down")
    assert b"PRIVATE" not in tls.certificate.read_bytes()
    key = tls.certificate.parent / "tls.pem"
    assert b"PRIVATE" in key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("days", [0, 824 - 30, 10_000])
def test_it_is_made_anew_a_month_before_its_end(tmp_path: Path, days: int) -> None:
    first = serial(kept_certificate(NOW, [], tmp_path))
    later = serial(kept_certificate(NOW + timedelta(days=days, minutes=1), [], tmp_path))
    assert (later != first) is (days > 0)


def test_it_is_made_anew_for_another_name_or_when_it_is_broken(tmp_path: Path) -> None:
    first = serial(kept_certificate(NOW, [], tmp_path))
    second = serial(kept_certificate(NOW, ["box.example"], tmp_path))
    (tmp_path / "tls.pem").write_text("broken")
    third = serial(kept_certificate(NOW, ["box.example"], tmp_path))
    assert len({first, second, third}) == 3


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot be kept .* --tls-cert"):
        kept_certificate(NOW, [], tmp_path / "file" / "below")


def broken_files(folder: Path) -> dict[str, TlsFiles]:
    own = kept_certificate(NOW, [], folder / "own")
    encrypted, other, text = (folder / name for name in ("encrypted", "other", "text"))
    key = ec.generate_private_key(ec.SECP256R1())
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(b"open sesame")
    encrypted.write_bytes(key.private_bytes(pem, form, locked))
    other.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    text.write_text("no PEM")
    return {
        "missing": TlsFiles(folder / "nowhere"),
        "no PEM": TlsFiles(text),
        "no key": TlsFiles(own.certificate),
        "another key": TlsFiles(own.certificate, other),
        "a key with a password": TlsFiles(own.certificate, encrypted),
    }


@pytest.mark.parametrize(
    "what", ["missing", "no PEM", "no key", "another key", "a key with a password"]
)
def test_a_certificate_that_cannot_be_used_says_so(tmp_path: Path, what: str) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        broken_files(tmp_path)[what].context()


def serving(tls: TlsFiles | None, scene: Callable[[str], Awaitable[None]]) -> None:
    app = FastAPI()

    @app.get("/")
    async def answer() -> str:
        return "done"

    async def play() -> None:
        listener = listen(0, who="the test")
        context = tls.context() if tls else None
        server = HttpServer(app, listener, tls=context, tls_advice=": try --tls")
        await server.start()
        try:
            async with asyncio.timeout(20):
                await scene(url_of(listener, "https" if tls else "http"))
        finally:
            await server.close()

    asyncio.run(play())


async def ask(url: str, context: ssl.SSLContext | None, host: str = "localhost") -> bytes:
    port = int(url.rpartition(":")[2])
    name = host if context else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=name
    )
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


def strict(tls: TlsFiles) -> ssl.SSLContext:
    """As Python 3.13 makes it by itself."""
    context = ssl.create_default_context(cafile=str(tls.certificate))
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@pytest.mark.realtime
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "box.example"])
def test_a_strict_client_trusts_it_for_each_of_its_names(tmp_path: Path, host: str) -> None:
    tls = kept_certificate(NOW, ["box.example"], tmp_path)

    async def scene(url: str) -> None:
        assert url.startswith("https://127.0.0.1:")
        assert b"done" in await ask(url, strict(tls), host)

    serving(tls, scene)


@pytest.mark.realtime
def test_a_client_that_reads_and_writes_on_two_threads_is_sent_no_ticket(tmp_path: Path) -> None:
    tls = kept_certificate(NOW, [], tmp_path)

    async def scene(url: str) -> None:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            int(url.rpartition(":")[2]),
            ssl=strict(tls),
            server_hostname="localhost",
        )
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"done" in await reader.read()
        tls_object = writer.get_extra_info("ssl_object")
        assert tls_object.version() == "TLSv1.3"
        assert not tls_object.session.has_ticket
        writer.close()

    serving(tls, scene)


@pytest.mark.realtime
def test_a_certificate_of_ones_own_is_shown(tmp_path: Path) -> None:
    kept = kept_certificate(NOW, ["box.example"], tmp_path)
    # One file that holds both is a common form.
    given = TlsFiles(tmp_path / "tls.pem")

    async def scene(url: str) -> None:
        assert b"done" in await ask(url, strict(kept), "box.example")

    serving(given, scene)


@pytest.mark.realtime
@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_node_trusts_it_by_its_variable(tmp_path: Path) -> None:
    tls = kept_certificate(NOW, [], tmp_path)

    async def scene(url: str) -> None:
        program = f"fetch('{url}/').then((r) => r.text()).then(console.log)"
        done = await asyncio.to_thread(
            subprocess.run,
            [str(NODE), "-e", program],
            env={"NODE_EXTRA_CA_CERTS": str(tls.certificate)},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        assert (done.stdout.strip(), done.stderr) == ('"done"', "")

    serving(tls, scene)


@pytest.mark.realtime
def test_a_client_that_does_not_trust_it_is_told_of_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(url: str) -> None:
        with pytest.raises(URLError, match="self-signed certificate"):
            await asyncio.to_thread(urlopen, url)

    serving(kept_certificate(NOW, [], tmp_path), scene)
    assert "a client does not trust the certificate" in caplog.text


@pytest.mark.realtime
def test_plain_http_on_the_port_of_tls_is_told_of_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(url: str) -> None:
        with pytest.raises((ConnectionError, AssertionError)):
            assert b"done" in await ask(url, None)

    serving(kept_certificate(NOW, [], tmp_path), scene)
    assert "must begin with https://" in caplog.text


@pytest.mark.realtime
def test_tls_on_a_plain_port_is_told_of_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(url: str) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await ask(url, ssl.create_default_context())

    with caplog.at_level(logging.WARNING):
        serving(None, scene)
    [told] = [record.getMessage() for record in caplog.records if record.name == "soundstage"]
    assert "must begin with http://" in told
    assert told.endswith(": try --tls")
    assert "Invalid HTTP" not in caplog.text


def test_a_server_for_all_addresses_is_known_by_the_names_of_its_machine() -> None:
    with listen(0, host="0.0.0.0", who="the test") as everywhere:
        assert len(names_of(everywhere)) >= 1
    with listen(0, who="the test") as here:
        assert names_of(here) == ("127.0.0.1",)
