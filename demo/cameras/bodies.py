"""The shapes of cars, vans, buses, trucks and barges, in metres: ahead, right, up from the ground under the middle."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np

from demo.cameras.actors import Body
from demo.cameras.ink import Bgr
from demo.cameras.solids import Builder, Model, Side

GLASS: Bgr = (74, 66, 58)
PAINTS: tuple[Bgr, ...] = (
    (226, 226, 224), (206, 206, 202), (58, 56, 54), (120, 118, 114), (150, 96, 50), (46, 42, 150),
    (196, 200, 204), (92, 72, 52), (66, 88, 120), (232, 232, 230), (40, 40, 42), (130, 140, 150),
)  # fmt: skip


# fmt: off
def _car(
    bgr: Bgr, *, tall: float = 1.0, rear: float = 0.0, sign: bool = False, stripe: Bgr | None = None
) -> Model:
    """A sedan; ``tall`` stretches it upwards, ``rear`` 0..1 moves the roof's end back: 1 is an SUV or hatchback."""
    b = Builder()

    def z(v: float) -> float:
        return v * tall

    roof_end = -0.95 - 0.95 * rear
    trunk = -1.62 - 0.5 * rear
    profile: Side = [
        (-2.22, 0.28), (-2.30, z(0.62)), (-2.24, z(0.92)), (trunk, z(0.98)), (roof_end, z(1.40)),
        (-0.25, z(1.46)), (0.40, z(1.42)), (1.12, z(0.98)), (2.02, z(0.84)), (2.26, z(0.64)), (2.28, 0.28),
    ]  # fmt: skip
    width = [0.86, 0.88, 0.86, 0.82, 0.62, 0.64, 0.64, 0.82, 0.84, 0.82, 0.80]
    half = np.array(width)
    g, body = (GLASS, True), (bgr, False)
    b.extrude(profile, half, [body, body, body, g, body, body, g, body, body, body])
    lower: Side = [
        profile[0],
        profile[10],
        profile[9],
        profile[8],
        profile[7],
        profile[3],
        profile[2],
        profile[1],
    ]
    b.both_sides(lower, np.array([0.86, 0.80, 0.82, 0.86, 0.86, 0.86, 0.88, 0.88]), bgr)
    cabin: Side = [profile[3], profile[7], profile[6], profile[5], profile[4]]
    b.both_sides(cabin, half[[3, 7, 6, 5, 4]], bgr)
    low, high = z(1.0), z(1.37)
    for x0, x1, t0, t1 in (
        (trunk + 0.34, -0.24, roof_end + 0.16, -0.26),
        (-0.14, 0.98, -0.14, 0.42),
    ):
        window: Side = [(x0, low), (x1, low), (t1, high), (t0, high)]
        b.both_sides(window, np.array([0.83, 0.83, 0.66, 0.66]), GLASS, 1, True)
    b.wheels([-1.38, 1.36], 0.88, 0.33 * tall)
    lamp: Bgr = (226, 232, 236)
    for s in (-1.0, 1.0):
        b.face(
            [
                (2.27, s * 0.46, z(0.62)),
                (2.27, s * 0.78, z(0.60)),
                (2.24, s * 0.78, z(0.74)),
                (2.24, s * 0.46, z(0.76)),
            ],
            lamp,
            2,
        )
        b.face(
            [
                (-2.31, s * 0.50, z(0.66)),
                (-2.31, s * 0.82, z(0.66)),
                (-2.28, s * 0.82, z(0.84)),
                (-2.28, s * 0.50, z(0.84)),
            ],
            (36, 30, 170),
            2,
        )
    b.face(
        [(2.30, -0.26, 0.40), (2.30, 0.26, 0.40), (2.30, 0.26, 0.52), (2.30, -0.26, 0.52)],
        (160, 96, 40),
        2,
    )
    b.face(
        [
            (-2.32, -0.26, z(0.58)),
            (-2.32, 0.26, z(0.58)),
            (-2.32, 0.26, z(0.70)),
            (-2.32, -0.26, z(0.70)),
        ],
        (160, 96, 40),
        2,
    )
    b.face(
        [(2.30, -0.5, 0.56), (2.30, 0.5, 0.56), (2.28, 0.5, 0.66), (2.28, -0.5, 0.66)],
        (44, 44, 46),
        2,
    )
    if stripe:
        band: Side = [(-2.2, z(0.56)), (2.15, z(0.56)), (2.15, z(0.74)), (-2.2, z(0.74))]
        b.both_sides(band, np.full(4, 0.885), stripe, 1)
    if sign:
        colour: Bgr = (60, 190, 236) if stripe != (150, 70, 30) else (60, 40, 210)
        b.box(-0.32, -0.1, 0.34, z(1.46), z(1.46) + 0.17, colour, 3)
    return b.build(4.56, 1.76, 1.46 * tall)


