"""Opening, editing, closing incidents. Each action is one transaction that holds the incident's row lock.

Closing ends what is still open: a unit on scene is cleared, a unit on its way is recalled, and both are told by
their terminals. (Refusing to close while units are out would make an officer end each of them by hand in the last
minute of a call; the version check already makes sure that the officer saw them.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from command import alarm_store, alarms, evidence, states, steps, store, unit_store
from command.alarms import Witness, unseen
from command.model import Assignment, Incident, IncidentFacts, IncidentType, Outcome, Words
from command.text import clean, clean_required
from command.titles import incident_title
from gis.clock import Clock
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.model import LonLat
from gis.said import say


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What an officer opens: at a spot, or from an alarm with the version that was looked at, or both."""

    type: IncidentType
    priority: int
    title: str | None = None
    level: int | None = None
    where: LonLat | None = None
    alarm_id: int | None = None
    alarm_version: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What an officer changes; None leaves a field as it is. ``clear_level`` takes the level away."""

    type: IncidentType | None = None
    title: str | None = None
    priority: int | None = None
    level: int | None = None
    clear_level: bool = False
    mark: Literal["controlled", "clearing"] | None = None
    where: LonLat | None = None


def open_incident(
    database: Database,
    clock: Clock,
    actor: str,
    new: NewIncident,
    camera_ids: Sequence[int] | None = None,
    witness: Witness = unseen,
) -> int:
    """Opens an incident and holds its recordings; returns its number.

    Raises :class:`InvalidInput` without a place, :class:`NotFound`, :class:`StaleVersion` or :class:`WrongState`
    for the alarm.
    """
    where, place, title = new.where, None, None
    if new.alarm_id is not None:
        if new.alarm_version is None:
            raise InvalidInput("send the alarm's version with its id", "alarm_version")
        with database.transaction() as cursor:
            found = alarm_store.alarms(cursor, [new.alarm_id], camera_ids=camera_ids)
        if not found:
            raise NotFound(say("no_alarm", "there is no alarm {id}", id=new.alarm_id))
        title = Words(found[0].title, found[0].title_en)
        if where is None:
            where, place = found[0].where, _words(found[0].place, found[0].place_en)
    if where is None:
        raise InvalidInput("give the incident's place: lon and lat", "lon")
    place = place or alarms.near(database, where)
    title = title or incident_title(new.type, place)
    now = clock.now()
    facts = IncidentFacts(
        type=new.type,
        title=clean_required(new.title, "title") if new.title is not None else title.zh,
        title_en=None if new.title is not None else title.en,
        priority=new.priority,
        level=new.level,
        state="open",
        where=where,
        place=place.zh if place else None,
        place_en=place.en if place else None,
        opened_by=actor,
        opened_at=now,
    )
    with database.transaction() as cursor:
        incident_id = store.insert_incident(cursor, facts)
        store.append(cursor, incident_id, "opened", actor, now, _opening(facts))
        if new.alarm_id is not None and new.alarm_version is not None:
            _link(cursor, incident_id, new.alarm_id, new.alarm_version, camera_ids, actor, now)
        witness(cursor, incident_id)
    evidence.keep_soon(database, clock, incident_id, actor)
    return incident_id


def edit(
    database: Database,
    clock: Clock,
    actor: str,
    incident_id: int,
    expected_version: int,
    wanted: Edit,
    witness: Witness = unseen,
) -> None:
    """Changes an incident's facts or marks how far it is; nothing is written where nothing changes."""
    place = alarms.near(database, wanted.where) if wanted.where is not None else None
    with database.transaction() as cursor:
        incident = store.lock_incident(cursor, incident_id)
        store.check_version(incident, expected_version, _sent(wanted))
        states.must_be_open(
            incident_id, incident.facts.state, "it cannot be changed; reopen it first"
        )
        facts = _edited(incident, wanted, place)
        old, new = store.as_body(incident.facts), store.as_body(facts)
        changes = {
            name: {"from": old[name], "to": new[name]} for name in new if old[name] != new[name]
        }
        if not changes:
            return
        now = clock.now()
        store.update_incident(cursor, incident_id, facts, now)
        store.append(cursor, incident_id, "edited", actor, now, {"changes": changes})
        witness(cursor, incident_id)
    if wanted.where is not None:
        evidence.keep_soon(database, clock, incident_id, actor)


def note(
    database: Database,
    clock: Clock,
    actor: str,
    incident_id: int,
    text: str,
    witness: Witness = unseen,
) -> None:
    """Adds a remark to the log, also after closing."""
    text = clean_required(text, "text")
    with database.transaction() as cursor:
        store.lock_incident(cursor, incident_id)
        store.append(cursor, incident_id, "note", actor, clock.now(), {"text": text})
        witness(cursor, incident_id)


def link_alarm(
    database: Database,
    clock: Clock,
    actor: str,
    incident_id: int,
    expected_version: int,
    alarm_id: int,
    camera_ids: Sequence[int] | None = None,
    witness: Witness = unseen,
) -> None:
    """An alarm belongs to this incident; the recordings of its camera are held too."""
    with database.transaction() as cursor:
        incident = store.lock_incident(cursor, incident_id)
        store.check_version(incident, expected_version, {"alarm_id": alarm_id})
        states.must_be_open(
            incident_id, incident.facts.state, "no alarm can be linked; reopen it first"
        )
        now = clock.now()
        _link(cursor, incident_id, alarm_id, None, camera_ids, actor, now)
        store.update_incident(cursor, incident_id, incident.facts, now)
        witness(cursor, incident_id)
    evidence.keep_soon(database, clock, incident_id, actor)


