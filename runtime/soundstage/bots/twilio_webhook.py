"""The webhook of `twilio`: a server is asked what to do with a call, and answers TwiML."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit
from xml.etree import ElementTree as ET

import httpx
from msgspec import Struct

from soundstage.bots.bot_call import CONNECTS_WITHIN
from soundstage.errors import BotFailed, BotUnreachable
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.bots.bot_call import BotTarget
    from soundstage.secrets import Secret

LARGEST: Final = 64 * 1024
"""Letters of an answer; Twilio takes 64 KB."""

_SHOWN: Final = 200


class StreamAnswer(Struct, frozen=True):
    """What the TwiML of a server says of its stream.

    Attributes:
        url: where it takes the stream, on the server that was asked.
        parameters: what the stream begins with.
    """

    url: str
    parameters: dict[str, str]


def signature(token: Secret, url: str, fields: Mapping[str, str]) -> str:
    """`X-Twilio-Signature`: HMAC-SHA1 of the address and the sorted fields, in base64.

    Args:
        token: the account's auth token.
        url: the address as it is asked.
        fields: of the form.
    """
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    made = hmac.new(token.reveal().encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()


async def ask_webhook(target: BotTarget, account: str, call: str) -> StreamAnswer:
    """Ask a server as Twilio does when a call has come.

    Raises:
        BotUnreachable: it does not answer, or with an error.
        BotFailed: its answer has no stream.
    """
    fields = {
        "CallSid": call,
        "AccountSid": account,
        "From": "+15550100",
        "To": "+15550199",
        "Direction": "inbound",
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        **target.parameters,
    }
    headers = {}
    if target.auth_token is not None:
        headers["X-Twilio-Signature"] = signature(target.auth_token, target.webhook, fields)
    try:
        async with httpx.AsyncClient(
            timeout=seconds_of(CONNECTS_WITHIN), trust_env=False
        ) as client:
            answer = await client.post(target.webhook, data=fields, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BotUnreachable(
            f"the webhook {target.webhook} does not answer ({type(error).__name__}: {error}): see "
            "whether the server runs, and listens there"
        ) from None
    if not answer.is_success:
        raise BotUnreachable(
            f"the webhook {target.webhook} answered with HTTP status {answer.status_code}: see "
            "whether the path and the auth token are right"
        )
    return stream_in(answer.text, target.webhook)


def stream_in(twiml: str, webhook: str) -> StreamAnswer:
    """The stream that an answer asks for.

    The host in it is the server's public name, which leads elsewhere in a test: the stream goes to
    the server that was asked, with the path of the answer.

    Raises:
        BotFailed: there is none.
    """
    try:
        # Expat bounds how far entities grow, and the answer is the user's own.
        root = ET.fromstring(twiml[:LARGEST])  # noqa: S314
    except ET.ParseError as error:
        raise BotFailed(f"its webhook answered no TwiML ({error}): {twiml[:_SHOWN]}") from None
    stream = root.find("./Connect/Stream")
    url = None if stream is None else stream.get("url")
    if stream is None or not url:
        raise BotFailed(f"its TwiML has no <Connect><Stream url=…>: {twiml[:_SHOWN]}")
    asked, named = urlsplit(webhook), urlsplit(url)
    if named.query:
        raise BotFailed(f"the stream {url} has a query, which Twilio drops: use <Parameter>")
    scheme = "wss" if asked.scheme == "https" else "ws"
    parameters = {
        str(each.get("name")): str(each.get("value", "")) for each in stream.findall("Parameter")
    }
    return StreamAnswer(urlunsplit((scheme, asked.netloc, named.path, "", "")), parameters)
