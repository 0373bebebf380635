"""The page's server and its seats: real sockets, real calls, and no browser."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
import uvloop
from dummy_visitor import DummyVisitor

from soundstage.errors import PortTaken
from soundstage.messages.events import Joined
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_ms, samples_of_seconds
from soundstage.web import PageServer, VisitorAway, VisitorLeft, VisitorSeated
from soundstage.webrtc import Deadlines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

pytestmark = pytest.mark.realtime

SHORT = Deadlines(silence=samples_of_seconds(0.5), grace=samples_of_seconds(0.5))
LOUD = (8000).to_bytes(2, "little") * FRAME_SAMPLES


class Scene:
    """A page that is served, and what its owner is told."""

    def __init__(
        self, client: httpx.AsyncClient, page: PageServer, link: str, told: asyncio.Queue[Any]
    ) -> None:
        self.client = client
        self.page = page
        self.link = link
        self.told = told

    def visitor(self, visit: str = "v1") -> DummyVisitor:
        return DummyVisitor(self.link, self.client, visit)

    async def next(self) -> Any:
        async with asyncio.timeout(10):
            return await self.told.get()

    async def seated(self) -> VisitorSeated:
        told = await self.next()
        assert isinstance(told, VisitorSeated), told
        return told


@asynccontextmanager
async def scene(seats: int = 1, **options: Any) -> AsyncIterator[Scene]:
    told: asyncio.Queue[Any] = asyncio.Queue()
    page = PageServer(
        "A call",
        you="visitor" if seats else "",
        seats=seats,
        post=told.put_nowait,
        deadlines=options.pop("deadlines", SHORT),
        kept_for=options.pop("kept_for", samples_of_ms(300)),
        **options,
    )
    link = await page.start()
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            yield Scene(client, page, link, told)
    finally:
        await page.close("The scenario has ended.")


def play(act: Callable[[], Awaitable[None]], *, loop: Any = uvloop.new_event_loop) -> None:
    """Play a scene, and see that it leaves no thread, task or socket behind."""
    before = threading.active_count()
    open_before = {each.fd for each in psutil.Process().net_connections()}

    async def run() -> None:
        await act()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        left = [each for each in psutil.Process().net_connections() if each.fd not in open_before]
        assert not left

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())
    assert threading.active_count() <= before


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_visitor_is_heard_and_hears(loop: Any) -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            await visitor.connect()
            voice = (await given.seated()).voice

            async def answer() -> list[bytes]:
                heard = []
                for _ in range(50):
                    heard.append(voice.take())
                    voice.play(LOUD)
                    await asyncio.sleep(0.02)  # noqa: TID251 - the room's pace, on a wall clock
                return heard

            heard_by_visitor, heard_by_room = await asyncio.gather(
                visitor.talk(lambda _: LOUD, 1.0), answer()
            )
            assert any(frame is not SILENCE for frame in heard_by_visitor)
            assert any(frame is not SILENCE for frame in heard_by_room)
            await visitor.leave()
            assert await given.next() == VisitorLeft(1, "left")

    play(act, loop=loop)


def test_the_page_is_whole_and_asks_nothing_of_other_hosts() -> None:
    async def act() -> None:
        async with scene() as given:
            page = await given.client.get(given.link)
            assert page.status_code == 200
            assert page.headers["content-type"].startswith("text/html")
            parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert len(parts) >= 3
            for name in parts:
                part = await given.client.get(given.link + name)
                assert part.status_code == 200, name
                for imported in re.findall(r'from "\./([^"]+)"', part.text):
                    assert (await given.client.get(given.link + imported)).is_success, imported
                assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", part.text)

    play(act)


def test_a_page_is_not_kept_framed_or_told_to_others() -> None:
    async def act() -> None:
        async with scene() as given:
            headers = (await given.client.get(given.link)).headers
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy

    play(act)


@pytest.mark.parametrize("path", ["", "x/", "x/events", "x/page.js", "a/b/c/d", "docs", "x"])
def test_without_the_token_nothing_is_shown_but_what_to_do(path: str) -> None:
    async def act() -> None:
        async with scene() as given:
            root = given.link.rsplit("/", 2)[0]
            url = f"{root}/{path}"
            seen = await given.client.get(url, headers={"Accept": "text/html"})
            assert seen.status_code == 404
            assert "Use the link that run-scenario printed last" in seen.text
            fetched = await given.client.get(url)
            assert fetched.json()["error"]["code"] == "wrong_link"

    play(act)


@pytest.mark.parametrize("name", ["nothing.js", "..%2F_feed.py", "__init__.py", "a/b"])
def test_the_page_has_no_parts_but_its_own(name: str) -> None:
    async def act() -> None:
        async with scene() as given:
            seen = await given.client.get(given.link + name)
            assert seen.status_code == 404
            assert "import" not in seen.text

    play(act)


def test_the_link_works_without_its_last_stroke() -> None:
    async def act() -> None:
        async with scene() as given:
            seen = await given.client.get(given.link.rstrip("/"))
            assert (seen.status_code, seen.headers["location"].rstrip("/")) == (
                307,
                "/" + given.link.rstrip("/").rpartition("/")[2],
            )

    play(act)


def test_another_website_can_neither_look_nor_join() -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            visitor.origin = "https://evil.example"
            response = await visitor.join()
            assert response.status_code == 403
            assert response.json()["error"]["code"] == "foreign_origin"
            assert "another website" in response.json()["error"]["message"]
            seen = await given.client.get(
                f"{given.link}events", headers={"Origin": "https://evil.example"}
            )
            assert seen.status_code == 403
            await visitor.hang_up()
            assert given.told.empty()

    play(act)


def test_a_taken_seat_is_not_given_twice_and_free_again_when_left() -> None:
    async def act() -> None:
        async with scene() as given:
            first, second = given.visitor("ann"), given.visitor("ben")
            await first.connect()
            await given.seated()
            refused = await second.join()
            assert refused.status_code == 409
            assert refused.json()["error"]["code"] == "seat_taken"
            assert "taken by another visitor" in refused.json()["error"]["message"]
            await second.hang_up()
            await first.leave()
            assert await given.next() == VisitorLeft(1, "left")
            await second.connect()
            assert (await given.seated()).seat == 1
            await second.leave()

    play(act)


def test_a_page_for_watching_has_no_seat() -> None:
    async def act() -> None:
        async with scene(seats=0) as given:
            visitor = given.visitor()
            refused = await visitor.join()
            assert refused.status_code == 409
            assert "for watching only" in refused.json()["error"]["message"]
            await visitor.hang_up()

    play(act)


def test_a_reload_in_mid_call_keeps_the_seat_for_the_same_visitor() -> None:
    async def act() -> None:
        async with scene(kept_for=samples_of_seconds(5)) as given:
            before, after, stranger = given.visitor(), given.visitor(), given.visitor("other")
            await before.connect()
            await given.seated()
            await before.leave(closed=True)
            assert await given.next() == VisitorAway(1)
            refused = await stranger.join()
            assert refused.json()["error"]["code"] == "seat_taken"
            await stranger.hang_up()
            await after.connect()
            assert (await given.seated()).seat == 1
            await after.leave()
            assert await given.next() == VisitorLeft(1, "left")

    play(act)


def test_a_reload_that_could_not_say_goodbye_takes_its_own_seat_over() -> None:
    async def act() -> None:
        async with scene() as given:
            before, after = given.visitor(), given.visitor()
            await before.connect()
            first = await given.seated()
            await after.connect()
            second = await given.seated()
            assert second.seat == first.seat
            assert second.voice is not first.voice
            await before.hang_up()
            await after.leave()
            assert await given.next() == VisitorLeft(1, "left")

    play(act)


def test_a_closed_window_frees_the_seat_a_moment_later() -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            await visitor.connect()
            await given.seated()
            await visitor.leave(closed=True)
            assert await given.next() == VisitorAway(1)
            assert await given.next() == VisitorLeft(1, "closed")

    play(act)


def test_a_closed_window_is_told_as_such_where_its_connection_ends_first() -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            await visitor.connect()
            await given.seated()
            await visitor.hang_up()
            assert await given.next() == VisitorAway(1)
            await visitor.leave(closed=True)
            assert await given.next() == VisitorLeft(1, "closed")

    play(act)


def test_a_closed_laptop_frees_the_seat_though_it_says_nothing() -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            await visitor.connect()
            await given.seated()
            asleep = visitor.peer
            assert asleep is not None
            # As a machine that sleeps: no packet more, and no goodbye.
            asleep._connection.getTransceivers()[0].receiver.transport._send_rtp = _swallow
            assert await given.next() == VisitorAway(1)
            assert await given.next() == VisitorLeft(1, "lost")
            await visitor.hang_up()

    play(act)


async def _swallow(_: bytes) -> None:
    pass


def test_an_offer_that_is_none_leaves_the_seat_free() -> None:
    async def act() -> None:
        async with scene() as given:
            visitor = given.visitor()
            refused = await visitor.post("join", sdp="v=0")
            assert refused.status_code == 400
            assert refused.json()["error"]["code"] == "bad_offer"
            await visitor.connect()
            await given.seated()
            await visitor.leave()

    play(act)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"visit": 1, "sdp": 2}'])
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    async def act() -> None:
        async with scene() as given:
            origin = {"Origin": given.visitor().origin}
            for what in ("join", "leave"):
                refused = await given.client.post(given.link + what, content=body, headers=origin)
                assert refused.status_code == 400

    play(act)


def test_a_body_without_end_is_refused() -> None:
    async def act() -> None:
        async with scene() as given:
            refused = await given.client.post(
                f"{given.link}join",
                content=b" " * 300_000,
                headers={"Origin": given.visitor().origin},
            )
            assert refused.status_code == 413

    play(act)


def test_the_story_comes_as_it_happens_and_ends_with_a_goodbye() -> None:
    async def act() -> None:
        lines: list[dict[str, Any]] = []
        async with scene() as given:
            reading = asyncio.Event()

            async def follow() -> None:
                async for line in given.visitor().story():
                    lines.append(line)
                    reading.set()

            following = asyncio.create_task(follow())
            await reading.wait()
            given.page.show(Joined(pts=0, agent="bob"))
            await given.page.close("That was it.")
            await following
        assert [line["type"] for line in lines] == ["hello", "seats", "joined", "bye"]
        assert lines[0]["you"] == "visitor"
        assert lines[-1]["text"] == "That was it."

    play(act)


def test_everybody_sees_who_is_muted() -> None:
    async def act() -> None:
        async with scene(seats=2) as given:
            visitor = given.visitor()
            await visitor.connect()
            await given.seated()
            assert visitor.peer is not None
            for nonsense in (b"no JSON at all", b'{"x":' + b"[" * 2_000, b'"\xff"'):
                visitor.peer.send(nonsense)
            visitor.peer.send(b'{"muted":true}')
            async with asyncio.timeout(10):
                async for line in given.visitor("watcher").story():
                    if line["type"] == "seats" and line["seats"][0]["muted"]:
                        break
            await visitor.leave()

    play(act)


def test_those_who_watch_and_go_are_forgotten() -> None:
    async def act() -> None:
        async with scene() as given:
            for _ in range(5):
                story = given.visitor().story()
                await anext(story)
                await story.aclose()
            for number in range(200):
                given.page.show(Joined(pts=number, agent="bob"))
                if not given.page._feed.readers:
                    break
                await asyncio.sleep(0.02)  # noqa: TID251 - the server notices on its own time
            assert given.page._feed.readers == 0

    play(act)


def test_visitors_who_are_still_there_at_the_end_are_hung_up() -> None:
    async def act() -> None:
        async with scene(seats=3) as given:
            visitors = [given.visitor(visit) for visit in ("a", "b", "c")]
            for visitor in visitors:
                await visitor.connect()
            await given.page.close("bye")
            async with asyncio.timeout(10):
                for visitor in visitors:
                    await visitor.lost.wait()
                    await visitor.hang_up()

    play(act)


def test_a_port_that_is_taken_is_named() -> None:
    async def act() -> None:
        async with scene() as given:
            port = int(given.link.split(":")[2].split("/")[0])
            with pytest.raises(PortTaken, match=f"the page cannot listen on 127.0.0.1:{port}"):
                await PageServer("Another", port=port).start()

    play(act)


def test_a_page_for_a_network_names_this_machine_in_it() -> None:
    async def act() -> None:
        page = PageServer("A call", host="0.0.0.0")
        link = await page.start()
        assert "0.0.0.0" not in link
        async with httpx.AsyncClient() as client:
            assert (await client.get(link)).is_success
        await page.close("bye")

    play(act)


def test_a_page_behind_another_is_reached_by_that_ones_address() -> None:
    async def act() -> None:
        page = PageServer("A call", origins=["https://call.example.org"])
        assert (await page.start()).startswith("https://call.example.org/")
        await page.close("bye")

    play(act)
