"""Repeats of one cause are one alarm with a count, whatever the rule."""

from __future__ import annotations

from datetime import timedelta

from command import alarms, views
from command.model import Alarm
from tests.support.town import Town


def the_alarm(town: Town) -> Alarm:
    (alarm,) = views.alarms(town.database)
    return alarm


def test_a_zone_on_the_map_is_one_alarm_for_all_its_cameras(town: Town) -> None:
    first, second = town.camera("C1"), town.camera("C2")
    row = town.database.row(
        "INSERT INTO zone (camera_id, name, rule, points, ground) VALUES "
        "(NULL, '路口', 'stopped_vehicle', '{}', '{120.98,31.38,120.981,31.38,120.981,31.381}') RETURNING id"
    )
    assert row is not None
    for camera in (first, second, first):
        town.raised(town.event(camera, row.id, rule="stopped_vehicle", kind="vehicle"))
    assert (the_alarm(town).count, the_alarm(town).kind) == (3, "stopped_vehicle")


def test_a_rule_of_a_camera_that_flaps_is_one_alarm_and_another_rule_another(town: Town) -> None:
    camera = town.camera("C1")
    for minutes in range(5):
        at = town.clock.now() + timedelta(minutes=minutes)
        town.raised(town.event(camera, None, at=at, rule="camera_dark", kind="scene", where=None))
    assert (the_alarm(town).count, the_alarm(town).cause) == (5, f"camera:{camera}:camera_dark")
    town.raised(town.event(camera, None, rule="camera_blurred", kind="scene", where=None))
    assert len(views.alarms(town.database)) == 2


def test_what_was_acknowledged_hours_ago_is_raised_again(town: Town) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    start = town.clock.now()
    alarm_id = town.raised(town.event(camera, zone, at=start, rule="line_crossing")).alarm_id
    alarms.ack(town.database, town.clock, "dora", alarm_id, 1)
    soon = start + timedelta(minutes=5)
    town.raised(town.event(camera, zone, at=soon, rule="line_crossing"))
    assert (the_alarm(town).state, the_alarm(town).count) == ("acked", 2)
    late = start + timedelta(hours=3)
    again = town.raised(town.event(camera, zone, at=late, rule="line_crossing"))
    assert (again.alarm_id, again.how) == (alarm_id, "repeated")
    now = the_alarm(town)
    assert (now.state, now.count, now.last_at, now.handled_by) == ("raised", 3, late, "system")


def test_what_nobody_has_looked_at_keeps_counting(town: Town) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    for hours in (0, 5, 30):
        at = town.clock.now() + timedelta(hours=hours)
        town.raised(town.event(camera, zone, at=at, rule="line_crossing"))
    assert (the_alarm(town).state, the_alarm(town).count) == ("raised", 3)
