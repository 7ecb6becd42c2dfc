"""What stands in an ignored area is out of the rule's sight."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from analytics import rules
from analytics.model import Firing, Scene, Track
from tests.support.zones import zone as a_zone

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CORNER = ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))


def at(x: float, y: float) -> Scene:
    box = (x - 0.02, y - 0.2, 0.04, 0.2)
    track = Track(uuid4(), 1, "person", 0.9, AT, AT, box, (x, y), False)
    return Scene(AT, (track,))


def fired(x: float, y: float) -> list[Firing]:
    zone = a_zone(points=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), ignored=(CORNER,))
    return rules.make(zone).update(at(x, y))


def test_a_foot_in_the_ignored_area_fires_nothing() -> None:
    assert fired(0.25, 0.75) == []


def test_the_rest_of_the_zone_goes_on() -> None:
    assert len(fired(0.75, 0.75)) == 1
    assert len(fired(0.25, 0.3)) == 1
