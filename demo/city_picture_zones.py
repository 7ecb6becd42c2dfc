"""Zones of the rules over the picture itself: a bag on a pavement, a staff gauge in the river."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demo.city_model import DemoCamera, DemoZone, Point
from demo.city_seen import seen_polygon
from demo.city_zones import Kerb
from gis.ground import GroundCamera, LocalFrame

STAFF_M = 2.0
STAFF_READS_M = (3.0, 5.0)
"""The staff gauge in the river: its length over the water plane of the map, and what it reads at its two ends."""
STAFF_ALARM_M = 4.1
"""Over the warning level: the crest passes it with the higher tides only."""
PAVEMENT_M = 3.0


def picture_zones(
    frame: LocalFrame, cameras: Mapping[str, DemoCamera], kerbs: Mapping[str, Kerb], staff: Point
) -> tuple[DemoZone, ...]:
    """The coach station's pavement, and the staff at ``staff``."""
    station = kerbs["cam-station"]
    low, high = station.width_m / 2 + 0.6, station.width_m / 2 + PAVEMENT_M
    pavement = tuple(
        station.at(ahead, right)
        for ahead, right in ((11.0, low), (21.0, low), (21.0, high), (11.0, high))
    )
    return (
        DemoZone(
            camera="cam-station",
            name="客运站人行道",
            name_en="Coach Station pavement",
            rule="left_object",
            points=seen_polygon(frame, cameras["cam-station"], pavement),
            ground=pavement,
            classes=("person", "other"),
            priority=3,
            dwell_s=30.0,
            direction="both",
            rearm_s=60.0,
        ),
        DemoZone(
            camera="cam-river",
            name="澄江水尺",
            name_en="Cheng River staff gauge",
            rule="water_level",
            points=(),
            ground=(staff,),
            classes=("person",),
            priority=3,
            dwell_s=10.0,
            direction="both",
            rearm_s=300.0,
            threshold=STAFF_ALARM_M,
            clear=STAFF_ALARM_M - 0.15,
            arrow=_seen_staff(frame, cameras["cam-river"], staff),
            gauge_m=STAFF_READS_M,
        ),
    )


def _seen_staff(frame: LocalFrame, camera: DemoCamera, at: Point) -> tuple[Point, Point]:
    """The staff's lower and upper end in the picture, normalised."""
    geometry = GroundCamera(camera.pose, camera.width_px, camera.height_px)
    east, north = geometry.frame.to_enu(*frame.to_lonlat(*at))
    pixels, _ = geometry.project(np.array([[east, north, 0.0], [east, north, STAFF_M]]))
    low, high = pixels / (camera.width_px, camera.height_px)
    return (
        (round(float(low[0]), 4), round(float(low[1]), 4)),
        (round(float(high[0]), 4), round(float(high[1]), 4)),
    )
