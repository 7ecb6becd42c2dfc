"""Many cameras, few threads: one's failure is its own, and falling behind is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.model import Event, TrackRecord, Watch, Zone
from analytics.spool import Spool
from analytics.worker import MAX_QUEUED, Pool
from analytics.writer import Writer
from gis.clock import ManualClock, SystemClock
from gis.db import Database
from ingest.model import Packet

ZONE = Zone(
    1, 1, "东门", "East gate", "intrusion", ((0.2, 0.0), (0.8, 0.0), (0.8, 1.0), (0.2, 1.0)),
    ("person",), 0.0, "both", 1, 30.0, True, 1,
)  # fmt: skip


def _until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def writer(tmp_path: Path, spool: Spool) -> Writer:
    """A writer whose database is away: everything it is given lies in the spool."""
    nowhere = Database(f"host={tmp_path} dbname=none")
    return Writer(nowhere, tmp_path / "snapshots", spool, SystemClock())


def _spooled(spool: Spool) -> list[Event | TrackRecord]:
    found: list[Event | TrackRecord] = []
    spool.drain(found.append)
    return found


def test_a_failing_camera_leaves_the_others_alone(
    make_scene: Any, make_thing: Any, writer: Writer, spool: Spool, tmp_path: Path
) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 3.0, 13.0)])
    good = list(scene.packets(10.0, camera_id=1))
    bad = [replace(p, camera_id=2, codec="av1") for p in good]
    pool = Pool(writer, SystemClock(), workers=2, queue_s=60.0, behind_s=60.0)
    pool.reconcile([Watch(1, "GOOD", scene.pose, (ZONE,)), Watch(2, "BAD", scene.pose, ())])
    writer.start()
    pool.start()
    for a, b in zip(good, bad, strict=True):
        pool.feed(a)
        pool.feed(b)
    _until(lambda: pool.facts()["frames_decoded"] == len(good))
    _until(lambda: pool.facts()["camera_failures"] == sum(p.key for p in bad))
    pool.stop()
    writer.stop()
    items = _spooled(spool)
    (event,) = [i for i in items if isinstance(i, Event)]
    assert event.camera_id == 1
    assert event.snapshot is not None
    assert (tmp_path / "snapshots" / event.snapshot).read_bytes()[:2] == b"\xff\xd8"
    assert {i.uid for i in items if isinstance(i, TrackRecord)} == {event.track_uid}


def test_reconcile_adds_changes_and_removes(make_scene: Any, writer: Writer) -> None:
    scene = make_scene()
    packets = list(scene.packets(1.0))
    pool = Pool(writer, SystemClock())
    pool.feed(packets[0])
    assert pool.facts()["packets_unknown_camera"] == 1
    pool.reconcile([Watch(1, "A", scene.pose, ())])
    pool.start()
    for packet in packets[:5]:
        pool.feed(packet)
    _until(lambda: pool.facts()["frames_decoded"] == 5)
    pool.reconcile([Watch(1, "A", None, (ZONE,))])
    for packet in packets[5:]:
        pool.feed(packet)
    _until(lambda: pool.facts()["frames_decoded"] == 10)
    pool.reconcile([])
    _until(lambda: pool.facts()["cameras"] == 0)
    pool.stop()


def test_a_full_queue_gives_up_whole_gops_and_counts_them(make_scene: Any, writer: Writer) -> None:
    clock = ManualClock()
    pool = Pool(writer, clock, queue_s=4.0)  # its threads are never started: nothing is taken out
    pool.reconcile([Watch(1, "A", None, ())])
    packets: list[Packet] = list(make_scene().packets(3.0))
    for packet in packets[:15]:
        pool.feed(packet)
    clock.advance(5.0)
    for packet in packets[15:22]:
        pool.feed(packet)
    facts = pool.facts()
    assert facts["packets_dropped"] == 15 + 5, "what waited too long, and the rest of the GOP"
    assert facts["queue_age_ms"] == 0.0
    assert MAX_QUEUED > 100


def test_behind_the_unimportant_camera_is_looked_at_less(make_scene: Any, writer: Writer) -> None:
    clock = ManualClock()
    pool = Pool(writer, clock, workers=1, queue_s=60.0, behind_s=0.4)
    pool.reconcile([Watch(1, "A", None, (ZONE,)), Watch(2, "B", None, ())])
    for packet in make_scene().packets(2.0):
        pool.feed(packet)
        pool.feed(replace(packet, camera_id=2))
    clock.advance(1.0)
    assert pool.facts()["queue_age_ms"] == 1000.0
    pool.start()
    _until(lambda: pool.facts()["frames_decoded"] == 40)
    _until(lambda: int(pool.facts()["frames_analysed"]) + int(pool.facts()["frames_thinned"]) == 40)
    facts = pool.facts()
    pool.stop()
    assert facts["cameras_reduced"] == 1
    assert facts["frames_thinned"] == 10


def test_a_quiet_cameras_packets_are_parked_where_they_arrive(
    make_scene: Any, writer: Writer
) -> None:
    """No thread is woken for them: these are stopped, and nothing waits."""
    packets = list(make_scene(width_px=320, height_px=176).packets(14.0))
    pool = Pool(writer, SystemClock(), workers=1, queue_s=60.0, behind_s=60.0)
    pool.reconcile([Watch(1, "A", None, ())])
    pool.start()
    for packet in packets[:100]:
        pool.feed(packet)
    _until(lambda: pool.facts()["cameras_quiet"] == 1)
    _until(lambda: int(pool.facts()["parked_bytes"]) > 0)
    _until(lambda: _settled(pool))
    pool.stop()
    number = next(i for i in range(100, 140) if packets[i].key)
    before = pool.facts()
    for packet in packets[100:number]:
        pool.feed(packet)
    after = pool.facts()
    assert after["queue_age_ms"] == 0.0
    assert after["frames_decoded"] == before["frames_decoded"]
    parked = sum(len(p.data) for p in packets[100:number])
    assert int(after["parked_bytes"]) - int(before["parked_bytes"]) == parked
    decoding = after["decoding"]
    assert isinstance(decoding, dict)
    account = decoding["A"]
    assert account["effort"] == "quiet"
    assert account["quiet"] > 0 and account["decoded"] > 0
    assert account["shed"] == account["broken"] == 0


def _settled(pool: Pool) -> bool:
    """Whether all packets fed are decoded, spared or parked."""
    with pool._ready:
        (line,) = pool._lines.values()
        return not line.packets and not line.busy
