"""How well a camera's own mishaps are told: covered, out of focus, turned, dark and frozen, each put into three demo cameras'
key frames in sun, in rain and at night. Called by ``bench/rules_picture.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from analytics import rules
from analytics.model import Frame, Gray, RuleName
from analytics.model import Scene as Seen
from analytics.picture_health import PictureHealth
from analytics.rules.catalogue import standing_zone
from bench import scenes
from bench.rules_figure import RuleFigure
from demo.cameras.conditions import CONDITIONS

HEALTH: tuple[RuleName, ...] = (
    "camera_occluded", "camera_blurred", "camera_moved", "camera_dark", "camera_frozen",
)  # fmt: skip
CAMERAS = ("cam-people-dongmen", "cam-station", "cam-river")
SECONDS, BEFALLS_S = 64, 36
Change = Callable[[Gray], Gray]


def _blur(gray: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 4.0), np.uint8)


def _cover(gray: Gray) -> Gray:
    covered = gray.copy()
    covered[:, : round(gray.shape[1] * 0.95)] = 70
    return covered


def _move(gray: Gray) -> Gray:
    return np.asarray(np.roll(gray, round(gray.shape[1] * 0.12), axis=1), np.uint8)


def _dark(gray: Gray) -> Gray:
    return np.asarray(gray * 0.02, np.uint8)


BEFALLS: dict[RuleName, Change] = {
    "camera_blurred": _blur,
    "camera_occluded": _cover,
    "camera_moved": _move,
    "camera_dark": _dark,
}


def rule_accuracy(loud: bool = False) -> list[RuleFigure]:
    """Each camera as it is, and with each mishap from :data:`BEFALLS_S` on, one key frame a second."""
    figures = []
    for condition in CONDITIONS:
        found: dict[RuleName, list[float]] = {rule: [] for rule in HEALTH}
        false = dict.fromkeys(HEALTH, 0)
        for code in CAMERAS:
            scene = scenes.render(code, condition, SECONDS, seed=3, fps=1)
            frames = list(scene.frames())
            for mishap in (None, *HEALTH):
                said = _said(frames, mishap)
                if loud:
                    print(code, condition, mishap, said, flush=True)
                if mishap is None:
                    for rule, _ in said:
                        false[rule] += 1
                    continue
                after = [at_s for rule, at_s in said if rule == mishap and at_s >= BEFALLS_S]
                found[mishap] += [after[0] - BEFALLS_S] if after else []
        for rule in HEALTH:
            delays = found[rule]
            figures.append(
                RuleFigure(
                    rule, f"demo, {condition}", len(CAMERAS), len(delays), false[rule],
                    float(SECONDS * len(CAMERAS)), median(delays) if delays else None,
                )
            )  # fmt: skip
    return figures


def _said(frames: list[Frame], mishap: RuleName | None) -> list[tuple[RuleName, float]]:
    """Which rules fire when; a sensor's noise is laid over, as the demo's sun has none."""
    health = PictureHealth()
    made = [rules.make(standing_zone(1, rule)) for rule in HEALTH]
    rng = np.random.default_rng(1)
    said: list[tuple[RuleName, float]] = []
    held: Gray | None = None
    for frame in frames:
        at_s = (frame.at - frames[0].at).total_seconds()
        gray = frame.gray
        if mishap in BEFALLS and at_s >= BEFALLS_S:
            gray = BEFALLS[mishap](gray)
        noisy = np.clip(gray + rng.normal(0, 1.0, gray.shape), 0, 255).astype(np.uint8)
        if mishap == "camera_frozen" and at_s >= BEFALLS_S:
            noisy = noisy if held is None else held
            held = noisy
        seen = replace(frame, gray=noisy)
        scene = Seen(frame.at, frame=seen, health=health.look(seen))
        for rule in made:
            said += [(f.rule, at_s) for f in rule.update(scene) if not f.over]
    return said
