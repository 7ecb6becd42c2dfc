"""The streets round a camera as they are built: kerbs, arms of crossings, zebras, painted lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from demo.cameras.path import Path
from demo.cameras.view import View
from demo.city_model import RoadShape, Street

Floats = NDArray[np.float64]
REACH_M = 420.0
KERB_RADIUS_M = 6.0
ZEBRA_M = 4.5
STOP_GAP_M = 1.6
WHITE = (226, 230, 230)
YELLOW = (60, 178, 226)


@dataclass(frozen=True, slots=True)
class Arm:
    """One street as it leaves a crossing; the path starts at the crossing's middle."""

    street: Street
    crossing: int
    path: Path
    outward: bool  # whether the path runs as the street is drawn
    setback_m: float  # from the middle to where the kerb is straight
    zebra: bool
    angle: float  # direction it leaves in, radians, counter-clockwise from east

    @property
    def shape(self) -> RoadShape:
        return self.street.shape

    @property
    def stop_m(self) -> float:
        """Station of the stop line of the traffic that comes in."""
        return self.setback_m + (ZEBRA_M + STOP_GAP_M if self.zebra else 0.5)


@dataclass(frozen=True, slots=True)
class Mark:
    """Paint on the road: a ring and its BGR colour."""

    ring: Floats
    bgr: tuple[int, int, int]


