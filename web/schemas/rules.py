"""Wire schemas of the rules: what each is, and what it counted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from analytics.model import RuleName
from analytics.rules.catalogue import Drawing, DwellMeaning, Quantity, Second
from web.schemas.common import Out


class CrossingCountOut(Out):
    """How many went over a line in a quarter of an hour; quarters without any are left out."""

    from_at: datetime
    direction: Literal["left_to_right", "right_to_left"]
    kind: Literal["person", "vehicle", "other"]
    count: int


class LimitOut(Out):
    """A number of a rule; its text stands under ``rule_quantity.<quantity>``."""

    quantity: Quantity
    unit: str
    default: (
        float | None
    )  # null: has to be given (threshold), or follows from the threshold (clear)
    least: float
    most: float


class RuleOut(Out):
    """A rule; its name stands under ``alarm_kind.<rule>``, what its dwell means under ``rule_dwell.<dwell>``."""

    rule: RuleName
    gb_type: int | None  # GB/T 28181 alarm type, alarm method 5
    draws: Drawing
    second: Second | None  # what else is drawn, as the zone's arrow
    second_needed: bool
    classes: list[Literal["person", "vehicle", "other"]]  # by default
    threshold: LimitOut | None  # null: the rule has none
    clear: LimitOut | None
    over: Literal["above", "below"]  # on which side of the threshold it fires
    dwell: DwellMeaning | None  # null: dwell_s says nothing to it
    dwell_s: float  # by default
    every_camera: bool  # watched without a zone; a zone changes or switches it off
    on_map: bool  # may be drawn on the map
