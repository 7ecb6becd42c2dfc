"""Events become alarms; officers decide about them.

Repeats of one cause (a zone; a device and what it says) fold into one open alarm with a count. While an incident
of the same cause is open, was last seen within :data:`NEAR_S` and lies within :data:`NEAR_M`, a repeat joins the
alarm that is linked to it, with a line in its log when the cause had been quiet for :data:`QUIET_S`. An acknowledged
alarm whose cause was quiet for :data:`NEAR_S` is raised again: it was seen then, not now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from command import alarm_store, states, store
from command.model import Alarm, AlarmState, Cause, DismissCode, Words
from command.text import clean_required
from command.titles import alarm_title
from gis import gazetteer
from gis.clock import Clock
from gis.db import Database
from gis.errors import StaleVersion, WrongState
from gis.model import LonLat
from gis.said import say

NEAR_M = 100.0
NEAR_S = 30 * 60.0
QUIET_S = 60.0
BACK_S = 5.0
"""A camera that sends for so long again is no longer lost."""
SYSTEM = "system"
"""The actor of what the program does by itself."""

Witness = Callable[[Any, int], None]
"""Called with the cursor and the id of what changed, in the transaction of the change: the audit log's entry."""


def unseen(cursor: Any, changed_id: int) -> None:
    """The witness of changes that the program makes by itself."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of an event."""

    alarm_id: int
    how: Literal["raised", "repeated", "linked"]
    incident_id: int | None


def event_causes(cursor: Any, ids: Sequence[int]) -> list[Cause]:
    """What the events with these ids say, oldest first."""
    return [_event_cause(row) for row in alarm_store.event_rows(cursor, ids)]


def device_event_causes(cursor: Any, ids: Sequence[int]) -> list[Cause]:
    """What the device events with these ids say, oldest first. A panic button is always P1."""
    return [_device_cause(row) for row in alarm_store.device_event_rows(cursor, ids)]


def system_event_causes(cursor: Any, ids: Sequence[int]) -> list[Cause]:
    """What the system's own events with these ids say, oldest first."""
    return [_system_cause(row) for row in alarm_store.system_event_rows(cursor, ids)]


def handle(database: Database, clock: Clock, cause: Cause) -> Raised | None:
    """Raises, repeats or links the alarm of one event; None when an alarm stands for the event already."""
    place = cause.place
    if place is None and cause.where is not None:
        place = near(database, cause.where)
    title = alarm_title(cause, place)
    with database.transaction() as cursor:
        alarm_store.lock_cause(cursor, cause)
        if alarm_store.taken(cursor, cause):
            return None
        alarm_id = alarm_store.open_alarm_of_cause(cursor, cause)
        if alarm_id is not None:
            before = alarm_store.lock(cursor, alarm_id)
            quiet_s = (cause.at - before.last_at).total_seconds()
            if before.state == "acked" and quiet_s >= NEAR_S:
                # Somebody saw it then; nobody has seen this.
                alarm_store.set_state(cursor, alarm_id, "raised", SYSTEM, clock.now())
            alarm_store.repeat(cursor, alarm_id, cause, place, title)
            return Raised(alarm_id, "repeated", None)
        joined = _join(cursor, clock.now(), cause, place, title)
        if joined is not None:
            return joined
        return Raised(alarm_store.insert(cursor, cause, place, title), "raised", None)


def _join(
    cursor: Any, now: datetime, cause: Cause, place: Words | None, title: Words
) -> Raised | None:
    within = timedelta(seconds=NEAR_S)
    found = alarm_store.incident_of_cause(cursor, cause, NEAR_M, within)
    if found is None:
        return None
    incident_id, alarm_id = found
    # Locks go incident first, then alarm, as everywhere; either may have been closed while we waited.
    incident = store.lock_incident(cursor, incident_id)
    before = alarm_store.lock(cursor, alarm_id)
    if incident.facts.state in states.CLOSED or before.state != "linked":
        return None
    alarm_store.repeat(cursor, alarm_id, cause, place, title)
    if (cause.at - before.last_at).total_seconds() >= QUIET_S:
        body = {"alarm_id": alarm_id, "auto": True, "count": before.count + 1, **_spoken(title)}
        store.append(cursor, incident_id, "alarm_linked", SYSTEM, now, body, cause.at)
    return Raised(alarm_id, "linked", incident_id)


