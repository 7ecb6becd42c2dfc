"""A camera's picture second by second, with what befalls it, and what the rules about it say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics import rules
from analytics.model import Frame, RuleName, Scene
from analytics.picture_health import Look, PictureHealth
from analytics.rules.catalogue import standing_zone

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Gray = NDArray[np.uint8]
Change = Callable[[Gray, float], Gray]
RULES: tuple[RuleName, ...] = (
    "camera_occluded", "camera_blurred", "camera_moved", "camera_dark", "camera_frozen",
)  # fmt: skip


class Unseen:
    """The picture behind a frame, which nobody asks for here."""

    def bgr(self) -> NDArray[np.uint8]:
        raise NotImplementedError


@dataclass(slots=True)
class Said:
    """What a rule said and when."""

    rule: RuleName
    at_s: float
    over: bool
    why: str
    why_en: str


def street(height: int = 270, width: int = 480) -> Gray:
    """Houses with windows, kerbs and markings: structure at all scales, the same each time."""
    rng = np.random.default_rng(4)
    picture = np.full((height, width), 120, np.uint8)
    for _ in range(60):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(10, 90)), int(rng.integers(8, 60))
        cv2.rectangle(picture, (x, y), (x + w, y + h), int(rng.integers(40, 210)), -1)
    for _ in range(160):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        size = int(rng.integers(2, 7))
        cv2.rectangle(picture, (x, y), (x + size, y + size), int(rng.integers(20, 235)), -1)
    return picture


def watch(
    seconds: float,
    change: Change = lambda gray, _: gray,
    *,
    source: Callable[[float], Gray] | None = None,
    noise: float = 2.0,
    every_s: float = 1.0,
    looks: list[Look] | None = None,
    turning: Callable[[float], bool] = lambda _: False,
) -> list[Said]:
    """Runs all five rules over a street (or ``source``) for so long; ``change`` befalls it before the sensor's noise."""
    still = street()
    health = PictureHealth()
    made = [rules.make(standing_zone(1, rule)) for rule in RULES]
    rng = np.random.default_rng(1)
    said: list[Said] = []
    for number in range(round(seconds / every_s)):
        at_s = number * every_s
        gray = change(still.copy() if source is None else source(at_s), at_s)
        if noise:
            noisy = gray + rng.normal(0, noise, gray.shape)
            gray = np.clip(noisy, 0, 255).astype(np.uint8)
        at = START + timedelta(seconds=at_s)
        frame = Frame(1, 1, at, gray, 960, 540, 0.0, Unseen(), key=True)
        look = health.look(frame, turning=turning(at_s))
        if look is not None and looks is not None:
            looks.append(look)
        scene = Scene(at, frame=frame, health=look)
        for rule in made:
            for firing in rule.update(scene):
                said.append(Said(firing.rule, at_s, firing.over, firing.why, firing.why_en))
    return said


def told(said: list[Said]) -> list[tuple[RuleName, bool]]:
    """What began and ended, without the all-clear at the start."""
    begun: set[RuleName] = set()
    found: list[tuple[RuleName, bool]] = []
    for each in said:
        if not each.over:
            begun.add(each.rule)
        if each.rule in begun:
            found.append((each.rule, each.over))
    return found
