"""The demo city's eight cameras: where they hang, what they look at, and what they are told to watch for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint

from demo import city_plan as plan
from demo.city_blocks import Ground
from demo.city_lines import Waters
from demo.city_model import CameraView, Crossing, DemoCamera, DemoZone, Point, Street
from demo.city_picture_zones import picture_zones
from demo.city_seen import seen_points, seen_polygon
from demo.city_zones import Kerb, more_zones
from gis.ground import LocalFrame
from gis.model import LonLat, Pose

_SIGMA_DEG = 0.4


def build(
    frame: LocalFrame,
    crossings: Sequence[Crossing],
    streets: Sequence[Street],
    ground: Ground,
    water: Waters,
) -> tuple[tuple[DemoCamera, ...], tuple[DemoZone, ...]]:
    """The cameras and their zones."""
    scene = _Scene(frame, crossings, streets, ground)
    river = scene.river(water)
    cameras = (
        scene.corner("cam-people-dongmen", "人民路", "东门街", True),
        scene.corner("cam-people-ximen", "人民路", "西门街", False),
        scene.corner("cam-ring-jianshe", "环城路", "建设路", False),
        scene.square(),
        river[0],
        scene.yard(),
        scene.kerb("cam-school", "school-1", "实验小学门前", "Experimental Primary School Gate", False),
        scene.kerb("cam-station", "bus-station", "汽车客运站", "Coach Station", True),
    )  # fmt: skip
    by_code = {c.code: c for c in cameras}
    zones = (
        DemoZone(
            camera="cam-yard",
            name="自来水厂后院禁区",
            name_en="Waterworks yard, no entry",
            rule="intrusion",
            points=seen_polygon(frame, by_code["cam-yard"], ground.yard),
            ground=ground.yard,
            classes=("person", "vehicle"),
            priority=2,
            dwell_s=0.0,
            direction="both",
            rearm_s=30.0,
        ),
        DemoZone(
            camera="cam-river",
            name="亲水平台警戒线",
            name_en="Embankment edge line",
            rule="line_crossing",
            points=seen_points(frame, by_code["cam-river"], river[1]),
            ground=river[1],
            classes=("person",),
            priority=3,
            dwell_s=0.0,
            direction="both",
            rearm_s=30.0,
        ),
    )
    square = next(area for area in ground.areas if area.use == "square").ring
    return cameras, zones + picture_zones(frame, by_code, scene.kerbs, river[2]) + more_zones(
        frame, by_code, scene.kerbs, square
    )


class _Scene:
    """The city's geometry, asked for places to hang a camera."""

    def __init__(
        self,
        frame: LocalFrame,
        crossings: Sequence[Crossing],
        streets: Sequence[Street],
        ground: Ground,
    ) -> None:
        self._frame = frame
        self._crossings = crossings
        self._streets = streets
        self._ground = ground
        self.kerbs: dict[str, Kerb] = {}

    def corner(self, code: str, first: str, second: str, published: bool) -> DemoCamera:
        """On the corner pole of a crossing of two streets, looking across it."""
        crossing = max(
            (c for c in self._crossings if {first, second} <= {n for n, _ in c.names}),
            key=lambda c: c.at[1],
        )
        arms = sorted(self._arms(crossing.id), key=lambda a: math.atan2(a[0][0], a[0][1]))
        # The widest right angle between neighbouring arms gives the clearest corner.
        (one, one_m), (two, two_m) = max(
            zip(arms, [*arms[1:], arms[0]], strict=True),
            key=lambda pair: abs(pair[0][0][0] * pair[1][0][1] - pair[0][0][1] * pair[1][0][0]),
        )
        sine = abs(one[0] * two[1] - one[1] * two[0])
        at = (
            crossing.at[0] + (one[0] * (two_m + 1.5) + two[0] * (one_m + 1.5)) / sine,
            crossing.at[1] + (one[1] * (two_m + 1.5) + two[1] * (one_m + 1.5)) / sine,
        )
        target = (
            crossing.at[0] + 0.15 * (crossing.at[0] - at[0]),
            crossing.at[1] + 0.15 * (crossing.at[1] - at[1]),
        )
        names = dict(crossing.names)
        name = f"{first}{second}路口"
        name_en = f"{names[first]} & {names[second]}"
        return self._camera(code, name, name_en, at, target, 8.0, 78.0, "crossing", published)

    def kerb(self, code: str, site: str, name: str, name_en: str, published: bool) -> DemoCamera:
        """On an arm over the kerb of the widest street along a site, looking down the street."""
        place = next(p for p in self._ground.places if p.key == site)
        block = next(
            Polygon(a.ring) for a in self._ground.areas if a.kind == "land" and a.name == place.name
        )
        beside = [
            s
            for s in self._streets
            if s.length_m > 90.0 and not s.bridge
            and LineString(s.line).interpolate(0.5, normalized=True).distance(block) < 22.0
        ]  # fmt: skip
        street = max(beside, key=lambda s: (s.width_m < 20.0, s.width_m, s.length_m))
        line = LineString(street.line)
        middle = line.length / 2
        start, target = line.interpolate(middle - 26.0), line.interpolate(middle + 2.0)
        length = math.hypot(target.x - start.x, target.y - start.y)
        dx, dy = (target.x - start.x) / length, (target.y - start.y) / length
        self.kerbs[code] = Kerb((start.x, start.y), (dx, dy), street.width_m)
        aside = street.width_m / 2 - 0.8
        at = (start.x + dy * aside, start.y - dx * aside)
        return self._camera(
            code, name, name_en, at, (target.x, target.y), 7.0, 68.0, "street", published
        )

    def square(self) -> DemoCamera:
        """From the square's south-west edge over its middle."""
        area = next(a for a in self._ground.areas if a.use == "square")
        polygon = Polygon(area.ring)
        corner = min(area.ring, key=lambda p: p[0] + p[1])
        centre = polygon.centroid
        at = (
            corner[0] + (centre.x - corner[0]) * 0.08,
            corner[1] + (centre.y - corner[1]) * 0.08,
        )
        away = math.dist(at, (centre.x, centre.y))
        share = min(1.0, 34.0 / away)
        target = (at[0] + (centre.x - at[0]) * share, at[1] + (centre.y - at[1]) * share)
        return self._camera(
            "cam-square", "市民广场", "Citizens' Square", at, target, 10.0, 80.0, "square", True
        )

    def river(self, water: Waters) -> tuple[DemoCamera, tuple[Point, Point], Point]:
        """On the north promenade west of the Jianshe Rd bridge, looking along the water's edge; the line along the edge,
        and where a staff gauge stands in the water."""
        river = LineString(plan.smooth(plan.RIVER))
        # Heading west → east the north bank is on the left.
        walk = river.offset_curve(plan.RIVER_WIDTH_M / 2 + 11.0)
        edge = river.offset_curve(plan.RIVER_WIDTH_M / 2 + 2.0)
        bridge = next(
            LineString(s.line) for s in self._streets if s.bridge and s.name == "建设路"
            and LineString(s.line).distance(river) < 1.0
        )  # fmt: skip
        along = walk.project(ShapelyPoint(bridge.interpolate(0.5, normalized=True))) + 70.0
        at = walk.interpolate(along)
        target = edge.interpolate(edge.project(walk.interpolate(along + 26.0)))
        camera = self._camera(
            "cam-river", "滨江北路亲水平台", "Binjiang North Rd Embankment", (at.x, at.y),
            (target.x, target.y), 7.5, 74.0, "river", True,
        )  # fmt: skip
        start = edge.interpolate(edge.project(walk.interpolate(along + 13.0)))
        end = edge.interpolate(edge.project(walk.interpolate(along + 48.0)))
        wet = river.offset_curve(plan.RIVER_WIDTH_M / 2 - 5.0)
        staff = wet.interpolate(wet.project(walk.interpolate(along + 21.0)))
        return camera, ((start.x, start.y), (end.x, end.y)), (staff.x, staff.y)

    def yard(self) -> DemoCamera:
        """On a pole just outside the corner of the guarded yard, looking over all of it."""
        ring = self._ground.yard
        centre = Polygon(ring).centroid
        corner = min(ring, key=lambda p: p[0] - p[1])
        out = math.dist(corner, (centre.x, centre.y))
        at = (
            corner[0] + (corner[0] - centre.x) / out * 2.0,
            corner[1] + (corner[1] - centre.y) / out * 2.0,
        )
        target = (at[0] + (centre.x - at[0]) * 0.72, at[1] + (centre.y - at[1]) * 0.72)
        return self._camera(
            "cam-yard", "自来水厂后院", "Waterworks Yard", at, target, 8.0, 76.0, "yard", False
        )

    def _arms(self, crossing: int) -> list[tuple[Point, float]]:
        """Direction and half width with sidewalk of every street at a crossing."""
        arms: list[tuple[Point, float]] = []
        for s in self._streets:
            for line, end in ((s.line, s.source), (s.line[::-1], s.target)):
                if end == crossing:
                    ahead = LineString(line).interpolate(18.0)
                    dx, dy = ahead.x - line[0][0], ahead.y - line[0][1]
                    length = math.hypot(dx, dy)
                    arms.append(((dx / length, dy / length), s.width_m / 2))
        return arms

    def _camera(
        self,
        code: str,
        name: str,
        name_en: str,
        at: Point,
        target: Point,
        height_m: float,
        hfov_deg: float,
        views: CameraView,
        published: bool,
    ) -> DemoCamera:
        east, north = target[0] - at[0], target[1] - at[1]
        pitch = -math.degrees(math.atan2(height_m, math.hypot(east, north)))
        lon, lat = self._frame.to_lonlat(at[0], at[1])
        pose = Pose(
            place=LonLat(round(lon, 7), round(lat, 7)),
            height_m=height_m,
            yaw_deg=round(math.degrees(math.atan2(east, north)) % 360.0, 1),
            pitch_deg=round(min(-12.0, max(-35.0, pitch)), 1),
            hfov_deg=hfov_deg,
            sigma_deg=_SIGMA_DEG,
        )
        point = self._frame.to_enu(pose.place.lon, pose.place.lat)
        return DemoCamera(code, name, name_en, pose, point, views, published)
