"""The exporter on a real database: one package after another, stopped, done again, expired, on a full disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg2.errors
import pytest

from analytics.mask import make_mask
from gis.clock import ManualClock, SystemClock
from gis.db import Database
from ingest.evidence import store
from ingest.evidence.job import ExportJob
from ingest.evidence.main import Exporter
from ingest.evidence.model import FootageSegment, Mask
from ingest.evidence.settings import ExporterSettings
from ingest.evidence.verify import verify
from ingest.record.storage import Storage
from ingest.record.tiers import MARK, SegmentReader
from tests.ingest.evidence.footage import MADE_AT, after, index, opener, write_segment
from tests.ingest.streams import START, until

Make = Callable[..., Exporter]


def add_camera(database: Database, code: str = "gate") -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom) VALUES (%s, %s, 'rtsp://h/x',"
        " ST_SetSRID(ST_MakePoint(121, 31), 4326)) RETURNING id",
        (code, code),
    )
    assert row is not None
    return int(row.id)


@pytest.fixture
def footage(database: Database, tmp_path: Path) -> FootageSegment:
    """Five seconds of camera 1, on the disk and in the index."""
    camera_id = add_camera(database)
    segment, _ = write_segment(tmp_path / "recordings", tone="aac")
    data = (tmp_path / "recordings" / segment.path).read_bytes()
    index(database, camera_id, segment, data)
    return segment


@pytest.fixture
def make(database: Database, database_url: str, tmp_path: Path) -> Make:
    def one(
        open_segment: Callable[[FootageSegment], SegmentReader] | None = None, **changes: object
    ) -> Exporter:
        settings = ExporterSettings(
            database_url, tmp_path, tmp_path / "recordings", tmp_path / "exports", b"", "Wanglou test", "here"
        )  # fmt: skip
        storage = Storage(database, settings.recordings, b"", SystemClock())
        settings = replace(settings, **({"free_bytes": 0} | changes))
        exporter = Exporter(
            settings, database, open_segment or store.opener(storage), store.gaps(database, ManualClock(MADE_AT)),
            make_mask, ManualClock(MADE_AT), threading.Event(),
        )  # fmt: skip
        exporter.settle()
        return exporter

    return one


def ask(database: Database, mask: Mask | None = None, cameras: tuple[int, ...] = (1,)) -> ExportJob:
    with database.transaction() as cursor:
        return store.add(
            cursor, cameras, START, START + timedelta(seconds=10), "a fight", mask, "rita", 1000
        )


def test_a_package_is_made_and_goes_when_its_days_are_over(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    asked = ask(database)
    assert (asked.state, asked.progress) == ("waiting", 0.0)
    exporter = make(keep_days=3)
    assert exporter.work_once() and not exporter.work_once()
    done = store.job(database, asked.id)
    assert (done.state, done.progress, done.fragments, done.altered) == ("done", 1.0, 5, 0)
    assert done.expires_at == MADE_AT + timedelta(days=3)
    assert done.file_name == f"export-{asked.id}.zip"
    package = tmp_path / "exports" / done.file_name
    assert package.stat().st_size == done.bytes
    verdict = verify(package)
    assert verdict.genuine and verdict.manifest is not None
    assert (verdict.manifest.number, verdict.manifest.made_by) == (asked.id, "rita")
    assert [g.reason for g in verdict.manifest.cameras[0].gaps] == ["unknown"]
    assert exporter.facts()["exports_done"] == 1
    clock = exporter._clock
    assert isinstance(clock, ManualClock)
    clock.advance(3 * 86400 + 61)
    exporter.expire()
    assert store.job(database, asked.id).state == "expired" and not package.exists()


def test_a_masked_package_says_so_and_holds_other_pictures(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    region = ((0, 0), (500, 0), (500, 1000), (0, 1000))
    asked = ask(database, Mask("blur", True, {"gate": (region,)}))
    make().work_once()
    verdict = verify(tmp_path / "exports" / f"export-{asked.id}.zip")
    assert verdict.genuine and verdict.manifest is not None, verdict.findings
    manifest = verdict.manifest
    assert manifest.masking is not None and manifest.masking.people
    assert manifest.statements[0].en.startswith("The pictures were changed and encoded anew")
    file = manifest.cameras[0].files[0]
    assert file.masked and file.sound is None and file.codec.startswith("avc1.")
    segment = file.segments[0]
    assert len(segment.fragments) == len(segment.sources) == 5
    assert segment.sources[0].sha256 == (footage.sha256 or b"")[:32].hex()
    assert segment.fragments[0].sha256 != segment.sources[0].sha256
    assert store.job(database, asked.id).mask == Mask("blur", True, {"gate": (region,)})


def test_one_that_waits_is_stopped_at_once_and_one_that_runs_at_its_next_step(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    waiting = ask(database)
    with database.transaction() as cursor:
        assert store.cancel(cursor, waiting.id, "carl", MADE_AT).state == "cancelled"
    running = ask(database)
    root = tmp_path / "recordings"

    def open_and_cancel(segment: FootageSegment) -> SegmentReader:
        with database.transaction() as cursor:
            store.cancel(cursor, running.id, "carl", MADE_AT)
        clock = exporter._clock
        assert isinstance(clock, ManualClock)
        clock.advance(5)
        return opener(root)(segment)

    exporter = make(open_and_cancel)
    assert exporter.work_once()
    ended = store.job(database, running.id)
    assert (ended.state, ended.cancelled_by) == ("cancelled", "carl")
    assert list((tmp_path / "exports").iterdir()) == []


def test_what_was_in_hand_when_it_ended_is_made_again(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    asked = ask(database)
    root = tmp_path / "recordings"

    def open_and_stop(segment: FootageSegment) -> SegmentReader:
        exporter._stop.set()
        return opener(root)(segment)

    exporter = make(open_and_stop)
    exporter.work_once()
    assert store.job(database, asked.id).state == "running"
    (tmp_path / "exports" / "export-99.part").write_bytes(b"left by a kill")
    again = make()
    assert store.job(database, asked.id).state == "waiting"
    assert list((tmp_path / "exports").iterdir()) == []
    again.work_once()
    assert store.job(database, asked.id).state == "done"


def test_a_disk_without_room_and_footage_that_is_gone_are_said(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    asked = ask(database)
    make(free_bytes=1 << 60).work_once()
    failed = store.job(database, asked.id)
    assert failed.state == "failed" and failed.message.startswith("there is no room in ")
    assert failed.why is not None and failed.why["code"] == "export_no_room"
    (tmp_path / "recordings" / footage.path).unlink()
    asked = ask(database)
    make().work_once()
    failed = store.job(database, asked.id)
    assert failed.state == "failed" and failed.message.endswith("can be read")
    asked = ask(database, cameras=(77,))
    make().work_once()
    assert store.job(database, asked.id).message == "there is no camera 77"


def test_changed_footage_shows_in_the_job(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    path = tmp_path / "recordings" / footage.path
    data = bytearray(path.read_bytes())
    data[int(footage.offset[2]) + 400] ^= 1
    path.write_bytes(data)
    asked = ask(database)
    make().work_once()
    done = store.job(database, asked.id)
    assert (done.state, done.altered) == ("done", 1)
    assert done.message == "1 fragments are not what was recorded"
    assert done.why == {"code": "export_altered", "params": {"altered": "1"}}


def test_the_loop_hears_of_a_new_export(
    database: Database, make: Make, footage: FootageSegment
) -> None:
    exporter = make()
    thread = threading.Thread(target=exporter.loop)
    thread.start()
    try:
        asked = ask(database)
        until(lambda: store.job(database, asked.id).state == "done", "the package")
    finally:
        exporter._stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()


def test_the_size_is_told_beforehand(database: Database, footage: FootageSegment) -> None:
    sizes = store.footage_size(database, [1], START, after(footage))
    assert sizes[1].recorded_s == 5
    half = store.footage_size(database, [1], START, START + timedelta(seconds=2.5))
    assert half[1].bytes == pytest.approx(sizes[1].bytes / 2, rel=0.01)
    assert store.footage_size(database, [1], START - timedelta(days=1), START) == {}


def test_what_is_to_be_exported_is_not_deleted_meanwhile(
    database: Database, make: Make, footage: FootageSegment
) -> None:
    asked = ask(database)
    with pytest.raises(psycopg2.errors.RestrictViolation, match="is held as evidence"):
        database.run("DELETE FROM segment")
    make().work_once()
    assert store.job(database, asked.id).state == "done"
    assert database.run("DELETE FROM segment") == 1


def test_footage_of_another_tier_is_packed_as_well(
    database: Database, make: Make, footage: FootageSegment, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    (second / footage.path).parent.mkdir(parents=True)
    (tmp_path / "recordings" / footage.path).rename(second / footage.path)
    (second / MARK).touch()
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, path) VALUES (1, 1, 'nas', 'path', %s)",
        [str(second)],
    )
    database.run("UPDATE segment SET tier = 1")
    asked = ask(database)
    make().work_once()
    done = store.job(database, asked.id)
    assert (done.state, done.altered, done.unavailable) == ("done", 0, 0), done.message
    (second / MARK).unlink()  # the disk is no longer mounted
    (second / footage.path).unlink()
    asked = ask(database)
    make().work_once()
    assert store.job(database, asked.id).message.endswith("can be read")
