"""Ends what is open when the login behind it has ended: feeds, live pictures, WebRTC sessions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from gis.errors import DatabaseAway
from web import user_store
from web.auth.sessions import TOUCH_EVERY_S
from web.errors import IngestAway

if TYPE_CHECKING:
    from web.runtime import Runtime

EVERY_S = 3.0


class SessionWatch:
    """Looks at the sessions behind open sockets every :data:`EVERY_S` seconds; an open screen also keeps its
    session from going idle."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, running: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the thread."""
        self._thread = threading.Thread(
            target=self._run, args=(running, loop), name="session-watch", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; waits up to 5 s."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self, running: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.look(running, loop)
            except DatabaseAway:
                continue  # nobody is thrown out because the database is away

    def look(self, running: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        """Looks once."""
        hashes = sorted({*running.sockets.hashes(), *running.whep.hashes()})
        if not hashes:
            return
        now = running.settings.clock.now()
        found = user_store.sessions(running.database, hashes, now, running.settings.session_idle_s)
        due = [h for h, (_, seen) in found.items() if (now - seen).total_seconds() >= TOUCH_EVERY_S]
        if due:
            user_store.touch_sessions(running.database, due, now)
        alive = {token_hash: session.user for token_hash, (session, _) in found.items()}
        loop.call_soon_threadsafe(running.sockets.end_all_but, alive)
        for session_id in running.whep.take_ended(alive):
            ending = asyncio.run_coroutine_threadsafe(running.ingest.end_whep(session_id), loop)
            with contextlib.suppress(IngestAway):  # ingest's sessions ended with it
                ending.result(timeout=15)
