"""Threads for tools that block."""

from __future__ import annotations

import asyncio
import threading

import dummy_tools

from soundstage.tools import ToolThreads


def tool_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "tool"}


def test_only_so_many_tools_block_at_once_and_the_others_wait() -> None:
    hanging, before = dummy_tools.Hanging(), tool_threads()

    async def run() -> list[str]:
        threads = ToolThreads(most=2)
        asked = [asyncio.create_task(threads.run(hanging.wait)) for _ in range(5)]
        await hanging.began()
        await hanging.began()
        assert len(tool_threads() - before) == 2
        hanging.go.set()
        return await asyncio.gather(*asked)

    assert asyncio.run(run()) == ["went"] * 5
    assert hanging.calls == 5


def test_a_cancelled_tool_keeps_its_place_until_it_has_ended() -> None:
    hanging = dummy_tools.Hanging()

    async def run() -> str:
        threads = ToolThreads(most=1)
        first = asyncio.create_task(threads.run(hanging.wait))
        await hanging.began()
        first.cancel()
        second = asyncio.create_task(threads.run(lambda: "mine"))
        await asyncio.wait([second], timeout=0)
        assert not second.done()
        hanging.go.set()
        return await second

    assert asyncio.run(run()) == "mine"


def test_a_tool_that_never_ends_does_not_hold_up_the_program() -> None:
    hanging, before = dummy_tools.Hanging(), tool_threads()

    async def run() -> None:
        asked = asyncio.create_task(ToolThreads().run(hanging.wait))
        await hanging.began()
        asked.cancel()

    asyncio.run(run())
    [thread] = tool_threads() - before
    assert thread.daemon
    hanging.go.set()
    thread.join()
