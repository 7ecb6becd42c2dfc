"""What each rule is: its GB/T 28181 alarm type, what is drawn for it, and what its numbers mean.

Texts stand with the screens: a rule's name under ``alarm_kind.<rule>``, what a number is under ``rule_quantity.<code>``,
what a dwell means under ``rule_dwell.<code>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from analytics.model import KINDS, Kind, RuleName, Zone

Drawing = Literal["area", "line", "nothing"]
Second = Literal["way", "gauge"]
Quantity = Literal[
    "crossings",  # in one direction within a quarter of an hour
    "against_m",  # gone against the way
    "walked_m",  # way walked within the area
    "radius_m",  # of the circle that holds the whole way
    "people",
    "people_m2",  # people per square metre
    "times_usual",  # of what this camera usually shows
    "speed_ms",
    "share",  # of the zone or the picture, 0..1
    "sharpness",  # of the usual, 0..1
    "confidence",
    "level_m",
    "luma",  # mean brightness, 0..255
]
DwellMeaning = Literal["inside", "lasting", "standing", "lying", "gone"]
"""Inside the area in all; the condition without a break; not going anywhere; lying there; missing there."""

_PEOPLE: tuple[Kind, ...] = ("person",)
_VEHICLES: tuple[Kind, ...] = ("vehicle",)
_BOTH: tuple[Kind, ...] = ("person", "vehicle")
CLEAR_SHARE = 0.8
"""Where nothing else is said, what fires at or above a threshold is over at this share of it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of a rule. ``default`` is None where it has to be given, or follows from the threshold (``clear``)."""

    quantity: Quantity
    unit: str
    default: float | None
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One rule. ``over`` says on which side of the threshold it fires.

    ``second`` is what else may be drawn; it has to be where ``second_needed``. A rule that draws ``nothing`` watches
    the whole picture. ``least_fps`` frames a second it must see of what moves there, besides what following it takes.
    """

    rule: RuleName
    gb_type: int | None
    draws: Drawing
    classes: tuple[Kind, ...] = KINDS
    threshold: Limit | None = None
    clear: Limit | None = None
    over: Literal["above", "below"] = "above"
    dwell: DwellMeaning | None = None
    dwell_s: float = 0.0
    second: Second | None = None
    second_needed: bool = False
    least_fps: float = 0.0

    @property
    def every_camera(self) -> bool:
        """Whether it watches every camera without a zone."""
        return self.rule.startswith("camera_")

    @property
    def on_map(self) -> bool:
        """Whether it may be drawn on the map."""
        return self.draws != "nothing"


def _limit(
    quantity: Quantity, unit: str, default: float | None, least: float, most: float
) -> Limit:
    return Limit(quantity, unit, default, least, most)


