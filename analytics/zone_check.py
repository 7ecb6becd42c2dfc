"""Whether what was drawn and set for a zone makes sense to its rule; every message names its field."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shapely import Polygon
from shapely.validation import explain_validity

from analytics.model import Kind, Point, RuleName
from analytics.rules.catalogue import CATALOGUE, Limit, RuleFacts
from analytics.schedule import check_schedule
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat

MAX_POINTS = 64
MAX_GAUGE_M = 10_000.0


class Drawn(Protocol):
    """What is checked of a zone, stored or not; see :class:`analytics.model.Zone`."""

    @property
    def camera_id(self) -> int | None: ...
    @property
    def rule(self) -> RuleName: ...
    @property
    def points(self) -> tuple[Point, ...]: ...
    @property
    def ground(self) -> tuple[LonLat, ...]: ...
    @property
    def arrow(self) -> tuple[Point, Point] | None: ...
    @property
    def gauge_m(self) -> tuple[float, float] | None: ...
    @property
    def classes(self) -> tuple[Kind, ...] | None: ...
    @property
    def schedule(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def clear(self) -> float | None: ...
    @property
    def enabled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where something is drawn: the field its points stand in, the plane's name, and the least that can be meant."""

    field: str
    where: str
    min_area: float
    min_length: float
    unit: str


_PICTURE = _Plane("points", "the picture", 1e-4, 0.01, "of the picture")
_MAP = _Plane("ground", "the map", 1.0, 0.5, "m²")
MAX_MAP_M = 3000.0
"""A zone on the map reaches no further from its middle: no camera sees so far, and a slip of the hand does."""


def check_zone(zone: Drawn) -> None:
    """Raises :class:`InvalidInput`, with the field, for a zone that its rule cannot watch."""
    facts = CATALOGUE[zone.rule]
    if zone.camera_id is None:
        _check_on_map(facts, zone)
    else:
        if zone.ground:
            raise InvalidInput(
                "a zone in a camera's picture has no places on the map: give points, or leave the camera out",
                "ground",
            )
        check_points(zone.rule, zone.points)
        if zone.arrow is not None:
            _check_in_picture(zone.arrow, "arrow")
            if math.dist(*zone.arrow) < _PICTURE.min_length:
                raise InvalidInput("the arrow's two ends are the same: draw it longer", "arrow")
    _check_second(facts, zone)
    if zone.classes is not None and not zone.classes:
        raise InvalidInput("choose at least one of person, vehicle, other", "classes")
    check_schedule(zone.schedule)
    _check_limit(facts, facts.threshold, zone.threshold, "threshold")
    _check_limit(facts, facts.clear, zone.clear, "clear")
    _check_order(facts, zone)


def check_points(rule: RuleName, points: Sequence[Point]) -> None:
    """What is drawn in a picture. Raises :class:`InvalidInput` on field ``points`` for what the rule cannot use."""
    _check_in_picture(points, "points")
    _check_shape(CATALOGUE[rule], points, _PICTURE)


def _check_in_picture(points: Sequence[Point], field: str) -> None:
    for number, (x, y) in enumerate(points, 1):
        if not (math.isfinite(x) and math.isfinite(y)):
            raise InvalidInput(f"point {number} is ({x}, {y}): both must be numbers", field)
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise InvalidInput(
                f"point {number} is ({x:g}, {y:g}), outside the picture: both must lie in 0..1",
                field,
            )


def _check_shape(facts: RuleFacts, points: Sequence[Point], plane: _Plane) -> None:
    field = plane.field
    if len(points) > MAX_POINTS:
        raise InvalidInput(f"{len(points)} points are too many: at most {MAX_POINTS}", field)
    if facts.draws == "nothing":
        if points:
            raise InvalidInput(
                f"{facts.rule} watches the whole picture: draw no area or line for it", field
            )
        return
    if facts.draws == "line":
        if len(points) != 2:
            raise InvalidInput(f"a line has 2 points, got {len(points)}", field)
        if math.dist(points[0], points[1]) < plane.min_length:
            raise InvalidInput("the line's two points are the same: draw it longer", field)
        return
    if len(set(points)) < 3:
        raise InvalidInput(
            f"an area needs at least 3 different points, got {len(set(points))}", field
        )
    polygon = Polygon(points)
    if not polygon.is_valid:
        reason = explain_validity(polygon)
        where = reason[reason.find("[") + 1 : reason.find("]")] if "[" in reason else ""
        near = f" near ({where.replace(' ', ', ')})" if plane is _PICTURE else ""
        raise InvalidInput(
            f"the area's outline crosses or touches itself{near}: move a point so that it goes round once",
            field,
        )
    if polygon.area < plane.min_area:
        size = (
            f"{polygon.area * 100:.4f} % of the picture"
            if plane is _PICTURE
            else f"{polygon.area:.2f} m²"
        )
        raise InvalidInput(f"the area is {size}, too small to stand in: draw it larger", field)


