"""The whole ingest process: real cameras, real PostGIS, rows that change, a database that goes away, kill -9."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from gis.clock import SystemClock
from gis.cluster import Cluster
from gis.db import Database
from gis.errors import SetupError
from ingest import probe, secret, store
from ingest.live.hls import read_index
from ingest.main import run
from ingest.record import playback
from ingest.record.storage import Storage
from ingest.settings import IngestSettings
from ingest.tap import TapClient
from tests.ingest.record.recordings import indexed, recording_files
from tests.ingest.streams import ffprobe, until
from tests.support.rtsp import TestCameras, rtsp_cameras

ROOT = Path(__file__).resolve().parents[2]
KEY = Fernet.generate_key()


@pytest.fixture(scope="module")
def cameras() -> Iterator[TestCameras]:
    with rtsp_cameras(3) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> IngestSettings:
    return IngestSettings(
        database_url=database_url, var=tmp_path, recordings=tmp_path / "recordings", camera_key=KEY,
        segment_s=300, min_free_bytes=0, retention_every_s=0.5, index_every_s=0.2,
        stall_s=1.5, connect_timeout_s=1.5,
    )  # fmt: skip


def add(database: Database, cameras: TestCameras, code: str, **columns: Any) -> int:
    values = {
        "code": code,
        "name": code,
        "url": cameras.url(code),
        "username": cameras.username,
        "password_enc": secret.encrypt(KEY, cameras.password),
    } | columns
    names = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    return int(
        database.rows(
            f"INSERT INTO camera ({names}, geom) VALUES ({marks}, ST_SetSRID(ST_MakePoint(121, 31), 4326)) RETURNING id",
            values,
        )[0].id
    )


@contextmanager
def running(settings: IngestSettings) -> Iterator[None]:
    stop = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            run(settings, stop)
        except BaseException as error:
            failures.append(error)
            raise

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(15)
    assert not thread.is_alive()
    assert failures == []


def state_of(database: Database, camera_id: int) -> Any:
    return database.row("SELECT * FROM camera_state WHERE camera_id = %s", (camera_id,))


def reaches(database: Database, camera_id: int, state: str) -> Any:
    def look() -> Any:
        row = state_of(database, camera_id)
        return row if row is not None and row.state == state else None

    return until(look, f"camera {camera_id} to be {state}", 20)


def recorded_s(database: Database, camera_id: int) -> float:
    now = datetime.now(UTC)
    spans = playback.timeline(
        database, [camera_id], now - timedelta(hours=1), now + timedelta(hours=1)
    )
    return sum((s.end_at - s.start_at).total_seconds() for s in spans[camera_id])


def test_cameras_are_pulled_recorded_tapped_and_published_as_their_rows_say(
    settings: IngestSettings, database: Database, cameras: TestCameras
) -> None:
    one = add(database, cameras, "cam-0", published=True)
    two = add(database, cameras, "cam-1", analysed=False, recorded=False)
    wrong = add(database, cameras, "cam-2", password_enc=secret.encrypt(KEY, "not the password"))
    left = settings.hls / "cam-1"
    left.mkdir(parents=True)
    (left / "0.m4s").write_bytes(b"from when it was published")
    stop_tap = threading.Event()
    with running(settings):
        row = reaches(database, one, "online")
        assert (row.codec, row.width_px, row.height_px, row.reason) == (
            "h264",
            *cameras.size_px,
            "",
        )
        reaches(database, two, "online")
        refused = reaches(database, wrong, "refused")
        assert "authenticate" in refused.reason and refused.why["code"] == "login_refused"
        packets = TapClient(settings.tap_socket, stop_tap).packets()
        got = [next(packets) for _ in range(15)]
        assert got[0].key
        assert {p.camera_id for p in got} == {one}
        stop_tap.set()
        until(lambda: recorded_s(database, one) >= 3, "three seconds on record", 20)
        row = until(lambda: (r := state_of(database, one)).fps and r.recording and r, "rates")
        assert row.fps == pytest.approx(10, abs=4)
        assert row.bitrate_bps > 10_000
        until(lambda: len(read_index(settings.hls / "cam-0")) >= 2, "HLS parts")
        until(lambda: not left.exists(), "files of an unpublished camera to go")
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(settings.control_socket)),
            base_url="http://i",
            timeout=20,
        ) as client:
            assert client.get(f"/snapshot/{two}.jpg").content[:2] == b"\xff\xd8"
            state = client.get("/state").json()
            assert {c["code"]: c["state"] for c in state["cameras"]} == {
                "cam-0": "online", "cam-1": "online", "cam-2": "refused"
            }  # fmt: skip
            (shown,) = [c for c in state["cameras"] if c["code"] == "cam-0"]
            assert shown["packets_lost"] == 0
            assert shown["streams"]["main"]["codec"] == "h264"
            asked = {
                "url": cameras.url("cam-2"),
                "username": cameras.username,
                "password": cameras.password,
            }
            tested = client.post("/test", json=asked).json()
            assert (tested["ok"], tested["step"], tested["width_px"]) == (
                True,
                "done",
                cameras.size_px[0],
            )
            # A camera's own picture in the middle of a GOP of the recording.
            at = datetime.now(UTC) - timedelta(seconds=1)
            storage = Storage(database, settings.recordings, settings.camera_key, SystemClock())
            assert playback.frame_jpeg(database, storage, one, at)[:2] == b"\xff\xd8"

            # Rows change while it runs.
            database.run(
                "UPDATE camera SET password_enc = %s WHERE id = %s",
                (secret.encrypt(KEY, cameras.password), wrong),
            )
            reaches(database, wrong, "online")
            reconnects = state_of(database, one).reconnects
            database.run(
                "UPDATE camera SET recorded = false, published = false WHERE id = %s", (one,)
            )
            until(lambda: not state_of(database, one).recording, "recording to end")
            until(lambda: not (settings.hls / "cam-0").exists(), "the public files to go")
            until(
                lambda: indexed(database)[next(iter(indexed(database)))] is False,
                "the row to close",
            )
            assert state_of(database, one).reconnects == reconnects
            database.run("UPDATE camera SET enabled = false WHERE id = %s", (two,))
            reaches(database, two, "off")
            assert client.get(f"/snapshot/{two}.jpg").status_code == 404
        facts = database.rows("SELECT facts FROM process_state WHERE name = 'ingest'")[0].facts
        assert facts["cameras"] == 3
    assert state_of(database, one).state == "stopped"
    assert state_of(database, two).state == "off"
    assert not any(indexed(database).values())
    assert sorted(indexed(database)) == recording_files(settings.recordings)
    for path in recording_files(settings.recordings):
        ffprobe(settings.recordings / path)


def test_both_streams_are_pulled_and_each_role_takes_its_own(
    settings: IngestSettings, database: Database, cameras: TestCameras
) -> None:
    camera = add(
        database, cameras, "cam-0", sub_url=cameras.url("cam-1"), record_stream="sub", analyse_stream="sub"
    )  # fmt: skip
    stop_tap = threading.Event()
    with running(settings):
        reaches(database, camera, "online")
        packets = TapClient(settings.tap_socket, stop_tap).packets()
        assert {next(packets).stream for _ in range(12)} == {"sub"}
        stop_tap.set()
        until(lambda: recorded_s(database, camera) >= 2, "the sub stream on record", 20)
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(settings.control_socket)),
            base_url="http://i",
            timeout=20,
        ) as client:

            def streams() -> dict[str, Any]:
                (shown,) = client.get("/state").json()["cameras"]
                return {name: facts["state"] for name, facts in shown["streams"].items()}

            until(lambda: streams() == {"main": "online", "sub": "online"}, "both streams")
            # The state is of the stream that is recorded; the other's trouble is named beside it.
            database.run("UPDATE camera SET url = %s WHERE id = %s", (cameras.url("gone"), camera))
            row = until(
                lambda: (r := state_of(database, camera)).reason and r, "the other's trouble"
            )
            assert row.state == "online"
            assert row.reason == "main: describe: the camera has no stream at '/gone' (404)"
            assert row.why == {
                "code": "no_stream",
                "params": {"step": "describe", "path": "/gone", "stream": "main"},
            }
            before = recorded_s(database, camera)
            until(lambda: recorded_s(database, camera) > before + 1, "recording to go on", 20)
            # Another stream is recorded from now on: the old file ends, the new one begins.
            database.run(
                "UPDATE camera SET url = %s, record_stream = 'main' WHERE id = %s",
                (cameras.url("cam-2"), camera),
            )
            until(
                lambda: [r.stream for r in database.rows("SELECT stream FROM segment ORDER BY start_at")][-1] == "main",
                "a recording of the main stream", 20,
            )  # fmt: skip
            database.run(
                "UPDATE camera SET analyse_stream = 'main', sub_url = NULL WHERE id = %s", (camera,)
            )
            until(lambda: streams() == {"main": "online"}, "the sub stream to be let go")
    for path in recording_files(settings.recordings):
        ffprobe(settings.recordings / path)


@contextmanager
def database_away(cluster: Cluster, database: Database) -> Iterator[None]:
    """Nobody gets into this one database, and everybody in it is thrown out."""
    name = database.url.split("?")[0].rsplit("/", 1)[1]
    admin = Database(cluster.url("postgres", "postgres"))
    connection = admin.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        database.close()  # the test's own connections were thrown out too
        yield
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    connection.close()


def test_recording_goes_on_and_starts_without_the_database(
    settings: IngestSettings,
    database: Database,
    cluster: Cluster,
    cameras: TestCameras,
) -> None:
    camera = add(database, cameras, "cam-0")

    def size() -> int:
        files = recording_files(settings.recordings)
        return sum((settings.recordings / path).stat().st_size for path in files)

    with running(settings):
        reaches(database, camera, "online")
        until(lambda: recorded_s(database, camera) > 0, "the first row")
        with database_away(cluster, database):
            before = size()
            until(lambda: size() > before + 20_000, "the file to grow while the database is away")
        until(lambda: recorded_s(database, camera) >= 4, "the rows of that time", 20)
    whole_s = recorded_s(database, camera)
    with database_away(cluster, database):
        before = size()
        with running(settings):  # the cameras come from the copy
            until(
                lambda: size() > before + 20_000,
                "a recording by a process that never saw the database",
            )
    assert recorded_s(database, camera) == pytest.approx(whole_s, abs=0.1)
    with running(settings):
        until(
            lambda: recorded_s(database, camera) > whole_s + 1,
            "the files of that time to be indexed",
            20,
        )
    assert sorted(indexed(database)) == recording_files(settings.recordings)


def test_killed_process_loses_no_more_than_the_open_gop(
    settings: IngestSettings, database: Database, cameras: TestCameras
) -> None:
    camera = add(database, cameras, "cam-0")
    program = (
        "import json, sys, threading\nfrom pathlib import Path\nfrom ingest.main import run\n"
        "from ingest.settings import IngestSettings\nv = json.loads(sys.argv[1])\n"
        "run(IngestSettings(v['url'], Path(v['var']), Path(v['rec']), v['key'].encode(), min_free_bytes=0,"
        " index_every_s=0.2), threading.Event())"
    )
    values = {
        "url": settings.database_url,
        "var": str(settings.var),
        "rec": str(settings.recordings),
        "key": KEY.decode(),
    }
    process = subprocess.Popen([sys.executable, "-c", program, json.dumps(values)], cwd=ROOT)
    try:
        until(lambda: recorded_s(database, camera) >= 3, "three seconds on record", 40)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    indexed_s = recorded_s(database, camera)
    (path,) = recording_files(settings.recordings)
    with (settings.recordings / path).open("ab") as file:
        file.write(b"\x00\x00\x10\x00moof half a fragment")  # the GOP that was being written
    assert indexed(database) == {path: True}
    with running(settings):
        until(lambda: indexed(database).get(path) is False, "the repair")
        assert recorded_s(database, camera) >= indexed_s
    ffprobe(settings.recordings / path)
    segment = store.segment_at(database, camera, datetime.now(UTC))
    assert segment is not None


def test_second_process_is_refused(settings: IngestSettings, database: Database) -> None:
    with running(settings):
        until(settings.control_socket.exists, "the sockets")
        with pytest.raises(SetupError, match="already serves"):
            run(settings, threading.Event())


def test_steps_of_a_camera_test(cameras: TestCameras) -> None:
    good = probe.test_camera(
        cameras.url("cam-1"),
        cameras.username,
        cameras.password,
        timeout_s=20,
        key_frame_timeout_s=20,
    )
    assert (good.ok, good.step, good.codec, good.width_px) == (
        True,
        "done",
        "h264",
        cameras.size_px[0],
    )
    assert good.first_picture_s is not None
    assert 0 < good.first_picture_s < 40
    cases = [
        (("rtsp://no-such-camera.invalid/x",), "resolve"),
        (("rtsp://127.0.0.1:9/x",), "connect"),
        ((cameras.url("none"), cameras.username, cameras.password), "describe"),
        ((cameras.url("cam-1"), cameras.username, "wrong"), "authenticate"),
        ((cameras.url("cam-1"),), "authenticate"),
    ]
    for arguments, step in cases:
        found = probe.test_camera(*arguments, timeout_s=1.5)
        assert (found.ok, found.step) == (False, step), found
        assert found.message.startswith(f"{step}: ")
