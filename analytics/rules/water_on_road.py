"""Water on the road: a surface has lost its texture and mirrors instead."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.model import Firing, Gray, Scene, Zone
from analytics.opencv import cv2
from analytics.rules.hysteresis import Hysteresis
from analytics.rules.picture_alarm import ends
from analytics.surface import Cells, Surface

EVERY_S = 1.4
LOOKS = 7
"""Judged is the median of so many looks: what drives through is not in it, nor are splashes."""
RATE = 0.01
THROUGH_MOST = 0.45
OWN_MOST = 0.7
STREAKS = 2.5
LEVEL_LEAST = 4.0


class WaterOnRoad:
    """Fires when so much of the area shows no more of its dry texture, is smooth or streaked upright as a mirror is, and has
    another brightness, for the dwell. Dry is how the area looked when nothing lay on it. Wet asphalt that still shows its grain,
    a shadow, and a thing with outlines of its own are no water."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._state = Hysteresis(zone)
        self._surface = Surface(zone.points)
        self._last_at: datetime | None = None
        self._grays: deque[Gray] = deque(maxlen=LOOKS)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if scene.frame is None:
            return []
        if self._last_at is not None and (scene.at - self._last_at).total_seconds() < EVERY_S:
            return []
        self._last_at = scene.at
        self._grays.append(self._surface.cut(scene.frame.gray))
        if len(self._grays) < LOOKS or self._grays[0].shape != self._grays[-1].shape:
            return []
        calm = np.median(np.stack(self._grays), axis=0).astype(np.uint8)
        cells = self._surface.look(calm)
        if cells is None:
            return []
        wet = self._wet(cells)
        share = float(wet.sum()) / max(1, int(cells.known.sum()))
        self._surface.learn(calm, cv2.dilate(wet.astype(np.uint8), np.ones((3, 3))) > 0, RATE)
        was = self._state.on
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        if self._state.update(scene.at, share):
            lasted_s = (scene.at - (self._state.since or scene.at)).total_seconds()
            through = max(0.0, float(np.median(cells.through[wet]))) * 100
            lighter = float(np.median(cells.level[wet]))
            return [
                Firing.of_scene(
                    self.zone, "scene", min(0.95, 0.5 + share / 2), self._surface.box(wet),
                    f"“{name}”路面 {share * 100:.0f}% 疑似积水 {lasted_s:.0f} 秒：路面纹理仅剩 {through:.0f}%，亮度变化 {lighter:+.0f}。",
                    f"Water over {share * 100:.0f} % of “{name_en}” for {lasted_s:.0f} s: {through:.0f} % of its dry texture is "
                    f"left, brightness changed by {lighter:+.0f} of 255.",
                    round(share, 3),
                )
            ]  # fmt: skip
        if was and not self._state.on:
            return ends(self.zone, f"“{name}”路面积水已退。", f"The water on “{name_en}” has gone.")
        return []

    @staticmethod
    def _wet(cells: Cells) -> NDArray[np.bool_]:
        mirror = (cells.own < OWN_MOST) | (cells.upright > STREAKS)
        wet = cells.known & (cells.through < THROUGH_MOST) & mirror
        wet &= np.abs(cells.level) > LEVEL_LEAST
        near = cv2.blur(wet.astype(np.float32), (3, 3)) * 9
        return np.asarray(wet & (near >= 3.5), np.bool_)
