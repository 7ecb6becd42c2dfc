"""Fire: flames burn in an area."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.flames import Flame, FlameFinder
from analytics.model import Box, Firing, Frame, Scene, Zone
from analytics.opencv import cv2
from analytics.rules.hysteresis import Hysteresis
from analytics.rules.picture_alarm import ends
from gis.model import GroundFix

EVERY_S = 0.14
WIDTH_PX = 240
SMOOTH_S = 1.0
COVERS = 0.6
FOOT_SIGMA_PX = 3.0


class Fire:
    """Fires when a place has looked and moved like flames for the dwell. What people carry and vehicles show is not looked at
    while they move: a vest, a lamp, a blinker. Needs at least three pictures a second; a fire is something that moves, so
    the camera is awake."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._state = Hysteresis(zone)
        self._finder = FlameFinder()
        self._last_at: datetime | None = None
        self._value = 0.0
        xs, ys = zip(*zone.points, strict=True)
        self._span = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        self._mask: NDArray[np.uint8] | None = None

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        frame = scene.frame
        if frame is None:
            return []
        dt_s = (scene.at - self._last_at).total_seconds() if self._last_at else EVERY_S
        if dt_s < EVERY_S:
            return []
        self._last_at = scene.at
        flames = [
            flame
            for flame in self._finder.update(scene.at, self._cut(frame))
            if not self._carried(self._placed(flame), scene)
        ]
        best = flames[0] if flames else None
        rate = min(1.0, dt_s / SMOOTH_S)
        self._value += ((best.confidence if best else 0.0) - self._value) * rate
        was = self._state.on
        if self._state.update(scene.at, self._value) and best is not None:
            return [self._told(best, scene)]
        if was and not self._state.on:
            name, name_en = self.zone.name, self.zone.name_en or self.zone.name
            return ends(self.zone, f"“{name}”内不再见明火。", f"No flames in “{name_en}” any more.")
        return []

    def _told(self, flame: Flame, scene: Scene) -> Firing:
        box = self._placed(flame)
        lasted_s = (scene.at - (self._state.since or scene.at)).total_seconds()
        share = flame.area_share * self._span[2] * self._span[3] * 100
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        return Firing.of_scene(
            self.zone,
            "scene",
            min(0.99, self._value),
            box,
            f"“{name}”内疑似明火 {lasted_s:.0f} 秒：火焰色区域占画面 {share:.1f}%，每秒闪动约 {flame.flicker_hz:.1f} 次，"
            f"置信度 {self._value * 100:.0f}%。",
            f"Flames in “{name_en}” for {lasted_s:.0f} s: fire-coloured over {share:.1f} % of the picture, flickering about "
            f"{flame.flicker_hz:.1f} times a second, confidence {self._value * 100:.0f} %.",
            round(self._value, 2),
            _place(box, scene),
        )

    def _placed(self, flame: Flame) -> Box:
        """The flame's box in shares of the whole picture."""
        x, y, w, h = flame.box
        left, top, width, height = self._span
        return left + x * width, top + y * height, w * width, h * height

    def _cut(self, frame: Frame) -> NDArray[np.uint8]:
        """The area in colour, small; black outside of it."""
        bgr = frame.picture.bgr()
        height, width = bgr.shape[:2]
        left, top, w, h = self._span
        part = bgr[
            int(top * height) : max(int(top * height) + 4, round((top + h) * height)),
            int(left * width) : max(int(left * width) + 4, round((left + w) * width)),
        ]
        size = (WIDTH_PX, max(8, round(part.shape[0] * WIDTH_PX / part.shape[1])))
        small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        if self._mask is None or self._mask.shape != small.shape[:2]:
            self._mask = np.zeros(small.shape[:2], np.uint8)
            corners = (np.array(self.zone.points) - (left, top)) / (max(w, 1e-6), max(h, 1e-6))
            cv2.fillPoly(self._mask, [np.round(corners * size).astype(np.int32)], 255)
        return np.asarray(cv2.bitwise_and(small, small, mask=self._mask), np.uint8)

    @staticmethod
    def _carried(box: Box, scene: Scene) -> bool:
        """Whether it belongs to something that moves."""
        x, y, w, h = box
        for track in scene.tracks:
            tx, ty, tw, th = track.box
            wide = min(x + w, tx + tw) - max(x, tx)
            tall = min(y + h, ty + th) - max(y, ty)
            if wide <= 0 or tall <= 0 or track.standing_s > 3.0 or track.kind == "other":
                continue
            if wide * tall >= COVERS * w * h:
                return True
        return False


def _place(box: Box, scene: Scene) -> GroundFix | None:
    if scene.ground is None or scene.frame is None:
        return None
    x_px = (box[0] + box[2] / 2) * scene.frame.width_px
    return scene.ground.locate(x_px, (box[1] + box[3]) * scene.frame.height_px, FOOT_SIGMA_PX)
