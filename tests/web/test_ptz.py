"""Turning a camera over the API: a real device, a real lock, people of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gis.clock import ManualClock
from gis.db import Database
from ingest.secret import encrypt
from tests.ingest.streams import until
from tests.support.console import Server, add_camera
from tests.support.onvif_device import Oddities, TestDevice, onvif_device
from tests.web.conftest import Serve
from tests.web.test_feed import open_feed, wait_for
from web.model import ConsoleSettings


@pytest.fixture
def device() -> Iterator[TestDevice]:
    with onvif_device() as made:
        yield made


@pytest.fixture
def camera_id(database: Database, device: TestDevice, settings: ConsoleSettings) -> int:
    return _camera(database, device, settings)


def _camera(
    database: Database, device: TestDevice, settings: ConsoleSettings, **columns: Any
) -> int:
    made = add_camera(database, "gate")
    values = {
        "onvif_url": device.url,
        "ptz": True,
        "username": device.user,
        "password_enc": encrypt(settings.camera_key, device.password),
    } | columns
    assignments = ", ".join(f"{name} = %({name})s" for name in values)
    database.run(f"UPDATE camera SET {assignments} WHERE id = %(id)s", values | {"id": made})
    return made


def _actions(database: Database, camera_id: int) -> list[tuple[str, str]]:
    rows = database.rows(
        "SELECT actor, action FROM audit WHERE subject = %s AND action LIKE 'ptz%%' ORDER BY id",
        [f"camera:{camera_id}"],
    )
    return [(row.actor, row.action) for row in rows]


def test_a_dispatcher_turns_a_camera(
    console: Server, device: TestDevice, camera_id: int, database: Database
) -> None:
    dora = console.browser().login("dora")
    path = f"/api/v1/cameras/{camera_id}/ptz"
    free = dora.get(path).json()
    assert (free["holder"], free["mine"], free["my_priority"]) == (None, False, 2)
    assert free["presets"] == [{"token": "1", "name": "大门 Gate"}]
    assert free["abilities"]["absolute"] is True and free["message"] is None
    moved = dora.post(f"{path}/move", json={"pan": 1.0, "timeout_s": 10})
    assert moved.status_code == 200, moved.text
    assert (moved.json()["holder"], moved.json()["mine"], moved.json()["priority"]) == (
        "Dora",
        True,
        2,
    )
    until(lambda: device.ptz.where()[0] > 0, "the camera to turn")
    stopped = dora.post(f"{path}/stop")
    assert stopped.status_code == 200 and not device.ptz.moving
    dora.post(f"{path}/goto", json={"token": "1"})
    assert device.ptz.where()[0] == 0.5
    dora.post(f"{path}/move", json={"kind": "relative", "tilt": 0.2})
    dora.post(f"{path}/move", json={"kind": "absolute", "zoom": 0.5})
    pan, tilt, zoom = device.ptz.where()
    assert (pan, tilt, zoom) == (0.5, pytest.approx(0.3), 0.5)
    made = dora.post(f"{path}/presets", json={"name": "北墙"}).json()
    assert made == {"token": "2", "name": "北墙"}
    gone = dora.delete(f"{path}/presets/1").json()
    assert gone["presets"] == [made]
    seen = dora.get(f"/api/v1/cameras/{camera_id}").json()
    assert seen["ptz_holder"] == "Dora"
    assert dora.post(f"{path}/release").json()["holder"] is None
    # A session is audited, not each of its moves.
    assert _actions(database, camera_id) == [
        ("dora", "ptz_take"),
        ("dora", "ptz_preset_set"),
        ("dora", "ptz_preset_remove"),
        ("dora", "ptz_release"),
    ]
    assert device.accepted == 1


def test_a_client_that_vanishes_leaves_no_camera_turning(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    with onvif_device(Oddities(deaf_to_timeouts=True)) as device:
        camera_id = _camera(database, device, settings)
        dora = console.browser().login("dora")
        dora.post(f"/api/v1/cameras/{camera_id}/ptz/move", json={"pan": 0.01, "timeout_s": 0.3})
        until(lambda: "Stop" in device.calls, "the console's stop")
        assert not device.ptz.moving and device.ptz.where()[0] > 0


def test_a_preset_made_on_the_way_does_not_take_the_stop_away(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    with onvif_device(Oddities(deaf_to_timeouts=True)) as device:
        camera_id = _camera(database, device, settings)
        dora = console.browser().login("dora")
        path = f"/api/v1/cameras/{camera_id}/ptz"
        dora.post(f"{path}/move", json={"pan": 0.01, "timeout_s": 1.5})
        made = dora.post(f"{path}/presets", json={"name": "路口"})
        assert made.status_code == 201, made.text
        until(lambda: "Stop" in device.calls, "the console's stop")


def test_a_key_held_down_is_not_stopped_between(
    console: Server, device: TestDevice, camera_id: int
) -> None:
    dora = console.browser().login("dora")
    path = f"/api/v1/cameras/{camera_id}/ptz/move"
    dora.post(path, json={"pan": 1.0, "timeout_s": 2})
    dora.post(path, json={"pan": 1.0, "timeout_s": 10})
    dora.post(path, json={"pan": -1.0, "timeout_s": 10})
    until(lambda: device.ptz.where()[0] == -1.0, "the camera to turn on")
    assert "Stop" not in device.calls


def test_the_higher_takes_over_and_the_lower_is_told_who_has_it(
    console: Server, camera_id: int, database: Database
) -> None:
    dora, carl, root = (console.browser().login(name) for name in ("dora", "carl", "root-1"))
    path = f"/api/v1/cameras/{camera_id}/ptz"
    assert root.post(f"{path}/take").json()["priority"] == 1
    taken = dora.post(f"{path}/take").json()
    assert (taken["mine"], taken["taken_from"]) == (True, "Root-1")
    refused = root.post(f"{path}/move", json={"pan": 0.1})
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "ptz_held" and "Dora" in error["message"]
    assert (error["current"]["holder"], error["current"]["priority"]) == ("Dora", 2)
    assert error["current"]["until"] == dora.get(path).json()["until"]
    assert carl.post(f"{path}/move", json={"tilt": 0.1}).json()["taken_from"] == "Dora"
    lost = dora.get(path).json()
    assert (lost["holder"], lost["mine"], lost["taken_from"]) == ("Carl", False, "Dora")
    assert dora.post(f"{path}/release").json()["holder"] == "Carl"  # not hers to give
    assert _actions(database, camera_id) == [
        ("root-1", "ptz_take"),
        ("dora", "ptz_take_over"),
        ("carl", "ptz_take_over"),
    ]


def test_a_takeover_shows_on_every_screen(console: Server, camera_id: int) -> None:
    dora, carl = console.browser().login("dora"), console.browser().login("carl")
    path = f"/api/v1/cameras/{camera_id}/ptz"
    with open_feed(console, dora) as feed:
        wait_for(feed, "tick")
        for browser, name in ((dora, "Dora"), (carl, "Carl")):
            browser.post(f"{path}/take")
            wait_for(feed, "camera", lambda row, name=name: row["ptz_holder"] == name)
        carl.post(f"{path}/release")
        wait_for(feed, "camera", lambda row: row["ptz_holder"] is None)


def test_a_hold_that_rested_is_free_again(serve: Serve, clock: ManualClock, camera_id: int) -> None:
    with serve(clock=clock) as console:
        dora, root = console.browser().login("dora"), console.browser().login("root-1")
        path = f"/api/v1/cameras/{camera_id}/ptz"
        dora.post(f"{path}/take")
        clock.advance(29)
        dora.post(f"{path}/stop")  # any use renews it
        clock.advance(29)
        assert root.post(f"{path}/take").status_code == 409
        clock.advance(1)
        assert root.get(path).json()["holder"] is None
        assert root.post(f"{path}/take").json()["holder"] == "Root-1"


def test_of_two_who_ask_at_once_one_has_it(
    console: Server, database: Database, camera_id: int, people: dict[str, int]
) -> None:
    pair = [console.browser().login(name) for name in ("dora", "scoped")]
    path = f"/api/v1/cameras/{camera_id}/ptz/take"
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            answers = list(pool.map(lambda browser: browser.post(path), pair))
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            database.run(
                "UPDATE ptz_lock SET user_id = NULL, priority = NULL, since = NULL, until = NULL"
            )


@pytest.mark.parametrize(("name", "status"), [("rita", 403), ("resi", 403)])
def test_who_only_looks_does_not_turn(
    console: Server, camera_id: int, name: str, status: int
) -> None:
    browser = console.browser().login(name)
    path = f"/api/v1/cameras/{camera_id}/ptz"
    assert browser.get(path).status_code == status
    assert browser.post(f"{path}/move", json={"pan": 1}).status_code == status
    assert browser.delete(f"{path}/presets/1").status_code == status


def test_a_camera_out_of_scope_does_not_exist(
    console: Server, database: Database, device: TestDevice, settings: ConsoleSettings
) -> None:
    add_camera(database, "first")
    other = _camera(database, device, settings)
    assert other == 2
    scoped = console.browser().login("scoped")
    for verb in ("take", "release", "stop"):
        assert scoped.post(f"/api/v1/cameras/{other}/ptz/{verb}").status_code == 404
    assert device.calls == []


def test_what_cannot_be_turned_says_why(console: Server, database: Database) -> None:
    fixed = add_camera(database, "fixed")
    dora = console.browser().login("dora")
    path = f"/api/v1/cameras/{fixed}/ptz"
    assert dora.get(path).json()["presets"] is None
    refused = dora.post(f"{path}/move", json={"pan": 1})
    assert refused.status_code == 409 and "cannot be turned" in refused.json()["error"]["message"]
    assert _actions(database, fixed) == []
    for body in ({}, {"pan": 2}, {"pan": 1, "timeout_s": 60}, {"kind": "orbit", "pan": 1}):
        assert dora.post(f"{path}/move", json=body).status_code == 422, body
    assert dora.post("/api/v1/cameras/99/ptz/take").status_code == 404


def test_a_device_that_fails_is_named_and_reached_again(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    dora = console.browser().login("dora")
    with onvif_device(Oddities(faults={"ContinuousMove": "电机故障"})) as device:
        camera_id = _camera(database, device, settings)
        path = f"/api/v1/cameras/{camera_id}/ptz"
        failed = dora.post(f"{path}/move", json={"pan": 1})
        assert failed.status_code == 502
        assert failed.json()["error"]["code"] == "device"
        assert "电机故障" in failed.json()["error"]["message"]
    away = dora.post(f"{path}/stop")
    assert away.status_code == 502 and "connect:" in away.json()["error"]["message"]
    shown = dora.get(path).json()
    assert shown["holder"] == "Dora" and shown["presets"] is None and "connect:" in shown["message"]
    with onvif_device() as device:
        database.run("UPDATE camera SET onvif_url = %s", [device.url])
        assert dora.post(f"{path}/move", json={"pan": 1}).status_code == 200


def test_a_camera_returns_home_when_nobody_turns_it(
    serve: Serve,
    clock: ManualClock,
    database: Database,
    device: TestDevice,
    settings: ConsoleSettings,
) -> None:
    camera_id = _camera(database, device, settings, ptz_home="1", ptz_home_after_s=90)
    # One whose password nobody can read keeps no other from going home.
    unreadable = add_camera(database, "a-lost", onvif_url="http://127.0.0.1:1/", ptz=True)
    database.run(
        "UPDATE camera SET ptz_home = '1', password_enc = %s WHERE id = %s", [b"x", unreadable]
    )
    database.run(
        "INSERT INTO ptz_lock (camera_id, moved_at) VALUES (%s, '2025-01-01Z')", [unreadable]
    )
    with serve(clock=clock, ptz_home_look_s=0.05) as console:
        dora = console.browser().login("dora")
        path = f"/api/v1/cameras/{camera_id}/ptz"
        dora.post(f"{path}/move", json={"kind": "absolute", "pan": -0.9, "tilt": 0.0})
        clock.advance(60)
        dora.post(f"{path}/move", json={"kind": "absolute", "pan": -0.8, "tilt": 0.0})
        clock.advance(60)
        kept = dora.delete(f"{path}/presets/1")
        assert kept.status_code == 422 and "returns to" in kept.json()["error"]["message"]
        assert device.ptz.where()[0] == -0.8
    # The way home outlives the console.
    clock.advance(30)
    with serve(clock=clock, ptz_home_look_s=0.05):
        until(lambda: device.ptz.where()[0] == 0.5, "the camera to return home")
        until(
            lambda: database.rows(
                "SELECT 1 FROM ptz_lock WHERE moved_at IS NULL AND camera_id = %s", [camera_id]
            ),
            "the note that it is home",
        )
        assert device.calls.count("GotoPreset") == 1


def test_a_console_that_stops_stops_the_camera(
    serve: Serve, device: TestDevice, camera_id: int
) -> None:
    with serve() as console:
        dora = console.browser().login("dora")
        dora.post(f"/api/v1/cameras/{camera_id}/ptz/move", json={"pan": 1.0, "timeout_s": 10})
    assert not device.ptz.moving and device.calls[-1] == "Stop"


def _stands(database: Database) -> tuple[str, str | None] | None:
    row = database.row("SELECT state, preset FROM ptz_state")
    return None if row is None else (row.state, row.preset)


def test_where_a_camera_stands_is_known(
    serve: Serve, device: TestDevice, camera_id: int, database: Database
) -> None:
    """By its own moves at once, and by whoever else turns it within a look."""
    with serve(ptz_stand_look_s=0.2) as console:
        until(lambda: _stands(database) == ("elsewhere", None), "the first look")
        dora = console.browser().login("dora")
        path = f"/api/v1/cameras/{camera_id}/ptz"
        dora.post(f"{path}/goto", json={"token": "1"})
        until(lambda: _stands(database) == ("preset", "1"), "the camera to stand at its preset")
        dora.post(f"{path}/move", json={"pan": 1.0, "timeout_s": 10})
        assert _stands(database) == ("moving", None), "told before the picture moves"
        until(lambda: device.ptz.where()[0] > 0.6, "the camera to have left its preset")
        dora.post(f"{path}/stop")
        until(lambda: _stands(database) == ("elsewhere", None), "the camera to stand somewhere")
        dora.post(f"{path}/release")
        device.ptz.go(device.ptz.presets["1"][1])  # by its own page
        until(lambda: _stands(database) == ("preset", "1"), "the next look")


def test_a_preset_that_is_moved_loses_its_pose(
    console: Server, device: TestDevice, camera_id: int, database: Database
) -> None:
    database.run(
        "INSERT INTO camera_preset_pose (camera_id, preset, yaw_deg, pitch_deg, hfov_deg) "
        "VALUES (%(id)s, '1', 10, -20, 60)",
        {"id": camera_id},
    )
    dora = console.browser().login("dora")
    path = f"/api/v1/cameras/{camera_id}"
    assert dora.get(path).json()["preset_poses"] == ["1"]
    made = dora.post(f"{path}/ptz/presets", json={"name": "门", "token": "1"})
    assert made.status_code == 201, made.text
    assert dora.get(path).json()["preset_poses"] == []
