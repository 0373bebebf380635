"""Who may see a page."""

from __future__ import annotations

import pytest

from soundstage.web.page_access import Access, Refused

OWN = {"host": "127.0.0.1:8123"}
PROXY = "https://call.example.org"


@pytest.fixture
def access() -> Access:
    return Access(8123, loopback=True)


def refusal(access: Access, token: str, headers: dict[str, str], *, changes: bool) -> str:
    with pytest.raises(Refused) as refused:
        access.check(token, headers, changes=changes)
    return refused.value.code


def test_whoever_has_the_link_may_look(access: Access) -> None:
    access.check(access.token, OWN, changes=False)


@pytest.mark.parametrize("host", ["localhost:8123", "[::1]:8123", "LOCALHOST:8123"])
def test_this_machine_goes_by_each_of_its_names(access: Access, host: str) -> None:
    access.check(access.token, {"host": host, "origin": f"http://{host}"}, changes=True)


@pytest.mark.parametrize("token", ["", "x", "ä", "index.html"])
def test_any_other_token_opens_nothing(access: Access, token: str) -> None:
    assert refusal(access, token, OWN, changes=False) == "wrong_link"


def test_nearly_the_token_opens_nothing_either(access: Access) -> None:
    assert refusal(access, access.token[:-1], OWN, changes=False) == "wrong_link"
    assert refusal(access, access.token + "x", OWN, changes=False) == "wrong_link"


def test_no_two_pages_have_the_same_link() -> None:
    tokens = {Access(1, loopback=True).token for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "null", ""])
def test_another_website_may_not_even_look(access: Access, origin: str) -> None:
    headers = {**OWN, "origin": origin}
    assert refusal(access, access.token, headers, changes=False) == "foreign_origin"
    assert refusal(access, access.token, headers, changes=True) == "foreign_origin"


def test_what_changes_something_must_say_where_it_comes_from(access: Access) -> None:
    assert refusal(access, access.token, OWN, changes=True) == "foreign_origin"


def test_a_name_that_a_stranger_has_made_point_here_is_not_taken(access: Access) -> None:
    headers = {"host": "rebound.example:8123", "origin": "http://rebound.example:8123"}
    assert refusal(access, access.token, headers, changes=True) == "foreign_host"
    assert refusal(access, access.token, {}, changes=False) == "foreign_host"


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "call.example.org"])
def test_a_declared_page_before_this_one_counts_as_its_own(host: str) -> None:
    access = Access(8123, loopback=True, origins=[PROXY + "/"])
    access.check(access.token, {"host": host, "origin": PROXY}, changes=True)


def test_on_a_network_any_name_will_do_with_the_link() -> None:
    access = Access(8123, loopback=False)
    own = {"host": "192.168.1.5:8123", "origin": "http://192.168.1.5:8123"}
    access.check(access.token, own, changes=True)
    other = {"host": "192.168.1.5:8123", "origin": "http://evil.example"}
    assert refusal(access, access.token, other, changes=True) == "foreign_origin"