def _van(bgr: Bgr) -> Model:
    b = Builder()
    profile: Side = [
        (-2.4, 0.3),
        (-2.45, 1.9),
        (1.35, 1.95),
        (2.15, 1.1),
        (2.42, 0.95),
        (2.45, 0.3),
    ]
    half = np.array([0.92, 0.84, 0.82, 0.90, 0.90, 0.92])
    b.extrude(
        profile, half, [(bgr, False), (bgr, False), (GLASS, True), (bgr, False), (bgr, False)]
    )
    b.both_sides(
        [profile[0], profile[5], profile[4], profile[3], profile[2], profile[1]],
        half[[0, 5, 4, 3, 2, 1]],
        bgr,
    )
    for x0, x1, t1 in ((-2.2, -0.9, -0.9), (-0.8, 0.55, 0.55), (0.65, 1.9, 1.32)):
        b.both_sides(
            [(x0, 1.16), (x1, 1.16), (t1, 1.74), (x0, 1.74)],
            np.array([0.90, 0.90, 0.86, 0.86]),
            GLASS,
            1,
            True,
        )
    b.face(
        [(-2.44, -0.7, 1.2), (-2.44, 0.7, 1.2), (-2.46, 0.66, 1.75), (-2.46, -0.66, 1.75)],
        GLASS,
        1,
        True,
    )
    b.wheels([-1.5, 1.55], 0.93, 0.35)
    for s in (-1.0, 1.0):
        b.face(
            [
                (2.46, s * 0.5, 0.75),
                (2.46, s * 0.85, 0.75),
                (2.44, s * 0.85, 0.92),
                (2.44, s * 0.5, 0.92),
            ],
            (226, 232, 236),
            2,
        )
        b.face(
            [
                (-2.46, s * 0.66, 0.7),
                (-2.46, s * 0.88, 0.7),
                (-2.46, s * 0.88, 1.1),
                (-2.46, s * 0.66, 1.1),
            ],
            (36, 30, 170),
            2,
        )
    return b.build(4.9, 1.84, 1.95)


def _bus(bgr: Bgr) -> Model:
    b = Builder()
    profile: Side = [
        (-5.5, 0.35),
        (-5.55, 2.95),
        (-5.3, 3.1),
        (5.3, 3.1),
        (5.5, 2.9),
        (5.55, 1.2),
        (5.55, 0.35),
    ]
    half = np.array([1.25, 1.22, 1.18, 1.18, 1.22, 1.25, 1.25])
    body: tuple[Bgr, bool] = (bgr, False)
    roof: tuple[Bgr, bool] = ((224, 226, 226), False)
    b.extrude(profile, half, [body, body, roof, body, (GLASS, True), body])
    b.both_sides(
        [profile[0], profile[6], profile[5], profile[4], profile[3], profile[2], profile[1]],
        half[[0, 6, 5, 4, 3, 2, 1]],
        bgr,
    )
    x = -5.2
    while x < 4.8:
        b.both_sides(
            [(x, 1.45), (x + 1.55, 1.45), (x + 1.55, 2.6), (x, 2.6)],
            np.full(4, 1.252),
            GLASS,
            1,
            True,
        )
        x += 1.68
    b.both_sides(
        [(-5.5, 0.62), (5.5, 0.62), (5.5, 0.95), (-5.5, 0.95)],
        np.full(4, 1.253),
        (226, 228, 228),
        1,
    )
    b.face(
        [(-5.56, -1.0, 1.7), (-5.56, 1.0, 1.7), (-5.57, 1.0, 2.6), (-5.57, -1.0, 2.6)],
        GLASS,
        1,
        True,
    )
    b.face(
        [(5.56, -0.8, 2.62), (5.56, 0.8, 2.62), (5.53, 0.8, 2.86), (5.53, -0.8, 2.86)],
        (40, 140, 220),
        2,
    )
    b.wheels([-3.0, 3.3], 1.26, 0.48)
    for s in (-1.0, 1.0):
        b.face(
            [
                (5.57, s * 0.7, 0.6),
                (5.57, s * 1.15, 0.6),
                (5.57, s * 1.15, 0.85),
                (5.57, s * 0.7, 0.85),
            ],
            (226, 232, 236),
            2,
        )
        b.face(
            [
                (-5.57, s * 0.95, 0.6),
                (-5.57, s * 1.2, 0.6),
                (-5.57, s * 1.2, 1.1),
                (-5.57, s * 0.95, 1.1),
            ],
            (36, 30, 170),
            2,
        )
    return b.build(11.1, 2.5, 3.1)