def _check_on_map(facts: RuleFacts, zone: Drawn) -> None:
    if not facts.on_map:
        raise InvalidInput(
            f"{facts.rule} belongs to one camera's picture and cannot be drawn on the map: give a camera",
            "camera_id",
        )
    if zone.points:
        raise InvalidInput(
            "a zone on the map has no points in a picture: give ground, or a camera", "points"
        )
    if not zone.ground:
        raise InvalidInput("a zone without a camera is drawn on the map: give ground", "ground")
    frame = LocalFrame(zone.ground[0])
    places = [frame.to_enu(place.lon, place.lat) for place in zone.ground]
    for number, (east, north) in enumerate(places, 1):
        if math.hypot(east, north) > 2 * MAX_MAP_M:
            raise InvalidInput(
                f"point {number} lies {math.hypot(east, north) / 1000:.1f} km from the first: "
                f"a zone is at most {2 * MAX_MAP_M / 1000:g} km across",
                "ground",
            )
    _check_shape(facts, places, _MAP)
    if zone.arrow is not None:
        (lon0, lat0), (lon1, lat1) = zone.arrow
        ends = [LonLat(lon0, lat0), LonLat(lon1, lat1)]
        if math.dist(*(frame.to_enu(end.lon, end.lat) for end in ends)) < _MAP.min_length:
            raise InvalidInput("the arrow's two ends are the same: draw it longer", "arrow")


def _check_second(facts: RuleFacts, zone: Drawn) -> None:
    if zone.arrow is None and facts.second_needed and zone.enabled:
        what = "the way that is right" if facts.second == "way" else "the gauge, bottom to top"
        raise InvalidInput(f"{facts.rule} needs an arrow: draw {what}", "arrow")
    if zone.arrow is not None and facts.second is None:
        raise InvalidInput(f"{facts.rule} knows no arrow: leave it out", "arrow")
    if facts.second != "gauge":
        if zone.gauge_m is not None:
            raise InvalidInput(f"{facts.rule} knows no gauge: leave its readings out", "gauge_m")
        return
    if zone.gauge_m is None:
        if zone.enabled:
            raise InvalidInput("say what the gauge reads at the arrow's two ends", "gauge_m")
        return
    bottom_m, top_m = zone.gauge_m
    if not all(math.isfinite(m) and abs(m) <= MAX_GAUGE_M for m in zone.gauge_m):
        raise InvalidInput(
            f"a gauge reading from {bottom_m:g} to {top_m:g} m is outside ±{MAX_GAUGE_M:g} m",
            "gauge_m",
        )
    if bottom_m >= top_m:
        raise InvalidInput(
            f"the gauge reads {bottom_m:g} m at the arrow's start and {top_m:g} m at its end: "
            "draw the arrow from the bottom to the top",
            "gauge_m",
        )


def _check_limit(facts: RuleFacts, limit: Limit | None, value: float | None, field: str) -> None:
    if limit is None:
        if value is not None:
            raise InvalidInput(f"{facts.rule} has no {field}: leave it out", field)
        return
    if value is None:
        if field == "threshold" and limit.default is None:
            raise InvalidInput(
                f"{facts.rule} needs a threshold between {limit.least:g} and {limit.most:g} {limit.unit}".rstrip(),
                field,
            )
        return
    if not limit.least <= value <= limit.most:
        unit = f" {limit.unit}" if limit.unit else ""
        raise InvalidInput(
            f"{field} {value:g}{unit} is outside {limit.least:g}..{limit.most:g}{unit} for {facts.rule}",
            field,
        )


def _check_order(facts: RuleFacts, zone: Drawn) -> None:
    """What is over must be over on the other side of what fires."""
    if facts.threshold is None or facts.clear is None or zone.clear is None:
        return
    if facts.threshold.quantity != facts.clear.quantity:
        return
    threshold = zone.threshold if zone.threshold is not None else facts.threshold.default
    if threshold is None:
        return
    if facts.over == "above" and zone.clear > threshold:
        raise InvalidInput(
            f"clear {zone.clear:g} lies above the threshold {threshold:g}: it would never be over",
            "clear",
        )
    if facts.over == "below" and zone.clear < threshold:
        raise InvalidInput(
            f"clear {zone.clear:g} lies below the threshold {threshold:g}: it would never be over",
            "clear",
        )
