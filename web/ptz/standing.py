"""Where a camera that turns stands: what its device says of it, judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.onvif.model import Preset, Status, Vector

State = Literal["preset", "moving", "elsewhere"]
SAME_TURN = 0.004
SAME_ZOOM = 0.01
"""Shares of the device's range: this near to a preset it stands at it. A turn of 360° is 2 of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``preset`` is its token, and only where it stands at one."""

    state: State
    preset: str | None = None


MOVING = Standing("moving")
ELSEWHERE = Standing("elsewhere")


def judge(status: Status, presets: Sequence[Preset], sent_to: str | None) -> Standing | None:
    """Where it stands. ``sent_to`` is the preset that it was sent to last and has had the time to reach, None where it
    was turned by hand or nobody knows.

    A device that tells positions is believed over what it was told to do. None where it tells none and was sent
    nowhere: then what was known stays.
    """
    if status.moving:
        return MOVING
    placed = [preset for preset in presets if preset.at is not None]
    if status.at is None or not placed:
        return None if sent_to is None else Standing("preset", sent_to)
    there = [preset.token for preset in placed if preset.at and near(status.at, preset.at)]
    if not there:
        return ELSEWHERE
    return Standing("preset", sent_to if sent_to in there else there[0])


def near(a: Vector, b: Vector) -> bool:
    """Whether two positions are the same; an axis that one of them does not tell says nothing."""

    def same(x: float | None, y: float | None, within: float) -> bool:
        return x is None or y is None or abs(x - y) <= within

    return (
        same(a.pan, b.pan, SAME_TURN)
        and same(a.tilt, b.tilt, SAME_TURN)
        and same(a.zoom, b.zoom, SAME_ZOOM)
    )
