from __future__ import annotations

import asyncio
import json
import logging
import traceback

import httpx
import pytest
from dummy_far_end import CALL, KEY, parts_of, refuse

from soundstage.errors import CallRefused, ConnectError, ConnectTimeout
from soundstage.secrets import Secret
from soundstage.units import samples_of_ms
from soundstage.webrtc import Deadlines, Provider, Signalling

OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"
ANSWER = OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1"}
SHORT = Deadlines(signalling=samples_of_ms(100), hang_up=samples_of_ms(100))


def provider(**changes) -> Provider:
    fields = {"name": "openai", "base_url": "https://api.example/v1", "api_key": Secret(KEY)}
    return Provider(**fields | changes)


def place(transport, *, deadlines=None, **changes):
    """One call through a transport of the test's."""

    async def run():
        async with httpx.AsyncClient(transport=transport) as client:
            signalling = Signalling(provider(**changes), client=client, deadlines=deadlines)
            return await signalling.call(OFFER, SESSION)

    return asyncio.run(run())


def endpoint(requests, *, status=201, text=ANSWER, location=f"/v1/realtime/calls/{CALL}"):
    def handle(request):
        requests.append(request)
        if request.url.path.endswith("/client_secrets"):
            return httpx.Response(200, json={"value": "ek_dummy", "expires_at": 1})
        return httpx.Response(status, text=text, headers={"Location": location} if location else {})

    return httpx.MockTransport(handle)


def test_a_key_sends_the_offer_and_the_session_as_two_typed_parts():
    requests = []
    call = place(endpoint(requests))
    (request,) = requests
    assert str(request.url) == "https://api.example/v1/realtime/calls"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    parts = parts_of(request)
    assert parts["sdp"] == ("application/sdp", OFFER.encode())
    assert parts["session"][0] == "application/json"
    assert json.loads(parts["session"][1]) == SESSION
    assert (call.answer, call.call_id) == (ANSWER, CALL)


def takes_plain_sdp(requests, *, status, body, then=201):
    """An endpoint that refuses an offer in two parts, and takes one that comes alone."""

    def handle(request):
        requests.append(request)
        if request.headers["content-type"] != "application/sdp":
            return httpx.Response(status, text=body)
        return httpx.Response(then, text=ANSWER if then == 201 else "no such model")

    return httpx.MockTransport(handle)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (415, "Unsupported Media Type"),
        (400, '{"error": {"message": "not SDP", "code": "invalid_offer", "param": null}}'),
        (422, '{"detail": [{"type": "missing", "loc": ["body"]}]}'),
    ],
)
def test_an_endpoint_that_reads_no_two_parts_gets_the_offer_alone_with_the_model(status, body):
    requests = []
    call = place(takes_plain_sdp(requests, status=status, body=body), query={"w": "on"})
    _, alone = requests
    assert alone.headers["content-type"] == "application/sdp"
    assert alone.headers["authorization"] == f"Bearer {KEY}"
    assert alone.content == OFFER.encode()
    assert dict(alone.url.params) == {"model": SESSION["model"], "w": "on"}
    assert (call.answer, call.call_id) == (ANSWER, "")


def test_the_model_that_the_provider_names_in_its_query_is_the_one_asked_for():
    requests = []
    place(takes_plain_sdp(requests, status=415, body=""), query={"model": "deployed"})
    assert dict(requests[1].url.params) == {"model": "deployed"}


def test_a_session_that_was_read_and_refused_is_not_offered_a_second_time():
    requests = []
    body = '{"error": {"message": "no such voice", "param": "session.audio.output.voice"}}'
    with pytest.raises(CallRefused, match="no such voice") as caught:
        place(takes_plain_sdp(requests, status=400, body=body))
    assert len(requests) == 1
    assert caught.value.param == "session.audio.output.voice"


def test_where_the_offer_alone_is_refused_too_the_first_refusal_is_told():
    transport = takes_plain_sdp([], status=415, body="Unsupported Media Type", then=404)
    with pytest.raises(CallRefused, match="HTTP 415: Unsupported Media Type"):
        place(transport)


def test_an_ephemeral_key_is_fetched_and_sends_the_offer_alone():
    requests = []
    call = place(endpoint(requests), auth="ephemeral")
    secret, offer = requests
    assert secret.url.path == "/v1/realtime/client_secrets"
    assert secret.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(secret.content) == {"session": SESSION}
    assert offer.headers["authorization"] == "Bearer ek_dummy"
    assert offer.headers["content-type"] == "application/sdp"
    assert offer.content == OFFER.encode()
    assert call.call_id == CALL


def test_headers_and_query_of_the_provider_go_with_every_request():
    requests = []
    place(endpoint(requests), headers={"OpenAI-Safety-Identifier": "abc"}, query={"w": "on"})
    assert requests[0].headers["openai-safety-identifier"] == "abc"
    assert requests[0].url.params["w"] == "on"


def test_no_key_sends_no_authorization():
    requests = []
    place(endpoint(requests), api_key=None)
    assert "authorization" not in requests[0].headers


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        ("https://elsewhere.example/v1/realtime/calls/rtc_1?x=y", "rtc_1"),
        ("/v1/realtime/calls/rtc_2/", "rtc_2"),
        ("rtc_3", "rtc_3"),
        (None, ""),
    ],
)
def test_the_call_id_is_the_last_part_of_any_location(location, call_id):
    assert place(endpoint([], location=location)).call_id == call_id


