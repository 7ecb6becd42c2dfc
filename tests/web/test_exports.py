"""Exports over the API and by command: who may, what is refused, what is written down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.mask import make_mask
from gis.clock import SystemClock
from gis.db import Database
from ingest.evidence import store
from ingest.evidence.main import Exporter
from ingest.evidence.settings import ExporterSettings
from ingest.evidence.verify import verify
from ingest.record.storage import Storage
from tests.ingest.evidence.footage import index, write_segment
from tests.ingest.streams import START
from tests.support.console import Server, add_camera
from web.cli import main
from web.model import ConsoleSettings

WINDOW = {
    "from_at": START.isoformat(),
    "to_at": (START + timedelta(seconds=5)).isoformat(),
    "reason": "a fight at the gate",
}


@pytest.fixture
def cameras(database: Database, settings: ConsoleSettings) -> list[int]:
    """Two cameras with five seconds each."""
    ids = []
    for number, code in enumerate(("gate", "yard"), 1):
        ids.append(add_camera(database, code))
        segment, _ = write_segment(settings.recordings, code=code, number=number)
        data = (settings.recordings / segment.path).read_bytes()
        index(database, ids[-1], segment, data)
    return ids


@pytest.fixture
def exporter(database: Database, settings: ConsoleSettings) -> Iterator[Exporter]:
    own = ExporterSettings(
        settings.database_url, settings.var, settings.recordings, settings.exports, b"", "Wanglou test", "here",
        free_bytes=0,
    )  # fmt: skip
    storage = Storage(database, settings.recordings, b"", SystemClock())
    one = Exporter(
        own, database, store.opener(storage), store.gaps(database, SystemClock()), make_mask, SystemClock(),
        threading.Event(),
    )  # fmt: skip
    one.settle()
    yield one


def audit(console: Server, action: str) -> list[dict[str, Any]]:
    entries = console.browser().login("root-1").get("/api/v1/audit").json()
    return [e for e in entries if e["action"] == action]


def test_a_package_is_asked_for_made_and_fetched(
    console: Server,
    settings: ConsoleSettings,
    cameras: list[int],
    exporter: Exporter,
    tmp_path: Path,
) -> None:
    rita = console.browser().login("rita")
    params = {"camera_ids": "1,2", "from": WINDOW["from_at"], "to": WINDOW["to_at"]}
    size = rita.get("/api/v1/exports/estimate", params=params).json()
    assert size["allowed"] and size["recorded_s"] == 10 and len(size["cameras"]) == 2
    asked = rita.post("/api/v1/exports", json=WINDOW | {"camera_ids": cameras})
    assert asked.status_code == 201, asked.text
    job = asked.json()
    assert (job["state"], job["progress"], job["created_by"]) == ("waiting", 0.0, "rita")
    url = f"/api/v1/exports/{job['id']}"
    early = rita.get(f"{url}/download")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "wrong_state")
    other = (
        console.browser().login("carl").post("/api/v1/exports", json=WINDOW | {"camera_ids": [2]})
    )
    assert other.status_code == 201  # two people at once: one after the other
    while exporter.work_once():
        pass
    job = rita.get(url).json()
    assert (job["state"], job["progress"], job["fragments"]) == ("done", 1.0, 10)
    assert [j["state"] for j in rita.get("/api/v1/exports").json()] == ["done", "done"]
    package = rita.get(f"{url}/download")
    assert package.headers["content-type"] == "application/zip"
    assert "wanglou-1-20260301T080000Z.zip" in package.headers["content-disposition"]
    (tmp_path / "p.zip").write_bytes(package.content)
    key = rita.get("/api/v1/exports/key").json()
    verdict = verify(tmp_path / "p.zip", key["fingerprint"])
    assert verdict.genuine and "PUBLIC KEY" in key["pem"]
    rest = rita.get(f"{url}/download", headers={"Range": "bytes=100-"})
    assert rest.status_code == 206 and rest.content == package.content[100:]
    assert [e["subject"] for e in audit(console, "download_export")] == ["export:1"]
    entry = audit(console, "export")[-1]
    assert (
        entry["detail"]["reason"] == WINDOW["reason"] and entry["detail"]["camera_ids"] == cameras
    )


def test_who_may_and_who_may_not(console: Server, cameras: list[int]) -> None:
    body = WINDOW | {"camera_ids": [1]}
    assert console.browser().login("dora").post("/api/v1/exports", json=body).status_code == 403
    assert console.browser().login("resi").get("/api/v1/exports").status_code == 403
    rita, scoped = console.browser().login("rita"), console.browser().login("scoped")
    both = rita.post("/api/v1/exports", json=WINDOW | {"camera_ids": [1, 2]}).json()["id"]
    own = scoped.post("/api/v1/exports", json=body).json()["id"]
    assert scoped.post("/api/v1/exports", json=WINDOW | {"camera_ids": [2]}).status_code == 404
    assert [j["id"] for j in scoped.get("/api/v1/exports").json()] == [own]
    for path in ("", "/download"):
        assert scoped.get(f"/api/v1/exports/{both}{path}").status_code == 404
    assert scoped.post(f"/api/v1/exports/{both}/cancel").status_code == 404
    params = {"camera_ids": "1,2", "from": WINDOW["from_at"], "to": WINDOW["to_at"]}
    assert scoped.get("/api/v1/exports/estimate", params=params).status_code == 404
    assert rita.post(f"/api/v1/exports/{own}/cancel").status_code == 403
    stopped = console.browser().login("carl").post(f"/api/v1/exports/{own}/cancel")
    assert (stopped.json()["state"], stopped.json()["cancelled_by"]) == ("cancelled", "carl")
    again = scoped.post(f"/api/v1/exports/{own}/cancel")
    assert again.status_code == 409
    assert [e["actor"] for e in audit(console, "cancel_export")] == ["carl"]
    del rita.headers["X-CSRF-Token"]
    assert rita.post("/api/v1/exports", json=body).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "   "}, "reason"),
        ({"reason": "ab"}, "reason"),
        ({"camera_ids": []}, "camera_ids"),
        ({"to_at": WINDOW["from_at"]}, "to_at"),
        ({"to_at": "2026-05-01T00:00:00Z"}, "to_at"),
        ({"to_at": "2999-01-01T00:00:00Z"}, "to_at"),
        ({"mask": {}}, "mask"),
        ({"mask": {"regions": {"2": [[[0, 0], [1, 1], [0, 1]]]}}}, "mask.regions"),
        ({"mask": {"regions": {"1": [[[0, 0], [1001, 1], [0, 1]]]}}}, "mask.regions.1.0.1.0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    console: Server, cameras: list[int], change: dict[str, Any], field: str
) -> None:
    body = WINDOW | {"camera_ids": [1]} | change
    answer = console.browser().login("rita").post("/api/v1/exports", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["fields"][0]["field"] == field


def test_too_much_is_refused_with_the_estimate(serve: Any, cameras: list[int]) -> None:
    with serve(export_max_bytes=1000) as console:
        rita = console.browser().login("rita")
        answer = rita.post("/api/v1/exports", json=WINDOW | {"camera_ids": [1]})
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert "are more than one package may hold" in error["message"]
        assert error["why"]["code"] == "export_too_large"
        assert error["fields"][0]["why"] == error["why"]
        params = {"camera_ids": "1", "from": WINDOW["from_at"], "to": WINDOW["to_at"]}
        assert rita.get("/api/v1/exports/estimate", params=params).json()["allowed"] is False
    with serve(export_free_bytes=1 << 60) as console:
        rita = console.browser().login("rita")
        answer = rita.post("/api/v1/exports", json=WINDOW | {"camera_ids": [1]})
        assert "are needed for this package and 0 MB are free" in answer.json()["error"]["message"]
        empty = WINDOW | {
            "camera_ids": [1],
            "from_at": "2026-02-01T00:00:00Z",
            "to_at": "2026-02-01T01:00:00Z",
        }
        assert rita.post("/api/v1/exports", json=empty).status_code == 404


def test_a_mask_goes_there_and_back(
    console: Server, cameras: list[int], exporter: Exporter
) -> None:
    rita = console.browser().login("rita")
    mask = {
        "style": "blur",
        "people": False,
        "sound": True,
        "regions": {"1": [[[0, 0], [500, 0], [0, 500]]]},
    }
    job = rita.post("/api/v1/exports", json=WINDOW | {"camera_ids": [1], "mask": mask}).json()
    assert job["mask"] == mask
    exporter.work_once()
    done = rita.get(f"/api/v1/exports/{job['id']}").json()
    assert (done["state"], done["message"]) == ("done", "")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, settings: ConsoleSettings) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(settings.var))
    monkeypatch.setenv("WANGLOU_RECORDINGS", str(settings.recordings))


def test_export_and_verify_by_command(
    shell: None,
    database: Database,
    cameras: list[int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "out.zip"
    span = ["--from", WINDOW["from_at"], "--to", WINDOW["to_at"], "--reason", "a fight"]
    wanted = ["export", str(target), "--camera", "gate", "--camera", "yard", *span]
    assert main([*wanted, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["fragments"], facts["altered"], facts["footage_s"]) == (10, 0, 10.0)
    assert main(wanted) == 1 and "there is a file" in capsys.readouterr().err
    assert main(["evidence", "key", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == facts["fingerprint"]
    assert main(["verify", str(target), "--key", facts["fingerprint"]]) == 0
    assert "GENUINE 真实完整: 10 fragments" in capsys.readouterr().out
    entry = database.row("SELECT actor, detail FROM audit WHERE action = 'export'")
    assert entry is not None and entry.actor.endswith("(command line)")
    assert entry.detail["manifest_sha256"] == facts["manifest_sha256"]
    data = bytearray(target.read_bytes())
    data[3000] ^= 1
    target.write_bytes(data)
    assert main(["verify", str(target)]) == 1
    told = capsys.readouterr().out
    assert "WRONG  camera gate, 01-gate.mp4" in told and "NOT GENUINE" in told
    assert main(["verify", str(target), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["camera"] == "gate"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--camera", "nowhere"], "there is no camera 'nowhere'"),
        (["--camera", "gate", "--from", "2026-03-01"], "is no time with a zone"),
        (["--camera", "gate", "--to", "2026-02-01T00:00:00Z"], "is not before --to"),
        (["--camera", "gate", "--reason", " "], "--reason is empty"),
        (["--camera", "gate", "--mask", "faces"], "is neither 'people' nor"),
        (["--camera", "gate", "--mask", "gate:0,0;5,5"], "has three points or more"),
        (["--camera", "gate", "--from", "2026-02-01T00:00:00Z", "--to", "2026-02-01T01:00:00Z"], "nothing was recorded"),
    ],
)  # fmt: skip
def test_the_command_says_what_does_not_fit(
    shell: None, cameras: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    span = ["--from", WINDOW["from_at"], "--to", WINDOW["to_at"], "--reason", "a fight"]
    assert main(["export", str(tmp_path / "x.zip"), *span, *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.zip").exists()


def test_verify_needs_no_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANGLOU_VAR", "/proc/nowhere")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert main(["verify", str(tmp_path / "nothing.zip")]) == 1
    assert "there is no file" in capsys.readouterr().err