def near(database: Database, spot: LonLat) -> Words | None:
    """The nearest named place in both languages; None where the map has none."""
    named = gazetteer.nearest(database, spot)
    return None if named is None else Words(named.zh, named.en)


def _spoken(title: Words) -> dict[str, str]:
    return {"title": title.zh, "title_en": title.en}


def log_body(alarm: Alarm, auto: bool) -> dict[str, Any]:
    """The log's facts of a linked alarm."""
    return {
        "alarm_id": alarm.id,
        "auto": auto,
        "count": alarm.count,
        "title": alarm.title,
        "title_en": alarm.title_en,
    }


# --- what officers decide ---------------------------------------------------------------------------------------


def ack(
    database: Database,
    clock: Clock,
    actor: str,
    alarm_id: int,
    expected_version: int,
    camera_ids: Sequence[int] | None = None,
    witness: Witness = unseen,
) -> Alarm:
    """Somebody looks at it. Raises :class:`WrongState`, :class:`StaleVersion`, :class:`NotFound`."""
    change = _Change("ack", expected_version)
    return _decide(database, clock, actor, alarm_id, change, camera_ids, witness)


def shelve(
    database: Database,
    clock: Clock,
    actor: str,
    alarm_id: int,
    expected_version: int,
    minutes: int,
    camera_ids: Sequence[int] | None = None,
    witness: Witness = unseen,
) -> Alarm:
    """Sets it aside for ``minutes``; repeats are counted, and it comes back by itself."""
    until = clock.now() + timedelta(minutes=minutes)
    change = _Change("shelve", expected_version, until=until)
    return _decide(database, clock, actor, alarm_id, change, camera_ids, witness)


def dismiss(
    database: Database,
    clock: Clock,
    actor: str,
    alarm_id: int,
    expected_version: int,
    reason: str,
    camera_ids: Sequence[int] | None = None,
    witness: Witness = unseen,
    code: DismissCode | None = None,
) -> Alarm:
    """It was nothing, for this reason; the next event of the cause raises a new alarm.

    ``code`` is the reason from the short list: what feeds the rule's false-alarm rate.
    """
    change = _Change(
        "dismiss", expected_version, reason=clean_required(reason, "reason"), code=code
    )
    return _decide(database, clock, actor, alarm_id, change, camera_ids, witness)


@dataclass(frozen=True, slots=True)
class _Change:
    step: states.AlarmStep
    expected_version: int
    reason: str | None = None
    until: datetime | None = None
    code: DismissCode | None = None


def _decide(
    database: Database,
    clock: Clock,
    actor: str,
    alarm_id: int,
    change: _Change,
    camera_ids: Sequence[int] | None,
    witness: Witness,
) -> Alarm:
    with database.transaction() as cursor:
        alarm = alarm_store.lock(cursor, alarm_id, camera_ids)
        check_version(alarm, change.expected_version)
        after = states.alarm_after(alarm.id, alarm.state, change.step)
        now = clock.now()
        alarm_store.set_state(
            cursor, alarm_id, after, actor, now, change.reason, change.until, code=change.code
        )
        witness(cursor, alarm_id)
        return alarm_store.alarms(cursor, [alarm_id])[0]


def check_version(alarm: Alarm, expected: int) -> None:
    """Raises :class:`StaleVersion` with both values when somebody decided about the alarm first."""
    if alarm.version != expected:
        who = f" by {alarm.handled_by}" if alarm.handled_by else ""
        raise StaleVersion(
            f"alarm {alarm.id} is {alarm.state}{who} and at version {alarm.version}, this change was made on "
            f"version {expected}: look at it again",
            {
                "id": alarm.id,
                "version": alarm.version,
                "state": alarm.state,
                "handled_by": alarm.handled_by,
                "incident_id": alarm.incident_id,
            },
            {"expected_version": expected},
        )