CATALOGUE: dict[RuleName, RuleFacts] = {
    facts.rule: facts
    for facts in (
        RuleFacts("left_object", 3, "area", dwell="lying", dwell_s=30.0),
        RuleFacts("removed_object", 4, "area", dwell="gone", dwell_s=10.0),
        RuleFacts(
            "line_crossing", 5, "line", _PEOPLE,
            threshold=_limit("crossings", "", 1.0, 0, 100_000),
        ),
        RuleFacts("intrusion", 6, "area", _PEOPLE, dwell="inside"),
        RuleFacts(
            "wrong_way", 7, "area", _VEHICLES,
            threshold=_limit("against_m", "m", 6.0, 1, 200),
            dwell="lasting", dwell_s=1.5, second="way", second_needed=True,
        ),
        RuleFacts(
            "loitering", 8, "area", _PEOPLE,
            threshold=_limit("walked_m", "m", 8.0, 0, 1000),
            clear=_limit("radius_m", "m", 15.0, 1, 500),
            dwell="inside", dwell_s=60.0,
        ),
        RuleFacts(
            "people_count", 9, "area", _PEOPLE,
            threshold=_limit("people", "", 10.0, 1, 10_000), clear=_limit("people", "", None, 0, 10_000),
            dwell="lasting", dwell_s=3.0,
        ),
        RuleFacts(
            "crowd_density", 10, "area", _PEOPLE,
            threshold=_limit("people_m2", "/m²", 2.0, 0.05, 10), clear=_limit("people_m2", "/m²", None, 0, 10),
            dwell="lasting", dwell_s=5.0,
        ),
        RuleFacts(
            "abnormal_motion", 11, "area", _PEOPLE,
            threshold=_limit("times_usual", "×", 3.0, 1.2, 100), clear=_limit("times_usual", "×", None, 0, 100),
            dwell="lasting", dwell_s=0.6, least_fps=12.5,
        ),
        RuleFacts(
            "fast_motion", 12, "area", _VEHICLES,
            threshold=_limit("speed_ms", "m/s", 16.7, 0.5, 100), clear=_limit("speed_ms", "m/s", None, 0, 100),
            dwell="lasting", dwell_s=0.6,
        ),
        RuleFacts("stopped_vehicle", None, "area", _VEHICLES, dwell="standing", dwell_s=30.0),
        RuleFacts(
            "congestion", None, "area", _VEHICLES,
            threshold=_limit("speed_ms", "m/s", 2.5, 0.1, 30), clear=_limit("speed_ms", "m/s", None, 0.1, 40),
            over="below", dwell="lasting", dwell_s=60.0, second="way",
        ),
        RuleFacts(
            "smoke", None, "area", threshold=_limit("confidence", "", 0.6, 0.1, 1),
            clear=_limit("confidence", "", None, 0, 1), dwell="lasting", dwell_s=4.0,
        ),
        RuleFacts(
            "fire", None, "area", threshold=_limit("confidence", "", 0.6, 0.1, 1),
            clear=_limit("confidence", "", None, 0, 1), dwell="lasting", dwell_s=2.0, least_fps=7.0,
        ),
        RuleFacts(
            "water_on_road", None, "area", threshold=_limit("share", "", 0.25, 0.01, 1),
            clear=_limit("share", "", None, 0, 1), dwell="lasting", dwell_s=30.0,
        ),
        RuleFacts(
            "water_level", None, "nothing", threshold=_limit("level_m", "m", None, -100, 10_000),
            clear=_limit("level_m", "m", None, -100, 10_000), dwell="lasting", dwell_s=10.0,
            second="gauge", second_needed=True,
        ),
        RuleFacts(
            "camera_occluded", 13, "nothing", threshold=_limit("share", "", 0.6, 0.05, 1),
            clear=_limit("share", "", None, 0, 1), dwell="lasting", dwell_s=5.0,
        ),
        RuleFacts(
            "camera_blurred", 11, "nothing", threshold=_limit("sharpness", "", 0.35, 0.01, 1),
            clear=_limit("sharpness", "", None, 0.01, 1.2), over="below", dwell="lasting", dwell_s=10.0,
        ),
        RuleFacts(
            "camera_moved", 11, "nothing", threshold=_limit("share", "", 0.04, 0.005, 1),
            dwell="lasting", dwell_s=3.0,
        ),
        RuleFacts(
            "camera_dark", 11, "nothing", threshold=_limit("luma", "", 16.0, 1, 255),
            clear=_limit("luma", "", None, 1, 255), over="below", dwell="lasting", dwell_s=10.0,
        ),
        RuleFacts("camera_frozen", 11, "nothing", dwell="lasting", dwell_s=10.0),
    )
}  # fmt: skip
assert set(CATALOGUE) == set(get_args(RuleName))

CAMERA_PRIORITY = 3
CAMERA_REARM_S = 300.0
STANDING_ID = 0
"""The id of what stands for a zone where every camera is watched and nobody drew one; no stored zone has it."""


def threshold_of(zone: Zone) -> float | None:
    """Where the zone's rule fires: its own number, else the rule's."""
    limit = CATALOGUE[zone.rule].threshold
    return zone.threshold if zone.threshold is not None or limit is None else limit.default


def clear_of(zone: Zone) -> float | None:
    """Where it is over: the zone's own number, else the rule's, else a share of the threshold."""
    facts = CATALOGUE[zone.rule]
    if zone.clear is not None or facts.clear is None:
        return zone.clear
    if facts.clear.default is not None:
        return facts.clear.default
    threshold = threshold_of(zone)
    if threshold is None:
        return None
    if facts.over == "below":
        return threshold / CLEAR_SHARE
    return threshold - abs(threshold) * (1 - CLEAR_SHARE)


def standing_zone(camera_id: int, rule: RuleName) -> Zone:
    """What watches a camera by one of the rules that every camera has, where nobody drew a zone for it."""
    facts = CATALOGUE[rule]
    return Zone(
        id=STANDING_ID,
        camera_id=camera_id,
        name="",
        name_en=None,
        rule=rule,
        points=(),
        classes=facts.classes,
        dwell_s=facts.dwell_s,
        direction="both",
        priority=CAMERA_PRIORITY,
        rearm_s=CAMERA_REARM_S,
        enabled=True,
        version=1,
    )


def with_standing(camera_id: int, zones: tuple[Zone, ...]) -> tuple[Zone, ...]:
    """A camera's zones and, for each rule that every camera has and no zone changes or switches off, its standing one."""
    given = {zone.rule for zone in zones}
    return zones + tuple(
        standing_zone(camera_id, facts.rule)
        for facts in CATALOGUE.values()
        if facts.every_camera and facts.rule not in given
    )
