"""What a wall looks like: floors, windows, balconies, shop fronts, as a function of the place on the wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.city_model import BuildingKind

Floats = NDArray[np.float32]

_WALLS: dict[BuildingKind, tuple[tuple[int, int, int], ...]] = {
    "house": ((222, 228, 230), (212, 220, 226), (200, 212, 222), (188, 196, 204)),
    "slab": ((186, 204, 218), (176, 188, 214), (206, 212, 216), (160, 184, 212), (196, 206, 202)),
    "tower": ((206, 214, 222), (180, 196, 212), (150, 168, 188), (196, 200, 200)),
    "office": ((176, 172, 164), (200, 198, 194), (150, 152, 156), (190, 196, 204)),
    "hall": ((196, 190, 182), (200, 196, 186), (176, 182, 190)),
    "public": ((206, 216, 222), (196, 210, 222), (190, 196, 206)),
}
_SIGNS = np.array(
    [
        (40, 40, 190),
        (160, 90, 30),
        (40, 130, 60),
        (30, 140, 210),
        (150, 60, 130),
        (60, 60, 60),
        (200, 200, 205),
    ],
    dtype=np.float32,
)
_GLASS = np.array([112, 100, 88], dtype=np.float32)
_SKY = np.array([206, 190, 172], dtype=np.float32)


def _share(x: Floats, low: float, high: float, blur: Floats) -> Floats:
    """How much of a pixel of width ``blur`` centred at ``x`` lies between two edges, 0..1."""
    wide = np.maximum(blur, 1e-3)
    a = np.clip((x - low) / wide + 0.5, 0.0, 1.0)
    b = np.clip((high - x) / wide + 0.5, 0.0, 1.0)
    return np.asarray(a * b, dtype=np.float32)


def _noise(*cells: Floats) -> Floats:
    """A steady number 0..1 for each cell."""
    total = np.zeros_like(cells[0], dtype=np.float64)
    for weight, cell in zip((127.1, 311.7, 74.7, 19.3), cells, strict=False):
        total += cell.astype(np.float64) * weight
    value = np.sin(total) * 43758.5453
    return np.asarray(value - np.floor(value), dtype=np.float32)


def facade(
    kind: BuildingKind,
    tint: float,
    length_m: float,
    height_m: float,
    u: Floats,
    v: Floats,
    blur_m: Floats,
) -> Floats:
    """BGR 0..255 of wall points.

    Args:
        u: metres along the wall, ``(N,)``; v: metres above the ground; blur_m: width of a pixel on the wall.
    """
    walls = _WALLS[kind]
    base = np.array(walls[int(tint * 997) % len(walls)], dtype=np.float32)
    colour = np.tile(base, (len(u), 1))
    floor_m = {"house": 3.2, "slab": 3.0, "tower": 3.0, "office": 3.8, "hall": 6.0, "public": 3.6}[
        kind
    ]
    floors = max(1, round(height_m / floor_m))
    floor_m = height_m / floors
    bay_m = {"house": 3.0, "slab": 3.4, "tower": 3.2, "office": 1.6, "hall": 6.0, "public": 3.6}[
        kind
    ]
    bays = max(1, round(length_m / bay_m))
    bay_m = length_m / bays
    floor = np.floor(v / floor_m)
    bay = np.floor(u / bay_m)
    fv = v - floor * floor_m
    fu = u - bay * bay_m
    pick = _noise(bay, floor, np.full_like(u, tint * 100))
    # Weather: a little darker towards the foot and under the eaves, faint streaks.
    colour *= (0.94 + 0.06 * np.clip(v / 6.0, 0, 1) + 0.03 * (_noise(np.floor(u * 1.7)) - 0.5))[
        :, None
    ]

    def cover(mask: Floats, bgr: NDArray[np.floating]) -> None:
        np.copyto(colour, colour * (1 - mask[:, None]) + bgr * mask[:, None])

    glass = (
        _GLASS
        + (_SKY - _GLASS)
        * np.clip(0.15 + 0.5 * pick + 0.25 * v / max(height_m, 1), 0, 0.85)[:, None]
    )
    lit = np.array([176, 200, 214], dtype=np.float32)
    glass = np.where((pick > 0.86)[:, None], lit, glass)  # a drawn curtain
    if kind == "office":
        band = _share(fv, 0.75, floor_m - 0.35, blur_m)
        mullion = _share(fu, 0.06, bay_m - 0.06, blur_m)
        tone = glass * np.array([1.02, 1.0, 0.90], dtype=np.float32)
        cover(band * mullion, tone)
    elif kind == "hall":
        ribs = 0.04 * np.sin(u * 2 * np.pi / 0.9) * np.clip(1 - blur_m / 0.5, 0, 1)
        colour *= (1 + ribs)[:, None]
        strip = _share(v, height_m * 0.62, height_m * 0.80, blur_m) * _share(
            fu, 0.4, bay_m - 0.4, blur_m
        )
        cover(strip, glass)
        door = _share(v, 0.0, min(4.2, height_m * 0.6), blur_m) * _share(
            fu, 1.0, bay_m - 1.0, blur_m
        )
        cover(door * (np.mod(bay, 3) == 1), np.array([150, 120, 92], dtype=np.float32))
        cover(
            _share(v, height_m - 0.5, height_m, blur_m), np.array([150, 116, 82], dtype=np.float32)
        )
    elif kind == "house":
        wide = 0.5 if length_m > 8 else 0.7
        window = _share(fu, wide, bay_m - wide, blur_m) * _share(fv, 0.95, floor_m - 0.55, blur_m)
        frame = _share(fu, wide - 0.12, bay_m - wide + 0.12, blur_m) * _share(
            fv, 0.83, floor_m - 0.43, blur_m
        )
        cover(frame, np.array([62, 74, 92], dtype=np.float32))
        cover(window, glass * 0.85)
        cover(
            _share(v, height_m - 0.55, height_m, blur_m), np.array([84, 82, 80], dtype=np.float32)
        )
    else:
        # A slab's balconies: every other bay is open, with a pale parapet and a dark recess.
        open_bay = (
            (np.mod(bay, 2) == 0) if kind in ("slab", "tower") else np.zeros_like(u, dtype=bool)
        )
        side = 0.75 if kind != "public" else 0.85
        window = _share(fu, side, bay_m - side, blur_m) * _share(fv, 0.95, floor_m - 0.55, blur_m)
        recess = _share(fu, 0.25, bay_m - 0.25, blur_m) * _share(fv, 1.0, floor_m - 0.25, blur_m)
        rail = _share(fu, 0.18, bay_m - 0.18, blur_m) * _share(fv, 0.08, 1.0, blur_m)
        cover(window * ~open_bay, glass)
        cover(recess * open_bay, glass * 0.72)
        cover(rail * open_bay, base * 1.06)
        cover(_share(fv, 0.0, 0.14, blur_m) * (floor > 0), base * 0.86)
        if kind == "slab":
            unit = _share(fu, bay_m - 0.72, bay_m - 0.1, blur_m) * _share(fv, 0.3, 0.85, blur_m)
            cover(unit * (~open_bay & (pick > 0.35)), np.array([214, 216, 216], dtype=np.float32))
    shops = kind in ("house", "office") or (kind == "slab" and length_m > 20 and tint > 0.5)
    if shops and height_m > 5.5:
        shop = np.floor(u / 5.5)
        inside = u - shop * 5.5
        sign = _SIGNS[
            (_noise(shop, np.full_like(u, tint * 31)) * len(_SIGNS)).astype(int) % len(_SIGNS)
        ]
        ground_floor = _share(v, 0.0, 3.5, blur_m)
        cover(ground_floor, base * 0.8)
        cover(_share(v, 0.25, 2.6, blur_m) * _share(inside, 0.3, 5.2, blur_m), _GLASS * 0.75)
        cover(_share(v, 2.65, 3.45, blur_m) * _share(inside, 0.12, 5.38, blur_m), sign)
        letters = (_noise(np.floor(u / 0.28), shop) > 0.4) & (inside > 1.0) & (inside < 4.5)
        cover(
            _share(v, 2.86, 3.24, blur_m) * letters * np.clip(1 - blur_m / 0.25, 0, 1),
            np.array([235, 240, 240], dtype=np.float32),
        )
    return np.clip(colour, 0, 255)
