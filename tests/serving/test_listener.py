"""Where a server listens."""

from __future__ import annotations

import pytest

from soundstage.errors import PortTaken
from soundstage.serving import LOOPBACK, is_loopback, listen, url_of


def test_nobody_but_this_machine_is_listened_to_unless_told_otherwise() -> None:
    with listen(0, who="the page") as listener:
        assert listener.getsockname()[0] == LOOPBACK


def test_an_address_of_the_sixth_version_is_as_good() -> None:
    with listen(0, host="::1", who="the page") as listener:
        assert listener.getsockname()[0] == "::1"


def test_a_port_that_is_taken_is_named_with_who_wanted_it() -> None:
    with listen(0, who="the page") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"the page cannot listen on 127.0.0.1:{port}"):
            listen(port, who="the page")


def test_an_address_that_is_not_this_machines_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"192\.0\.2\.77"):
        listen(0, host="192.0.2.77", who="the page")


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("my-machine", False),
    ],
)
def test_whether_other_machines_reach_an_address(host: str, answer: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is answer


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")]
)
def test_the_url_is_one_that_works_on_this_machine(host: str, shown: str) -> None:
    with listen(0, host=host, who="the page") as listener:
        assert url_of(listener) == f"http://{shown}:{listener.getsockname()[1]}"
