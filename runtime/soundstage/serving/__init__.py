"""HTTP applications, served on an event loop that runs already."""

from soundstage.serving.allowed_origins import AllowedOrigins
from soundstage.serving.http_server import CLOSES_WITHIN, HttpServer
from soundstage.serving.listener import LOOPBACK, is_loopback, listen, names_of, url_of
from soundstage.serving.tls_certificate import TlsFiles, kept_certificate

__all__ = [
    "CLOSES_WITHIN",
    "LOOPBACK",
    "AllowedOrigins",
    "HttpServer",
    "TlsFiles",
    "is_loopback",
    "kept_certificate",
    "listen",
    "names_of",
    "url_of",
]
