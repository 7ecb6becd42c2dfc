"""How abnormal motion does on a camera that is new, and on one that has learned what is usual.

The clips of fights last two or three seconds, so a past has to be given: the rule is shown the calm clips of odd number again
and again until it has learned, and is tried, a copy each time, on the fights and on the other calm clips. Ordinary footage
is shown to itself until learned, and then once more.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from analytics.model import Frame, Gray, Scene
from analytics.rules.abnormal_motion import AbnormalMotion
from bench.happenings import zone
from bench.rules_figure import RuleFigure

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
START = datetime(2026, 3, 2, tzinfo=UTC)
FPS = 12.5
WIDTH_PX = 480
MOST_ROUNDS = 40
Clip = list[tuple[float, Gray]]
ORDINARY = (
    ("vtest_480x360.avi", "pedestrians on a crossing"),
    ("cdnet_fall_801_1600.mp4", "road behind a tree that never rests"),
)


def figures(data: Path) -> Iterator[RuleFigure]:
    """Fights and calm with and without a past, and ordinary footage that has become usual."""
    fights, calm = (
        [_clip(path) for path in sorted((data / "fight").glob(f"{kind}_*.mp4"))]
        for kind in ("fight", "calm")
    )
    new, (known, at_s) = _rule(), _learned(calm[::2])
    for rule, begins_s, which in ((new, 0.0, "new camera"), (known, at_s, "after a calm past")):
        fired = [len(_shown(copy.deepcopy(rule), clip, begins_s)) for clip in fights]
        found = sum(n > 0 for n in fired)
        yield RuleFigure(
            "abnormal_motion", f"10 clips of fights, {which}", len(fights), found, 0, _s(fights)
        )
        others = calm if rule is new else calm[1::2]
        false = sum(len(_shown(copy.deepcopy(rule), clip, begins_s)) for clip in others)
        yield RuleFigure(
            "abnormal_motion", f"{len(others)} calm clips, {which}", 0, 0, false, _s(others)
        )
    for name, on in ORDINARY:
        clip = _clip(data / name)
        known, at_s = _learned([clip])
        false = len(_shown(known, clip, at_s))
        yield RuleFigure("abnormal_motion", f"{on}, when usual", 0, 0, false, _s([clip]))  # fmt: skip


def _rule() -> AbnormalMotion:
    return AbnormalMotion(zone(1, "abnormal_motion", WHOLE))


def _learned(past: Sequence[Clip]) -> tuple[AbnormalMotion, float]:
    """A rule that was shown ``past`` until it had learned, and when that was."""
    rule, at_s = _rule(), 0.0
    for _ in range(MOST_ROUNDS):
        for clip in past:
            _shown(rule, clip, at_s)
            at_s += clip[-1][0] + 1.0
        if not rule.learning:
            break
    return rule, at_s + 60.0


def _shown(rule: AbnormalMotion, clip: Clip, from_s: float) -> list[Any]:
    """What it fires."""
    fired = []
    for into_s, gray in clip:
        at = START + timedelta(seconds=from_s + into_s)
        height, width = gray.shape
        frame = Frame(1, 1, at, gray, width, height, 0.0, None)  # type: ignore[arg-type]
        fired += [f for f in rule.update(Scene(at, (), frame)) if not f.over]
    return fired


def _clip(path: Path) -> Clip:
    last_s, made = -1.0, []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            at_s = float(picture.time or 0.0)
            if at_s - last_s < 1 / FPS - 0.005:
                continue
            last_s = at_s
            size = (WIDTH_PX, round(picture.height * WIDTH_PX / picture.width))
            gray = cv2.resize(picture.to_ndarray(format="gray"), size, interpolation=cv2.INTER_AREA)
            made.append((at_s, np.asarray(gray, np.uint8)))
    return made


def _s(clips: Sequence[Clip]) -> float:
    return sum(clip[-1][0] for clip in clips)
