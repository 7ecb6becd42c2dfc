"""The command line against a real database: what it prints, what it refuses, and with which words."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from gis.db import Database
from gis.errors import SetupError
from ingest import secret
from tests.support.console import add_camera
from web import user_store
from web.auth import passwords
from web.cli import build_parser, main
from web.cli.doctor import examine
from web.cli.start import _check_machine, _only_one, services
from web.environment import read_environment


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(tmp_path))


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_camera_is_added_with_its_password_encrypted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setenv("WANGLOU_CAMERA_PASSWORD", "s3cret/+ 密")
    arguments = [
        "camera",
        "add",
        "gate-1",
        "rtsp://192.0.2.1/live",
        "--name",
        "北门",
        "--user",
        "viewer",
    ]
    added = _json(capsys, *arguments, "--at", "120.98,31.38", "--height", "6", "--yaw", "210")
    assert isinstance(added, dict) and added["code"] == "gate-1"
    row = database.row(
        "SELECT password_enc, ST_X(geom) AS lon, yaw_deg FROM camera WHERE code = 'gate-1'"
    )
    assert row is not None
    assert b"s3cret" not in bytes(row.password_enc)
    assert secret.decrypt(read_environment().camera_key(), bytes(row.password_enc)) == "s3cret/+ 密"
    assert (row.lon, row.yaw_deg) == (120.98, 210)
    listed = _json(capsys, "camera", "list")
    assert isinstance(listed, list) and listed[0]["state"] == "connecting"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["camera", "add", "bad code", "rtsp://h/p", "--name", "x", "--at", "1,2"],
            "code = 'bad code'",
        ),
        (["camera", "add", "c", "http://h/p", "--name", "x", "--at", "1,2"], "url = 'http://h/p'"),
        (
            ["camera", "add", "c", "rtsp://u:p@h/p", "--name", "x", "--at", "1,2"],
            "url = 'rtsp://u:p@h/p'",
        ),
        (
            ["camera", "add", "c", "rtsp://h/p", "--name", "x", "--at", "north"],
            "place 'north' is not LON,LAT",
        ),
        (["camera", "add", "c", "rtsp://h/p", "--name", "x", "--at", "120,91"], "lat = 91.0"),
        (
            ["camera", "add", "c", "rtsp://h/p", "--name", "x", "--at", "1,2", "--record", "sub"],
            "record_stream is 'sub', but the camera has no second stream",
        ),
        (["camera", "add", "c", "--name", "x", "--at", "1,2"], "give the camera's rtsp:// address"),
        (["camera", "onvif", "ftp://h/"], "'ftp://h/' is no address of an ONVIF device"),
        (["camera", "ptz", "nowhere", "left"], "there is no camera 'nowhere'"),
        (["camera", "ptz", "c", "preset"], "say which preset"),
        (["camera", "ptz", "c", "left", "--speed", "2"], "--speed is above 0"),
        (["camera", "test", "nowhere"], "there is no camera 'nowhere'"),
        (["user", "add", "x1", "--role", "responder", "--unit", "P-99"], "there is no unit 'P-99'"),
        (
            ["user", "add", "x1", "--role", "reviewer", "--camera", "none"],
            "there is no camera 'none'",
        ),
        (["user", "password", "nobody"], "there is no user 'nobody'"),
        (["import", "places", "/nowhere.csv"], "there is no file /nowhere.csv"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_status_1(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("wanglou: ") and said.count("\n") == 1


def test_a_made_up_password_opens_the_account(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    made = _json(capsys, "user", "add", "night", "--role", "dispatcher", "--role", "reviewer")
    assert isinstance(made, dict)
    row = user_store.by_name(database, "night")
    assert row is not None and passwords.verify(row.password_hash, made["password"])
    assert main(["user", "password", "night"]) == 0
    fresh = capsys.readouterr().out.strip()
    row = user_store.by_name(database, "night")
    assert fresh != made["password"]
    assert row is not None and passwords.verify(row.password_hash, fresh)


def test_cameras_come_from_csv_and_bad_lines_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text(
        "code,name,url,lon,lat,datum,published\n"
        "a-1,东门,rtsp://192.0.2.7/1,121.541859215,31.17530398,gcj02,yes\n"
        "a-2,西门,ftp://192.0.2.7/1,120.9,31.3,,\n"
        "a-3,南门,rtsp://192.0.2.7/3,,31.3,,\n",
        encoding="utf-8",
    )
    assert main(["import", "cameras", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["added"] == ["a-1"]
    assert found["refused"][0].startswith("line 3: url = 'ftp://192.0.2.7/1'")
    assert found["refused"][1] == "line 4: lon is missing"
    row = database.row("SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, published FROM camera")
    assert row is not None and row.published
    assert row.lon == pytest.approx(121.5373, abs=1e-3)


def test_a_second_stream_comes_by_hand_and_from_csv(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    hand = ["h-1", "rtsp://192.0.2.7/1", "--name", "东门", "--at", "120.9,31.3", "--no-audio"]
    sub = ["--sub-url", "rtsp://192.0.2.7/2", "--analyse-stream", "sub"]
    assert main(["camera", "add", *hand, *sub]) == 0
    path = tmp_path / "cameras.csv"
    path.write_text(
        "code,name,url,lon,lat,sub_url,record_stream,audio,onvif_url,ptz,ptz_home_after_s\n"
        "f-1,西门,rtsp://192.0.2.7/1,120.9,31.3,rtsp://192.0.2.7/2,sub,是,http://192.0.2.7/,yes,90\n"
        "f-2,南门,rtsp://192.0.2.7/1,120.9,31.3,,sub,,,,\n"
        "f-3,北门,rtsp://192.0.2.7/1,120.9,31.3,,,,,yes,\n",
        encoding="utf-8",
    )
    capsys.readouterr()
    assert main(["import", "cameras", str(path), "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)["refused"]
    assert first.startswith("line 3: record_stream is 'sub'")
    assert second.startswith("line 4: ptz is on, but")
    rows = database.rows(
        "SELECT code, sub_url, record_stream, analyse_stream, audio, ptz, ptz_home_after_s FROM camera ORDER BY code"
    )
    assert [tuple(row) for row in rows] == [
        ("f-1", "rtsp://192.0.2.7/2", "sub", "main", True, True, 90),
        ("h-1", "rtsp://192.0.2.7/2", "main", "sub", False, False, 60),
    ]


def test_places_come_from_csv(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "name,name_en,kind,lon,lat,datum\n文庙,Temple,site,120.98,31.38,wgs84\n", encoding="utf-8"
    )
    assert main(["import", "places", str(path)]) == 0
    assert database.row("SELECT count(*) FROM place WHERE name = '文庙'")[0] == 1


def test_doctor_says_what_to_do_when_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 1
    findings = {f["about"]: f for f in json.loads(capsys.readouterr().out)}
    assert findings["ingest"]["level"] == "bad"
    assert findings["ingest"]["todo"] == "start the system: ./run up"
    assert findings["database"]["level"] == "ok"


def test_a_database_that_cannot_be_reached_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@/x?host={tmp_path}")
    assert main(["camera", "list"]) == 1
    assert "DATABASE_URL cannot be reached" in capsys.readouterr().err


def test_a_wrong_setting_is_named_with_its_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGLOU_CONSOLE_PORT", "eighty")
    assert main(["camera", "list"]) == 1
    assert "WANGLOU_CONSOLE_PORT='eighty'" in capsys.readouterr().err


def test_a_taken_port_is_named_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "index.html").touch()
    monkeypatch.setenv("WANGLOU_STATIC", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("WANGLOU_HJ212_PORT", str(port))
        for name in ("CONSOLE", "PORTAL", "JT808", "SL651"):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                monkeypatch.setenv(f"WANGLOU_{name}_PORT", str(free.getsockname()[1]))
        with pytest.raises(
            SetupError, match=rf"port {port} on 127.0.0.1 is not free.*WANGLOU_HJ212_PORT"
        ):
            _check_machine(read_environment(), with_demo=False)


def test_an_interface_that_was_not_built_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WANGLOU_STATIC", str(tmp_path / "none"))
    with pytest.raises(SetupError, match=r"run \./run ui"):
        _check_machine(read_environment(), with_demo=False)


def test_two_systems_never_share_a_folder(tmp_path: Path) -> None:
    with (
        _only_one(tmp_path),
        pytest.raises(SetupError, match="already runs from"),
        _only_one(tmp_path),
    ):
        pass
    with _only_one(tmp_path):
        pass


def test_the_portal_never_gets_the_owners_login(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = read_environment()
    with pytest.raises(SetupError, match="PORTAL_DATABASE_URL is not"):
        environment.portal_url()
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://portal@/x")
    started = {
        s.name: s
        for s in services(
            read_environment(), "postgresql://owner@/x", "postgresql://portal@/x", True
        )
    }
    assert "DATABASE_URL" not in started["portal"].environment
    assert not any("owner@" in value for value in started["portal"].environment.values())
    assert started["console"].environment["DATABASE_URL"] == "postgresql://owner@/x"


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("up", "demo", "camera", "import", "user", "doctor", "process"):
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([verb, "--help"])
        assert ended.value.code == 0
        assert "usage: wanglou" in capsys.readouterr().out


def test_holds_and_storage_from_the_command_line(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    add_camera(database, "gate")
    span = ["--from", "2026-03-01T08:00:00+08:00", "--to", "2026-03-01T09:00:00+08:00"]
    arguments = ["hold", "add", "--camera", "gate", *span, "--reason", "theft", "--days", "3"]
    (made,) = _json(capsys, *arguments)  # type: ignore[misc]
    assert (made["kind"], made["from_at"], made["owner"]) == (
        "lock", "2026-03-01T00:00:00+00:00", "command line",
    )  # fmt: skip
    _json(capsys, *arguments[:-2], "--legal")
    assert main(["hold", "list"]) == 0
    listed = capsys.readouterr().out
    assert "ENDS" in listed and "until released" in listed and "gate" in listed
    assert main(["hold", "release", "2"]) == 1
    assert "a legal hold is not released without a reason" in capsys.readouterr().err
    (released,) = _json(capsys, "hold", "release", "2", "--reason", "court order 7")  # type: ignore[misc]
    assert released["released_by"] == "command line"
    assert main(["hold", "release", "9"]) == 1
    assert "there is no hold 9" in capsys.readouterr().err
    actions = [r.action for r in database.rows("SELECT action FROM audit ORDER BY id")]
    assert actions == ["hold_footage", "hold_footage", "release_hold"]

    facts = {
        "disk_level": "locked", "disk_used_percent": 99.1, "disk_free_bytes": 9e8, "disk_total_bytes": 1e11,
        "disk_warn_percent": 85, "disk_alarm_percent": 95, "disk_min_free_bytes": 2e9,
    }  # fmt: skip
    database.run(
        "INSERT INTO process_state (name, pid, started_at, beat_at, facts) VALUES ('ingest', 1, now(), now(), %s)",
        (json.dumps(facts),),
    )
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, path, problem, problem_since) VALUES "
        "(1, 1, 'far', 'path', '/far', 'no disk', now())"
    )
    assert main(["storage"]) == 0
    shown = capsys.readouterr().out
    assert "locked: 99.1 % of 100.0 GB used, 900.0 MB free" in shown and "no disk" in shown
    assert "1 active, 1 of them end within a week" in shown
    told = _json(capsys, "storage")
    assert isinstance(told, dict) and told["tiers"][1]["name"] == "far"
    findings = {f.about: f for f in examine(read_environment())}
    assert findings["storage"].level == "bad" and "release holds" in findings["storage"].todo
    assert findings["storage tier far"].level == "bad"
    assert findings["holds"].says == "1 of 1 holds end within a week"
