"""Cameras by ONVIF from the command line, from finding a device to a recorded picture."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis.db import Database
from ingest.main import run
from ingest.onvif import discovery
from tests.ingest.streams import until
from tests.support.onvif_device import (
    PASSWORD,
    TDS,
    TRT,
    Oddities,
    Stream,
    TestDevice,
    discovery_responder,
    onvif_device,
)
from tests.support.rtsp import rtsp_cameras
from web import settings, users
from web.cli import main
from web.environment import read_environment
from web.ptz import store


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(tmp_path))
    monkeypatch.setenv("WANGLOU_CAMERA_PASSWORD", PASSWORD)


@pytest.fixture
def device() -> Iterator[TestDevice]:
    with onvif_device() as made:
        yield made


PLACE = ["--name", "北门", "--at", "120.98,31.38"]


def test_found_described_added_and_recorded(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
) -> None:
    with rtsp_cameras(2) as cameras:
        monkeypatch.setenv("WANGLOU_CAMERA_PASSWORD", cameras.password)
        streams = (
            # Behind NAT it names its own host, and puts a login into the address.
            Stream("M", cameras.url("cam-0").replace("127.0.0.1", "admin:x@10.9.9.9")),
            Stream("S", cameras.url("cam-1"), "sub", "H264", 640, 360, 10, 400),
        )
        login = (cameras.username, cameras.password)
        with (
            onvif_device(Oddities(clock_ahead_s=-7200), streams, login=login) as device,
            discovery_responder(
                {"u-1": device.url}, "onvif://www.onvif.org/name/Gate"
            ) as responder,
        ):
            monkeypatch.setattr(discovery, "own_addresses", lambda: ["127.0.0.1"])
            monkeypatch.setattr(discovery, "GROUP", responder.group)
            assert main(["camera", "discover", "--timeout", "0.6", "--json"]) == 0
            (found,) = json.loads(capsys.readouterr().out)
            assert (found["url"], found["name"]) == (device.url, "Gate")
            user = ["--user", cameras.username]
            assert main(["camera", "onvif", found["url"], *user, "--json"]) == 0
            told = json.loads(capsys.readouterr().out)
            assert (told["main"], told["sub"], told["maker"]) == ("M", "S", "Wang")
            assert told["clock_ahead_s"] == pytest.approx(-7200, abs=2)
            assert told["profiles"][0]["stream_url"] == cameras.url("cam-0")
            adding = ["camera", "add", "gate", "--onvif", found["url"], *user, *PLACE]
            assert main([*adding, "--analyse-stream", "sub"]) == 0
            assert main(["camera", "ptz", "gate", "up", "--seconds", "0.2"]) == 0
            assert device.calls[-2:] == ["ContinuousMove", "Stop"] and device.ptz.where()[1] > 0
        row = database.row("SELECT * FROM camera WHERE code = 'gate'")
        assert row is not None
        assert (row.url, row.sub_url) == (cameras.url("cam-0"), cameras.url("cam-1"))
        assert (row.onvif_url, row.onvif_profile, row.ptz) == (device.url, "M", True)
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(settings.ingest(read_environment()), stop))
        thread.start()
        try:
            until(
                lambda: database.row(
                    "SELECT 1 FROM segment WHERE camera_id = %s AND end_at > start_at", [row.id]
                ),
                "a recorded picture",
                40,
            )
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()


def test_a_description_is_readable(capsys: pytest.CaptureFixture[str], device: TestDevice) -> None:
    assert main(["camera", "onvif", f"127.0.0.1:{device.port}", "--user", device.user]) == 0
    said = capsys.readouterr().out
    assert "maker: Wang" in said and "ptz_profile: Profile_1" in said
    line = next(line for line in said.splitlines() if line.startswith("Profile_2"))
    assert line.split() == [
        "Profile_2", "subStream", "h264", "640x360", "15.0", "512000", "yes", "rtsp://127.0.0.1:554/sub",
    ]  # fmt: skip
    assert device.password not in said


def test_nobody_there_and_a_wrong_password_are_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, device: TestDevice
) -> None:
    monkeypatch.setattr(discovery, "own_addresses", list)
    assert main(["camera", "discover", "--timeout", "0.5"]) == 0
    assert "no device answered" in capsys.readouterr().out
    monkeypatch.setenv("WANGLOU_CAMERA_PASSWORD", "wrong")
    assert main(["camera", "onvif", device.url, "--user", device.user]) == 1
    said = capsys.readouterr().err
    assert said.startswith("wanglou: login: the device refuses") and said.count("\n") == 1


def test_a_device_without_a_usable_stream_is_not_added(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    with onvif_device(
        Oddities(services=(TDS, TRT)), (Stream("P", "rtsp://h/1", encoding="MPEG4"),)
    ) as device:
        assert (
            main(["camera", "add", "c", "--onvif", device.url, "--user", device.user, *PLACE]) == 1
        )
    assert "offers no stream in H.264, H.265 or Motion JPEG" in capsys.readouterr().err
    assert database.row("SELECT count(*) AS n FROM camera").n == 0  # type: ignore[union-attr]


def test_presets_are_listed_and_called_by_name_token_and_number(
    capsys: pytest.CaptureFixture[str], device: TestDevice, database: Database
) -> None:
    assert main(["camera", "add", "c", "--onvif", device.url, "--user", device.user, *PLACE]) == 0
    device.ptz.presets["7"] = ("Yard", (0.25, 0.0, 0.0))
    capsys.readouterr()
    assert main(["camera", "ptz", "c", "presets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"token": "1", "name": "大门 Gate"},
        {"token": "7", "name": "Yard"},
    ]
    for said, pan in (("Yard", 0.25), ("大门 Gate", 0.5), ("2", 0.25), ("1", 0.5), ("7", 0.25)):
        assert main(["camera", "ptz", "c", "preset", said]) == 0
        assert device.ptz.where()[0] == pan, said
    assert main(["camera", "ptz", "c", "preset", "9"]) == 1
    assert "camera c has no preset '9'" in capsys.readouterr().err
    # Its home counts from these moves too.
    assert database.row("SELECT moved_at, user_id FROM ptz_lock").moved_at is not None  # type: ignore[union-attr]


def test_a_camera_that_somebody_turns_is_left_alone(
    capsys: pytest.CaptureFixture[str], device: TestDevice, database: Database
) -> None:
    assert main(["camera", "add", "c", "--onvif", device.url, "--user", device.user, *PLACE]) == 0
    dora = users.create_user(database, "dora", "Dora", "correct horse 7", ["dispatcher"])
    row = database.row("SELECT id FROM camera")
    assert row is not None
    now = datetime.now(UTC)
    store.use(database, row.id, dora.id, 2, now + timedelta(minutes=5), lambda *_: None)
    assert main(["camera", "ptz", "c", "left"]) == 1
    assert "Dora turns camera c until" in capsys.readouterr().err
    assert "ContinuousMove" not in device.calls
