"""HTTP applications, served on the event loop of another part."""

from soundstage.serving._http_server import CLOSES_WITHIN, HttpServer
from soundstage.serving._listener import LOOPBACK, is_loopback, listen, url_of

__all__ = ["CLOSES_WITHIN", "LOOPBACK", "HttpServer", "is_loopback", "listen", "url_of"]
