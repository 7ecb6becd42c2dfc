"""What the demo's cameras are told to watch for besides the yard and the embankment: one of each kind that suits a place.

Thresholds lie where an ordinary day of the demo raises next to nothing: a city's queue is for what matters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shapely.geometry import Polygon

from analytics.model import RuleName
from demo.city_model import DemoCamera, DemoZone, Point, Ring
from demo.city_seen import seen_points, seen_polygon
from gis.ground import LocalFrame

NIGHTS = tuple((day * 1440 + 22 * 60, day * 1440 + 30 * 60) for day in range(7))
"""22:00 to 06:00, every night of the week."""
SIDEWALK_M = 2.5
MIDDLE_M = 0.6
"""So far from the middle line one that comes the other way is not taken for one that goes this way."""


@dataclass(frozen=True, slots=True)
class Kerb:
    """The street under a camera that looks along it: where its middle line starts, its direction, and its width."""

    start: Point
    along: Point
    width_m: float

    def at(self, ahead_m: float, right_m: float) -> Point:
        """A spot on the street."""
        (x, y), (dx, dy) = self.start, self.along
        return x + dx * ahead_m + dy * right_m, y + dy * ahead_m - dx * right_m

    def near_half(self, from_m: float, to_m: float) -> Ring:
        """The carriageway on the camera's side: traffic drives away from it there."""
        edge_m = self.width_m / 2 - SIDEWALK_M
        return (
            self.at(from_m, MIDDLE_M), self.at(to_m, MIDDLE_M), self.at(to_m, edge_m), self.at(from_m, edge_m)
        )  # fmt: skip


def more_zones(
    frame: LocalFrame, cameras: Mapping[str, DemoCamera], kerbs: Mapping[str, Kerb], square: Ring
) -> tuple[DemoZone, ...]:
    """The zones, the one on the map last."""
    school, station = kerbs["cam-school"], kerbs["cam-station"]
    lane = school.near_half(14.0, 44.0)
    forecourt = station.near_half(14.0, 44.0)
    line = (station.at(26.0, -station.width_m / 2), station.at(26.0, station.width_m / 2))
    centre = Polygon(square).centroid
    shrunk = tuple(
        (centre.x + (x - centre.x) * 0.8, centre.y + (y - centre.y) * 0.8) for x, y in square
    )
    return (
        _area(
            frame, cameras["cam-school"], lane, "学校门前车道", "Lane at the school gate", "stopped_vehicle",
            dwell_s=120.0, priority=3, rearm_s=300.0,
        ),
        _area(
            frame, cameras["cam-school"], lane, "学校门前路段", "Street at the school gate", "wrong_way",
            dwell_s=2.0, priority=3, rearm_s=120.0, threshold=12.0,
            arrow=_seen_arrow(frame, cameras["cam-school"], school),
        ),
        _area(
            frame, cameras["cam-station"], forecourt, "客运站前道路", "Road at the coach station", "congestion",
            dwell_s=120.0, priority=4, rearm_s=600.0,
        ),
        DemoZone(
            camera="cam-station", name="客运站断面流量", name_en="Traffic past the coach station",
            rule="line_crossing", points=seen_points(frame, cameras["cam-station"], line), ground=line,
            classes=("person", "vehicle", "other"), priority=4, dwell_s=0.0, direction="both", rearm_s=30.0,
            threshold=0.0,
        ),
        DemoZone(
            camera=None, name="市民广场", name_en="Citizens' Square", rule="crowd_density",
            points=(), ground=shrunk, classes=("person",), priority=2, dwell_s=10.0, direction="both",
            rearm_s=600.0, threshold=0.5,
        ),
        DemoZone(
            camera=None, name="市民广场（夜间）", name_en="Citizens' Square at night",
            rule="loitering", points=(), ground=shrunk, classes=("person",), priority=4, dwell_s=180.0,
            direction="both", rearm_s=1800.0, schedule=NIGHTS,
        ),
    )  # fmt: skip


def _area(
    frame: LocalFrame,
    camera: DemoCamera,
    ring: Ring,
    name: str,
    name_en: str,
    rule: RuleName,
    dwell_s: float,
    priority: int,
    rearm_s: float,
    threshold: float | None = None,
    arrow: tuple[Point, Point] | None = None,
) -> DemoZone:
    return DemoZone(
        camera=camera.code,
        name=name,
        name_en=name_en,
        rule=rule,
        points=seen_polygon(frame, camera, ring),
        ground=ring,
        classes=("vehicle",),
        priority=priority,
        dwell_s=dwell_s,
        direction="both",
        rearm_s=rearm_s,
        threshold=threshold,
        arrow=arrow,
    )


def _seen_arrow(frame: LocalFrame, camera: DemoCamera, kerb: Kerb) -> tuple[Point, Point]:
    right_m = kerb.width_m / 4
    start, end = seen_points(frame, camera, (kerb.at(20.0, right_m), kerb.at(32.0, right_m)))
    assert math.dist(start, end) > 0.01
    return start, end


def on_map(frame: LocalFrame, ground: Sequence[Point]) -> list[float]:
    """A ground outline as longitude and latitude, one after the other."""
    return [value for x, y in ground for value in frame.to_lonlat(x, y)]
