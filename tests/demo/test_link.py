"""The devices' connection: it comes back by itself, and ends when told to, whatever happens at that moment."""

from __future__ import annotations

import asyncio
import random

from demo.link import Link


def test_it_dials_again_and_a_cancel_at_the_moment_of_loss_ends_it() -> None:
    async def scenario() -> tuple[int, list[str]]:
        said: list[str] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            said.append((await reader.read(5)).decode())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        again = asyncio.Event()

        def opened() -> bytes:
            if link.times_opened == 2:
                again.set()
            return b"hello"

        link = Link("x", "127.0.0.1", port, opened, lambda data: b"", random.Random(1))
        task = asyncio.create_task(link.keep())
        async with asyncio.timeout(10):
            await again.wait()
            while link.is_open:
                await asyncio.sleep(0)
            # The loss has just been noticed; the cancellation comes in the same turn of the loop.
            link._gone.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        server.close()
        return link.times_opened, said

    opened, said = asyncio.run(scenario())
    assert opened == 2 and said == ["hello", "hello"]
