"""Sending units, and what their crews report back.

Locks are always taken in the order incident, unit, assignment, so that two people at once wait for each other
instead of blocking each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from command import incidents, states, steps, store, unit_store
from command.alarms import SYSTEM, Witness, unseen
from command.model import Assignment, Duty, Incident, Step, Tasking, Unit
from command.recommend import straight_eta_s
from command.text import clean
from gis.clock import Clock
from gis.db import Database
from gis.errors import Forbidden, InvalidInput, WrongState
from gis.ground import LocalFrame
from gis.model import LonLat

if TYPE_CHECKING:  # the command process dispatches nothing: it need not load the graph's libraries
    from gis.roads import LiveRoadGraph

NO_ACK_S = 60.0
"""A dispatch that nobody answers within this time is shown to the dispatcher."""


@dataclass(frozen=True, slots=True)
class Eta:
    """Time and way from a unit to a spot; ``by_road`` is False where no road leads there (straight line)."""

    eta_s: float
    distance_m: float
    by_road: bool


def etas(roads: LiveRoadGraph, scene: LonLat, units: list[Unit]) -> list[Eta | None]:
    """Each unit's ETA to ``scene`` from its last position, else its station; None where neither is known."""
    origins = [(index, origin(unit)) for index, unit in enumerate(units)]
    known = [(index, place) for index, place in origins if place is not None]
    by_road = roads.current().eta_to(scene, [place for _, place in known]) if known else []
    found: list[Eta | None] = [None] * len(units)
    frame = LocalFrame(scene)
    for (index, place), road in zip(known, by_road, strict=True):
        if road is not None:
            found[index] = Eta(road.eta_s, road.distance_m, True)
        else:
            east, north = frame.to_enu(place.lon, place.lat)
            distance_m = float((east**2 + north**2) ** 0.5)
            found[index] = Eta(straight_eta_s(distance_m), distance_m, False)
    return found


def origin(unit: Unit) -> LonLat | None:
    """Where a unit starts from: its last position, else its station."""
    return unit.position.place if unit.position is not None else unit.station


def dispatch(
    database: Database,
    clock: Clock,
    roads: LiveRoadGraph,
    actor: str,
    incident_id: int,
    unit_id: int,
    expected_version: int,
    note: str | None = None,
    witness: Witness = unseen,
) -> int:
    """Sends a unit to an incident; returns the assignment's id.

    The incident's version rises, so of two dispatchers who decide on the same picture one is asked to look again.
    Raises :class:`StaleVersion`, :class:`WrongState` for a unit that is taken or off duty and for a closed incident,
    :class:`NotFound`.
    """
    note = clean(note, "note") or None if note is not None else None
    with database.transaction() as cursor:
        scene = store.incident(cursor, incident_id).facts.where
        sent = unit_store.unit(cursor, unit_id)
    eta = etas(roads, scene, [sent])[0]
    with database.transaction() as cursor:
        incident = store.lock_incident(cursor, incident_id)
        unit = unit_store.lock_unit(cursor, unit_id)
        store.check_version(incident, expected_version, {"unit_id": unit_id})
        states.must_be_open(
            incident_id, incident.facts.state, "a unit cannot be sent to it; reopen it first"
        )
        states.must_be_free(unit.code, unit.duty, unit.open)
        now = clock.now()
        # Rounded to what a float4 column keeps exactly, so that the log and the row say the same.
        eta_s = round(eta.eta_s, 1) if eta else None
        distance_m = float(round(eta.distance_m)) if eta else None
        assignment_id = unit_store.insert_assignment(
            cursor, incident_id, unit_id, actor, now, eta_s, distance_m, note
        )
        assignments = [t.assignment for t in unit_store.taskings(cursor, incident_id)]
        state = states.incident_after_dispatch(incident_id, incident.facts.state, assignments)
        store.update_incident(cursor, incident_id, replace(incident.facts, state=state), now)
        body = {
            "assignment_id": assignment_id,
            "unit_id": unit_id,
            "unit_code": unit.code,
            "eta_s": eta_s,
            "distance_m": distance_m,
            "note": note,
            "incident_state": state,
        }
        store.append(cursor, incident_id, "dispatched", actor, now, body)
        unit_store.insert_downlink(cursor, unit_id, order_text(incident), now)
        unit_store.touch_unit(cursor, unit_id)
        witness(cursor, assignment_id)
        return assignment_id