def link(cursor: Any, alarm: Alarm, incident_id: int, actor: str, now: datetime) -> Alarm:
    """Links a locked alarm to a locked incident. Raises :class:`WrongState`."""
    if alarm.state == "linked" and alarm.incident_id is not None:
        raise WrongState(
            say(
                "alarm_linked",
                "alarm {id} belongs to incident #{incident} already",
                id=alarm.id,
                incident=alarm.incident_id,
            )
        )
    after: AlarmState = states.alarm_after(alarm.id, alarm.state, "link")
    alarm_store.set_state(cursor, alarm.id, after, actor, now, incident_id=incident_id)
    return replace(alarm, state=after, incident_id=incident_id)


def unshelve_due(database: Database, now: datetime) -> list[int]:
    """Brings back every alarm whose shelving has ended; returns their ids."""
    with database.transaction() as cursor:
        due = alarm_store.shelved_due(cursor, now)
        for alarm_id in due:
            alarm_store.set_state(cursor, alarm_id, "raised", SYSTEM, now)
        return due


def clear_back(database: Database, now: datetime) -> list[int]:
    """Clears the alarms of lost cameras that have been back for :data:`BACK_S`, and of those whose picture has been well
    again for so long; returns their ids."""
    since = now - timedelta(seconds=BACK_S)
    with database.transaction() as cursor:
        back = alarm_store.cameras_back(cursor, since) + alarm_store.cameras_well(cursor, since)
        for alarm_id in back:
            alarm_store.set_state(cursor, alarm_id, "cleared", SYSTEM, now)
        return back


# --- rows to causes ---------------------------------------------------------------------------------------------


def _event_cause(row: Any) -> Cause:
    camera = Words(row.camera, row.camera_en or row.camera)
    subject = Words(row.zone, row.zone_en or row.zone) if row.zone else camera
    key = f"zone:{row.zone_id}" if row.zone_id is not None else f"camera:{row.camera_id}:{row.rule}"
    return Cause(
        key=key,
        kind=row.rule,
        event_id=row.id,
        device_event_id=None,
        camera_id=row.camera_id,
        device_id=None,
        at=row.at,
        priority=row.priority,
        where=LonLat(row.lon, row.lat),
        place=Words(row.place, row.place_en or row.place) if row.place else None,
        subject=subject,
        thing=row.kind,
    )


def _device_cause(row: Any) -> Cause:
    sos = row.kind == "sos"
    name, name_en = row.name, row.name_en or row.plate or row.name
    if row.unit_code is not None:
        name = f"{row.unit_code} {row.unit_name}"
        name_en = f"{row.unit_code} {row.unit_name_en or row.unit_name}"
    elif row.plate and row.plate != row.name:
        name = f"{row.name} {row.plate}"
    key = (
        f"device:{row.device_id}:sos" if sos else f"device:{row.device_id}:threshold:{row.quantity}"
    )
    return Cause(
        key=key,
        kind=row.kind,
        event_id=None,
        device_event_id=row.id,
        camera_id=None,
        device_id=row.device_id,
        at=row.at,
        priority=1 if sos else row.priority,
        where=None if row.lon is None else LonLat(row.lon, row.lat),
        place=None,
        subject=Words(name, name_en),
        thing=row.quantity or "",
        value=row.value,
        limit_value=row.limit_value,
        unit=row.unit or "",
    )


def _system_cause(row: Any) -> Cause:
    name = row.name or row.subject
    return Cause(
        key=row.cause,
        kind=row.kind,
        event_id=None,
        device_event_id=None,
        system_event_id=row.id,
        camera_id=row.camera_id,
        device_id=None,
        at=row.at,
        priority=row.priority,
        where=None if row.lon is None else LonLat(row.lon, row.lat),
        place=None,
        subject=Words(name, row.name_en or name),
        thing="",
        value=row.value,
        limit_value=row.limit_value,
    )