class StreetMap:
    """The streets within :data:`REACH_M` of the camera, local metres."""

    def __init__(self, view: View) -> None:
        self._view = view
        at = view.camera.at
        self.streets = [
            s for s in view.city.streets if LineString(s.line).distance(shapely.Point(at)) < REACH_M
        ]
        self.lines = {s.id: Path(view.local(s.line)) for s in self.streets}
        self.crossings = {c.id: c for c in view.city.crossings}
        self.arms: dict[int, list[Arm]] = {}
        self._build_arms()
        self.asphalt = self._corridor(0.0)
        self.sidewalk = self._corridor(1.0).difference(self.asphalt)

    def _build_arms(self) -> None:
        for street in self.streets:
            line = self.lines[street.id]
            for crossing, path, outward in (
                (street.source, line, True),
                (street.target, line.reversed(), False),
            ):
                x, y, heading = path.at(min(18.0, path.length_m / 2))
                x0, y0, _ = path.at(0.0)
                del heading
                angle = math.atan2(y - y0, x - x0)
                arm = Arm(street, crossing, path, outward, 0.0, False, angle)
                self.arms.setdefault(crossing, []).append(arm)
        for crossing, arms in self.arms.items():
            painted = len(arms) >= 3 and (
                self.crossings[crossing].signals
                or all(a.street.road_class not in ("residential", "service") for a in arms)
            )
            self.arms[crossing] = [
                Arm(
                    a.street, crossing, a.path, a.outward, self._setback(a, arms),
                    painted and not a.street.bridge and a.street.length_m > 50.0, a.angle,
                )
                for a in arms
            ]  # fmt: skip

    @staticmethod
    def _setback(arm: Arm, arms: list[Arm]) -> float:
        far = 3.0
        for other in arms:
            between = abs((other.angle - arm.angle + math.pi) % (2 * math.pi) - math.pi)
            if math.sin(between) > 0.35:
                reach = (
                    other.street.width_m / 2 + arm.street.width_m / 2 * math.cos(between)
                ) / math.sin(between)
                far = max(far, reach + KERB_RADIUS_M * 0.75)
        return min(far, arm.path.length_m * 0.4)

    def _corridor(self, with_sidewalk: float) -> shapely.Geometry:
        parts = [
            LineString(self.lines[s.id].points).buffer(
                s.width_m / 2 + with_sidewalk * s.sidewalk_m, cap_style="round", quad_segs=4
            )
            for s in self.streets
        ]
        radius = KERB_RADIUS_M if with_sidewalk == 0.0 else 2.0
        return shapely.union_all(parts).buffer(radius, quad_segs=6).buffer(-radius, quad_segs=6)

    def opposite(self, arm: Arm) -> Arm | None:
        """The arm that goes straight on across the crossing."""
        best: tuple[float, Arm] | None = None
        for other in self.arms[arm.crossing]:
            if other.street.id == arm.street.id:
                continue
            off = abs((other.angle - arm.angle) % (2 * math.pi) - math.pi)
            if off < 0.6 and (best is None or off < best[0]):
                best = (off, other)
        return best[1] if best else None

    def chain(self, street: Street, reach_m: float = REACH_M) -> Path:
        """The street's middle line run on straight across crossings, while it stays as wide, about ``reach_m`` both ways."""
        ahead = self._run_on(street, street.target, reach_m)
        back = self._run_on(street, street.source, reach_m)
        return Path(np.concatenate([back[::-1], self.lines[street.id].points, ahead]))

    def _run_on(self, street: Street, crossing: int, reach_m: float) -> Floats:
        parts: list[Floats] = [np.zeros((0, 2))]
        length = 0.0
        while length < reach_m:
            arm = next(a for a in self.arms[crossing] if a.street.id == street.id)
            onward = self.opposite(arm)
            if onward is None or onward.street.width_m != street.width_m:
                break
            street = onward.street
            parts.append(onward.path.points[1:])
            length += onward.path.length_m
            crossing = street.target if onward.outward else street.source
        return np.concatenate(parts)

    def marks(self) -> list[Mark]:
        """All paint, in the order to draw it."""
        found: list[Mark] = []
        for street in self.streets:
            found.extend(self._street_marks(street))
        for arms in self.arms.values():
            for arm in arms:
                if arm.zebra:
                    found.extend(_arm_marks(arm))
        return found

    def _street_marks(self, street: Street) -> list[Mark]:
        path = self.lines[street.id]
        start = self._paint_end(street, street.source)
        end = path.length_m - self._paint_end(street, street.target)
        if end - start < 8.0:
            return []
        shape = street.shape
        found: list[Mark] = []

        def line(aside: float, width: float, bgr: tuple[int, int, int]) -> None:
            found.append(Mark(path.band(aside - width / 2, aside + width / 2, start, end), bgr))

        def dashes(aside: float, width: float, on: float, off: float) -> None:
            for s in np.arange(start + 1.0, end - on, on + off):
                ring = path.band(aside - width / 2, aside + width / 2, s, s + on, on)
                found.append(Mark(ring, WHITE))

        if street.road_class in ("residential", "service"):
            if not street.one_way:
                dashes(0.0, 0.12, 2.0, 3.0)
            return found
        for side in (-1.0, 1.0):
            line(side * 0.16, 0.14, YELLOW)
            for lane in range(1, shape.lanes // 2):
                dashes(side * lane * shape.lane_m, 0.15, 3.0, 4.5)
            if shape.bike_m:
                line(side * shape.lanes / 2 * shape.lane_m, 0.15, WHITE)
        return found

    def _paint_end(self, street: Street, crossing: int) -> float:
        arm = next(a for a in self.arms[crossing] if a.street.id == street.id)
        return arm.stop_m if arm.zebra else arm.setback_m


def _arm_marks(arm: Arm) -> list[Mark]:
    shape = arm.shape
    half = arm.street.width_m / 2
    found: list[Mark] = []
    near, far = arm.setback_m, arm.setback_m + ZEBRA_M
    for aside in np.arange(-half + 0.5, half - 0.6, 1.0):
        found.append(Mark(arm.path.band(aside, aside + 0.5, near, far, 5.0), WHITE))
    # Traffic that comes in runs against the path, so it keeps to the path's left.
    found.append(Mark(arm.path.band(-half + 0.3, -0.2, arm.stop_m, arm.stop_m + 0.4), WHITE))
    for lane in range(shape.lanes // 2):
        aside = -(lane + 0.5) * shape.lane_m
        for at_m in (arm.stop_m + 6.0, arm.stop_m + 34.0):
            if at_m + 8.0 < arm.path.length_m * 0.8:
                found.extend(_arrow(arm.path, aside, at_m))
        if lane:
            edge = -lane * shape.lane_m
            found.append(
                Mark(arm.path.band(edge - 0.08, edge + 0.08, arm.stop_m, arm.stop_m + 24), WHITE)
            )
    return found


def _arrow(path: Path, aside_m: float, at_m: float) -> list[Mark]:
    """A straight-on arrow whose tip points to the crossing, 5 m long."""
    shaft = path.band(aside_m - 0.09, aside_m + 0.09, at_m + 1.7, at_m + 5.0, 4.0)
    tip = np.array(
        [
            path.at(at_m, aside_m)[:2],
            path.at(at_m + 2.0, aside_m - 0.38)[:2],
            path.at(at_m + 2.0, aside_m + 0.38)[:2],
        ]
    )
    return [Mark(shaft, WHITE), Mark(tip, WHITE)]


def polygons(geometry: shapely.Geometry) -> list[Polygon]:
    """The polygons of any geometry."""
    return [p for p in shapely.get_parts(geometry) if isinstance(p, Polygon) and not p.is_empty]
