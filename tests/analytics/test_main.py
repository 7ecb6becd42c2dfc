"""The whole process: a real tap, a real PostGIS, an intruder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import pytest

from analytics import store, track_store, zone_store
from analytics.main import run
from analytics.settings import AnalyticsSettings
from analytics.zone_store import ZoneDraft
from gis.cluster import Cluster
from gis.db import Database
from ingest.model import Packet
from ingest.tap import TapServer


def _until(condition: Callable[[], bool], within_s: float = 25.0) -> None:
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, "did not happen in time"
        time.sleep(0.02)


def _camera(database: Database) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom, height_m, yaw_deg, pitch_deg, hfov_deg) VALUES "
        "('CAM-1', '一号', 'rtsp://127.0.0.1/x', ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), 7, 30, -22, 70) "
        "RETURNING id"
    )
    assert row is not None
    return int(row.id)


@pytest.fixture
def tap(tmp_path: Path) -> Any:
    server = TapServer(tmp_path / "run" / "tap.sock")
    (tmp_path / "run").mkdir()
    server.start()
    yield server
    server.stop()


def _play(tap: TapServer, packets: list[Packet], camera_id: int, fps: float) -> None:
    """Publishes at an even pace, stamped with the time of publishing."""
    began_s = time.monotonic()
    for i, packet in enumerate(packets):
        pause_s = began_s + i / fps - time.monotonic()
        if pause_s > 0:
            threading.Event().wait(pause_s)
        tap.publish(replace(packet, camera_id=camera_id, capture_at=datetime.now(UTC)))


def test_from_packet_to_event_row(
    database: Database, tap: TapServer, tmp_path: Path, make_scene: Any, make_thing: Any
) -> None:
    camera_id = _camera(database)
    scene = make_scene([make_thing((-10, 16), (6, 16), 2.5, 12.0)])
    area = tuple(scene.foot(p) for p in ((-6, 20), (3, 20), (3, 13), (-6, 13)))
    zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", area, name_en="East gate"))
    stop = threading.Event()
    process = threading.Thread(
        target=run, args=(AnalyticsSettings(database.url, tmp_path), stop), daemon=True
    )
    process.start()
    _until(lambda: tap.clients == 1)
    _play(tap, list(scene.packets(9.0)), camera_id, fps=20)
    _until(lambda: bool(store.events(database).events))
    (event,) = store.events(database).events
    picture = cv2.imread(str(tmp_path / "snapshots" / str(event.snapshot)))
    assert picture.shape == (360, 640, 3)
    delay_s = (event.recorded_at - event.at).total_seconds()
    print(f"capture to event row: {delay_s * 1000:.0f} ms")
    assert delay_s >= 0
    assert event.point is not None and event.ellipse is not None and event.track_uid is not None
    stop.set()
    process.join(timeout=5)
    assert not process.is_alive(), "ends within 5 s"
    track = track_store.track(database, event.track_uid)
    assert track is not None and track.kind == "person" and len(track.path) > 5
    assert track.heading_deg == pytest.approx(120.0, abs=20)  # to the camera's right
    best = cv2.imread(str(tmp_path / "snapshots" / str(track.snapshot)))
    assert best.shape[0] > 1.5 * best.shape[1] and best.shape[0] < 200
    assert track.colour is None, "the scene is gray"
    beat = database.row("SELECT facts FROM process_state WHERE name = 'analytics'")
    assert beat is not None
    assert {
        "frames_decoded",
        "packets_quiet",
        "decode_ms",
        "queue_age_ms",
        "tracks_alive",
        "events",
    } <= set(beat.facts)


def test_the_database_goes_away_and_nothing_is_lost(
    cluster: Cluster,
    database: Database,
    tap: TapServer,
    tmp_path: Path,
    make_scene: Any,
    make_thing: Any,
) -> None:
    camera_id = _camera(database)
    scene = make_scene([make_thing((-10, 16), (6, 16), 2.5, 12.0)])
    zone_store.add(
        database,
        ZoneDraft(camera_id, "东门", "intrusion", ((0.1, 0.0), (0.9, 0.0), (0.9, 1.0), (0.1, 1.0))),
    )
    stop = threading.Event()
    process = threading.Thread(
        target=run, args=(AnalyticsSettings(database.url, tmp_path), stop), daemon=True
    )
    process.start()
    _until(lambda: tap.clients == 1)
    packets = list(scene.packets(9.0))
    _play(tap, packets[:15], camera_id, fps=20)
    row = database.row("SELECT current_database()")
    assert row is not None
    name = row[0]
    admin = Database(cluster.url("postgres", "postgres")).connect()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        _play(tap, packets[15:], camera_id, fps=20)
        spool = tmp_path / "spool" / "analytics"
        _until(lambda: any(spool.glob("*.json")))
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    admin.close()
    _until(lambda: not any(spool.glob("*.json")))
    stop.set()
    process.join(timeout=6)
    again = Database(database.url)
    (event,) = store.events(again).events
    assert event.track_uid is not None
    assert track_store.track(again, event.track_uid) is not None
    again.close()
