"""Models added, listed, tried, chosen and removed: by the command line and by the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from analytics import model_store
from analytics.detect.chosen import Chosen
from analytics.detect.service import DetectService
from gis.clock import SystemClock
from gis.db import Database
from tests.support import onnx_models as tiny
from tests.support.console import Server
from web import models_view
from web.cli import main

CAR = 2


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(tmp_path / "var"))


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["models", *arguments]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    return json.loads(out) if "--json" in arguments else out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["models", *arguments]) == 1
    return capsys.readouterr().err


def test_a_model_s_life(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    file = written(tmp_path / "cars.onnx", tiny.yolox([(3, 2, 20, 10, CAR, 0.8)]))
    (added,) = asked(capsys, "add", file, "--licence", "Apache-2.0", "--source", "a page", "--json")
    assert added["family"] == "yolox" and added["licence"] == "Apache-2.0"
    assert (added["width_px"], len(added["classes"]), added["active"]) == (64, 80, False)
    kept = tmp_path / "var" / "models" / f"{added['sha256']}.onnx"
    assert kept.read_bytes() == Path(file).read_bytes()

    picture = tmp_path / "street.png"
    cv2.imwrite(str(picture), np.full((128, 128, 3), 80, np.uint8))
    out = tmp_path / "seen.png"
    (tried,) = asked(capsys, "test", "cars", "--file", str(picture), "--out", str(out), "--json")
    (sight,) = tried["sights"]
    assert (sight["label"], sight["kind"]) == ("car", "vehicle")
    assert sight["box_px"] == pytest.approx([36, 30, 40, 20], abs=0.1)
    shown = cv2.imread(str(out))
    assert shown is not None and (shown != 80).any()
    assert "car 0.80" in asked(capsys, "test", "cars", "--file", str(picture))

    asked(capsys, "use", "cars")
    assert [m.active for m in model_store.models(database)] == [True]
    asked(capsys, "rest", "detect")
    assert [m.active for m in model_store.models(database)] == [False]
    asked(capsys, "remove", "cars")
    assert model_store.models(database) == [] and not kept.exists()
    actions = [r.action for r in database.rows("SELECT action FROM audit ORDER BY id")]
    assert actions == ["add_model", "use_model", "rest_models", "remove_model"]


def test_what_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    text = written(tmp_path / "notes.onnx", b"these are notes")
    assert "'notes.onnx' is no ONNX model" in refused(capsys, "add", text, "--licence", "MIT")
    assert "cannot be read: No such file" in refused(
        capsys, "add", str(tmp_path / "none.onnx"), "--licence", "MIT"
    )
    file = written(tmp_path / "m.onnx", tiny.yolox())
    assert "give the licence" in refused(capsys, "add", file, "--licence", " ")
    asked(capsys, "add", file, "--licence", "MIT")
    assert "is kept already, as 'm'" in refused(capsys, "add", file, "--licence", "MIT")
    other = written(tmp_path / "o.onnx", tiny.yolox([(1, 1, 9, 9, 0, 0.5)]))
    assert "choose another --name" in refused(
        capsys, "add", other, "--licence", "MIT", "--name", "m"
    )
    names = written(tmp_path / "names.txt", b"cat\ndog\n")
    assert "tells 80 classes apart, but 2 names" in refused(
        capsys, "add", other, "--licence", "MIT", "--classes", names
    )
    assert "there is no model 'x'" in refused(capsys, "use", "x")
    assert "neither a picture nor a clip" in refused(capsys, "test", "m", "--file", names)
    assert len(model_store.models(database)) == 1
    assert len(list((tmp_path / "var" / "models").iterdir())) == 1


def test_one_detector_and_one_look_at_a_time(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    for i, data in enumerate(
        (tiny.yolox(), tiny.yolox([(1, 1, 9, 9, 0, 0.5)]), tiny.look(np.ones(64, np.float32)))
    ):
        file = written(tmp_path / f"m{i}.onnx", data)
        asked(capsys, "add", file, "--licence", "MIT", "--use")
    active = {m.name: m.active for m in model_store.models(database)}
    assert active == {"m0": False, "m1": True, "m2": True}


def test_analytics_takes_the_active_models_and_refuses_a_changed_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, database: Database
) -> None:
    folder = tmp_path / "var" / "models"
    service = DetectService(SystemClock())
    chosen = Chosen(service, folder, 1)
    chosen.reconcile(database)
    assert not service.active and service.problem is None
    file = written(tmp_path / "m.onnx", tiny.yolox())
    (added,) = asked(capsys, "add", file, "--licence", "MIT", "--use", "--json")
    chosen.reconcile(database)
    assert service.active and not service.wants_looks

    kept = folder / f"{added['sha256']}.onnx"
    kept.write_bytes(tiny.yolox([(1, 1, 9, 9, 0, 0.5)]))
    again = Chosen(service, folder, 1)
    again.reconcile(database)
    assert not service.active
    assert service.problem is not None and "was changed since it was added" in service.problem
    assert "model 'm'" in str(service.facts()["problem_model"])
    assert "was changed since it was added" in refused(capsys, "test", "m", "--file", file)

    kept.unlink()
    Chosen(service, folder, 1).reconcile(database)
    assert service.problem is not None and "cannot be read" in service.problem


def test_the_api_lists_chooses_and_tries(
    console: Server, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = console.browser().login("root-1")
    assert root.get("/api/v1/models").json()["models"] == []
    file = written(tmp_path / "cars.onnx", tiny.yolox([(3, 2, 20, 10, CAR, 0.8)]))
    (added,) = asked(capsys, "add", file, "--licence", "Apache-2.0", "--json")
    (listed,) = root.get("/api/v1/models").json()["models"]
    assert (listed["name"], listed["licence"], listed["active"]) == ("cars", "Apache-2.0", False)
    used = root.post(f"/api/v1/models/{added['id']}/use", json={})
    assert used.status_code == 200 and used.json()["models"][0]["active"]
    rested = root.post("/api/v1/models/rest", json={"purpose": "detect"})
    assert not rested.json()["models"][0]["active"]
    assert root.post("/api/v1/models/999/use", json={}).status_code == 404
    assert console.browser().login("dora").get("/api/v1/models").status_code == 403
    jpeg = cv2.imencode(".jpg", np.full((128, 128, 3), 80, np.uint8))[1].tobytes()
    seen = models_view.tried(database, tmp_path / "var" / "models", added["id"], jpeg)
    (sight,) = seen.sights
    assert sight.label == "car"
    assert sight.box == pytest.approx((36 / 128, 30 / 128, 40 / 128, 20 / 128), abs=1e-3)


def test_the_api_says_why_a_model_is_not_used(console: Server, database: Database) -> None:
    facts = {"problem_model": "the file of model 'm' was changed", "detect_failures": 5}
    database.run(
        "INSERT INTO process_state (name, pid, started_at, beat_at, facts) VALUES ('analytics', 1, now(), now(), %s)",
        (json.dumps(facts),),
    )
    found = console.browser().login("root-1").get("/api/v1/models").json()
    assert found["problem"] == "the file of model 'm' was changed" and found["failures"] == 5
