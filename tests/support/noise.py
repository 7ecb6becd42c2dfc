"""Events with what became of them, and tracks of people who walk: for tests of rates, proposals and replays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from analytics import track_store
from analytics.model import Box, Kind, TrackRecord
from command import alarms, incidents
from command.incidents import NewIncident
from command.model import DismissCode
from tests.support.town import Town

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def walk(
    x0: float, x1: float, seconds: float = 4.0, start: datetime = START, kind: Kind = "person"
) -> TrackRecord:
    """Someone walks from one side to another at the height 0.8."""
    n = round(seconds * 5) + 1
    boxes: tuple[Box, ...] = tuple(
        (x0 + (x1 - x0) * i / (n - 1) - 0.02, 0.6, 0.04, 0.2) for i in range(n)
    )
    return TrackRecord(
        uuid4(), 1, kind, 0.9, start, start + timedelta(seconds=seconds),
        tuple(200 * i for i in range(n)), boxes, None, (),
    )  # fmt: skip


def seen(
    town: Town,
    camera: int,
    zone: int,
    days_ago: int,
    foot: tuple[float, float],
    hour: int = 4,
    **track: float,
) -> int:
    """One event with its track; the track stays for ``stay_s`` where the event was."""
    at = town.clock.now().replace(hour=hour, minute=0) - timedelta(days=days_ago)
    event = town.event(camera, zone, at=at)
    uid = uuid4()
    box = (foot[0] - 0.01, foot[1] - 0.08, 0.02, 0.08)
    stay_s = track.get("stay_s", 2.0)
    times = tuple(range(0, int(stay_s * 1000) + 1, 200))
    town.database.run(
        "UPDATE event SET box = %s, track_uid = %s, value = %s WHERE id = %s",
        (list(box), str(uid), track.get("value"), event),
    )
    track_store.write(
        town.database,
        TrackRecord(
            uid, camera, "person", 0.9, at, at + timedelta(seconds=stay_s),
            times, (box,) * len(times), None, (),
        ),
    )  # fmt: skip
    return event


def dismissed(town: Town, event: int, code: DismissCode | None) -> None:
    raised = town.raised(event)
    alarms.dismiss(town.database, town.clock, "dora", raised.alarm_id, 1, "因", code=code)


def confirmed(town: Town, event: int, false: bool = False) -> None:
    raised = town.raised(event)
    number = incidents.open_incident(
        town.database, town.clock, "dora",
        NewIncident(type="intrusion", priority=2, alarm_id=raised.alarm_id, alarm_version=1),
    )  # fmt: skip
    incidents.close(
        town.database, town.clock, "dora", number, 1, "false_alarm" if false else "closed", ""
    )  # fmt: skip


def leafy(town: Town, camera: int, zone: int) -> None:
    """Six false alarms of a tree at the left, four true ones at the right that stay longer."""
    for i in range(6):
        dismissed(
            town,
            seen(town, camera, zone, i + 1, (0.2 + 0.01 * i, 0.8), hour=1 + i, stay_s=1.0),
            "tree",
        )
    for i in range(4):
        confirmed(town, seen(town, camera, zone, i + 1, (0.7, 0.8), hour=2 + 2 * i, stay_s=5.0))
