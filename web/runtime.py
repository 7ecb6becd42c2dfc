"""The running console's parts, made once by ``web.app`` and found by routes through ``web.deps``."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gis.db import Database
from gis.heartbeat import Heartbeat
from gis.tiles import TileCache
from ingest.record.background import Background
from ingest.record.playlist import Playlists
from ingest.record.storage import Storage
from ingest.secret import encrypt
from web.auth.socket import Sockets, WhepSessions
from web.auth.watch import SessionWatch
from web.feed import Feed
from web.feed_sources import SOURCES
from web.ingest_client import IngestClient
from web.metrics import Counters
from web.model import ConsoleSettings
from web.ptz.heads import Heads
from web.views import ViewLog


@dataclass(frozen=True, slots=True)
class Runtime:
    """What every route may need."""

    settings: ConsoleSettings
    database: Database
    storage: Storage
    playlists: Playlists
    recoding: Background
    ingest: IngestClient
    feed: Feed
    counters: Counters
    views: ViewLog
    sockets: Sockets
    whep: WhepSessions
    watch: SessionWatch
    heartbeat: Heartbeat
    tiles: TileCache
    heads: Heads

    async def start(self) -> None:
        """Starts the feed, the watch over sessions, the heartbeat and the cameras' way home."""
        loop = asyncio.get_running_loop()
        self.feed.start(loop)
        self.watch.start(self, loop)
        self.heartbeat.start()
        self.heads.start()

    async def stop(self) -> None:
        """Stops them and closes every connection."""
        parts = (self.heartbeat.stop, self.watch.stop, self.feed.stop)
        await asyncio.gather(*(asyncio.to_thread(stop) for stop in parts))
        await self.heads.stop()
        await self.ingest.close()
        self.database.close()

    def encrypt(self, password: str | None) -> bytes | None:
        """A camera's password as it is kept; None and the empty password are kept as none."""
        if not password:
            return None
        return encrypt(self.settings.camera_key, password)


def make(settings: ConsoleSettings) -> Runtime:
    """The parts, not yet running; nothing is connected."""
    database = Database(settings.database_url, size=16, application="wanglou console")
    counters = Counters()
    feed = Feed(database, settings.clock, counters, SOURCES)

    def facts() -> dict[str, float | int | str]:
        return {"feed_clients": feed.clients, **counters.snapshot()}

    return Runtime(
        settings=settings,
        database=database,
        storage=Storage(database, settings.recordings, settings.camera_key, settings.clock),
        playlists=Playlists(database),
        recoding=Background(2, "recordings for browsers that cannot play them"),
        ingest=IngestClient(settings.ingest_socket),
        feed=feed,
        counters=counters,
        views=ViewLog(database, settings.clock),
        sockets=Sockets(),
        whep=WhepSessions(),
        watch=SessionWatch(),
        heartbeat=Heartbeat(database, "console", settings.clock, facts),
        tiles=TileCache(clock=settings.clock),
        heads=Heads(
            database,
            settings.camera_key,
            settings.clock,
            settings.ptz_home_look_s,
            settings.ptz_stand_look_s,
        ),
    )
