"""An incident's log: append-only, hash-linked, and enough to rebuild the incident from nothing else.

``hash = sha256(prev_hash || canonical JSON of the entry)``, hex; the first entry's ``prev_hash`` is 64 zeros.
A chain shows every change, gap and swap inside it. It cannot show that its newest entries were cut off: compare
the last hash with one noted elsewhere (an export, a printout) for that.

Every entry whose step changed the incident's state carries ``incident_state``, so that replaying needs none of
today's rules about how states follow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from command import steps
from command.model import Assignment, IncidentFacts, LogEntry
from gis.model import LonLat

GENESIS = "0" * 64


def canonical(entry: LogEntry) -> bytes:
    """The bytes that are hashed: UTF-8 JSON, keys sorted, no spaces, times in UTC with microseconds."""
    return json.dumps(
        {
            "incident_id": entry.incident_id,
            "seq": entry.seq,
            "kind": entry.kind,
            "actor": entry.actor,
            "t_event": _iso(entry.t_event),
            "t_recorded": _iso(entry.t_recorded),
            "body": entry.body,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def digest(prev_hash: str, entry: LogEntry) -> str:
    """The entry's hash behind ``prev_hash``."""
    return hashlib.sha256(prev_hash.encode() + canonical(entry)).hexdigest()


def chained(
    last: tuple[int, str] | None,
    incident_id: int,
    kind: str,
    actor: str,
    t_event: datetime,
    t_recorded: datetime,
    body: Mapping[str, Any],
) -> LogEntry:
    """The entry that follows ``last`` (seq, hash); None starts a log."""
    seq, prev_hash = last or (0, GENESIS)
    entry = LogEntry(
        0, incident_id, seq + 1, kind, actor, t_event, t_recorded, dict(body), prev_hash, ""
    )
    return replace(entry, hash=digest(prev_hash, entry))


def verify(entries: Sequence[LogEntry]) -> str | None:
    """None when one incident's entries, oldest first, are unbroken; else a sentence naming the first that is not."""
    prev_hash = GENESIS
    for number, entry in enumerate(entries, 1):
        if entry.seq != number:
            return f"entry {number} is missing: number {entry.seq} stands in its place"
        if entry.incident_id != entries[0].incident_id:
            return f"entry {number} belongs to incident #{entry.incident_id}"
        if entry.prev_hash != prev_hash:
            return f"entry {number} does not follow entry {number - 1}"
        if digest(prev_hash, entry) != entry.hash:
            return f"entry {number} was changed after it was written"
        prev_hash = entry.hash
    return None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a log alone tells: the incident, its assignments by id, and its alarms."""

    facts: IncidentFacts
    assignments: tuple[Assignment, ...]
    alarm_ids: frozenset[int]


def replay(entries: Sequence[LogEntry]) -> Replayed:
    """Rebuilds the incident from its entries, oldest first. Raises :class:`ValueError` when the first is no opening."""
    if not entries or entries[0].kind != "opened":
        raise ValueError("a log begins with the entry 'opened'")
    facts = _opened(entries[0])
    assignments: dict[int, Assignment] = {}
    alarms: set[int] = set()
    for entry in entries[1:]:
        body = entry.body
        if "incident_state" in body:
            facts = replace(facts, state=body["incident_state"])
        match entry.kind:
            case "alarm_linked":
                alarms.add(body["alarm_id"])
            case "edited":
                facts = _edited(facts, body["changes"])
            case "closed":
                facts = replace(facts, closed_at=entry.t_event, close_note=body["note"])
            case "reopened":
                facts = replace(facts, closed_at=None, close_note=None)
            case "dispatched":
                assignments[body["assignment_id"]] = _dispatched(entry)
            case "no_ack":
                told = assignments[body["assignment_id"]]
                assignments[told.id] = replace(told, no_ack_at=entry.t_event)
            case "undone":
                before = assignments[body["assignment_id"]]
                after = steps.undo(before, body["step"])
                assignments[before.id] = replace(after, version=before.version + 1)
            case "acknowledged" | "enroute" | "onscene" | "cleared" | "declined" | "recalled":
                before = assignments[body["assignment_id"]]
                assignments[before.id] = _stepped(before, entry)
    return Replayed(facts, tuple(assignments[i] for i in sorted(assignments)), frozenset(alarms))


def _opened(entry: LogEntry) -> IncidentFacts:
    body = entry.body
    return IncidentFacts(
        type=body["type"],
        title=body["title"],
        title_en=body["title_en"],
        priority=body["priority"],
        level=body["level"],
        state="open",
        where=LonLat(body["lon"], body["lat"]),
        place=body["place"],
        place_en=body["place_en"],
        opened_by=entry.actor,
        opened_at=entry.t_event,
    )


def _edited(facts: IncidentFacts, changes: Mapping[str, Mapping[str, Any]]) -> IncidentFacts:
    new = {name: change["to"] for name, change in changes.items()}
    if "lon" in new or "lat" in new:
        new["where"] = LonLat(new.pop("lon", facts.where.lon), new.pop("lat", facts.where.lat))
    return replace(facts, **new)


def _dispatched(entry: LogEntry) -> Assignment:
    body = entry.body
    return Assignment(
        id=body["assignment_id"],
        incident_id=entry.incident_id,
        unit_id=body["unit_id"],
        dispatched_by=entry.actor,
        dispatched_at=entry.t_event,
        eta_s=body["eta_s"],
        distance_m=body["distance_m"],
        note=body["note"],
    )


def _stepped(before: Assignment, entry: LogEntry) -> Assignment:
    version, at = before.version + 1, entry.t_event
    match entry.kind:
        case "acknowledged":
            return replace(before, acknowledged_at=at, version=version)
        case "enroute":
            return replace(before, enroute_at=at, version=version)
        case "onscene":
            return replace(before, onscene_at=at, version=version)
        case "cleared":
            return replace(before, cleared_at=at, version=version)
        case "declined":
            reason = entry.body["reason"]
            return replace(before, declined_at=at, decline_reason=reason, version=version)
        case _:
            return replace(before, recalled_at=at, version=version)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