def order_text(incident: Incident) -> str:
    """What the terminal shows: ``DISPATCH #1042 lon=120.981234 lat=31.385678 人民路``."""
    where = incident.facts.where
    place = incident.facts.place or incident.facts.title
    return f"DISPATCH #{incident.id} lon={where.lon:.6f} lat={where.lat:.6f} {place}"


def advance(
    database: Database,
    clock: Clock,
    actor: str,
    assignment_id: int,
    step: Step,
    t_event: datetime,
    expected_version: int,
    key: str,
    reason: str | None = None,
    only_unit_id: int | None = None,
    witness: Witness = unseen,
) -> Tasking:
    """A crew's next step, done once for each ``key`` however often it is sent.

    A repeat gets the answer of the first time. ``only_unit_id`` is the unit of a responder, who moves no other.
    Raises :class:`StaleVersion`, :class:`WrongState`, :class:`InvalidInput`, :class:`Forbidden`, :class:`NotFound`.
    """
    if not 8 <= len(clean(key, "Idempotency-Key")) <= 100:
        raise InvalidInput("Idempotency-Key needs 8 to 100 characters", "Idempotency-Key")
    if t_event.tzinfo is None:
        raise InvalidInput("t_event has no time zone: send it with one", "t_event")
    reason = clean(reason, "reason") or None if reason is not None else None
    request = {
        "assignment_id": assignment_id,
        "step": step,
        "t_event": t_event.isoformat(),
        "expected_version": expected_version,
        "reason": reason,
    }
    request_hash = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    with database.transaction() as cursor:
        kept = unit_store.kept_answer(cursor, key, actor, request_hash)
        if kept is not None:
            return replace(unit_store.tasking(cursor, assignment_id), assignment=kept)
        incident, tasking = _locked(cursor, assignment_id, only_unit_id)
        before = tasking.assignment
        unit_store.check_version(before, expected_version, {"step": step})
        now = clock.now()
        after = steps.advance(before, step, t_event, now, reason, tasking.unit_code)
        unit_store.update_assignment(cursor, after)
        at = _time_of(after, step)
        more: dict[str, Any] = {"t_sent": request["t_event"]} if at != t_event else {}
        if step == "decline":
            more["reason"] = after.decline_reason
        _told(cursor, incident, tasking, steps.kind_of_step(step), actor, now, more, at)
        if not steps.is_open(after):
            incidents.say_clear(cursor, after, now)
        witness(cursor, assignment_id)
        answer = unit_store.tasking(cursor, assignment_id)
        unit_store.keep_answer(cursor, key, actor, request_hash, answer.assignment, now)
        return answer


def undo(
    database: Database,
    clock: Clock,
    actor: str,
    assignment_id: int,
    expected_version: int,
    only_unit_id: int | None = None,
    witness: Witness = unseen,
) -> Tasking:
    """Takes a crew's last step back, within :data:`steps.UNDO_S` of hearing of it.

    Raises :class:`WrongState` when it is too late, when the incident is closed, and when the unit is elsewhere by now.
    """
    with database.transaction() as cursor:
        incident, tasking = _locked(cursor, assignment_id, only_unit_id)
        before = tasking.assignment
        unit_store.check_version(before, expected_version, {"undo": True})
        states.must_be_open(incident.id, incident.facts.state, "its units' steps stand")
        now = clock.now()
        last = steps.last_step(store.log_of_assignment(cursor, incident.id, assignment_id))
        if last is None:
            raise WrongState(
                f"assignment {assignment_id} of {tasking.unit_code} has no step to undo"
            )
        step, recorded_at = last
        age_s = (now - recorded_at).total_seconds()
        if age_s > steps.UNDO_S:
            raise WrongState(
                f"{steps.kind_of_step(step)} was reported {age_s:.0f} s ago: "
                f"a step can be undone for {steps.UNDO_S:.0f} s"
            )
        after = steps.undo(before, step)
        reopened = steps.is_open(after) and not steps.is_open(before)
        if reopened:
            unit = unit_store.lock_unit(cursor, before.unit_id)
            states.must_be_free(unit.code, "available", unit.open)
        unit_store.update_assignment(cursor, after)
        _told(cursor, incident, tasking, "undone", actor, now, {"step": step}, now)
        if reopened:
            unit_store.insert_downlink(cursor, before.unit_id, order_text(incident), now)
        witness(cursor, assignment_id)
        return unit_store.tasking(cursor, assignment_id)


