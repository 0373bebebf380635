"""All calls of an endpoint, and the ephemeral keys that stand for sessions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.endpoint._calls import Call
from soundstage.endpoint._workshop import ThreadWorkshop
from soundstage.kernel import AsyncClock, utc_now
from soundstage.realtime import Ids
from soundstage.units import Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.endpoint._endpoint_session import CallPlan
    from soundstage.speech import Engines

MOST_CALLS: Final = 200
MOST_SECRETS: Final = 1000


class _Secret(Struct, frozen=True):
    session: dict[str, Any]
    until: Samples


class Switchboard:
    """Answers calls and ends them.

    Args:
        choose: how a call is answered, from its session and its HTTP headers.
        engines: recognise and synthesise.
        ids: for calls and secrets.
    """

    def __init__(
        self,
        choose: Callable[[Mapping[str, Any], Mapping[str, str]], CallPlan],
        *,
        engines: Engines,
        ids: Ids,
    ) -> None:
        self._choose = choose
        self._engines = engines
        self._ids = ids
        self._clock = AsyncClock()
        self._workshop = ThreadWorkshop(asyncio.get_running_loop())
        self._calls: dict[str, Call] = {}
        self._secrets: dict[str, _Secret] = {}
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def is_full(self) -> bool:
        """Whether no more calls are taken."""
        return len(self._calls) >= MOST_CALLS

    async def answer(
        self,
        offer: str,
        session: dict[str, Any] | None,
        headers: Mapping[str, str],
        channel_id: int | None,
    ) -> tuple[str, str]:
        """Answer an offer; the call's id and the SDP answer.

        Raises:
            ConnectError: the offer cannot be answered.
            ClientFault: the session's configuration is wrong.
        """
        call = Call(
            self._ids.make("rtc_u0"),
            self._choose(session or {}, headers),
            engines=self._engines,
            workshop=self._workshop,
            session=session,
            on_end=self._end_later,
        )
        self._calls[call.ident] = call
        try:
            return call.ident, await call.answer(offer, channel_id)
        except BaseException:
            await self.hang_up(call.ident)
            raise

    async def hang_up(self, ident: str) -> bool:
        """End a call; whether there was one."""
        call = self._calls.pop(ident, None)
        if call is not None:
            await call.close()
        return call is not None

    def make_secret(self, session: dict[str, Any], lasts: Samples) -> tuple[str, int]:
        """An ephemeral key for a session, and the UNIX second at which it expires."""
        now = self._clock.now()
        alive = {key: kept for key, kept in self._secrets.items() if kept.until > now}
        self._secrets = dict(list(alive.items())[-MOST_SECRETS + 1 :])
        value = self._ids.make("ek")
        self._secrets[value] = _Secret(session, now + lasts)
        return value, int(utc_now().timestamp() + seconds_of(lasts))

    def session_of(self, key: str) -> dict[str, Any] | None:
        """The session that an ephemeral key stands for; None where it is none, or has expired."""
        secret = self._secrets.get(key)
        if secret is None or secret.until <= self._clock.now():
            return None
        return secret.session

    async def close(self) -> None:
        """End every call and every thread."""
        calls, self._calls = list(self._calls.values()), {}
        await asyncio.gather(*(call.close() for call in calls), *self._endings)
        self._workshop.close()

    def warm_up(self) -> None:
        """Load the engines in their threads, so that the first turn does not wait for them."""
        engines = self._engines
        self._workshop.hear(lambda: engines.recognizer, lambda _: None)
        self._workshop.speak(lambda: engines.synthesizer, lambda _: None)

    def _end_later(self, ident: str) -> None:
        task = asyncio.get_running_loop().create_task(self._end(ident))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _end(self, ident: str) -> None:
        await self.hang_up(ident)


SHORTEST_SECRET: Final = samples_of_seconds(10)
LONGEST_SECRET: Final = samples_of_seconds(7200)
