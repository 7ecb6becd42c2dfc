"""Incidents: opened from an alarm or a spot, edited, closed with what that ends, reopened."""

from __future__ import annotations

from typing import Any

import pytest

from command import incidents, views
from command.incidents import Edit
from command.log import verify
from gis.errors import InvalidInput, NotFound, StaleVersion, WrongState
from gis.model import LonLat


def edit(town: Any, number: int, **wanted: Any) -> None:
    version = wanted.pop("version", town.incident(number).version)
    incidents.edit(town.database, town.clock, "dora", number, version, Edit(**wanted))


def close(town: Any, number: int, outcome: Any = "closed", note: str = "done") -> None:
    version = town.incident(number).version
    incidents.close(town.database, town.clock, "dora", number, version, outcome, note)


def test_an_incident_opens_from_an_alarm(town: Any) -> None:
    camera = town.camera("C1")
    alarm_id = town.raised(town.event(camera, town.zone(camera))).alarm_id
    number = town.open(where=None, alarm_id=alarm_id, alarm_version=1, level=3)
    facts = town.incident(number).facts
    assert number == 1001
    assert (facts.title, facts.state, facts.level) == ("重点院落有人闯入：北门水厂西侧", "open", 3)
    assert facts.title_en == "Person in guarded yard: west of North Gate waterworks"
    assert (facts.place, facts.where) == ("北门水厂西侧", LonLat(120.98, 31.38))
    detail = views.detail(town.database, number)
    assert [a.state for a in detail.alarms] == ["linked"]
    assert town.kinds(number) == ["opened", "alarm_linked"]
    assert detail.log_broken is None
    with pytest.raises(WrongState, match=f"alarm {alarm_id} belongs to incident #{number} already"):
        town.open(where=None, alarm_id=alarm_id, alarm_version=2)
    assert [i.id for i in views.incidents(town.database)] == [
        number
    ]  # the second was not half opened


def test_an_incident_opens_at_a_spot(town: Any) -> None:
    number = town.open(type="fire", title="仓库着火", priority=1)
    facts = town.incident(number).facts
    assert (facts.title, facts.title_en, facts.opened_by) == ("仓库着火", None, "dora")
    assert town.incident(town.open(type="flood")).facts.title == "积水内涝"


def test_opening_needs_a_place_and_the_alarms_version(town: Any) -> None:
    gauge = town.device("1", kind="rain", protocol="sl651")
    nowhere = town.device_raised(town.device_event(gauge, "threshold", where=None)).alarm_id
    with pytest.raises(InvalidInput) as refused:
        town.open(where=None)
    assert refused.value.field == "lon"
    with pytest.raises(InvalidInput):
        town.open(where=None, alarm_id=nowhere, alarm_version=1)
    with pytest.raises(InvalidInput) as refused:
        town.open(alarm_id=nowhere)
    assert refused.value.field == "alarm_version"
    with pytest.raises(StaleVersion):
        town.open(alarm_id=nowhere, alarm_version=7)
    with pytest.raises(NotFound, match="no alarm 99"):
        town.open(alarm_id=99, alarm_version=1)
    assert views.incidents(town.database, closed=None) == []
    assert town.open(alarm_id=nowhere, alarm_version=1) > 1001


def test_edits_are_logged_with_both_values(town: Any) -> None:
    number = town.open(title="x", level=2)
    edit(town, number, priority=1, title="火", where=LonLat(120.99, 31.39))
    changes = town.log(number)[-1].body["changes"]
    assert changes["priority"] == {"from": 2, "to": 1}
    assert changes["lon"] == {"from": 120.98, "to": 120.99}
    assert town.incident(number).version == 2
    edit(town, number, priority=1)
    assert town.incident(number).version == 2  # nothing changed, nothing written
    edit(town, number, clear_level=True, mark="controlled")
    facts = town.incident(number).facts
    assert (facts.level, facts.state) == (None, "controlled")
    with pytest.raises(StaleVersion) as refused:
        edit(town, number, version=2, priority=3)
    assert refused.value.current["priority"] == 1
    assert refused.value.sent == {"expected_version": 2, "priority": 3}
    assert str(refused.value).startswith(f"incident #{number} is at version 3")


