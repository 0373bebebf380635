"""HTTP applications, served on an event loop that runs already."""

from soundstage.serving.http_server import CLOSES_WITHIN, HttpServer
from soundstage.serving.listener import LOOPBACK, is_loopback, listen, url_of

__all__ = ["CLOSES_WITHIN", "LOOPBACK", "HttpServer", "is_loopback", "listen", "url_of"]
