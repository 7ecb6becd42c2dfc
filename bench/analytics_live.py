"""What the analytics process costs with a crowd of cameras: started as the supervisor starts it, with its database, fed
over the real tap at the cameras' own pace. The feeding is this process's and is not counted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.apart import own_database, own_process
from bench.cost import Cost, cost
from bench.streams import Stream
from demo.running import until
from gis.db import Database
from ingest.tap import TapServer

SETTLE_S = 20.0
OVER_S = 40.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd of cameras took over :data:`OVER_S`, and whether all of it was looked at."""

    cameras: int
    cost: Cost
    facts: dict[str, float | str]
    tracks: int

    @property
    def core_per_camera(self) -> float:
        """Share of a core that one camera takes."""
        return self.cost.cpu_s / OVER_S / self.cameras


def crowd(stream: Stream, cameras: int, var: Path) -> Crowd:
    """``cameras`` cameras that all send ``stream`` over and over, each begun at another moment of it."""
    with own_database(var) as database:
        for index in range(cameras):
            database.run(
                "INSERT INTO camera (code, name, url, geom) VALUES (%(code)s, %(code)s, 'rtsp://127.0.0.1/x', "
                "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326))",
                {"code": f"bench-{index}"},
            )
        ids = [row.id for row in database.rows("SELECT id FROM camera ORDER BY id")]
        (var / "run").mkdir(exist_ok=True)
        tap = TapServer(var / "run" / "tap.sock")
        tap.start()
        over = threading.Event()
        feeding = threading.Thread(target=_feed, args=(tap, stream, ids, over), daemon=True)
        try:
            with own_process(var, "analytics") as process:
                until(lambda: tap.clients, 60, "analytics to come to the tap")
                feeding.start()
                _wait(SETTLE_S)
                before = cost([process.pid])
                started_s = time.monotonic()
                _wait(OVER_S)
                after = cost([process.pid])
                scale = OVER_S / (time.monotonic() - started_s)
                facts = _facts(database)
            tracks = int(database.rows("SELECT count(*) AS n FROM track")[0].n)
        finally:
            over.set()
            if feeding.is_alive():
                feeding.join(timeout=5)
            tap.stop()
    spent = Cost((after.cpu_s - before.cpu_s) * scale, after.pss_mb, after.peak_rss_mb)
    return Crowd(cameras, spent, facts, tracks)


def _feed(tap: TapServer, stream: Stream, ids: list[int], over: threading.Event) -> None:
    """Sends every camera's packets when they are due, cameras spread over the picture's interval."""
    packets = stream.packets
    interval_s = stream.seconds / len(packets)
    keys = [i for i, packet in enumerate(packets) if packet.key]
    starts = [keys[(7 * n) % len(keys)] for n in range(len(ids))]
    began_s, began_at = time.monotonic(), datetime.now(UTC)
    tick = 0
    while not over.is_set():
        for n, camera_id in enumerate(ids):
            due_s = began_s + (tick + n / len(ids)) * interval_s
            ahead_s = due_s - time.monotonic()
            if ahead_s > 0.002:
                over.wait(ahead_s)
            packet = packets[(starts[n] + tick) % len(packets)]
            at_90k = round(tick * interval_s * 90_000)
            tap.publish(
                replace(
                    packet,
                    camera_id=camera_id,
                    pts_90k=at_90k,
                    dts_90k=at_90k,
                    capture_at=began_at + timedelta(seconds=tick * interval_s),
                )
            )
        tick += 1


def _wait(seconds: float) -> None:
    started_s = time.monotonic()
    until(lambda: time.monotonic() - started_s > seconds, seconds + 30, "the measured time", 0.5)


def _facts(database: Database) -> dict[str, float | str]:
    rows = database.rows("SELECT facts FROM process_state WHERE name = 'analytics'")
    return dict(rows[0].facts) if rows else {}