def close(
    database: Database,
    clock: Clock,
    actor: str,
    incident_id: int,
    expected_version: int,
    outcome: Outcome,
    text: str,
    witness: Witness = unseen,
) -> None:
    """Closes an incident, ends what units still do for it, and clears its alarms."""
    text = clean(text, "note")
    with database.transaction() as cursor:
        incident = store.lock_incident(cursor, incident_id)
        store.check_version(incident, expected_version, {"outcome": outcome, "note": text})
        state = states.incident_closed(incident_id, incident.facts.state, outcome)
        now = clock.now()
        for tasking in unit_store.taskings(cursor, incident_id):
            if steps.is_open(tasking.assignment):
                ended = steps.end_with_incident(tasking.assignment, now)
                write_step(cursor, ended, tasking.unit_code, actor, now, {"auto": True})
                say_clear(cursor, ended, now)
        alarm_store.follow_incident(cursor, incident_id, "linked", "cleared")
        facts = replace(incident.facts, state=state, closed_at=now, close_note=text)
        store.update_incident(cursor, incident_id, facts, now)
        body = {"outcome": outcome, "note": text, "incident_state": state}
        store.append(cursor, incident_id, "closed", actor, now, body)
        witness(cursor, incident_id)
    evidence.keep_soon(database, clock, incident_id, actor)


def reopen(
    database: Database,
    clock: Clock,
    actor: str,
    incident_id: int,
    expected_version: int,
    witness: Witness = unseen,
) -> None:
    """Opens a closed incident again: its alarms are linked again, its recordings held on, its units stay ended."""
    with database.transaction() as cursor:
        incident = store.lock_incident(cursor, incident_id)
        store.check_version(incident, expected_version, {})
        state = states.incident_reopened(incident_id, incident.facts.state)
        now = clock.now()
        facts = replace(incident.facts, state=state, closed_at=None, close_note=None)
        store.update_incident(cursor, incident_id, facts, now)
        alarm_store.follow_incident(cursor, incident_id, "cleared", "linked")
        store.append(cursor, incident_id, "reopened", actor, now, {"incident_state": state})
        witness(cursor, incident_id)
    evidence.keep_soon(database, clock, incident_id, actor)


# --- shared with dispatch ---------------------------------------------------------------------------------------


def write_step(
    cursor: Any,
    after: Assignment,
    unit_code: str,
    actor: str,
    now: datetime,
    more: Mapping[str, Any],
) -> None:
    """Stores an assignment whose latest step is an end made now, with its log entry and its unit's notice."""
    unit_store.update_assignment(cursor, after)
    body = {
        "assignment_id": after.id,
        "unit_id": after.unit_id,
        "unit_code": unit_code,
        "reason": after.decline_reason,
        **more,
    }
    kind = steps.assignment_state(after)
    store.append(cursor, after.incident_id, kind, actor, now, body, steps.ended_at(after))
    unit_store.touch_unit(cursor, after.unit_id)


def say_clear(cursor: Any, assignment: Assignment, now: datetime) -> None:
    """Tells the unit's terminal that it is free of this incident."""
    unit_store.insert_downlink(cursor, assignment.unit_id, f"CLEAR #{assignment.incident_id}", now)


def _link(
    cursor: Any,
    incident_id: int,
    alarm_id: int,
    alarm_version: int | None,
    camera_ids: Sequence[int] | None,
    actor: str,
    now: datetime,
) -> None:
    alarm = alarm_store.lock(cursor, alarm_id, camera_ids)
    if alarm_version is not None:
        alarms.check_version(alarm, alarm_version)
    linked = alarms.link(cursor, alarm, incident_id, actor, now)
    store.append(cursor, incident_id, "alarm_linked", actor, now, alarms.log_body(linked, False))


def _opening(facts: IncidentFacts) -> dict[str, Any]:
    names = ("type", "title", "title_en", "priority", "level", "lon", "lat", "place", "place_en")
    body = store.as_body(facts)
    return {name: body[name] for name in names}


def _edited(incident: Incident, wanted: Edit, place: Words | None) -> IncidentFacts:
    facts = incident.facts
    if wanted.type is not None:
        facts = replace(facts, type=wanted.type)
    if wanted.title is not None:
        facts = replace(facts, title=clean_required(wanted.title, "title"), title_en=None)
    if wanted.priority is not None:
        facts = replace(facts, priority=wanted.priority)
    if wanted.level is not None or wanted.clear_level:
        facts = replace(facts, level=wanted.level)
    if wanted.mark is not None:
        mark = states.incident_marked(incident.id, facts.state, wanted.mark)
        facts = replace(facts, state=mark)
    if wanted.where is not None:
        facts = replace(
            facts,
            where=wanted.where,
            place=place.zh if place else None,
            place_en=place.en if place else None,
        )
    return facts


def _sent(wanted: Edit) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "type": wanted.type,
        "title": wanted.title,
        "priority": wanted.priority,
        "level": wanted.level,
        "state": wanted.mark,
    }
    kept = {name: value for name, value in sent.items() if value is not None}
    if wanted.clear_level:
        kept["level"] = None
    if wanted.where is not None:
        kept |= {"lon": wanted.where.lon, "lat": wanted.where.lat}
    return kept


def _words(zh: str | None, en: str | None) -> Words | None:
    return None if zh is None else Words(zh, en or zh)
