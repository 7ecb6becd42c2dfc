"""The still part of a camera's picture, rendered once in true perspective and kept on disk."""

from __future__ import annotations

import hashlib
import logging
import math
from dataclasses import dataclass
from pathlib import Path as FilePath

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras import furniture, groundpaint
from demo.cameras.canvas import SCALE, Canvas
from demo.cameras.facade import facade
from demo.cameras.groundpaint import GroundPaint
from demo.cameras.streetmap import StreetMap
from demo.cameras.trees import sprite
from demo.cameras.view import HAZE, HAZE_M, SHADE, SUN, View
from demo.city_model import Building

Bytes = NDArray[np.uint8]
Floats32 = NDArray[np.float32]
log = logging.getLogger(__name__)

_SKY_TOP = np.array([232, 196, 158], dtype=np.float32)
_SKY_LOW = np.array([236, 226, 214], dtype=np.float32)
_FAR_M = 620.0
_SOURCES = (
    "static", "canvas", "groundpaint", "facade", "trees", "furniture", "streetmap", "view", "path",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Background:
    """What does not move.

    ``bgr`` is ``(h, w, 3)``; ``occluder_m`` ``(h, w)`` is the depth of what stands in front of the ground,
    infinity where only ground or sky is seen.
    """

    bgr: Bytes
    occluder_m: Floats32


def background(view: View, streets: StreetMap, folder: FilePath | None) -> Background:
    """The camera's still picture, from ``folder`` where it was rendered before."""
    cached = folder / f"{view.camera.code}-{_fingerprint(view)}.npz" if folder else None
    if cached is not None and cached.is_file():
        try:
            with np.load(cached) as stored:
                return Background(stored["bgr"], stored["occluder_m"])
        except (OSError, ValueError, KeyError) as error:
            log.warning("scene cache is unreadable and made anew file=%s error=%s", cached, error)
    made = render(view, streets)
    if cached is not None and folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{view.camera.code}-*.npz"):
            if ".tmp." not in old.name:  # another process's half-written file
                old.unlink(missing_ok=True)
        # A name of its own first: another process may render the same camera.
        half = cached.with_suffix(f".{id(made)}.tmp.npz")
        np.savez(half, bgr=made.bgr, occluder_m=made.occluder_m)
        half.replace(cached)
    return made


def _fingerprint(view: View) -> str:
    """Changes with anything that changes the picture: the renderer's source, the camera, the city round it."""
    digest = hashlib.sha256()
    here = FilePath(__file__).parent
    for name in _SOURCES:
        digest.update((here / f"{name}.py").read_bytes())
    camera, city = view.camera, view.city
    digest.update(repr(camera).encode())
    for kind in (city.streets, city.areas, city.buildings, city.fences, city.trees):
        digest.update(repr(kind).encode())
    return digest.hexdigest()[:20]


def render(view: View, streets: StreetMap) -> Background:
    """Renders the camera's still picture."""
    canvas = Canvas(view)
    _sky(canvas)
    material = _ground(canvas, GroundPaint(view, streets))
    _buildings(canvas)
    furniture.draw(canvas, streets)
    _trees(canvas)
    _haze(canvas)
    _water(canvas, material)
    return _develop(canvas)


def _sky(canvas: Canvas) -> None:
    up = np.clip(canvas.rays[:, :, 2] * 3.0, 0.0, 1.0)[:, :, None]
    canvas.bgr[:] = _SKY_LOW * (1 - up) + _SKY_TOP * up


def _ground(canvas: Canvas, paint: GroundPaint) -> Bytes:
    """Paints the ground; returns the material of each pixel (255 above the horizon)."""
    view, rays = canvas.view, canvas.rays
    below = rays[:, :, 2] < -0.004
    t = np.where(below, view.eye[2] / np.maximum(-rays[:, :, 2], 1e-4), 0.0).astype(np.float32)
    east, north = rays[:, :, 0] * t, rays[:, :, 1] * t
    canvas.depth = np.where(below, t, np.inf).astype(np.float32)
    flat = np.stack(
        [
            east * view.right[0] + north * view.right[1],
            east * view.ahead[0] + north * view.ahead[1],
        ],
        axis=-1,
    )
    focal = view.ground.focal_px * SCALE
    across_m = t / focal
    along_m = t * t / (focal * view.eye[2])
    mean_m = np.sqrt(across_m * along_m)
    wanted = np.clip(np.log2(np.maximum(mean_m, 1e-3) / groundpaint.FINEST_M), 0, paint_top())
    colour = np.zeros((*t.shape, 4), np.float32)
    material = np.full(t.shape, 255, np.uint8)
    for level in range(groundpaint.LEVELS):
        weight = np.clip(1.0 - np.abs(wanted - level), 0.0, 1.0)
        rows = np.flatnonzero((weight * below).any(axis=1))
        if not len(rows):
            continue
        part = slice(rows[0], rows[-1] + 1)
        image, kinds = paint.paint(level)
        pixels = GroundPaint.to_pixels(flat[part], level).astype(np.float32)
        x, y = np.ascontiguousarray(pixels[..., 0]), np.ascontiguousarray(pixels[..., 1])
        seen = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        kind = cv2.remap(kinds, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        colour[part] += seen * weight[part, :, None]
        chosen = (weight[part] >= 0.5) & below[part]
        material[part][chosen] = kind[chosen]
    _texture(colour, material, east, north, mean_m)
    light = colour[:, :, 3:4] / 255.0
    shaded = colour[:, :, :3] * (SHADE.astype(np.float32) * (1 - light) + light)
    np.copyto(canvas.bgr, shaded, where=below[:, :, None])
    return material


def paint_top() -> float:
    """The coarsest level of the painted ground."""
    return float(groundpaint.LEVELS - 1)


def _texture(
    colour: Floats32, material: Bytes, east: Floats32, north: Floats32, mean_m: Floats32
) -> None:
    """Grain of asphalt, blades of grass, joints of paving: fades out where a pixel covers more than it."""
    rng = np.random.default_rng(11)
    fine = rng.normal(0, 1, (512, 512)).astype(np.float32)
    blurred = cv2.GaussianBlur(np.tile(fine, (3, 3)), (0, 0), 6)[512:1024, 512:1024]
    soft = np.asarray(blurred, np.float32)
    soft /= soft.std()

    def sample(noise: Floats32, per_m: float) -> Floats32:
        x = np.mod(east * per_m, 512).astype(np.float32)
        y = np.mod(north * per_m, 512).astype(np.float32)
        sampled = cv2.remap(noise, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(sampled, np.float32)

    small = sample(fine, 14.0) * np.clip(0.11 / np.maximum(mean_m, 1e-3), 0, 1)
    middle = sample(soft, 9.0) * np.clip(0.8 / np.maximum(mean_m, 1e-3), 0, 1)
    large = sample(soft, 1.1)
    amount = np.zeros_like(east)
    for kind, (a, b, c) in {
        groundpaint.SOIL: (5.0, 4.0, 4.0),
        groundpaint.ASPHALT: (5.0, 2.6, 3.6),
        groundpaint.PAVING: (2.5, 2.5, 3.0),
        groundpaint.GRASS: (9.0, 6.5, 6.0),
        groundpaint.PAINT: (4.0, 6.0, 3.0),
        groundpaint.TILES: (2.0, 1.6, 2.4),
        groundpaint.CONCRETE: (3.5, 3.0, 4.5),
    }.items():
        amount += (material == kind) * (a * small + b * middle + c * large)
    for kind, size, strength in (
        (groundpaint.PAVING, 0.6, 14.0),
        (groundpaint.TILES, 1.2, 16.0),
        (groundpaint.CONCRETE, 5.0, 26.0),
    ):
        joint = np.zeros_like(east)
        for axis in (east * 0.97 + north * 0.24, north * 0.97 - east * 0.24):
            off = np.abs(np.mod(axis, size) - size / 2)
            joint = np.maximum(joint, np.clip(1 - (size / 2 - off) / (0.02 + mean_m * 0.7), 0, 1))
        amount -= (
            (material == kind)
            * joint
            * strength
            * np.clip(size * 0.16 / np.maximum(mean_m, 1e-3), 0, 1)
        )
        if size < 2:
            tile = (
                np.sin(
                    np.floor((east * 0.97 + north * 0.24) / size) * 12.9898
                    + np.floor((north * 0.97 - east * 0.24) / size) * 78.233
                )
                * 43758.5
            )
            tile = (tile - np.floor(tile) - 0.5).astype(np.float32)
            amount += (
                (material == kind)
                * tile
                * 9.0
                * np.clip(size * 0.5 / np.maximum(mean_m, 1e-3) - 0.3, 0, 1)
            )
    colour[:, :, :3] += amount[:, :, None]


def _buildings(canvas: Canvas) -> None:
    view = canvas.view
    shown: list[tuple[float, Building, NDArray[np.float64]]] = []
    for building in view.city.buildings:
        ring = view.local(building.ring)
        if view.in_sight(ring, reach_m=_FAR_M):
            shown.append((float(np.hypot(ring[:, 0], ring[:, 1]).min()), building, ring))
    for _, building, ring in sorted(shown, key=lambda s: -s[0]):
        if _area(ring) < 0:
            ring = ring[::-1]
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            _wall(canvas, building, a, b)
        if building.height_m < view.eye[2]:
            roof = np.column_stack([ring, np.full(len(ring), building.height_m)])
            canvas.face(roof, np.array([96, 98, 104.0]))


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _wall(
    canvas: Canvas, building: Building, a: NDArray[np.float64], b: NDArray[np.float64]
) -> None:
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    if length < 0.2:
        return
    # The ring runs counter-clockwise: outside is on the right.
    along = (b - a) / length
    normal = np.array([along[1], -along[0], 0.0])
    if normal[:2] @ a >= 0:
        return  # seen from behind
    height = building.height_m
    quad = np.array([[*a, 0], [*b, 0], [*b, height], [*a, height]])
    light = 0.50 + 0.52 * max(0.0, float(normal @ SUN))

    def shade(points: Floats32, depth: Floats32) -> Floats32:
        u = ((points[:, 0] - a[0]) * along[0] + (points[:, 1] - a[1]) * along[1]).astype(np.float32)
        slant = abs(float(normal[:2] @ (a / max(np.hypot(*a), 1e-6)))) + 0.15
        blur = depth / (canvas.view.ground.focal_px * SCALE) / min(slant, 1.0)
        colour = facade(building.kind, building.tint, length, height, u, points[:, 2], blur)
        return colour * np.float32(light) + np.float32(6.0)

    canvas.face(quad, shade)


def _trees(canvas: Canvas) -> None:
    view = canvas.view
    shown = []
    for number, tree in enumerate(view.city.trees):
        at = view.local([tree.at])
        if view.in_sight(at, margin_m=4.0, reach_m=_FAR_M):
            foot = np.array([[at[0, 0], at[0, 1], 0.0], [at[0, 0], at[0, 1], tree.height_m]])
            pixels, depth = view.project(foot)
            if depth.min() > 2.0:
                shown.append((float(depth[0]), number, pixels, tree))
    for depth_m, number, pixels, tree in sorted(shown, key=lambda s: -s[0]):
        picture = sprite(view, number * 7)
        if number % 2:
            picture = picture[:, ::-1]
        tall = float(pixels[0, 1] - pixels[1, 1])
        stretch = 1.0 + 0.12 * math.sin(number * 2.4)
        canvas.sprite(picture, pixels[0], tall * stretch, depth_m - tree.crown_m * 0.25)


def _haze(canvas: Canvas) -> None:
    share = (1 - np.exp(-np.minimum(canvas.depth, 5000.0) / HAZE_M))[:, :, None] * 0.85
    share[np.isinf(canvas.depth)] = 0.0
    canvas.bgr[:] = canvas.bgr * (1 - share) + HAZE.astype(np.float32) * share


def _water(canvas: Canvas, material: Bytes) -> None:
    """Water mirrors what stands behind it, broken by small waves, and shows its own colour where one looks down."""
    wet = (material == groundpaint.WATER) & np.isinf(canvas.occluder)
    if not wet.any():
        return
    view, rays = canvas.view, canvas.rays
    height, width = wet.shape
    y, x = np.nonzero(wet)
    top = np.where(wet.any(axis=0), wet.argmax(axis=0), 0)
    depth = canvas.depth[y, x]
    east, north = rays[y, x, 0] * depth, rays[y, x, 1] * depth
    wave = (
        np.sin(east * 2.1 + north * 1.3 + 2.0 * np.sin(north * 0.23))
        + np.sin(east * -1.7 + north * 2.9 + 1.0)
        + 0.7 * np.sin(east * 5.3 - north * 4.1)
    ).astype(np.float32)
    wave *= np.clip(14.0 / depth, 0.15, 1.0)
    rng = np.random.default_rng(3)
    jitter = rng.normal(0, 1.6, len(y)).astype(np.float32)
    my = top[x] - (y - top[x]) * 0.9 + wave * 7.0 + jitter
    mx = x + wave * 3.0
    sky = np.array([224, 206, 184], dtype=np.float32)
    inside = my >= 0
    sample = canvas.bgr[
        np.clip(my, 0, height - 1).astype(int), np.clip(mx, 0, width - 1).astype(int)
    ]
    mirror = np.where(inside[:, None], sample, sky)
    down = -rays[y, x, 2] / np.linalg.norm(rays[y, x], axis=1)
    fresnel = 0.10 + 0.72 * (1 - down) ** 3
    own = np.array([104, 108, 84], dtype=np.float32)
    colour = own * (1 - fresnel[:, None]) + mirror * fresnel[:, None] * 0.94 + wave[:, None] * 4.0
    canvas.bgr[y, x] = colour
    smooth = cv2.GaussianBlur(canvas.bgr, (5, 1), 0)
    canvas.bgr[wet] = smooth[wet]
    del view


def _develop(canvas: Canvas) -> Background:
    view = canvas.view
    size = (view.width_px, view.height_px)
    picture = cv2.resize(np.clip(canvas.bgr, 0, 255), size, interpolation=cv2.INTER_AREA)
    x = (np.arange(size[0]) / size[0] - 0.5) * 2
    y = (np.arange(size[1]) / size[1] - 0.5) * 2
    fall = 1 - 0.13 * (x[None, :] ** 2 + 0.7 * y[:, None] ** 2) ** 1.2
    grain = np.random.default_rng(7).normal(0, 1.5, picture.shape[:2])
    # Exposed for the shade, with a soft shoulder, as a camera on a pole does it.
    tone = 1.0 - np.exp(-0.85 * (picture / 255.0) ** 1.1)
    tone /= 1.0 - math.exp(-0.85)
    developed = tone * 255.0 * fall[:, :, None] + grain[:, :, None]
    occluder = canvas.occluder.reshape(view.height_px, SCALE, view.width_px, SCALE)
    # A pixel counts as covered when at least half of it is.
    nearest = np.sort(
        occluder.transpose(0, 2, 1, 3).reshape(view.height_px, view.width_px, -1), axis=2
    )
    covered = nearest[:, :, SCALE * SCALE // 2 - 1]
    return Background(
        np.clip(developed, 0, 255).astype(np.uint8), np.ascontiguousarray(covered, dtype=np.float32)
    )
