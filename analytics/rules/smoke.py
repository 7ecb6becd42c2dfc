"""Smoke: a veil that moves and grows lies over what an area shows."""

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

Bools = NDArray[np.bool_]

EVERY_S = 0.8
RATE = 0.02
THROUGH = (-0.1, 0.72)
OWN_MOST = 0.85
LEVEL_LEAST = 5.0
WAVERS = 1.0
"""Gray levels by which a veiled cell's mean changes from look to look: smoke is never still."""
SHARE = (0.02, 0.08)
SHARE_MOST = 0.95
"""With all of it veiled alike it is the light, a mist, or the lens."""
HISTORY = 6


class Smoke:
    """Fires when a part of the area shows only a part of its outlines, has none of its own, is lighter or darker than usual and
    wavers, for the dwell. A thing shows outlines of its own, a shadow stands or goes with its thing, mist lies over all."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._state = Hysteresis(zone)
        self._surface = Surface(zone.points)
        self._last_at: datetime | None = None
        self._levels: deque[NDArray[np.float32]] = deque(maxlen=HISTORY)
        self._shares: deque[float] = deque(maxlen=HISTORY)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if scene.frame is None or not self._due(scene.at):
            return []
        gray = self._surface.cut(scene.frame.gray)
        cells = self._surface.look(gray)
        if cells is None:
            return []
        veiled = self._veiled(cells, scene)
        share = float(veiled.sum()) / max(1, int(cells.known.sum()))
        self._shares.append(share)
        self._learn(gray, veiled, share)
        value = 0.0
        if share <= SHARE_MOST:
            value = min(1.0, max(0.0, (share - SHARE[0]) / (SHARE[1] - SHARE[0])))
        was = self._state.on
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        if self._state.update(scene.at, value):
            lasted_s = (scene.at - (self._state.since or scene.at)).total_seconds()
            through = float(np.median(cells.through[veiled])) * 100
            grown = share - self._shares[0]
            box = self._surface.box(veiled)
            return [
                Firing.of_scene(
                    self.zone, "scene", min(0.95, 0.5 + value / 2), box,
                    f"“{name}”内疑似烟雾 {lasted_s:.0f} 秒：遮蔽 {share * 100:.0f}% 的区域，仅透出 {max(0.0, through):.0f}% 的轮廓，"
                    f"范围变化 {grown * 100:+.0f}%。",
                    f"Smoke in “{name_en}” for {lasted_s:.0f} s: a veil over {share * 100:.0f} % of the area lets "
                    f"{max(0.0, through):.0f} % of its outlines through, changed by {grown * 100:+.0f} %.",
                    round(value, 2),
                )
            ]  # fmt: skip
        if was and not self._state.on:
            return ends(self.zone, f"“{name}”内烟雾已散。", f"The smoke in “{name_en}” has gone.")
        return []

    def _due(self, at: datetime) -> bool:
        if self._last_at is not None and (at - self._last_at).total_seconds() < EVERY_S:
            return False
        self._last_at = at
        return True

    def _veiled(self, cells: Cells, scene: Scene) -> Bools:
        self._levels.append(cells.level)
        low, high = THROUGH
        veil = cells.known & (cells.through > low) & (cells.through < high)
        veil &= (cells.own < OWN_MOST) & (np.abs(cells.level) > LEVEL_LEAST)
        if len(self._levels) >= 3:
            recent = np.abs(np.diff(np.stack(self._levels), axis=0))
            veil &= np.median(recent, axis=0) > WAVERS
        else:
            veil[:] = False
        boxes = [t.box for t in scene.tracks if t.kind != "other" and not t.coasting]
        veil &= ~self._surface.under(boxes, veil.shape)
        # Lone cells are noise.
        near = cv2.blur(veil.astype(np.float32), (3, 3)) * 9
        return np.asarray(veil & (near >= 3.5), np.bool_)

    def _learn(self, gray: Gray, veiled: Bools, share: float) -> None:
        grown = cv2.dilate(veiled.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self._surface.learn(gray, grown if share <= SHARE_MOST else np.zeros_like(grown), RATE)
