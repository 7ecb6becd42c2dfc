"""The ground as seen from above: a stack of painted rasters, each twice as coarse and wide as the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box

from demo.cameras import furniture
from demo.cameras.streetmap import StreetMap, polygons
from demo.cameras.view import SHADOW_PER_M, View

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bgr = tuple[int, int, int]

SIZE_PX = 2048
FINEST_M = 0.05
LEVELS = 6
BEHIND_M = 6.0
_SHIFT = 4

# What the ground is made of; the texture of each is added in the picture.
SOIL, ASPHALT, PAVING, GRASS, WATER, PAINT, TILES, CONCRETE = range(8)

COLOURS: dict[int, Bgr] = {
    SOIL: (128, 140, 146),
    ASPHALT: (108, 106, 104),
    PAVING: (150, 158, 166),
    GRASS: (70, 128, 104),
    WATER: (112, 112, 86),
    TILES: (170, 180, 188),
    CONCRETE: (152, 158, 160),
}
_KERB: Bgr = (186, 190, 192)
_BIKE: Bgr = (96, 102, 124)
_USES = {
    "residential": GRASS,
    "commercial": PAVING,
    "industrial": CONCRETE,
    "works": GRASS,
    "public": PAVING,
    "school": PAVING,
    "hospital": PAVING,
    "mall": PAVING,
    "hall": CONCRETE,
    "stadium": GRASS,
    "square": TILES,
    "yard": CONCRETE,
    "park": GRASS,
}


@dataclass(frozen=True, slots=True)
class Fill:
    """One painted polygon: material, colour, and how deep the shadow on it is when it is a shadow."""

    shape: Polygon
    material: int
    bgr: Bgr
    shadow: int | None = None


class GroundPaint:
    """All fills round one camera, painted on request at any level."""

    def __init__(self, view: View, streets: StreetMap) -> None:
        self._view = view
        self._fills = [*_land(view), *_roads(streets), *_wear(streets), *_marks(streets)]
        self._shadows = _shadows(view)

    @staticmethod
    def resolution_m(level: int) -> float:
        """Metres per pixel."""
        return FINEST_M * 2.0**level

    @staticmethod
    def to_pixels(flat: Floats, level: int) -> Floats:
        """Metres (right, ahead) → raster pixels."""
        res = GroundPaint.resolution_m(level)
        reach = SIZE_PX * res
        return np.stack(
            [flat[..., 0] / res + SIZE_PX / 2, (reach - BEHIND_M * 2**level - flat[..., 1]) / res],
            axis=-1,
        )

    def paint(self, level: int) -> tuple[Bytes, Bytes]:
        """The raster of a level: BGR with light (255 full, 0 shadow) as fourth channel, and the material."""
        res = self.resolution_m(level)
        reach = SIZE_PX * res
        corners = np.array([[-reach / 2, -BEHIND_M * 2**level], [reach / 2, reach]])
        across = self._view.right[None] * np.array(
            [[corners[0, 0]], [corners[1, 0]], [corners[1, 0]], [corners[0, 0]]]
        )
        along = self._view.ahead[None] * np.array(
            [[corners[0, 1]], [corners[0, 1]], [corners[1, 1]], [corners[1, 1]]]
        )
        window = Polygon(across + along)
        image = np.empty((SIZE_PX, SIZE_PX, 4), np.uint8)
        image[:] = (*COLOURS[SOIL], 255)
        material = np.full((SIZE_PX, SIZE_PX), SOIL, np.uint8)
        for fill in self._fills:
            rings = self._rings(fill.shape, window, level)
            if rings:
                cv2.fillPoly(image, rings, (*fill.bgr, 255), cv2.LINE_AA, _SHIFT)
                cv2.fillPoly(material, rings, fill.material, cv2.LINE_8, _SHIFT)
        light = np.full((SIZE_PX, SIZE_PX), 255, np.uint8)
        for fill in self._shadows:
            rings = self._rings(fill.shape, window, level)
            if rings:
                cv2.fillPoly(light, rings, fill.shadow or 0, cv2.LINE_AA, _SHIFT)
        sigma = 0.12 / res
        if sigma > 0.4:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), sigma), np.uint8)
        image[:, :, 3] = light
        return image, material

    def _rings(self, shape: Polygon, window: Polygon, level: int) -> list[NDArray[np.int32]]:
        if not shape.intersects(window):
            return []
        found = []
        for part in polygons(shape.intersection(window)):
            for ring in (part.exterior, *part.interiors):
                flat = self._view.side_ahead(np.array(ring.coords)[:, :2])
                pixels = self.to_pixels(flat, level)
                found.append(np.round(pixels * (1 << _SHIFT)).astype(np.int32))
        return found


def _land(view: View) -> list[Fill]:
    near = box(-900, -900, 900, 900)
    found: list[Fill] = []
    # A yard lies within its block's own area, so it is painted after it.
    for area in sorted(view.city.areas, key=lambda a: a.use == "yard"):
        if area.kind == "district":
            continue
        shape = Polygon(view.local(area.ring), [view.local(hole) for hole in area.holes])
        if not shape.intersects(near):
            continue
        if area.kind == "water":
            # The quay: a stone edge round the water.
            found.append(Fill(shape.buffer(9.0), PAVING, (146, 154, 160)))
            found.append(Fill(shape.buffer(0.7), PAINT, (168, 176, 182)))
            found.append(Fill(shape, WATER, COLOURS[WATER]))
            continue
        material = GRASS if area.kind == "park" else _USES.get(area.use, PAVING)
        found.append(Fill(shape, material, COLOURS[material]))
        found.extend(_beds(shape, area.use))
    for building in view.city.buildings:
        ring = view.local(building.ring)
        if np.abs(ring).max() < 600:
            shape = Polygon(ring)
            found.append(Fill(shape.buffer(2.6, join_style="mitre"), PAVING, COLOURS[PAVING]))
            found.append(Fill(shape.buffer(0.25), SOIL, (96, 102, 106)))
    water_last = [f for f in found if f.material == WATER]
    return [f for f in found if f.material != WATER] + water_last


def _beds(shape: Polygon, use: str) -> list[Fill]:
    """Hedges along the back of the sidewalk, bands in the square's paving."""
    found: list[Fill] = []
    if use == "square":
        for index, inset in enumerate(range(3, 60, 7)):
            ring = shape.buffer(-inset)
            if not ring.is_empty:
                band = ring.difference(shape.buffer(-inset - 0.6))
                colour = (140, 150, 160) if index % 2 else (120, 132, 150)
                found.extend(Fill(p, TILES, colour) for p in polygons(band))
    elif use in ("residential", "public", "school", "hospital", "commercial"):
        band = shape.buffer(-0.4).difference(shape.buffer(-1.8))
        found.extend(Fill(p, GRASS, (48, 92, 70)) for p in polygons(band))
    return found


