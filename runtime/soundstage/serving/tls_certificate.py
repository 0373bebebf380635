"""The certificate that a server shows over TLS: one that is given, or one made here and kept."""

from __future__ import annotations

import logging
import os
import ssl
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from soundstage.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger("soundstage")

OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")

LASTS: Final = timedelta(days=825)
"""The longest that Apple's systems take a certificate for which was not issued by them."""

RENEWED: Final = timedelta(days=30)
"""So long before its end a kept certificate is made anew."""

_BOTH: Final = "tls.pem"
_PUBLIC: Final = "certificate.pem"
_ADVICE: Final = {
    "HTTP_REQUEST": "a client speaks plain HTTP to the port of TLS: its base URL must begin with "
    "https:// (wss:// for a WebSocket)",
}
_DISTRUST: Final = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE")
_MUST_TRUST: Final = (
    "a client does not trust the certificate: see the variables in the banner, or the base URL "
    "names a host that is not in it"
)


class TlsFiles(Struct, frozen=True):
    """Where a server's certificate is.

    Attributes:
        certificate: PEM; a client trusts it by this file if no authority has signed it.
        key: PEM of its private key; None where the key is in `certificate`.
        is_own: whether it was made here, so that clients must be told to trust it.
    """

    certificate: Path
    key: Path | None = None
    is_own: bool = False

    def context(self) -> ssl.SSLContext:
        """What a server needs to speak TLS with it.

        Raises:
            UsageError: a file cannot be read, holds no certificate, or not the key that fits.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A client that reads on one thread and writes on another, as the synchronous clients of
        # `websockets` and `openai` do, takes in a ticket while it sends its first request, on one
        # OpenSSL object without a lock; about one connection in a hundred then hangs.
        context.num_tickets = 0
        context.sslobject_class = _ServerSide
        source = self.certificate.parent / _BOTH if self.is_own else self.certificate
        try:
            # OpenSSL would ask on the terminal for the password of an encrypted key.
            context.load_cert_chain(source, self.key, password=lambda: b"")
        except (OSError, ValueError) as error:
            key = f" with the key {self.key}" if self.key else ""
            raise UsageError(
                f"the certificate {self.certificate} cannot be used{key} ({error}): both must be "
                "PEM, the key without a password"
            ) from error
        return context


class _ServerSide(ssl.SSLObject):
    """A connection of a server, which says why a client and it do not come together.

    asyncio logs no such failure: the protocol of the server is made after the handshake.
    """

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            reason = error.reason or ""
            if advice := _MUST_TRUST if reason.endswith(_DISTRUST) else _ADVICE.get(reason):
                _log.warning(advice)
            raise


def kept_certificate(now: datetime, names: Iterable[str], folder: Path | None = None) -> TlsFiles:
    """The certificate of this user and machine, made if there is none that will do.

    It is no authority: it can vouch for its own names only, so it is safe to trust.

    Args:
        now: with a time zone.
        names: host names and addresses by which clients reach the server, beside `OWN_NAMES`.
        folder: where it is kept; in the user's data folder where it is None.

    Raises:
        UsageError: it cannot be kept.
    """
    wanted = dict.fromkeys((*OWN_NAMES, *names))
    try:
        folder = folder or _data_folder()
        folder.mkdir(parents=True, exist_ok=True)
        both = folder / _BOTH
        if not _will_do(both, now, wanted):
            _write(both, _made(now, wanted), mode=0o600)
        public = x509.load_pem_x509_certificate(both.read_bytes())
        # A name of its own, without the key, for those who are to trust it.
        _write(folder / _PUBLIC, public.public_bytes(serialization.Encoding.PEM), mode=0o644)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"a certificate for TLS cannot be kept ({error}): give one with --tls-cert"
        ) from error
    return TlsFiles(folder / _PUBLIC, is_own=True)


def _data_folder() -> Path:
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    data = given if given.is_absolute() else Path.home() / ".local" / "share"
    return data / "soundstage" / "tls"


def _will_do(path: Path, now: datetime, names: Iterable[str]) -> bool:
    try:
        pem = path.read_bytes()
        found = x509.load_pem_x509_certificate(pem)
        serialization.load_pem_private_key(pem, None)
        alternative = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    vouched = {str(each.value) for each in alternative.value}
    lasts = found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEWED
    return lasts and set(names) <= vouched


def _made(now: datetime, names: Iterable[str]) -> bytes:
    """A key and its self-signed certificate, as one PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Soundstage local endpoint")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # A clock that is a little behind, on another machine, is no reason to refuse it.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Replace a file as a whole: another endpoint may be reading it."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