def recall(
    database: Database,
    clock: Clock,
    actor: str,
    assignment_id: int,
    expected_version: int,
    witness: Witness = unseen,
) -> Tasking:
    """The dispatcher takes a unit off an incident. Raises :class:`StaleVersion` and :class:`WrongState`."""
    with database.transaction() as cursor:
        incident, tasking = _locked(cursor, assignment_id, None)
        unit_store.check_version(tasking.assignment, expected_version, {"recall": True})
        now = clock.now()
        after = steps.recall(tasking.assignment, now)
        unit_store.update_assignment(cursor, after)
        _told(cursor, incident, tasking, "recalled", actor, now, {}, after.recalled_at or now)
        incidents.say_clear(cursor, after, now)
        witness(cursor, assignment_id)
        return unit_store.tasking(cursor, assignment_id)


def set_duty(
    database: Database,
    unit_id: int,
    expected_version: int,
    duty: Duty,
    witness: Witness = unseen,
) -> Unit:
    """A unit's duty. Raises :class:`StaleVersion`, and :class:`WrongState` for going off duty while sent out."""
    with database.transaction() as cursor:
        unit = unit_store.lock_unit(cursor, unit_id)
        unit_store.check_unit_version(unit, expected_version, {"duty": duty})
        if duty == "off" and unit.open is not None:
            raise WrongState(
                f"{unit.code} is {steps.assignment_state(unit.open)} for incident #{unit.open.incident_id}: "
                "clear it or recall it before going off duty"
            )
        unit_store.set_duty(cursor, unit_id, duty)
        witness(cursor, unit_id)
        return unit_store.unit(cursor, unit_id)


def mark_unanswered(database: Database, clock: Clock) -> list[int]:
    """Tells the dispatcher of every dispatch that nobody answered in time; returns the assignments' ids."""
    with database.transaction() as cursor:
        before = clock.now() - timedelta(seconds=NO_ACK_S)
        late = unit_store.unanswered(cursor, before)
    told: list[int] = []
    for assignment_id, _ in late:
        with database.transaction() as cursor:
            incident, tasking = _locked(cursor, assignment_id, None)
            assignment = tasking.assignment
            if steps.assignment_state(assignment) != "dispatched" or assignment.no_ack_at:
                continue  # answered while we waited for the lock
            now = clock.now()
            unit_store.set_no_ack(cursor, assignment_id, now)
            body = _who(tasking)
            store.append(cursor, incident.id, "no_ack", SYSTEM, now, body)
            unit_store.touch_unit(cursor, assignment.unit_id)
            told.append(assignment_id)
    return told


def _locked(cursor: Any, assignment_id: int, only_unit_id: int | None) -> tuple[Incident, Tasking]:
    """The assignment and its incident, under the incident's lock."""
    first = unit_store.tasking(cursor, assignment_id)
    if only_unit_id is not None and first.assignment.unit_id != only_unit_id:
        raise Forbidden(
            f"assignment {assignment_id} is of {first.unit_code}, which is not your unit"
        )
    incident = store.lock_incident(cursor, first.assignment.incident_id)
    return incident, unit_store.tasking(cursor, assignment_id)


def _told(
    cursor: Any,
    incident: Incident,
    tasking: Tasking,
    kind: str,
    actor: str,
    now: datetime,
    more: Mapping[str, Any],
    at: datetime,
) -> None:
    """Writes the log entry of a step that is stored already, moves the incident on, tells the unit's screens."""
    assignments = [t.assignment for t in unit_store.taskings(cursor, incident.id)]
    state = states.incident_after_step(incident.facts.state, assignments)
    body: dict[str, Any] = {**_who(tasking), **more}
    if state != incident.facts.state:
        store.update_incident(cursor, incident.id, replace(incident.facts, state=state), now)
        body["incident_state"] = state
    store.append(cursor, incident.id, kind, actor, now, body, at)
    unit_store.touch_unit(cursor, tasking.assignment.unit_id)


def _who(tasking: Tasking) -> dict[str, Any]:
    return {
        "assignment_id": tasking.assignment.id,
        "unit_id": tasking.assignment.unit_id,
        "unit_code": tasking.unit_code,
    }


def _time_of(assignment: Assignment, step: Step) -> datetime:
    at = steps.time_of(assignment, steps.kind_of_step(step))
    assert at is not None  # the step has just set it
    return at
