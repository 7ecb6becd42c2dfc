"""The same scene in other weather: what rain and night do to a rendered picture.

The scene is drawn as on a sunny day; light, lamps, rain and the sensor's noise are laid over it. Who is where does not change,
so the truth stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analytics.opencv import cv2
from demo.cameras.bodies import model
from demo.cameras.furniture import lamp_heads
from demo.cameras.ink import Drawing, cut
from demo.cameras.streetmap import StreetMap
from demo.cameras.view import View

Condition = Literal["sun", "rain", "night"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

NOISE_LEVELS: dict[Condition, float] = {"sun": 0.0, "rain": 2.5, "night": 6.5}
"""One sigma of the sensor's noise, gray levels; it is loud in the dark."""
NIGHT_AMBIENT = np.array([0.13, 0.105, 0.09], np.float32)
LAMP_COLOUR = np.array([0.52, 0.78, 0.98], np.float32)
LAMP_REACH_M = 11.0
SODIUM_GAIN = 0.62
DROPS = 260
MIRROR_SHARE, MIRROR_TALL, MIRROR_LEAST_PX = 0.3, 0.7, 12
"""How much of what stands on wet ground it mirrors, how much of its height, and from which height on."""
_NOISES = 6
_SPARE_PX = 64
_SMALL = 4
_RIDERS = ("scooter",)


