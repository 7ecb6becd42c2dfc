"""Finding and describing devices over the API."""

from __future__ import annotations

import pytest

from gis.db import Database
from ingest.onvif import discovery
from ingest.secret import encrypt
from tests.support.console import Server, add_camera
from tests.support.onvif_device import discovery_responder, onvif_device
from web.model import ConsoleSettings


def test_devices_are_found_and_known_ones_named(
    console: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera_id = add_camera(database, "gate")
    database.run("UPDATE camera SET url = 'rtsp://127.0.0.1:554/1' WHERE id = %s", [camera_id])
    admin = console.browser().login("root-1")
    with discovery_responder(
        {"a-1": "http://127.0.0.1:8001/onvif/device_service"}, ""
    ) as responder:
        monkeypatch.setattr(discovery, "own_addresses", lambda: ["127.0.0.1"])
        monkeypatch.setattr(discovery, "GROUP", responder.group)
        found = admin.post("/api/v1/cameras/onvif/discover", json={"timeout_s": 0.5}).json()
    assert [(device["url"], device["camera_codes"]) for device in found] == [
        ("http://127.0.0.1:8001/onvif/device_service", ["gate"])
    ]


def test_a_device_is_described_for_the_form(console: Server, database: Database) -> None:
    admin = console.browser().login("root-1")
    with onvif_device() as device:
        body = {
            "url": f"127.0.0.1:{device.port}",
            "username": device.user,
            "password": device.password,
        }
        told = admin.post("/api/v1/cameras/onvif/describe", json=body)
        found = told.json()
        wrong = admin.post("/api/v1/cameras/onvif/describe", json=body | {"password": "x"}).json()
    assert wrong["why"] == {"code": "device_login_refused", "params": {}}
    assert found["ok"] is True and found["url"] == device.url
    assert (found["maker"], found["model"], found["main"], found["sub"]) == (
        "Wang",
        "Tower-2",
        "Profile_1",
        "Profile_2",
    )
    assert found["profiles"][0]["stream_url"] == "rtsp://127.0.0.1:554/main"
    assert (found["ptz_profile"], found["notes"]) == ("Profile_1", [])
    assert device.password not in told.text
    assert (wrong["ok"], wrong["step"], wrong["profiles"]) == (False, "login", [])
    entries = admin.get("/api/v1/audit", params={"subject": f"onvif:127.0.0.1:{device.port}"})
    assert [entry["action"] for entry in entries.json()] == ["describe_onvif"] * 2
    assert device.password not in entries.text


def test_a_kept_password_signs_for_its_own_host_alone(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    admin = console.browser().login("root-1")
    with onvif_device() as device:
        camera_id = add_camera(database, "gate")
        database.run(
            "UPDATE camera SET url = 'rtsp://127.0.0.1/1', username = %s, password_enc = %s WHERE id = %s",
            [device.user, encrypt(settings.camera_key, device.password), camera_id],
        )
        body = {"url": device.url, "camera_id": camera_id}
        assert admin.post("/api/v1/cameras/onvif/describe", json=body).json()["ok"] is True
        away = body | {"url": device.url.replace("127.0.0.1", "localhost")}
        refused = admin.post("/api/v1/cameras/onvif/describe", json=away)
    assert refused.status_code == 422
    assert refused.json()["error"]["fields"][0]["field"] == "camera_id"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "file:///etc/passwd"])
def test_only_devices_are_called(console: Server, url: str) -> None:
    admin = console.browser().login("root-1")
    refused = admin.post("/api/v1/cameras/onvif/describe", json={"url": url})
    assert refused.status_code == 422 and refused.json()["error"]["fields"][0]["field"] == "url"


@pytest.mark.parametrize("name", ["dora", "carl", "rita", "resi"])
def test_only_administrators_look_for_devices(console: Server, name: str) -> None:
    browser = console.browser().login(name)
    assert browser.post("/api/v1/cameras/onvif/discover", json={}).status_code == 403
    body = {"url": "127.0.0.1"}
    assert browser.post("/api/v1/cameras/onvif/describe", json=body).status_code == 403
