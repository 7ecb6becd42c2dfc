"""Events become alarms: repeats fold, near incidents take them in, officers decide."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from command import alarms, incidents, views
from command.main import Events
from gis.errors import InvalidInput, NotFound, StaleVersion, WrongState
from gis.model import LonLat
from tests.support.town import SPOT


def test_an_event_raises_an_alarm_with_a_title_in_both_languages(town: Any) -> None:
    camera = town.camera("C1")
    done = town.raised(town.event(camera, town.zone(camera), snapshot="2026/01/01/a.jpg"))
    (alarm,) = views.alarms(town.database)
    assert (done.how, done.alarm_id) == ("raised", alarm.id)
    assert alarm.title == "重点院落有人闯入：北门水厂西侧"
    assert alarm.title_en == "Person in guarded yard: west of North Gate waterworks"
    assert (alarm.state, alarm.count, alarm.priority, alarm.has_snapshot) == ("raised", 1, 2, True)
    assert alarm.where == LonLat(120.98, 31.38)
    assert alarm.ellipse is not None and alarm.ellipse.major_m == 2


def test_repeats_of_one_cause_fold_into_one_alarm(town: Any) -> None:
    camera = town.camera("C1")
    zone, other = town.zone(camera), town.zone(camera, "门口", "gate")
    first = town.raised(town.event(camera, zone))
    late = town.after(-20)
    town.clock.advance(30)
    newest = town.event(camera, zone, place="南门", place_en="South Gate", priority=1)
    assert town.raised(newest).how == "repeated"
    assert town.raised(town.event(camera, zone, at=late)).alarm_id == first.alarm_id
    assert town.raised(town.event(camera, other)).alarm_id != first.alarm_id
    (alarm,) = views.alarms(town.database, ids=[first.alarm_id])
    assert (alarm.count, alarm.priority, alarm.event_id) == (3, 1, newest)
    assert (alarm.first_at, alarm.last_at) == (late, town.clock.now())
    assert alarm.title_en == "Person in guarded yard: South Gate"
    assert alarm.version == 1


def test_an_event_is_handled_once(town: Any) -> None:
    camera = town.camera("C1")
    event = town.event(camera, town.zone(camera))
    town.raised(event)
    with town.database.transaction() as cursor:
        (cause,) = alarms.event_causes(cursor, [event])
    assert alarms.handle(town.database, town.clock, cause) is None
    assert views.alarms(town.database)[0].count == 1


def test_events_handled_at_once_make_one_alarm(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    events = [town.event(camera, zone) for _ in range(4)] * 2
    barrier = threading.Barrier(len(events))
    with town.database.transaction() as cursor:
        causes = {c.event_id: c for c in alarms.event_causes(cursor, events)}
    found: list[Any] = []

    def handle(event_id: int) -> None:
        barrier.wait()
        found.append(alarms.handle(town.database, town.clock, causes[event_id]))

    threads = [threading.Thread(target=handle, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(d.how for d in found if d) == ["raised", "repeated", "repeated", "repeated"]
    (alarm,) = views.alarms(town.database)
    assert alarm.count == 4


def test_a_place_comes_from_the_map_where_the_event_has_none(town: Any) -> None:
    town.database.run(
        "INSERT INTO place (source, source_ref, kind, name, name_en, geom) "
        "VALUES ('t', '1', 'crossing', '人民路', 'Renmin Road', ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326))"
    )
    camera = town.camera("C1")
    town.raised(town.event(camera, town.zone(camera), place=None, place_en=None, where=None))
    (alarm,) = views.alarms(town.database)
    assert alarm.title == "重点院落有人闯入：人民路"
    assert alarm.place_en == "Renmin Road"
    assert alarm.where == LonLat(120.98, 31.38)  # the camera's, for want of a better one


def test_a_panic_button_is_p1_and_names_the_unit(town: Any) -> None:
    town.unit("P-03")
    device = town.database.rows("SELECT device_id FROM unit")[0][0]
    town.device_raised(town.device_event(device, priority=3))
    (alarm,) = views.alarms(town.database)
    assert (alarm.kind, alarm.priority) == ("sos", 1)
    assert (alarm.title, alarm.title_en) == ("P-03 巡组紧急求助", "Panic button of P-03 Patrol")
    (unit,) = views.units(town.database)
    assert unit.panic
    alarms.dismiss(town.database, town.clock, "dora", alarm.id, 1, "测试")
    assert not views.units(town.database)[0].panic


def test_a_threshold_says_value_and_limit(town: Any) -> None:
    gauge = town.device(
        "1", kind="water_level", protocol="sl651", name="青阳港", name_en="Qingyang"
    )
    town.database.run(
        "INSERT INTO reading_latest (device_id, quantity, at, value, unit) VALUES (%s, 'water_level_m', now(), 3.4, 'm')",
        (gauge,),
    )
    values = {"quantity": "water_level_m", "value": 3.42, "limit": 3.4, "where": None}
    done = town.device_raised(town.device_event(gauge, "threshold", **values))
    town.device_raised(town.device_event(gauge, "threshold", **values))
    (alarm,) = views.alarms(town.database)
    assert (alarm.id, alarm.count) == (done.alarm_id, 2)
    assert alarm.title == "青阳港水位 3.42 m，高于限值 3.4 m"
    assert alarm.title_en == "Water level at Qingyang 3.42 m, above its limit 3.4 m"
    assert alarm.where is None


def _system(town: Any, kind: str, cause: str, subject: str, priority: int, *values: Any) -> None:
    town.database.run(
        "INSERT INTO system_event (cause, kind, subject, at, value, limit_value, priority, camera_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (cause, kind, subject, town.clock.now(), *(values or (None, None)), priority,
         None if not kind.startswith("camera") else int(subject)),
    )  # fmt: skip


def test_the_systems_own_events_become_alarms_and_fold(town: Any) -> None:
    lost = town.camera("C9")
    _system(town, "disk_warn", "system:disk:0", "local", 4, 86.2, 85)
    _system(town, "disk_locked", "system:disk:0", "local", 1)
    _system(town, "tier_lost", "system:tier:2", "远端", 3)
    _system(town, "camera_lost", f"system:camera:{lost}", str(lost), 2)
    events = Events(town.database, town.clock, 3600)
    events.catch_up(3600)
    events.catch_up(3600)
    found = {alarm.kind: alarm for alarm in views.alarms(town.database)}
    assert set(found) == {"disk_locked", "tier_lost", "camera_lost"}
    disk = found["disk_locked"]
    assert (disk.priority, disk.count, disk.camera_id) == (1, 2, None)
    assert disk.title_en == "Locked footage fills the recording disk: recording is about to stop"
    assert found["tier_lost"].title == "存储层 远端 无法使用"
    assert found["camera_lost"].camera_id == lost and found["camera_lost"].where is not None
    assert events.raised == 3 and events.repeated == 1 and events.failed == 0


def test_a_repeat_joins_the_open_incident_of_its_cause(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    alarm_id = town.raised(town.event(camera, zone)).alarm_id
    incident = town.open(where=None, alarm_id=alarm_id, alarm_version=1)
    town.clock.advance(20)
    assert town.raised(town.event(camera, zone)).how == "linked"
    assert town.kinds(incident) == [
        "opened",
        "alarm_linked",
    ]  # not quiet for a minute: counted only
    town.clock.advance(70)
    done = town.raised(town.event(camera, zone))
    assert (done.how, done.alarm_id, done.incident_id) == ("linked", alarm_id, incident)
    again = [e for e in town.log(incident) if e.kind == "alarm_linked"][-1]
    assert (again.actor, again.body["auto"], again.body["count"]) == ("system", True, 3)
    (alarm,) = views.alarms(town.database, open_only=False)
    assert (alarm.state, alarm.count, alarm.incident_id) == ("linked", 3, incident)


def test_what_does_not_belong_to_the_incident_raises_a_new_alarm(town: Any) -> None:
    def panic(key: str, where: LonLat = SPOT) -> Any:
        return town.device_raised(town.device_event(vehicles[key], where=where))

    vehicles = {key: town.device(key) for key in ("late", "far", "closed", "other")}
    incidents_of = {}
    for key in ("late", "far", "closed"):
        alarm_id = panic(key).alarm_id
        incidents_of[key] = town.open(where=None, alarm_id=alarm_id, alarm_version=1, type="panic")
    assert panic("other").how == "raised"  # near and at the same time, but another cause
    assert panic("far", LonLat(120.98, 31.3815)).how == "raised"  # 166 m
    version = town.incident(incidents_of["closed"]).version
    incidents.close(
        town.database, town.clock, "dora", incidents_of["closed"], version, "closed", ""
    )
    assert panic("closed").how == "raised"
    town.clock.advance(31 * 60)
    assert panic("late").how == "raised"


def test_a_cause_that_moves_on_is_followed(town: Any) -> None:
    vehicle = town.device("1")
    alarm_id = town.device_raised(town.device_event(vehicle)).alarm_id
    town.open(where=None, alarm_id=alarm_id, alarm_version=1, type="panic")
    for metres in (80, 160, 240):
        there = LonLat(SPOT.lon, SPOT.lat + metres / 110_900)
        assert town.device_raised(town.device_event(vehicle, where=there)).how == "linked"


def test_near_means_a_hundred_metres(town: Any) -> None:
    vehicle = town.device("1")
    alarm_id = town.device_raised(town.device_event(vehicle)).alarm_id
    town.open(where=None, alarm_id=alarm_id, alarm_version=1, type="panic")
    town.clock.advance(29 * 60)
    near = town.device_event(vehicle, where=LonLat(120.98, 31.38088))  # 98 m
    assert town.device_raised(near).how == "linked"


def test_officers_acknowledge_shelve_and_dismiss(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    number = town.raised(town.event(camera, zone)).alarm_id
    acked = alarms.ack(town.database, town.clock, "dora", number, 1)
    assert (acked.state, acked.handled_by, acked.version) == ("acked", "dora", 2)
    with pytest.raises(WrongState, match=f"alarm {number} is acked, so it cannot be acknowledged"):
        alarms.ack(town.database, town.clock, "dora", number, 2)
    shelved = alarms.shelve(town.database, town.clock, "dora", number, 2, 10)
    assert shelved.shelved_until == town.after(600)
    assert town.raised(town.event(camera, zone)).how == "repeated"
    assert alarms.unshelve_due(town.database, town.after(599)) == []
    assert alarms.unshelve_due(town.database, town.after(600)) == [number]
    (back,) = views.alarms(town.database)
    assert (back.state, back.shelved_until, back.count) == ("raised", None, 2)
    with pytest.raises(InvalidInput, match="blank"):
        alarms.dismiss(town.database, town.clock, "dora", number, back.version, "  ")
    gone = alarms.dismiss(town.database, town.clock, "dora", number, back.version, "猫")
    assert (gone.state, gone.dismiss_reason) == ("dismissed", "猫")
    assert views.alarms(town.database) == []
    assert town.raised(town.event(camera, zone)).how == "raised"


def test_of_two_officers_on_one_alarm_the_second_sees_both_values(town: Any) -> None:
    camera = town.camera("C1")
    number = town.raised(town.event(camera, town.zone(camera))).alarm_id
    alarms.ack(town.database, town.clock, "dora", number, 1)
    with pytest.raises(StaleVersion, match="is acked by dora and at version 2") as refused:
        alarms.dismiss(town.database, town.clock, "carl", number, 1, "nothing")
    assert refused.value.current["state"] == "acked"
    assert refused.value.sent == {"expected_version": 1}


def test_the_list_is_by_priority_then_newest_and_within_the_persons_cameras(town: Any) -> None:
    one, two = town.camera("C1"), town.camera("C2")
    low = town.raised(town.event(one, town.zone(one), priority=3)).alarm_id
    town.clock.advance(5)
    high = town.raised(town.event(two, town.zone(two), priority=1)).alarm_id
    town.clock.advance(5)
    sos = town.device_raised(town.device_event(town.device("1"))).alarm_id
    assert [a.id for a in views.alarms(town.database)] == [sos, high, low]
    assert [a.id for a in views.alarms(town.database, camera_ids=[one])] == [sos, low]
    newest_first = views.alarms(town.database, open_only=False, limit=2)
    assert [a.id for a in newest_first] == [sos, high]
    rest = views.alarms(town.database, open_only=False, before=newest_first[-1].last_at)
    assert [a.id for a in rest] == [low]
    with pytest.raises(NotFound):
        alarms.ack(town.database, town.clock, "scoped", high, 1, camera_ids=[one])


def test_a_witness_that_fails_takes_the_change_with_it(town: Any) -> None:
    camera = town.camera("C1")
    number = town.raised(town.event(camera, town.zone(camera))).alarm_id

    def refuse(cursor: Any, alarm_id: int) -> None:
        raise RuntimeError("no audit")

    with pytest.raises(RuntimeError):
        alarms.ack(town.database, town.clock, "dora", number, 1, witness=refuse)
    assert views.alarms(town.database)[0].state == "raised"


def test_an_old_event_does_not_join_a_much_newer_incident(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    number = town.raised(town.event(camera, zone)).alarm_id
    town.open(where=None, alarm_id=number, alarm_version=1)
    old = town.clock.now() - timedelta(hours=3)
    assert town.raised(town.event(camera, zone, at=old)).how == "raised"