def hang_up(transport, deadlines=None):
    async def run():
        async with httpx.AsyncClient(transport=transport) as client:
            await Signalling(provider(), client=client, deadlines=deadlines).hang_up(CALL)

    asyncio.run(run())


def test_a_hang_up_goes_to_the_provider_and_not_to_where_a_location_points():
    requests = []
    hang_up(endpoint(requests))
    assert str(requests[0].url) == f"https://api.example/v1/realtime/calls/{CALL}/hangup"
    assert (requests[0].method, requests[0].content) == ("POST", b"")


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_hang_up_that_is_refused_harms_nobody(status):
    hang_up(refuse(status, ""))


async def never(_):
    await asyncio.Event().wait()


def test_a_hang_up_that_is_not_answered_is_given_up():
    hang_up(httpx.MockTransport(never), SHORT)


@pytest.mark.parametrize("auth", ["key", "ephemeral"])
@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "invalid_api_key"), (404, "model_not_found"), (429, "rate_limit_exceeded"), (500, "")],
)
def test_an_error_of_the_endpoint_refuses_the_call(status, code, auth):
    with pytest.raises(CallRefused, match="said so") as caught:
        place(refuse(status, {"error": {"message": "said so", "code": code}}), auth=auth)
    assert (caught.value.status, caught.value.code) == (status, code)


def test_a_redirection_is_not_followed_with_the_key():
    requests = []
    transport = endpoint(requests, status=307, location="https://elsewhere.example/")
    with pytest.raises(CallRefused, match="307"):
        place(transport)
    assert len(requests) == 1


@pytest.mark.parametrize("text", ["", "<html>hello</html>", "{}"])
def test_garbage_in_place_of_an_answer_says_so(text):
    with pytest.raises(ConnectError, match=r"answered with .* which is no SDP"):
        place(endpoint([], text=text))


def test_garbage_in_place_of_an_ephemeral_key_says_so():
    with pytest.raises(ConnectError, match='auth = "key"'):
        place(httpx.MockTransport(lambda _: httpx.Response(200)), auth="ephemeral")


def test_an_endpoint_that_never_answers_misses_its_deadline():
    with pytest.raises(ConnectTimeout, match=r"did not answer POST .* within 0.1 s"):
        place(httpx.MockTransport(never), deadlines=SHORT)


@pytest.mark.realtime
def test_a_server_that_takes_the_connection_and_says_nothing_misses_its_deadline():
    async def silent(reader, writer):
        await reader.read()
        writer.close()
        await writer.wait_closed()
        served.set()

    served = asyncio.Event()

    async def run():
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        signalling = Signalling(provider(base_url=f"http://127.0.0.1:{port}"), deadlines=SHORT)
        try:
            await signalling.call(OFFER, SESSION)
        finally:
            await signalling.close()
            await served.wait()
            server.close()

    with pytest.raises(ConnectTimeout, match=r"within 0.1 s"):
        asyncio.run(run())


@pytest.mark.realtime
def test_a_server_that_is_not_there_is_named():
    async def run():
        signalling = Signalling(provider(base_url="http://127.0.0.1:9"))
        try:
            await signalling.call(OFFER, SESSION)
        finally:
            await signalling.close()

    with pytest.raises(ConnectError, match=r"cannot be reached at http://127.0.0.1:9/v1/realtime"):
        asyncio.run(run())


@pytest.mark.parametrize(
    "transport",
    [
        refuse(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
        refuse(500, KEY),
        httpx.MockTransport(lambda request: httpx.Response(200, text=KEY)),
        httpx.MockTransport(never),
    ],
)
@pytest.mark.parametrize("auth", ["key", "ephemeral"])
def test_a_key_is_in_no_error_traceback_or_log(transport, auth, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(ConnectError) as caught:
        place(transport, deadlines=SHORT, auth=auth)
    error: BaseException | None = caught.value
    text = caplog.text + "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=False).format()
    )
    while error is not None:
        text += f"{error!r}{error.args}{vars(error)}"
        error = error.__cause__
    assert KEY not in text


def test_an_injected_client_stays_open_and_an_own_one_is_closed():
    async def run():
        async with httpx.AsyncClient(transport=refuse(500, "")) as client:
            await Signalling(provider(), client=client).close()
            assert not client.is_closed
        own = Signalling(provider())
        await own.close()
        assert own._client.is_closed

    asyncio.run(run())


def test_a_call_within_this_machine_ignores_the_proxies_of_the_environment(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://192.0.2.1:3128")

    async def run(base):
        signalling = Signalling(provider(base_url=base))
        mounts = signalling._client._mounts
        await signalling.close()
        return mounts

    assert not asyncio.run(run("http://127.0.0.1:9"))
    assert asyncio.run(run("https://api.example"))


def test_the_offer_goes_out_to_the_byte():
    offer = OFFER + "a=x: y \r\n\r\n"
    requests = []

    async def run():
        async with httpx.AsyncClient(transport=endpoint(requests)) as client:
            await Signalling(provider(), client=client).call(offer, SESSION)

    asyncio.run(run())
    assert parts_of(requests[0])["sdp"][1] == offer.encode()
