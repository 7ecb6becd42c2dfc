"""Rules: pure state machines over scenes, one file each. :func:`make` turns a stored zone into its rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo

from analytics.model import RuleName, Zone
from analytics.rules.abnormal_motion import AbnormalMotion
from analytics.rules.camera_blurred import CameraBlurred
from analytics.rules.camera_dark import CameraDark
from analytics.rules.camera_frozen import CameraFrozen
from analytics.rules.camera_moved import CameraMoved
from analytics.rules.camera_occluded import CameraOccluded
from analytics.rules.congestion import Congestion
from analytics.rules.crowd_density import CrowdDensity
from analytics.rules.fast_motion import FastMotion
from analytics.rules.fire import Fire
from analytics.rules.intrusion import Intrusion
from analytics.rules.left_object import LeftObject
from analytics.rules.line_crossing import LineCrossing
from analytics.rules.loitering import Loitering
from analytics.rules.people_count import PeopleCount
from analytics.rules.removed_object import RemovedObject
from analytics.rules.smoke import Smoke
from analytics.rules.stopped_vehicle import StoppedVehicle
from analytics.rules.watched import Rule, Watched
from analytics.rules.water_level import WaterLevel
from analytics.rules.water_on_road import WaterOnRoad
from analytics.rules.wrong_way import WrongWay

__all__ = ["RULES", "Rule", "Watched", "make"]

RULES: dict[RuleName, Callable[[Zone], Rule]] = {
    "intrusion": Intrusion,
    "line_crossing": LineCrossing,
    "left_object": LeftObject,
    "removed_object": RemovedObject,
    "smoke": Smoke,
    "fire": Fire,
    "water_on_road": WaterOnRoad,
    "water_level": WaterLevel,
    "camera_occluded": CameraOccluded,
    "camera_blurred": CameraBlurred,
    "camera_moved": CameraMoved,
    "camera_dark": CameraDark,
    "camera_frozen": CameraFrozen,
    "wrong_way": WrongWay,
    "loitering": Loitering,
    "people_count": PeopleCount,
    "crowd_density": CrowdDensity,
    "abnormal_motion": AbnormalMotion,
    "fast_motion": FastMotion,
    "stopped_vehicle": StoppedVehicle,
    "congestion": Congestion,
}
"""Every rule there is, one line each."""


def make(zone: Zone, local: tzinfo = UTC) -> Watched:
    """The rule that watches ``zone``, its schedule read in the time zone ``local``."""
    return Watched(zone, RULES[zone.rule], local)