def _truck(bgr: Bgr) -> Model:
    b = Builder()
    b.box(-3.3, 1.35, 1.1, 0.75, 2.85, (212, 216, 218))
    profile: Side = [(1.5, 0.4), (1.5, 2.25), (2.5, 2.25), (3.15, 1.35), (3.25, 0.4)]
    half = np.array([1.02, 0.98, 0.96, 1.0, 1.02])
    b.extrude(profile, half, [(bgr, False), (bgr, False), (GLASS, True), (bgr, False)])
    b.both_sides(
        [profile[0], profile[4], profile[3], profile[2], profile[1]], half[[0, 4, 3, 2, 1]], bgr
    )
    b.both_sides(
        [(1.75, 1.35), (2.95, 1.35), (2.45, 2.05), (1.75, 2.05)],
        np.array([1.02, 1.02, 0.98, 0.98]),
        GLASS,
        1,
        True,
    )
    b.both_sides(
        [(-3.2, 0.45), (1.5, 0.45), (1.5, 0.75), (-3.2, 0.75)], np.full(4, 0.95), (60, 62, 64)
    )
    b.wheels([-2.2, 2.3], 1.06, 0.42)
    for s in (-1.0, 1.0):
        b.face(
            [
                (3.27, s * 0.6, 0.6),
                (3.27, s * 0.95, 0.6),
                (3.26, s * 0.95, 0.8),
                (3.26, s * 0.6, 0.8),
            ],
            (226, 232, 236),
            2,
        )
        b.face(
            [
                (-3.32, s * 0.8, 0.55),
                (-3.32, s * 1.05, 0.55),
                (-3.32, s * 1.05, 0.72),
                (-3.32, s * 0.8, 0.72),
            ],
            (36, 30, 170),
            2,
        )
    return b.build(6.55, 2.2, 2.85)


def _bag() -> Model:
    """A travelling bag with its handle up."""
    b = Builder()
    b.box(-0.30, 0.30, 0.20, 0.03, 0.50, (52, 44, 120))
    b.box(-0.24, 0.24, 0.205, 0.12, 0.20, (90, 80, 170), 1)
    b.box(-0.10, 0.10, 0.03, 0.50, 0.62, (40, 40, 44), 1)
    return b.build(0.6, 0.4, 0.62)


def _boat() -> Model:
    """A river barge: a long hull with sand in it and a deckhouse aft."""
    b = Builder()
    outline = [(-13.0, 2.4), (8.0, 2.6), (12.0, 1.5), (14.0, 0.2)]
    for (x0, h0), (x1, h1) in itertools.pairwise(outline):
        for s in (-1.0, 1.0):
            b.face(
                [
                    (x0, s * h0 * 0.9, 0.0),
                    (x1, s * h1 * 0.9, 0.0),
                    (x1, s * h1, 1.25),
                    (x0, s * h0, 1.25),
                ],
                (66, 74, 110),
            )
            b.face(
                [
                    (x0, s * h0 * 1.005, 1.0),
                    (x1, s * h1 * 1.005, 1.0),
                    (x1, s * h1 * 1.01, 1.25),
                    (x0, s * h0 * 1.01, 1.25),
                ],
                (60, 60, 62),
                1,
            )
    b.face(
        [(-13.0, -2.2, 0.0), (-13.0, 2.2, 0.0), (-13.0, 2.4, 1.25), (-13.0, -2.4, 1.25)],
        (66, 74, 110),
    )
    deck = [(x, h, 1.25) for x, h in outline] + [(x, -h, 1.25) for x, h in reversed(outline)]
    b.face(deck, (120, 126, 132), 1)
    b.face([(-8.0, -1.8, 1.3), (7.5, -1.9, 1.3), (0.0, 0.0, 2.3)], (96, 140, 168), 2)
    b.face([(-8.0, 1.8, 1.3), (7.5, 1.9, 1.3), (0.0, 0.0, 2.3)], (110, 156, 186), 2)
    b.box(-12.4, -9.2, 1.7, 1.25, 3.7, (222, 226, 228), 3)
    b.both_sides(
        [(-12.0, 2.5), (-9.6, 2.5), (-9.6, 3.3), (-12.0, 3.3)], np.full(4, 1.71), GLASS, 4, True
    )
    b.face(
        [(-9.19, -1.4, 2.5), (-9.19, 1.4, 2.5), (-9.19, 1.4, 3.3), (-9.19, -1.4, 3.3)],
        GLASS,
        4,
        True,
    )
    return b.build(27.0, 5.2, 3.7)


@lru_cache(maxsize=256)
def model(body: Body, look: int) -> Model:
    """The body of a vehicle with its colour."""
    paint = PAINTS[look % len(PAINTS)]
    match body:
        case "sedan":
            return _car(paint)
        case "suv":
            return _car(paint, tall=1.16, rear=1.0)
        case "taxi":
            return _car(
                (96, 170, 72) if look % 2 else (60, 160, 226), sign=True, stripe=(226, 226, 224)
            )
        case "police":
            return _car((230, 230, 228), sign=True, stripe=(150, 70, 30))
        case "van":
            return _van(paint)
        case "truck":
            return _truck(((170, 90, 40), (50, 60, 180), (200, 200, 198))[look % 3])
        case "bus":
            return _bus(((60, 150, 60), (190, 120, 40), (60, 110, 220))[look % 3])
        case "boat":
            return _boat()
        case "bag":
            return _bag()
        case _:
            raise ValueError(f"{body!r} is no vehicle")
# fmt: on
