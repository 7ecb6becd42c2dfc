"""Calibrating a camera over the API and the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gis.db import Database
from gis.ground import GroundCamera
from gis.model import LonLat, Pose
from tests.support.console import Server, add_camera
from web.cli import main

TRUTH = Pose(LonLat(120.98, 31.38), 8.0, 75.0, -22.0, 64.0, 1.0)
SIZE = (1920, 1080)
SOLVE = ["yaw", "pitch", "roll", "hfov"]


def _points(n: int = 8) -> list[dict[str, Any]]:
    camera = GroundCamera(TRUTH, *SIZE)
    rng = np.random.default_rng(1)
    out: list[dict[str, Any]] = []
    for px in rng.uniform((100, 300), (1820, 1050), (n, 2)):
        (enu,) = camera.spots(px[None], np.array([1.0])).enu
        lon, lat = camera.frame.to_lonlat(*enu)
        at = {"x": px[0] / 1920, "y": px[1] / 1080, "lon": lon, "lat": lat}
        out.append({"number": len(out) + 1, **at, "up_m": 0})
    return out


@pytest.fixture
def camera_id(database: Database) -> int:
    made = add_camera(database, "cam-1")
    database.run(
        "UPDATE camera SET geom = ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), height_m = 8, yaw_deg = NULL, "
        "pitch_deg = NULL, hfov_deg = NULL WHERE id = %(id)s",
        {"id": made},
    )
    return made


def test_a_camera_without_a_pose_is_fitted_tried_and_saved(
    console: Server, database: Database, camera_id: int
) -> None:
    admin = console.browser().login("root-1")
    path = f"/api/v1/cameras/{camera_id}"
    before = admin.get(f"{path}/control-points").json()
    assert (before["points"], before["pose"], before["horizon"]) == ([], None, [])
    assert admin.post(f"{path}/spot", json={"x": 0.5, "y": 0.8}).json()["nowhere"] == "no_pose"
    points = _points()
    points[2]["x"] = min(1.0, points[2]["x"] + 0.2)
    tried = admin.post(f"{path}/calibrate", json={"points": points, "solve": SOLVE})
    assert tried.status_code == 200, tried.text
    found = tried.json()
    assert found["pose"]["yaw_deg"] == pytest.approx(75, abs=0.3)
    assert [r["number"] for r in found["residuals"] if r["wrong"]] == [3]
    assert [p["code"] for p in found["problems"]] == ["wrong_point"]
    assert "3" in found["problems"][0]["zh"]
    assert found["held_out_m"] < 0.1 and len(found["grid"]) > 10 and found["field_of_view"]
    assert admin.get(path).json()["yaw_deg"] is None, "a try saves nothing"
    seen = admin.post(f"{path}/spot", json={"x": 0.5, "y": 0.8, "pose": found["pose"]}).json()
    assert seen["nowhere"] is None and seen["ellipse"]["major_m"] < 3
    body = {"points": points, "solve": SOLVE, "expected_version": before["version"]}
    saved = admin.put(f"{path}/pose", json=body)
    assert saved.status_code == 200, saved.text
    camera = saved.json()
    assert camera["yaw_deg"] == pytest.approx(75, abs=0.3) and camera["pose_fitted"]
    assert camera["field_of_view"] and camera["version"] == before["version"] + 1
    stale = admin.put(f"{path}/pose", json=body)
    assert stale.status_code == 409 and stale.json()["error"]["current"]["version"] == 2
    kept = admin.get(f"{path}/control-points").json()
    assert [p["number"] for p in kept["points"]] == list(range(1, 9))
    assert len(kept["pose"]["covariance"]) == 81
    audit = admin.get("/api/v1/audit", params={"subject": f"camera:{camera_id}"}).json()[0]
    assert audit["action"] == "calibrate_camera" and audit["detail"]["left_out"] == [3]
    # A direction given by hand ends what the fit was sure of; another name does not.
    renamed = admin.patch(path, json={"expected_version": 2, "name": "东门"}).json()
    assert renamed["pose_fitted"]
    turned = admin.patch(path, json={"expected_version": 3, "yaw_deg": 80}).json()
    assert not turned["pose_fitted"]


def test_what_cannot_be_fitted_says_why_and_is_not_saved(console: Server, camera_id: int) -> None:
    admin = console.browser().login("root-1")
    path = f"/api/v1/cameras/{camera_id}"
    body = {"points": _points(1), "solve": SOLVE}
    tried = admin.post(f"{path}/calibrate", json=body).json()
    assert tried["pose"] is None and tried["problems"][0]["code"] == "too_few"
    refused = admin.put(f"{path}/pose", json={**body, "expected_version": 1})
    assert refused.status_code == 422 and "at least 2 points" in refused.text
    outside = [{**p, "x": 1.4} for p in _points(1)]
    kept = admin.put(f"{path}/control-points", json={"points": outside, "expected_version": 1})
    assert kept.status_code == 422 and "outside the picture" in kept.text
    assert admin.get(f"{path}/control-points").json()["points"] == []
    preset = admin.post(f"{path}/calibrate", json={**body, "preset": "2"})
    assert preset.status_code == 422 and "does not turn" in preset.text


def test_only_administrators_calibrate(console: Server, camera_id: int) -> None:
    other = console.browser().login("dora")
    path = f"/api/v1/cameras/{camera_id}"
    assert other.get(f"{path}/control-points").status_code == 403
    assert other.post(f"{path}/calibrate", json={"points": [], "solve": SOLVE}).status_code == 403


def test_a_preset_has_its_own_pose(console: Server, database: Database, camera_id: int) -> None:
    database.run(
        "UPDATE camera SET ptz = true, onvif_url = 'http://h/onvif', ptz_home = '1' WHERE id = %(id)s",
        {"id": camera_id},
    )
    admin = console.browser().login("root-1")
    path = f"/api/v1/cameras/{camera_id}"
    body = {"points": _points(), "solve": SOLVE, "preset": "2", "expected_version": 1}
    whole = admin.put(f"{path}/pose", json={**body, "solve": [*SOLVE, "height"]})
    assert whole.status_code == 422 and "belong to camera cam-1 as a whole" in whole.text
    saved = admin.put(f"{path}/pose", json=body).json()
    assert saved["yaw_deg"] is None and saved["preset_poses"] == ["2"]
    kept = admin.get(f"{path}/control-points", params={"preset": "2"}).json()
    assert kept["pose"]["yaw_deg"] == pytest.approx(75, abs=0.1) and len(kept["points"]) == 8
    database.run(
        "INSERT INTO ptz_state (camera_id, state, preset, since) VALUES (%(id)s, 'preset', '2', now())",
        {"id": camera_id},
    )
    there = admin.get(path).json()
    assert there["ptz_preset"] == "2" and there["field_of_view"] and not there["away"]
    database.run("UPDATE ptz_state SET state = 'moving', preset = NULL")
    gone = admin.get(path).json()
    assert gone["away"] and gone["field_of_view"] is None and gone["ptz_state"] == "moving"


def test_the_command_line_fits_from_a_file(
    database: Database,
    database_url: str,
    camera_id: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(tmp_path))
    file = tmp_path / "points.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["x", "y", "lon", "lat"])
        for p in _points():
            writer.writerow([p["x"] * 1920, p["y"] * 1080, p["lon"], p["lat"]])
    assert main(["camera", "pose", "cam-1", "--points", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pose"]["yaw_deg"] == pytest.approx(75, abs=0.1) and not told["saved"]
    assert main(["camera", "pose", "cam-1", "--points", str(file), "--save"]) == 0
    assert "point held out" in capsys.readouterr().out
    row = database.row("SELECT yaw_deg, pose_covariance IS NOT NULL AS fitted FROM camera")
    assert row is not None and row.yaw_deg == pytest.approx(75, abs=0.1) and row.fitted
    file.write_text("x,y,lon,lat\n0.5,0.5,120.98,abc\n")
    assert main(["camera", "pose", "cam-1", "--points", str(file)]) != 0
    assert "line 2" in capsys.readouterr().err