def _roads(streets: StreetMap) -> list[Fill]:
    found = [Fill(p, PAVING, COLOURS[PAVING]) for p in polygons(streets.sidewalk)]
    found += [Fill(p, PAINT, _KERB) for p in polygons(streets.asphalt.buffer(0.16))]
    found += [Fill(p, ASPHALT, COLOURS[ASPHALT]) for p in polygons(streets.asphalt)]
    for street in streets.streets:
        shape = street.shape
        if not shape.bike_m:
            continue
        line = streets.lines[street.id]
        inner = shape.lanes / 2 * shape.lane_m + 0.1
        for side in (-1.0, 1.0):
            ring = line.band(side * inner, side * (inner + shape.bike_m - 0.3), 0.0, line.length_m)
            band = Polygon(ring).buffer(0).intersection(streets.asphalt)
            found += [Fill(p, ASPHALT, _BIKE) for p in polygons(band)]
    # Bare asphalt inside the crossings.
    for crossing, arms in streets.arms.items():
        del crossing
        for arm in arms:
            core = LineString(arm.path.offset(0.0, 0.0, arm.setback_m)).buffer(
                arm.street.width_m / 2, cap_style="flat"
            )
            core = core.intersection(streets.asphalt)
            found += [Fill(p, ASPHALT, COLOURS[ASPHALT]) for p in polygons(core)]
    return found


