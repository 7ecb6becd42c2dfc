"""Units over HTTP: where they are, and who sets their duty."""

from __future__ import annotations

from gis.db import Database
from gis.model import LonLat
from tests.support.console import Server
from tests.support.town import real_time

API = "/api/v1/units"


def test_units_with_status_and_position(console: Server, database: Database) -> None:
    town = real_time(database)
    free, busy = town.unit("P-01", at=LonLat(120.97, 31.37)), town.unit("P-02", at=None)
    incident = town.open()
    assignment = town.send(incident, busy)
    for name in ("dora", "carl", "rita", "resi", "root-1"):
        first, second = console.browser().login(name).get(API).json()
        assert (first["id"], first["status"], first["lon"], first["lat"]) == (
            free,
            "available",
            120.97,
            31.37,
        )
        assert (second["status"], second["incident_id"], second["assignment_id"]) == (
            "dispatched", incident, assignment,
        )  # fmt: skip
        assert second["lon"] is None and second["position_at"] is None and second["panic"] is False
    assert console.browser().get(API).status_code == 401


def test_duty_is_set_by_dispatchers_and_the_own_crew(console: Server, database: Database) -> None:
    town = real_time(database)
    mine, other = town.unit("P-01"), town.unit("P-02")
    database.run("UPDATE app_user SET unit_id = %s WHERE name = 'resi'", (mine,))
    phone = console.browser().login("resi")
    changed = phone.patch(f"{API}/{mine}", json={"expected_version": 1, "duty": "unavailable"})
    assert (changed.status_code, changed.json()["status"]) == (200, "unavailable")
    refused = phone.patch(f"{API}/{other}", json={"expected_version": 1, "duty": "off"})
    assert refused.status_code == 403
    officer = console.browser().login("dora")
    stale = officer.patch(f"{API}/{mine}", json={"expected_version": 1, "duty": "available"})
    assert stale.json()["error"]["current"] == {"id": mine, "version": 2, "duty": "unavailable"}
    again = officer.patch(f"{API}/{mine}", json={"expected_version": 2, "duty": "available"})
    assert again.json()["version"] == 3
    assert (
        officer.patch(f"{API}/99", json={"expected_version": 1, "duty": "off"}).status_code == 404
    )
    bad = officer.patch(f"{API}/{mine}", json={"expected_version": 3, "duty": "asleep"})
    assert (bad.status_code, bad.json()["error"]["fields"][0]["field"]) == (422, "duty")
    reader = console.browser().login("rita")
    assert (
        reader.patch(f"{API}/{mine}", json={"expected_version": 3, "duty": "off"}).status_code
        == 403
    )
    audited = database.rows("SELECT actor, detail FROM audit WHERE subject = %s", (f"unit:{mine}",))
    assert [(row.actor, row.detail["duty"]) for row in audited] == [
        ("resi", "unavailable"),
        ("dora", "available"),
    ]
