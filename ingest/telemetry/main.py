"""The telemetry gateway's process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from gis.clock import Clock, SystemClock
from gis.db import Database
from gis.errors import DatabaseAway
from gis.heartbeat import Heartbeat
from ingest.telemetry.directory import Directory
from ingest.telemetry.downlink import Downlink
from ingest.telemetry.framing import Malformed
from ingest.telemetry.intake import Intake
from ingest.telemetry.jt808 import BAD_MESSAGE
from ingest.telemetry.model import (
    Image,
    Item,
    Online,
    TextAnswered,
    TextUnanswered,
    WantsIn,
)
from ingest.telemetry.server import SWEEP_EVERY_S, Port, Servers
from ingest.telemetry.session_hj212 import Hj212Session
from ingest.telemetry.session_jt808 import Jt808Session
from ingest.telemetry.session_sl651 import Sl651Session
from ingest.telemetry.settings import GatewaySettings
from ingest.telemetry.spool import Spool
from ingest.telemetry.store import TelemetryStore
from ingest.telemetry.validate import Limits
from ingest.telemetry.writer import Writer

WAIT_FOR_DATABASE_S = 1.0
_log = logging.getLogger(__name__)


def run(settings: GatewaySettings, stop: threading.Event) -> None:
    """Serves until ``stop``. Raises :class:`gis.errors.SetupError` where a port cannot be opened."""
    Gateway(settings, SystemClock()).run(stop)


class Gateway:
    """Everything of the process, wired together."""

    def __init__(self, settings: GatewaySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._database = Database(settings.database_url, size=4, application="wanglou gateway")
        self._store = TelemetryStore(self._database)
        self._intake = Intake(Limits(settings.max_future_s, settings.max_age_s))
        self._spool = Spool(settings.spool, settings.spool_limit_bytes)
        self._directory = Directory(self._store, self._intake, settings.auto_register)
        self._writer = Writer(
            settings, self._store, self._spool, self._intake, self._directory, clock
        )
        self._downlink = Downlink(settings, self._database, self._store, clock, self._deliver)
        self._heartbeat = Heartbeat(self._database, "gateway", clock, self.facts)
        self.servers = Servers(
            settings.host, self._ports(), settings.max_connections, clock, self._decoded, self._full
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._letting_in: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self._rated = (clock.monotonic_s(), 0)
        self.images = 0

    def run(self, stop: threading.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Serves until ``stop``; ``ready`` is called once every port is open."""
        asyncio.run(self._serve(stop, ready))
        self._database.close()

    async def _serve(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        # Devices buffer while nobody listens; without the database nobody could tell who they are.
        if not await self._wait_for_database(stop):
            return
        await self.servers.start()
        self._writer.start()
        self._downlink.start()
        self._heartbeat.start()
        _log.info("gateway_ready ports=%s devices=%d", self.servers.numbers, len(self._directory))
        ready()
        try:
            while not stop.is_set():
                self.servers.sweep()
                if not self._writer.alive:
                    raise RuntimeError("the writer thread has ended; the log says why")
                await self._pause_for(stop, SWEEP_EVERY_S)
        finally:
            await self.servers.stop()
            await self._loop.run_in_executor(None, self._end_threads)

    async def _wait_for_database(self, stop: threading.Event) -> bool:
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            try:
                await loop.run_in_executor(None, self._writer.drain_spool)
                await loop.run_in_executor(None, self._directory.refresh)
                return True
            except DatabaseAway as error:
                _log.warning("waiting_for_database %s", error)
                await self._pause_for(stop, WAIT_FOR_DATABASE_S)
        return False

    @staticmethod
    async def _pause_for(stop: threading.Event, seconds: float) -> None:
        for _ in range(max(1, round(seconds / 0.1))):
            if stop.is_set():
                return
            await asyncio.sleep(0.1)

    def _end_threads(self) -> None:
        self._heartbeat.stop()
        self._downlink.stop()
        self._writer.stop()

    def _ports(self) -> list[Port]:
        s, directory = self._settings, self._directory
        return [
            Port(
                "jt808",
                "JT/T 808 (vehicles)",
                "WANGLOU_JT808_PORT",
                s.jt808_port,
                s.jt808_idle_s,
                lambda counters: Jt808Session(directory, counters),
            ),
            Port(
                "hj212",
                "HJ 212 (emission monitors)",
                "WANGLOU_HJ212_PORT",
                s.hj212_port,
                s.station_idle_s,
                lambda counters: Hj212Session(directory, counters),
            ),
            Port(
                "sl651",
                "SL 651 (hydrology stations)",
                "WANGLOU_SL651_PORT",
                s.sl651_port,
                s.station_idle_s,
                lambda counters: Sl651Session(directory, counters),
            ),
        ]

    def _decoded(self, items: list[Item]) -> None:
        self._intake.add(items, self._clock.now())
        for item in items:
            if isinstance(item, TextAnswered):
                self._downlink.answered(item.downlink_id, item.result)
            elif isinstance(item, TextUnanswered):
                self._downlink.given_up(item.downlink_id)
            elif isinstance(item, WantsIn):
                self._in_background(self._let_in, item)
            elif isinstance(item, Image):
                self._in_background(self._keep_image, item)
            elif isinstance(item, Online):
                self._downlink.look()
        if self._intake.urgent or self._intake.pending >= self._settings.batch_rows:
            self._writer.wake()

    def _in_background(self, work: Callable[[Item], None], item: Item) -> None:
        assert self._loop is not None
        task = self._loop.run_in_executor(None, work, item)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _let_in(self, item: Item) -> None:
        assert isinstance(item, WantsIn)
        key = (item.protocol, item.key)
        if key in self._letting_in:
            return
        self._letting_in.add(key)
        try:
            self._store.add_device(item)
            self._directory.refresh()
            _log.info("device_registered protocol=%s key=%s name=%s", *key, item.name)
        except DatabaseAway as error:
            _log.warning("register_later protocol=%s key=%s %s", *key, error)
        finally:
            self._letting_in.discard(key)

    def _keep_image(self, item: Item) -> None:
        assert isinstance(item, Image)
        folder = self._settings.pictures / item.device.key
        path = folder / f"{item.at:%Y%m%dT%H%M%SZ}.jpg"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.jpeg)
        except OSError as error:
            _log.error("picture_lost path=%s %s", path, error.strerror)
            return
        self.images += 1

    def _deliver(self, downlink_id: int, device_id: int, body: str) -> None:
        """Called by the downlink's thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        done = threading.Event()

        def send() -> None:
            try:
                if self.servers.send_text(downlink_id, device_id, body):
                    self._downlink.sent(downlink_id)
            except Malformed as error:
                _log.error("text_refused downlink=%d %s", downlink_id, error)
                self._downlink.answered(downlink_id, BAD_MESSAGE)
            finally:
                done.set()

        loop.call_soon_threadsafe(send)
        done.wait(2.0)

    def _full(self) -> bool:
        waiting = self._intake.pending + self._writer.backlog_rows
        return waiting > self._settings.pending_limit_rows

    def facts(self) -> dict[str, float | int | str]:
        """The figures for health and metrics."""
        facts: dict[str, float | int | str] = {}
        for protocol, counters in self.servers.counters.items():
            facts[f"{protocol}_connections"] = self.servers.connections(protocol)
            facts[f"{protocol}_frames_good"] = counters.good
            facts[f"{protocol}_frames_bad"] = counters.bad
            facts[f"{protocol}_frames_resent"] = counters.resent
        now_s = self._clock.monotonic_s()
        before_s, before = self._rated
        self._rated = (now_s, self._writer.stored_positions)
        facts["positions_per_s"] = round(
            (self._writer.stored_positions - before) / max(now_s - before_s, 0.001), 1
        )
        facts["positions_stored"] = self._writer.stored_positions
        facts["readings_stored"] = self._writer.stored_readings
        facts["terminals_online"] = self.servers.online
        facts["devices"] = len(self._directory)
        facts["spool_batches"] = len(self._spool)
        facts["spool_bytes"] = self._spool.bytes
        facts["spool_lost_rows"] = self._spool.lost_rows
        facts["batches_rejected"] = self._spool.rejected
        facts["texts_waiting"] = self._downlink.waiting
        facts["pictures"] = self.images
        facts["auto_register"] = (
            "on: unknown devices are let in"
            if self._settings.auto_register
            else "off: unknown devices are refused and kept in quarantine; add them to the device table first"
        )
        for name in (
            "quarantined",
            "quarantine_dropped",
            "duplicates",
            "no_fix",
            "malformed_items",
        ):
            facts[name] = self._intake.counts[name]
        for name in ("refused", "idle", "replaced", "deaf"):
            facts[f"connections_{name}"] = self.servers.counts[name]
        facts["database"] = self._writer.away or "ok"
        if self._writer.disk:
            facts["disk"] = self._writer.disk
        return facts