def _marks(streets: StreetMap) -> list[Fill]:
    found = []
    for mark in streets.marks():
        ring = Polygon(mark.ring)
        if ring.is_valid and ring.area > 0.01:
            found.append(Fill(ring, PAINT, mark.bgr))
    return found


def _wear(streets: StreetMap) -> list[Fill]:
    """What years leave on a road: mended patches, and covers of shafts."""
    rng = np.random.default_rng(17)
    found: list[Fill] = []
    for street in streets.streets:
        line = streets.lines[street.id]
        if np.hypot(*line.points.T).min() > 160:
            continue
        half = street.width_m / 2
        for station in np.arange(rng.uniform(0, 12), line.length_m, 17.0):
            aside = rng.uniform(-half + 1.5, half - 1.5)
            if rng.random() < 0.45:
                long, wide = rng.uniform(1.5, 7.0), rng.uniform(0.6, 1.5)
                tone = int(rng.integers(86, 114))
                ring = Polygon(line.band(aside - wide, aside + wide, station, station + long))
                ring = ring.buffer(0).intersection(streets.asphalt)
                found += [Fill(p, ASPHALT, (tone, tone - 2, tone - 4)) for p in polygons(ring)]
            else:
                x, y, _ = line.at(station, aside)
                found.append(Fill(shapely.Point(x, y).buffer(0.42), PAINT, (116, 116, 114)))
                found.append(Fill(shapely.Point(x, y).buffer(0.34), PAINT, (70, 70, 70)))
    return found


def _prism_shadow(ring: Floats, height_m: float) -> list[Fill]:
    """The ground that an upright prism keeps from the sun."""
    moved = ring + SHADOW_PER_M * height_m
    parts = [Polygon(ring).buffer(0), Polygon(moved).buffer(0)]
    for a, b, c, d in zip(
        ring, np.roll(ring, -1, axis=0), np.roll(moved, -1, axis=0), moved, strict=True
    ):
        parts.append(Polygon([a, b, c, d]).buffer(0))
    return [Fill(p, 0, (0, 0, 0), 0) for p in polygons(shapely.union_all(parts))]


def _shadows(view: View) -> list[Fill]:
    found: list[Fill] = []
    for building in view.city.buildings:
        ring = view.local(building.ring)
        if np.abs(ring).max() < 450:
            found += _prism_shadow(ring, building.height_m)
    for ring, height_m in furniture.shadow_casters(view):
        found += _prism_shadow(ring, height_m)
    rng = np.random.default_rng(5)
    for tree in view.city.trees:
        at = view.local([tree.at])[0]
        if np.abs(at).max() > 160:
            continue
        middle = at + SHADOW_PER_M * (tree.height_m - tree.crown_m * 0.5)
        stretch = math.hypot(*SHADOW_PER_M) * 0.55
        turn = math.atan2(SHADOW_PER_M[1], SHADOW_PER_M[0])
        blobs = []
        for _ in range(14):
            x, y = rng.normal(0.0, 0.42, 2)
            size = tree.crown_m * rng.uniform(0.12, 0.26)
            angle = np.linspace(0, 2 * math.pi, 12, endpoint=False)
            ex = (x * tree.crown_m * 0.62 + size * np.cos(angle)) * (1 + stretch * 0.5)
            ey = y * tree.crown_m * 0.62 + size * np.sin(angle)
            blobs.append(
                Polygon(
                    np.stack(
                        [
                            middle[0] + ex * math.cos(turn) - ey * math.sin(turn),
                            middle[1] + ex * math.sin(turn) + ey * math.cos(turn),
                        ],
                        axis=1,
                    )
                )
            )
        trunk = LineString([at, middle]).buffer(0.11)
        union = shapely.union_all([*blobs, trunk])
        found += [Fill(p, 0, (0, 0, 0), 30) for p in polygons(union)]
    return found