class Weather:
    """What one condition does to the pictures of one view, ``(h, w, 3)`` BGR. The same seed gives the same noise."""

    def __init__(
        self,
        condition: Condition,
        view: View,
        streets: StreetMap,
        occluder_m: Floats32,
        seed: int = 0,
    ) -> None:
        self.condition = condition
        self._view = view
        self._rng = np.random.default_rng(seed)
        self._occluder_m = occluder_m
        self._size = (view.height_px, view.width_px)
        self._light: Bytes | None = None
        self._glow: Bytes | None = None
        self._ground: Bytes | None = None
        if condition == "night":
            self._night(streets)
        elif condition == "rain":
            self._rain()
        self._noises = self._make_noises(NOISE_LEVELS[condition])

    @property
    def shadows(self) -> bool:
        """Whether what moves throws a shadow."""
        return self.condition == "sun"

    def apply(self, picture: Bytes, still: Bytes, found: Sequence[Drawing]) -> None:
        """Changes a picture in place, drawn over a copy of ``still``: wet ground, light, lamps, rain, then noise."""
        if self.condition == "sun":
            return
        if self.condition == "rain":
            self._mirror(picture, still, found)
        if self._light is not None:
            light = self._light
            if self.condition == "night":
                light = cv2.add(light, self._beams(found))
            cv2.multiply(picture, light, dst=picture, scale=1 / 255)
        if self._glow is not None:
            cv2.add(picture, self._glow, dst=picture)
        if self.condition == "night":
            self._lamps_of(picture, found)
        else:
            self._drops(picture)
        self._noise(picture)

    def _make_noises(self, sigma: float) -> list[Bytes]:
        if sigma == 0.0:
            return []
        height, width = self._size[0] + _SPARE_PX, self._size[1] + _SPARE_PX
        made = []
        for _ in range(_NOISES):
            noise = self._rng.normal(128.0, sigma, (height, width)).astype(np.float32)
            gray = np.clip(noise, 0, 255).astype(np.uint8)
            made.append(np.asarray(cv2.merge([gray, gray, gray]), np.uint8))
        return made

    def _noise(self, picture: Bytes) -> None:
        height, width = self._size
        noise = self._noises[int(self._rng.integers(_NOISES))]
        y, x = (int(v) for v in self._rng.integers(0, _SPARE_PX, 2))
        part = noise[y : y + height, x : x + width]
        cv2.addWeighted(picture, 1.0, part, 1.0, -128.0, dst=picture)

    def _night(self, streets: StreetMap) -> None:
        """The light that is left: the sky's, and pools under the street lamps."""
        places, seen = self._surface()
        heads = lamp_heads(self._view, streets)
        lit = np.zeros(self._size, np.float32)
        for head in heads:
            away = np.square(places - head.astype(np.float32)).sum(axis=-1)
            lit += (head[2] ** 2) / (away + LAMP_REACH_M)
        lamps = np.minimum(lit, 1.6) * SODIUM_GAIN * seen
        light = NIGHT_AMBIENT + lamps[:, :, None] * LAMP_COLOUR
        sky = ~seen & (self._view.rays(1)[:, :, 2] > 0)
        light[sky] = NIGHT_AMBIENT * 0.5
        self._light = np.clip(light * 255, 0, 255).astype(np.uint8)
        self._ground = np.where(np.isinf(self._occluder_m) & seen, 255, 0).astype(np.uint8)
        self._glow = self._lamp_glow(heads)

    def _surface(self) -> tuple[Floats32, NDArray[np.bool_]]:
        """What each pixel shows as a place in local metres ``(h, w, 3)``, and whether it is near enough to matter."""
        rays = self._view.rays(1)
        eye = self._view.eye.astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            ground_m = np.where(rays[:, :, 2] < -1e-4, -eye[2] / rays[:, :, 2], np.inf)
        depth = np.minimum(ground_m, self._occluder_m).astype(np.float32)
        seen = depth < 400.0
        places: Floats32 = eye + rays * np.where(seen, depth, 0.0)[:, :, None]
        return places.astype(np.float32), seen

    def _lamp_glow(self, heads: Floats) -> Bytes:
        glow = np.zeros((*self._size, 3), np.uint8)
        if not len(heads):
            return glow
        pixels, depth = self._view.project(heads)
        for (x, y), away_m in zip(pixels.tolist(), depth.tolist(), strict=True):
            if away_m < 3.0 or not (0 <= x < self._size[1] and 0 <= y < self._size[0]):
                continue
            size = max(1.2, 0.35 * self._view.ground.focal_px / away_m)
            _disc(glow, x, y, size * 4, (20, 34, 46))
            _disc(glow, x, y, size, (150, 210, 240))
        return np.asarray(cv2.GaussianBlur(glow, (7, 7), 0), np.uint8)

    def _beams(self, found: Sequence[Drawing]) -> Bytes:
        """What headlamps add to the light on the ground before them."""
        height, width = self._size
        small = np.zeros((height // _SMALL, width // _SMALL), np.uint8)
        for drawing in found:
            if not _has_lamps(drawing):
                continue
            for near_m, far_m, level in ((1.0, 16.0, 36), (0.5, 7.0, 60)):
                corners = self._ahead(drawing, near_m, far_m)
                if corners is not None:
                    shape = np.round(corners / _SMALL * 16).astype(np.int32)
                    beam = np.zeros_like(small)
                    cv2.fillConvexPoly(beam, shape, level, cv2.LINE_AA, 4)
                    cv2.add(small, beam, dst=small)
        large = cv2.resize(cv2.blur(small, (5, 3)), (width, height))
        large = cv2.bitwise_and(large, self._ground)
        return np.asarray(cv2.merge([large, large, large]), np.uint8)

    def _ahead(self, drawing: Drawing, near_m: float, far_m: float) -> Floats | None:
        placement = drawing.placement
        turn = math.radians(placement.heading_deg)
        along = np.array([math.sin(turn), math.cos(turn)])
        across = np.array([along[1], -along[0]])
        foot = np.array([placement.east_m, placement.north_m])
        front = foot + along * model_length(drawing) / 2
        ground = np.zeros((4, 3))
        for i, (ahead, side) in enumerate(
            ((near_m, -0.9), (far_m, -3.0), (far_m, 3.0), (near_m, 0.9))
        ):
            ground[i, :2] = front + along * ahead + across * side
        pixels, depth = self._view.project(ground)
        if depth.min() < 1.0 or np.abs(pixels).max() > 1e4:
            return None
        return pixels

    def _lamps_of(self, picture: Bytes, found: Sequence[Drawing]) -> None:
        focal = self._view.ground.focal_px
        for drawing in found:
            if not _has_lamps(drawing):
                continue
            placement = drawing.placement
            turn = math.radians(placement.heading_deg)
            along = np.array([math.sin(turn), math.cos(turn), 0.0])
            across = np.array([along[1], -along[0], 0.0])
            foot = np.array([placement.east_m, placement.north_m, 0.0])
            facing = float(along @ (self._view.eye - foot)) > 0
            half = model_length(drawing) / 2 * (1 if facing else -1)
            sides = (0.0,) if placement.body in _RIDERS else (-0.65, 0.65)
            for side in sides:
                at = foot + along * half + across * side + np.array([0.0, 0.0, 0.68])
                pixels, depth = self._view.project(at[None])
                (x, y), away_m = pixels[0].tolist(), float(depth[0])
                column, row = int(x), int(y)
                if away_m < 1.5 or not (0 <= column < self._size[1] and 0 <= row < self._size[0]):
                    continue
                if self._occluder_m[row, column] < away_m - 0.6:
                    continue
                size = max(1.0, 0.12 * focal / away_m)
                if facing:
                    _shine(picture, x, y, size * 4.5, (60, 66, 66))
                    _disc(picture, x, y, size * 1.3, (252, 254, 254))
                else:
                    _shine(picture, x, y, size * 2.2, (6, 6, 60))
                    _disc(picture, x, y, size * 0.8, (60, 50, 240))

    def _rain(self) -> None:
        """Overcast and wet: less light, less contrast, and ground that shines in patches."""
        _, seen = self._surface()
        ground = np.isinf(self._occluder_m) & seen
        height, width = self._size
        coarse = self._rng.normal(0, 1, (height // 10, width // 24)).astype(np.float32)
        patches = cv2.GaussianBlur(cv2.resize(coarse, (width, height)), (0, 0), 5)
        patches = np.clip(patches / max(float(patches.std()), 1e-6), -2, 2)
        light = np.full((height, width), 0.72, np.float32)
        light[ground] = 0.58
        self._light = np.asarray(cv2.merge([np.clip(light * 255, 0, 255).astype(np.uint8)] * 3))
        shine = np.where(ground, np.clip(22 + 5 * patches, 4, 60), 24.0)
        self._glow = np.asarray(cv2.merge([shine.astype(np.uint8)] * 3))
        self._ground = np.where(ground, 255, 0).astype(np.uint8)

    def _mirror(self, picture: Bytes, still: Bytes, found: Sequence[Drawing]) -> None:
        """Wet ground mirrors what stands on it, faintly."""
        assert self._ground is not None
        for drawing in found:
            area = cut(picture, drawing.box_px)
            if area is None:
                continue
            left, top, right, bottom = area
            tall = min(round((bottom - top) * MIRROR_TALL), picture.shape[0] - bottom)
            if bottom - top < MIRROR_LEAST_PX or tall < 2:
                continue
            over = (slice(bottom - tall, bottom), slice(left, right))
            under = (slice(bottom, bottom + tall), slice(left, right))
            change = cv2.subtract(picture[over], still[over], dtype=cv2.CV_16S)
            change = cv2.blur(cv2.flip(change, 0), (3, 7))
            change = cv2.bitwise_and(change, change, mask=self._ground[under])
            cv2.addWeighted(
                picture[under], 1.0, change, MIRROR_SHARE, 0.0, picture[under], cv2.CV_8U
            )

    def _drops(self, picture: Bytes) -> None:
        """Streaks of falling drops at all distances, and splashes on the ground."""
        height, width = self._size
        streaks = np.zeros((height, width), np.uint8)
        count = int(self._rng.poisson(DROPS))
        at = self._rng.uniform((-20, -40), (width + 20, height), (count, 2))
        near = self._rng.random(count) ** 3
        length = 8 + 44 * near
        slant = 0.16 + self._rng.normal(0, 0.02, count)
        ends = at + np.stack([slant * length, length], axis=1)
        for a, b, close in zip(
            np.round(at * 16).astype(int).tolist(),
            np.round(ends * 16).astype(int).tolist(),
            near.tolist(),
            strict=True,
        ):
            cv2.line(streaks, a, b, int(26 + 36 * close), 2 if close > 0.55 else 1, cv2.LINE_AA, 4)
        splashes = self._rng.integers((0, 0), (width - 2, height - 1), (count * 2, 2))
        streaks[splashes[:, 1], splashes[:, 0]] = 34
        streaks[splashes[:, 1], splashes[:, 0] + 1] = 34
        cv2.add(picture, cv2.merge([streaks, streaks, streaks]), dst=picture)


def model_length(drawing: Drawing) -> float:
    """From bumper to bumper, metres."""
    placement = drawing.placement
    if placement.body in ("person", "bicycle", "scooter"):
        return 1.7
    return model(placement.body, placement.look).length_m


def _has_lamps(drawing: Drawing) -> bool:
    body = drawing.placement.body
    return body in _RIDERS or (drawing.placement.kind == "vehicle" and body != "boat")


def _disc(picture: Bytes, x: float, y: float, radius: float, bgr: tuple[int, int, int]) -> None:
    centre = (round(x * 16), round(y * 16))
    cv2.circle(picture, centre, max(8, round(radius * 16)), bgr, -1, cv2.LINE_AA, 4)


def _shine(picture: Bytes, x: float, y: float, radius: float, bgr: tuple[int, int, int]) -> None:
    """Adds a soft round glow."""
    reach = int(radius * 1.6) + 2
    left, top = max(0, int(x) - reach), max(0, int(y) - reach)
    right, bottom = min(picture.shape[1], int(x) + reach), min(picture.shape[0], int(y) + reach)
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    glow = np.zeros_like(part)
    _disc(glow, x - left, y - top, radius, bgr)
    soft = max(1, int(radius)) | 1
    cv2.add(part, cv2.blur(glow, (soft, soft)), dst=part)
