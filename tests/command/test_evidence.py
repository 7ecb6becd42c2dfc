"""The recordings of the cameras that see an incident are held, and the log names them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from command import evidence, incidents, views
from gis.errors import DatabaseAway
from gis.model import LonLat
from ingest.record import holds as footage_holds

WEST = LonLat(120.9798, 31.38)  # 19 m west of the spot, looking east at it
FAR = LonLat(120.99, 31.38)


def holds(town: Any, number: int) -> list[Any]:
    with town.database.transaction() as cursor:
        return footage_holds.of_subject(cursor, f"incident:{number}")


def told(town: Any, number: int) -> list[list[str]]:
    return [
        [camera["code"] for camera in entry.body["cameras"]]
        for entry in town.log(number)
        if entry.kind == "evidence_held"
    ]


def test_opening_holds_the_cameras_that_see_the_spot(town: Any) -> None:
    sees = town.camera("SEES", WEST)
    town.camera("AWAY", WEST, yaw_deg=270.0)
    town.camera("FAR", FAR)
    number = town.open()
    (hold,) = holds(town, number)
    assert hold.camera_id == sees
    assert hold.from_at == town.after(-300)
    assert hold.to_at == town.after(900)
    assert (hold.reason, hold.created_by) == (f"incident #{number}", "dora")
    assert told(town, number) == [["SEES"]]


def test_the_alarms_camera_is_held_from_before_its_first_event(town: Any) -> None:
    camera = town.camera("C1", FAR)
    zone = town.zone(camera)
    first = town.clock.now()
    alarm_id = town.raised(town.event(camera, zone)).alarm_id
    town.clock.advance(240)
    number = town.open(where=None, alarm_id=alarm_id, alarm_version=1)
    (hold,) = holds(town, number)
    assert (hold.camera_id, hold.from_at) == (camera, first - timedelta(seconds=300))


def _attended(town: Any) -> list[tuple[int, str]]:
    rows = town.database.rows("SELECT camera_id, why FROM camera_attention ORDER BY 1")
    return [(row.camera_id, row.why) for row in rows]


def test_analytics_spares_the_cameras_of_an_open_incident(town: Any) -> None:
    sees = town.camera("SEES", WEST)
    town.camera("FAR", FAR)
    number = town.open()
    assert _attended(town) == [(sees, f"incident:{number}")]
    town.clock.advance(200)
    evidence.keep(town.database, town.clock, number, "system")
    (row,) = town.database.rows("SELECT until FROM camera_attention")
    assert row.until == town.after(evidence.ATTEND_S)
    version = town.incident(number).version
    incidents.close(town.database, town.clock, "dora", number, version, "closed", "")
    assert _attended(town) == []


def test_linking_an_alarm_holds_its_camera_and_reaches_back(town: Any) -> None:
    sees, other = town.camera("SEES", WEST), town.camera("C2", FAR)
    early = town.clock.now()
    alarm_id = town.raised(town.event(other, town.zone(other))).alarm_id
    town.clock.advance(1000)
    number = town.open()
    incidents.link_alarm(town.database, town.clock, "dora", number, 1, alarm_id)
    assert told(town, number) == [["SEES"], ["C2"]]
    by_camera = {hold.camera_id: hold for hold in holds(town, number)}
    assert by_camera[sees].from_at == by_camera[other].from_at == early - timedelta(seconds=300)


def test_holds_move_on_while_the_incident_is_open_and_end_after_it(town: Any) -> None:
    town.camera("SEES", WEST)
    number = town.open()
    town.clock.advance(1200)
    assert evidence.due(town.database, town.clock.now()) == [number]
    assert evidence.keep(town.database, town.clock, number, "system") == []
    assert holds(town, number)[0].to_at == town.after(900)
    town.clock.advance(800)
    closed = town.clock.now()
    version = town.incident(number).version
    incidents.close(town.database, town.clock, "dora", number, version, "closed", "")
    assert holds(town, number)[0].to_at == closed + timedelta(seconds=300)
    assert evidence.due(town.database, town.clock.now()) == []
    assert told(town, number) == [["SEES"]]


def test_what_could_not_be_held_at_once_is_held_by_the_timer(town: Any, monkeypatch: Any) -> None:
    town.camera("SEES", WEST)

    def away(*_: Any) -> None:
        raise DatabaseAway("gone")

    with monkeypatch.context() as patch:
        patch.setattr(evidence.recordings, "hold", away)
        number = town.open()
    assert told(town, number) == []
    for due in evidence.due(town.database, town.clock.now()):
        evidence.keep(town.database, town.clock, due, "system")
    assert told(town, number) == [["SEES"]]
    assert len(views.detail(town.database, number).holds) == 1


def test_a_detail_shows_a_scoped_person_only_the_own_cameras(town: Any) -> None:
    one, two = town.camera("C1", WEST), town.camera("C2", WEST)
    number = town.open()
    detail = views.detail(town.database, number, camera_ids=[two])
    assert [c.camera_id for c in detail.cameras] == [two]
    assert [h.camera_id for h in detail.holds] == [two]
    assert {h.camera_id for h in views.detail(town.database, number).holds} == {one, two}