def test_notes_and_their_limits(town: Any) -> None:
    number = town.open()
    incidents.note(town.database, town.clock, "dora", number, " 门已锁 🔒 ")
    assert town.log(number)[-1].body == {"text": "门已锁 🔒"}
    for bad in (" ", "a\x00b", "\ud800"):
        with pytest.raises(InvalidInput) as refused:
            incidents.note(town.database, town.clock, "dora", number, bad)
        assert refused.value.field == "text"
    close(town, number)
    incidents.note(town.database, town.clock, "carl", number, "report written")
    assert town.incident(number).facts.state == "closed"
    with pytest.raises(NotFound, match="no incident #7"):
        incidents.note(town.database, town.clock, "dora", 7, "x")


def test_closing_ends_everything(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    alarm_id = town.raised(town.event(camera, zone)).alarm_id
    number = town.open(where=None, alarm_id=alarm_id, alarm_version=1)
    there = town.send(number, town.unit("P-01"))
    coming = town.send(number, town.unit("P-02"))
    town.step(there, "onscene")
    town.clock.advance(60)
    close(town, number, "false_alarm", "猫")
    facts = town.incident(number).facts
    assert (facts.state, facts.closed_at, facts.close_note) == (
        "false_alarm",
        town.clock.now(),
        "猫",
    )
    assert town.assignment(there).cleared_at == town.clock.now()
    assert town.assignment(coming).recalled_at == town.clock.now()
    assert views.alarms(town.database, open_only=False)[0].state == "cleared"
    assert town.kinds(number)[-3:] == ["cleared", "recalled", "closed"]
    assert town.downlinks()[-2:] == [f"CLEAR #{number}", f"CLEAR #{number}"]
    with pytest.raises(WrongState, match="false_alarm, so it cannot be closed again"):
        close(town, number)
    with pytest.raises(WrongState, match="reopen it first"):
        edit(town, number, priority=1)
    assert views.incidents(town.database) == []
    assert [i.id for i in views.incidents(town.database, closed=True)] == [number]


def test_reopening_links_the_alarms_again(town: Any) -> None:
    camera = town.camera("C1")
    zone = town.zone(camera)
    alarm_id = town.raised(town.event(camera, zone)).alarm_id
    number = town.open(where=None, alarm_id=alarm_id, alarm_version=1)
    close(town, number)
    version = town.incident(number).version
    incidents.reopen(town.database, town.clock, "dora", number, version)
    facts = town.incident(number).facts
    assert (facts.state, facts.closed_at, facts.close_note) == ("open", None, None)
    assert views.alarms(town.database, open_only=False)[0].state == "linked"
    assert town.raised(town.event(camera, zone)).how == "linked"
    with pytest.raises(WrongState, match="only a closed incident can be reopened"):
        incidents.reopen(town.database, town.clock, "dora", number, version + 1)


def test_linking_an_alarm(town: Any) -> None:
    number = town.open()
    camera = town.camera("C1")
    alarm_id = town.raised(town.event(camera, town.zone(camera))).alarm_id
    link = incidents.link_alarm
    with pytest.raises(StaleVersion):
        link(town.database, town.clock, "dora", number, 9, alarm_id)
    with pytest.raises(NotFound):
        link(town.database, town.clock, "dora", number, 1, alarm_id, camera_ids=[])
    link(town.database, town.clock, "dora", number, 1, alarm_id)
    assert town.incident(number).version == 2
    assert [a.id for a in views.detail(town.database, number).alarms] == [alarm_id]
    assert views.detail(town.database, number, camera_ids=[]).alarms == []


def test_the_log_cannot_be_changed(town: Any) -> None:
    number = town.open()
    for statement in (
        "UPDATE log_entry SET actor = 'x'",
        "DELETE FROM log_entry",
        "TRUNCATE log_entry",
    ):
        with pytest.raises(Exception, match="append-only"):
            town.database.run(statement)
    assert verify(town.log(number)) is None


def test_a_log_tampered_with_is_shown(town: Any) -> None:
    number = town.open()
    with town.database.transaction() as cursor:
        cursor.execute("ALTER TABLE log_entry DISABLE TRIGGER log_entry_append_only")
        cursor.execute("UPDATE log_entry SET actor = 'somebody' WHERE seq = 1")
    assert views.detail(town.database, number).log_broken == (
        "entry 1 was changed after it was written"
    )


def test_lists_are_by_urgency(town: Any) -> None:
    low = town.open(priority=3)
    town.clock.advance(1)
    high = town.open(priority=1)
    town.clock.advance(1)
    newest = town.open(priority=3)
    assert [i.id for i in views.incidents(town.database)] == [high, newest, low]
    assert [i.id for i in views.incidents(town.database, closed=None)] == [newest, high, low]
