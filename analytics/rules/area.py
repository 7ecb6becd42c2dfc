"""Whether a thing stands in a zone: in the picture, or on the ground where that is better founded.

A zone drawn in the picture is compared with the foot in the picture: what was drawn and what is compared share the
lens and the pose, so their errors cancel. A zone drawn on the map is compared with the thing's place on the ground
where it has one: that place allows for hidden feet and for the depth of the thing, which the foot in the picture does
not, and its error ellipse says how far beyond the edge it is surely out.
"""

from __future__ import annotations

from typing import Literal

from analytics.model import Point, Track, Zone
from analytics.zone import distance, inside
from gis.ground import LocalFrame

MARGIN = 0.012
"""Of the picture: one who is in is out only this far beyond the edge."""
MARGIN_OF_ELLIPSE = 0.3
MARGIN_M = (0.3, 2.0)
"""The same on the ground: a share of the ellipse's major semi-axis, within these."""

Standing = Literal["in", "edge", "out"]


class Area:
    """One zone's area."""

    def __init__(self, zone: Zone) -> None:
        self._points = zone.points
        self._ground: tuple[Point, ...] = ()
        if zone.ground:
            self._frame = LocalFrame(zone.ground[0])
            self._ground = tuple(self._frame.to_enu(p.lon, p.lat) for p in zone.ground)

    def where(self, track: Track) -> Standing:
        """Where a track stands now; ``edge`` is outside, but too near to be surely out."""
        if self.on_ground(track):
            assert track.fix is not None
            place = self._frame.to_enu(track.fix.place.lon, track.fix.place.lat)
            if inside(self._ground, place):
                return "in"
            least_m, most_m = MARGIN_M
            margin_m = min(most_m, max(least_m, MARGIN_OF_ELLIPSE * track.fix.ellipse.major_m))
            return "edge" if distance(self._ground, place) <= margin_m else "out"
        return self.of_foot(track.foot)

    def of_foot(self, foot: Point) -> Standing:
        """Where a foot in the picture stands."""
        if inside(self._points, foot):
            return "in"
        return "edge" if distance(self._points, foot) <= MARGIN else "out"

    def on_ground(self, track: Track) -> bool:
        """Whether a track is judged by its place on the ground."""
        return bool(self._ground) and track.fix is not None
