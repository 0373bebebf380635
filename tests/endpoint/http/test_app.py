"""What the HTTP application answers to requests of every kind; no socket, and no call is made."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dummy_engines import DummyEngines
from dummy_executor import DummyExecutor, DummyTimers

from soundstage.endpoint import CallPlan, LocalSettings
from soundstage.endpoint.access_log import JsonLines
from soundstage.endpoint.http.app import build_app
from soundstage.endpoint.http.auth import EphemeralKeys
from soundstage.endpoint.http.request_bodies import MOST_BYTES, BodyLimit
from soundstage.endpoint.session_registry import SessionRegistry
from soundstage.kernel import AsyncClock
from soundstage.realtime import Ids
from soundstage.seeds import Seeds
from soundstage.serving import AllowedOrigins
from soundstage.units import SAMPLE_RATE, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOW = 1_800_000_000
CALLS = "/v1/realtime/calls"
SECRETS = "/v1/realtime/client_secrets"
KEY = {"Authorization": "Bearer any"}
# An offer as aiortc makes it, but for its audio section.
TEXT_ONLY = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    "a=sctp-port:5000\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    "a=setup:actpass\r\n"
)


class Endpoint:
    """Sends requests to an application, one after the other."""

    def __init__(
        self,
        choose: Callable[..., CallPlan] | None = None,
        api_key: str | None = None,
        behaviours: Sequence[str] = (),
        allowed: AllowedOrigins | None = None,
    ) -> None:
        seeds = Seeds(1)
        plan = CallPlan(local=LocalSettings(), stream=partial(seeds.stream, "x"))
        self.now = NOW
        registry = SessionRegistry(
            choose or (lambda names: plan),
            engines=DummyEngines(),
            host=DummyExecutor(DummyTimers()).host,
            ids=Ids(seeds.stream("ids")),
            unix_time=lambda: self.now,
        )
        keys = EphemeralKeys(lambda: self.now)
        ids = Ids(seeds.stream("sessions"))
        self.app = build_app(registry, keys, ids, api_key, lambda: behaviours, allowed)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                return await client.request(method, path, **request)

        return asyncio.run(ask())

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("POST", path, **{"headers": KEY, **request})


def code_of(response: httpx.Response) -> str | None:
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"]
    kind = "server_error" if response.status_code >= 500 else "invalid_request_error"
    assert error["type"] == kind
    return error["code"]


def parts(**given: str) -> dict[str, Any]:
    return {name: (None, text) for name, text in given.items()}


@pytest.mark.parametrize("path", [CALLS, SECRETS, f"{CALLS}/rtc_1/hangup"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic x"}])
def test_nothing_is_done_without_a_bearer_key(path: str, header: dict[str, str]) -> None:
    response = Endpoint().post(path, headers=header)
    assert response.status_code == 401
    assert code_of(response) == "invalid_api_key"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"content": ""}, 400, "invalid_offer"),
        ({"content": "hello"}, 400, "invalid_offer"),
        ({"content": b"\xff\xfe\x00"}, 400, "invalid_offer"),
        ({"content": "v=0\r\n"}, 400, "invalid_offer"),
        ({"content": TEXT_ONLY}, 400, "invalid_offer"),
        ({"files": parts(session="{}")}, 400, "invalid_offer"),
        ({"files": parts(sdp="v=0\r\n", session="{")}, 400, "invalid_json"),
        ({"files": parts(sdp="v=0\r\n", session="[]")}, 400, "invalid_json"),
        ({"files": parts(sdp="v=0\r\n", session="[" * 9999)}, 400, "invalid_json"),
        (
            {"files": parts(sdp="v=0\r\n", session='{"model": "m"}')},
            400,
            "missing_required_parameter",
        ),
        (
            {"files": parts(sdp="v=0\r\n", session='{"type": "realtime", "temperature": 1}')},
            400,
            "unknown_parameter",
        ),
        ({"content": "v=0", "params": {"dcid": "x"}}, 400, "invalid_value"),
        ({"content": "v=0", "params": {"dcid": "70000"}}, 400, "invalid_value"),
        ({"content": "x" * (MOST_BYTES + 1)}, 413, "request_too_large"),
        ({"files": parts(sdp="x" * (MOST_BYTES + 1))}, 413, "request_too_large"),
        ({"files": parts(**dict.fromkeys("abcdefgh", "x"))}, 400, "invalid_request"),
    ],
)
def test_an_offer_that_cannot_be_answered(request_: dict[str, Any], status: int, code: str) -> None:
    response = Endpoint().post(CALLS, **request_)
    assert (response.status_code, code_of(response)) == (status, code)


def test_a_body_is_cut_off_whatever_length_it_pretends_to_have() -> None:
    async def endless() -> Any:
        for _ in range(2 * MOST_BYTES // 1000):
            yield b"x" * 1000

    assert Endpoint().post(CALLS, content=endless()).status_code == 413


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=b"])
def test_a_multipart_body_that_is_broken_is_refused(kind: str) -> None:
    headers = {**KEY, "Content-Type": kind}
    response = Endpoint().post(CALLS, headers=headers, content=b"nonsense")
    assert (response.status_code, code_of(response)) == (400, "invalid_request")


def test_parts_that_are_sent_as_files_are_read_as_well() -> None:
    files = {"sdp": ("offer.sdp", "v=0\r\n"), "session": ("session.json", "{")}
    assert code_of(Endpoint().post(CALLS, files=files)) == "invalid_json"


def test_an_ephemeral_key_that_is_unknown_or_expired_opens_nothing() -> None:
    endpoint = Endpoint()
    made = endpoint.post(SECRETS, json={"expires_after": {"seconds": 10}}).json()
    bearer = {"Authorization": f"Bearer {made['value']}"}
    assert code_of(endpoint.post(CALLS, headers=bearer, content="v=0")) == "invalid_offer"
    endpoint.now += 10
    for header in (bearer, {"Authorization": "Bearer ek_unknown"}):
        response = endpoint.post(CALLS, headers=header, content="v=0")
        assert (response.status_code, code_of(response)) == (401, "invalid_api_key")


def test_an_ephemeral_key_is_told_with_its_session_and_its_end() -> None:
    session = {"type": "realtime", "model": "m", "audio": {"output": {"voice": "ash"}}}
    made = Endpoint().post(SECRETS, json={"session": session}).json()
    assert made["value"].startswith("ek_")
    assert made["expires_at"] == NOW + 600
    assert made["session"]["model"] == "m"
    assert made["session"]["audio"]["output"] == {
        "format": {"type": "audio/pcm", "rate": SAMPLE_RATE},
        "voice": "ash",
        "speed": 1.0,
    }
    assert made["session"]["object"] == "realtime.session"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"expires_after": {"seconds": 9}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"session": 1}, "invalid_value", "session"),
        ({"session": {"model": "m"}}, "missing_required_parameter", "session.type"),
        ([], "invalid_value", None),
    ],
)
def test_an_ephemeral_key_for_nonsense_is_refused(
    body: object, code: str, param: str | None
) -> None:
    response = Endpoint().post(SECRETS, json=body)
    assert response.status_code == 400
    assert code_of(response) == code
    assert response.json()["error"]["param"] == param


def test_json_that_is_broken_is_refused() -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    assert code_of(Endpoint().post(SECRETS, headers=headers, content="{")) == "invalid_json"


def test_an_ephemeral_key_needs_no_body() -> None:
    assert Endpoint().post(SECRETS).status_code == 200


def test_a_call_that_is_not_there_cannot_be_hung_up() -> None:
    response = Endpoint().post(f"{CALLS}/rtc_nobody/hangup")
    assert (response.status_code, code_of(response)) == (400, "call_id_not_found")


def test_the_health_route_needs_no_key() -> None:
    response = Endpoint().ask("GET", "/health")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "calls": 0, "sockets": 0},
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CALLS, 405), ("POST", "/v1/realtime/session", 404), ("GET", "/", 404)],
)
def test_other_routes_are_refused_in_the_same_shape(method: str, path: str, status: int) -> None:
    response = Endpoint().ask(method, path, headers=KEY)
    assert response.status_code == status
    assert code_of(response) is None


def test_what_goes_wrong_here_is_a_server_error_without_its_details() -> None:
    def choose(session: object, headers: object) -> CallPlan:
        raise RuntimeError("sk-planted")

    response = Endpoint(choose).post(CALLS, content="v=0")
    assert (response.status_code, code_of(response)) == (500, "server_error")
    assert "planted" not in response.text


def test_a_page_of_this_machine_may_call_and_read_where_its_call_is() -> None:
    endpoint = Endpoint()
    origin = {"Origin": "http://localhost:3000"}
    asked = {**origin, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type"
    preflight = endpoint.ask("OPTIONS", CALLS, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
    refused = endpoint.post(CALLS, headers={**KEY, **origin}, content="")
    assert refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "Location" in refused.headers["Access-Control-Expose-Headers"]


CONTROL = [f"{CALLS}/rtc_1/{verb}" for verb in ("hangup", "accept", "refer", "reject")]


@pytest.mark.parametrize("path", [CALLS, SECRETS, *CONTROL])
@pytest.mark.parametrize("key", ["sk-2", "sk-", "sk-11", "ek_1", "\u00e4"])
def test_only_the_one_key_opens_an_endpoint_that_has_one(path: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}".encode()}
    response = Endpoint(api_key="sk-1").post(path, headers=headers)
    assert (response.status_code, code_of(response)) == (401, "invalid_api_key")
    assert key not in response.text


def test_the_one_key_and_the_ephemeral_keys_made_with_it_open_the_endpoint() -> None:
    endpoint = Endpoint(api_key="sk-1")
    owner = {"Authorization": "Bearer sk-1"}
    assert code_of(endpoint.post(CALLS, headers=owner, content="v=0")) == "invalid_offer"
    made = endpoint.post(SECRETS, headers=owner).json()
    page = {"Authorization": f"Bearer {made['value']}"}
    assert code_of(endpoint.post(CALLS, headers=page, content="v=0")) == "invalid_offer"


@pytest.mark.parametrize("path", [SECRETS, *CONTROL])
def test_an_ephemeral_key_opens_sessions_and_nothing_else(path: str) -> None:
    endpoint = Endpoint()
    made = endpoint.post(SECRETS).json()
    response = endpoint.post(path, headers={"Authorization": f"Bearer {made['value']}"})
    assert (response.status_code, code_of(response)) == (401, "invalid_api_key")


@pytest.mark.parametrize("verb", ["accept", "refer", "reject"])
def test_there_is_no_call_over_sip(verb: str) -> None:
    response = Endpoint().post(f"{CALLS}/rtc_nobody/{verb}", json={"target_uri": "tel:+1"})
    assert (response.status_code, code_of(response)) == (404, "call_id_not_found")


def test_an_offer_as_in_the_beta_is_refused() -> None:
    response = Endpoint().post("/v1/realtime", params={"model": "m"}, content="v=0")
    assert (response.status_code, code_of(response)) == (400, "beta_api_shape_disabled")


@pytest.mark.parametrize("path", ["realtime/sessions", "realtime/transcription_sessions", "x"])
def test_a_url_that_the_service_no_longer_has_is_invalid(path: str) -> None:
    response = Endpoint().post(f"/v1/{path}", json={})
    assert (response.status_code, code_of(response)) == (404, None)
    assert response.json()["error"]["message"] == f"Invalid URL (POST /v1/{path})"


@pytest.mark.parametrize("path", ["/v1//realtime/client_secrets", "/v1/realtime///client_secrets"])
def test_several_slashes_are_one(path: str) -> None:
    assert Endpoint().post(path, json={}).status_code == 200


def test_models_are_listed_with_the_names_of_the_behaviours_first() -> None:
    endpoint = Endpoint(behaviours=["refunds", "sales"])
    listed = endpoint.ask("GET", "/v1/models", headers=KEY).json()
    assert listed["object"] == "list"
    names = [model["id"] for model in listed["data"]]
    assert names[:3] == ["refunds", "sales", "gpt-realtime-2.1"]
    one = endpoint.ask("GET", "/v1/models/refunds", headers=KEY).json()
    assert one == listed["data"][0]
    assert one.keys() == {"id", "object", "created", "owned_by"}
    # Sessions take any model, so no client is told that its own does not exist.
    assert endpoint.ask("GET", "/v1/models/gpt-next", headers=KEY).json()["id"] == "gpt-next"
    assert endpoint.ask("GET", "/v1/models").status_code == 401


@pytest.mark.parametrize("path", ["/health", "/nowhere", CALLS])
def test_every_answer_can_be_read_by_a_page_and_has_an_id(path: str) -> None:
    page = {"Origin": "http://127.0.0.1"}
    first, second = (Endpoint().ask("GET", path, headers=page).headers for _ in range(2))
    assert first["access-control-allow-origin"] == "http://127.0.0.1"
    assert first["access-control-expose-headers"] == "Location, X-Request-Id, CF-Ray"
    assert first["x-request-id"].startswith("req_")
    assert first["x-request-id"] != second["x-request-id"]


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "GET"])
@pytest.mark.parametrize("path", ["/health", SECRETS, CALLS])
@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"Origin": "https://a.page"}, "origin_not_allowed"),
        ({"Origin": "null"}, "origin_not_allowed"),
        ({"Host": "a.page:8765"}, "host_not_allowed"),
        ({"Host": "a.page:8765", "Origin": "http://a.page:8765"}, "host_not_allowed"),
    ],
)
def test_a_page_of_another_site_is_refused_whatever_it_asks(
    method: str, path: str, header: dict[str, str], code: str
) -> None:
    asked = {**KEY, **header, "Access-Control-Request-Method": "POST"}
    response = Endpoint().ask(method, path, headers=asked)
    assert response.status_code == 403
    assert code_of(response) == code
    assert "access-control-allow-origin" not in response.headers


def test_a_page_that_is_allowed_may_send_its_offer() -> None:
    asked = {
        "Origin": "https://a.page",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    endpoint = Endpoint(allowed=AllowedOrigins(origins=["https://a.page"]))
    response = endpoint.ask("OPTIONS", CALLS, headers=asked)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://a.page"
    assert "authorization" in response.headers["access-control-allow-headers"].lower()


def test_a_body_that_stalls_is_given_up() -> None:
    async def drip() -> Any:
        yield b"v="
        await asyncio.Event().wait()

    endpoint = Endpoint()
    limit = next(each for each in endpoint.app.user_middleware if each.cls is BodyLimit)
    limit.kwargs["stalls_after"] = 0.01
    response = endpoint.post(CALLS, content=drip())
    assert (response.status_code, code_of(response)) == (408, "request_timeout")


def test_a_body_that_trickles_in_for_ever_is_given_up() -> None:
    async def trickle() -> Any:
        while True:
            yield b"v"
            await AsyncClock().sleep(samples_of_ms(1))

    endpoint = Endpoint()
    limit = next(each for each in endpoint.app.user_middleware if each.cls is BodyLimit)
    limit.kwargs["comes_within"] = 0.05
    response = endpoint.post(CALLS, content=trickle())
    assert (response.status_code, code_of(response)) == (408, "request_timeout")
    assert "did not come within 0.05 s" in response.text


def test_the_log_says_what_was_asked_for_and_no_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "soundstage.endpoint")
    headers = {"Authorization": "Bearer sk-secret"}
    Endpoint().post(SECRETS, headers=headers, params={"key": "sk-secret"})
    lines = [JsonLines().format(record) for record in caplog.records]
    last = json.loads(lines[-1])
    assert last["event"] == "a request was answered"
    assert (last["method"], last["path"], last["status"]) == ("POST", SECRETS, 200)
    assert last["time"].endswith("+00:00")
    assert "secret" not in "".join(lines).replace("client_secrets", "")
