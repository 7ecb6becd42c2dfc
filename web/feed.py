"""The feed: what changes in the database reaches every open screen within a moment.

One thread listens for notifications and fetches each burst's rows once; another looks once a second at what
changes too often to notify. Both hand batches to the event loop, which gives every client its share of them
through a bounded queue. A client that cannot keep up is ended: it reconnects and fetches the lists anew, and
so does everyone after the database was away.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gis.clock import Clock
from gis.db import Database, Listener
from gis.errors import DatabaseAway
from web.metrics import Counters
from web.model import CurrentUser

_log = logging.getLogger(__name__)
COALESCE_S = 0.05
POLL_S = 1.0
QUEUE = 256
CLOSE_SLOW = 1013  # RFC 6455's registry: try again later
CLOSE_RESYNC = 1012  # service restart: fetch the lists anew

EVERYONE = frozenset({"admin", "dispatcher", "commander", "reviewer", "responder"})
READERS: Mapping[str, frozenset[str]] = {
    "alarm": frozenset({"dispatcher", "commander"}),
    "incident": frozenset({"dispatcher", "commander", "reviewer"}),
    "assignment": frozenset({"dispatcher", "commander", "reviewer"}),
    "log": frozenset({"dispatcher", "commander", "reviewer"}),
    "unit": EVERYONE,
    "camera": EVERYONE,
    "sensor": EVERYONE,
    "vehicle": EVERYONE,
}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A row as JSON, and whom it concerns: ``camera_id`` None concerns nobody's camera; ``unit_ids`` are the
    crews that may read it though their role may not read the topic."""

    id: int
    text: str
    camera_id: int | None = None
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a topic's rows come from.

    ``fetch(database, ids)`` gives the rows of ``ids``, or all where that is None. A notification on one of
    ``channels`` names rows of this topic; one on a channel of ``via`` names rows of another table, which the
    function turns into ids of this topic; one on ``whole_on`` makes it fetch everything and send what
    differs, as ``polled`` does every second.
    """

    topic: str
    fetch: Callable[[Database, Sequence[int] | None], list[FeedRow]]
    channels: tuple[str, ...] = ()
    via: Mapping[str, Callable[[Database, Sequence[int]], list[int]]] = field(default_factory=dict)
    whole_on: tuple[str, ...] = ()
    polled: bool = False


def visible(user: CurrentUser, topic: str, row: FeedRow) -> bool:
    """Whether ``user`` may read ``row``."""
    if not user.sees(row.camera_id):
        return False
    return user.has(*READERS[topic]) or (user.unit_id is not None and user.unit_id in row.unit_ids)


def message(topic: str, rows: Iterable[FeedRow]) -> str:
    """The feed's message of some rows."""
    return f'{{"topic":"{topic}","rows":[{",".join(row.text for row in rows)}]}}'


class Client:
    """One open screen: a bounded queue, and why it ended."""

    def __init__(self, user: CurrentUser, size: int = QUEUE) -> None:
        self.user = user
        self.queue: asyncio.Queue[str] = asyncio.Queue(size)
        self.ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    def put(self, text: str) -> None:
        """Queues a message; a full queue ends the client."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.end(CLOSE_SLOW, "this screen cannot keep up")

    def end(self, code: int, reason: str) -> None:
        """Asks the client's socket to close."""
        if not self.ended.done():
            self.ended.set_result((code, reason))


class Differ:
    """Remembers each row's last text, to send only what changed."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}

    def changed(self, rows: Iterable[FeedRow]) -> list[FeedRow]:
        """The rows that are new or differ from when they were last seen."""
        found = [row for row in rows if self._last.get(row.id) != row.text]
        self._last.update((row.id, row.text) for row in found)
        return found


class Feed:
    """The fan-out. :meth:`start` runs it in an event loop; :meth:`join` adds a client there."""

    def __init__(
        self, database: Database, clock: Clock, counters: Counters, sources: Sequence[Source] = ()
    ) -> None:
        self._database = database
        self._clock = clock
        self._counters = counters
        self._sources = tuple(sources)
        self._differs = {source.topic: Differ() for source in sources}
        self._differ_lock = threading.Lock()
        self._clients: dict[int, Client] = {}
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def clients(self) -> int:
        """How many screens are open."""
        return len(self._clients)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts both threads."""
        self._loop = loop
        for target in (self._listen, self._poll):
            thread = threading.Thread(target=target, name=f"feed{target.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Ends both threads; waits up to 5 s."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def hello(self) -> str:
        """The first message of a client."""
        return json.dumps({"topic": "hello", "server_time": self._clock.now().isoformat()})

    def join(self, user: CurrentUser) -> tuple[int, Client]:
        """Adds a client; call :meth:`leave` with the number when its socket is gone."""
        number, client = next(self._numbers), Client(user)
        self._clients[number] = client
        return number, client

    def leave(self, number: int) -> None:
        """Removes a client."""
        self._clients.pop(number, None)

    # --- in the event loop ---

    def _deliver(self, topic: str, rows: Sequence[FeedRow]) -> None:
        texts: dict[tuple[object, ...], str | None] = {}
        for client in list(self._clients.values()):
            user = client.user
            scope = (user.roles, user.camera_ids, user.unit_id)
            if scope not in texts:
                mine = [row for row in rows if visible(user, topic, row)]
                texts[scope] = message(topic, mine) if mine else None
            text = texts[scope]
            if text is not None:
                client.put(text)
                if client.ended.done():
                    self._counters.add("feed_slow_clients_total")
        self._counters.add("feed_batches_total")

    def _deliver_text(self, text: str) -> None:
        for client in list(self._clients.values()):
            client.put(text)

    def _resync(self) -> None:
        for client in list(self._clients.values()):
            client.end(CLOSE_RESYNC, "the database was away: fetch the lists anew")
        self._counters.add("feed_resyncs_total")

    def _in_loop(self, function: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    # --- the listening thread ---

    def _listen(self) -> None:
        channels = sorted({c for s in self._sources for c in (*s.channels, *s.via, *s.whole_on)})
        listener = Listener(self._database, channels)
        connected_before = False
        last_s = 0.0
        while not self._stop.is_set():
            try:
                found = listener.wait(0.2)
                if found is not None and found:
                    wait_s = last_s + COALESCE_S - self._clock.monotonic_s()
                    if wait_s > 0 and not self._stop.wait(wait_s):
                        more = listener.wait(0.0)
                        found = None if more is None else found + more
                if found is None:
                    if connected_before:
                        self._in_loop(self._resync)
                    connected_before = True
                    continue
                if found:
                    last_s = self._clock.monotonic_s()
                    self._fetch(found)
            except DatabaseAway:
                listener.close()
                self._counters.add("feed_database_away_total")
                self._stop.wait(1.0)
        listener.close()

    def _fetch(self, found: Sequence[tuple[str, str]]) -> None:
        by_channel: dict[str, set[int]] = {}
        for channel, payload in found:
            if payload.isdigit():
                by_channel.setdefault(channel, set()).add(int(payload))
        if not self._clients:
            return
        for source in self._sources:
            if any(c in by_channel for c in source.whole_on):
                self._send_changed(source)
                continue
            ids = set().union(*(by_channel.get(c, set()) for c in source.channels))
            for channel, translate in source.via.items():
                if channel in by_channel:
                    ids.update(translate(self._database, sorted(by_channel[channel])))
            if ids:
                self._guarded(source, partial(source.fetch, self._database, sorted(ids)))

    def _guarded(self, source: Source, fetch: Callable[[], list[FeedRow]]) -> None:
        try:
            rows = fetch()
        except DatabaseAway:
            raise
        except Exception:  # noqa: BLE001
            # One row that cannot be shown must not silence the feed for everybody.
            _log.exception("feed rows could not be made topic=%s", source.topic)
            self._counters.add("feed_failures_total")
            return
        if rows:
            self._in_loop(self._deliver, source.topic, rows)

    def _send_changed(self, source: Source) -> None:
        if not self._clients:
            return

        def changed() -> list[FeedRow]:
            rows = source.fetch(self._database, None)
            with self._differ_lock:
                return self._differs[source.topic].changed(rows)

        self._guarded(source, changed)

    # --- the polling thread ---

    def _poll(self) -> None:
        while not self._stop.is_set():
            began_s = self._clock.monotonic_s()
            tick = {"topic": "tick", "server_time": self._clock.now().isoformat()}
            self._in_loop(self._deliver_text, json.dumps(tick))
            try:
                for source in self._sources:
                    if source.polled:
                        self._send_changed(source)
            except DatabaseAway:
                self._counters.add("feed_database_away_total")
            took_s = self._clock.monotonic_s() - began_s
            self._stop.wait(max(0.1, POLL_S - took_s))
