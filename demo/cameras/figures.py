"""People on foot and on two wheels: jointed figures whose legs, arms and wheels move with the way they come."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Placement
from demo.cameras.ink import Bgr, Drawing, Ink, axes_of, bounds, light_on, lit, shadow_of
from demo.cameras.view import SHADOW_PER_M, SUN, View

Floats = NDArray[np.float64]
SKIN: tuple[Bgr, ...] = ((142, 176, 214), (128, 162, 202), (156, 188, 222))
HAIR: tuple[Bgr, ...] = ((30, 30, 34), (36, 40, 52), (24, 24, 26), (120, 122, 124))
TOPS: tuple[Bgr, ...] = (
    (60, 60, 180), (170, 110, 50), (220, 222, 222), (60, 60, 62), (90, 140, 70), (70, 170, 220),
    (140, 80, 120), (200, 190, 160), (110, 112, 116), (60, 90, 150), (190, 150, 220), (40, 44, 60),
)  # fmt: skip
LEGS: tuple[Bgr, ...] = (
    (74, 58, 46),
    (52, 52, 54),
    (96, 78, 58),
    (120, 130, 140),
    (60, 66, 78),
    (40, 42, 48),
)
STRIDE_M = 1.45


Joint = tuple[float, float, float]
Stroke = tuple[Joint, Joint, float, Bgr, float]
"""Two ends in body axes, width in metres, colour, and how much nearer to the eye it counts when sorted."""

_LIMBS: tuple[tuple[str, float, str, float], ...] = (
    ("leg_l", 0.145, "legs", 0.0), ("leg_r", 0.145, "legs", 0.0), ("shank_l", 0.115, "legs", 0.0),
    ("shank_r", 0.115, "legs", 0.0), ("hips", 0.24, "legs", 0.02), ("waist", 0.255, "top", 0.03),
    ("shoulders", 0.25, "top", 0.03), ("arm_l", 0.10, "top", 0.0), ("arm_r", 0.10, "top", 0.0),
    ("fore_l", 0.078, "sleeve", 0.0), ("fore_r", 0.078, "sleeve", 0.0), ("shoe_l", 0.10, "shoes", 0.01),
    ("shoe_r", 0.10, "shoes", 0.01), ("neck", 0.10, "skin", 0.0), ("hand_l", 0.085, "skin", 0.01),
    ("hand_r", 0.085, "skin", 0.01),
)  # fmt: skip
_FAR_LIMBS = 7
_FAR_PX = 26.0
_FINE_PX = 70.0
_TINY_PX = 22.0


def _dress(look: int) -> dict[str, Bgr]:
    if look < 0:  # the intruder: dark clothes, a hood
        dark: Bgr = (48, 46, 52)
        return {
            "top": dark, "legs": (44, 44, 50), "skin": SKIN[0], "hair": (40, 40, 46),
            "shoes": (40, 40, 42), "sleeve": dark,
        }  # fmt: skip
    top, skin = TOPS[look % len(TOPS)], SKIN[look % len(SKIN)]
    return {
        "top": top,
        "legs": LEGS[(look // 3) % len(LEGS)],
        "skin": skin,
        "hair": HAIR[(look // 5) % len(HAIR)],
        "shoes": (44, 44, 48) if look % 3 else (220, 222, 224),
        "sleeve": top if look % 4 else skin,
    }


def draw(view: View, placement: Placement) -> Drawing | None:
    """The figure projected, None when it is behind or touches the lens."""
    foot, axes = axes_of(placement)
    look = placement.look
    size = 1.0 + 0.05 * math.sin(look * 1.7) - (0.22 if look % 17 == 5 else 0.0)
    riding = placement.body != "person"
    joints = _rider(placement) if riding else _walker(placement, size)
    away_m = math.dist(view.eye, foot)
    tall_px = 1.7 * view.ground.focal_px / away_m
    dress = _dress(look)
    if tall_px < _TINY_PX:
        return _tiny(view, placement, foot, axes, dress, size)
    strokes: list[Stroke] = _cycle(placement, look) if riding else []
    for name, width, part, bias in _LIMBS if tall_px > _FAR_PX else _LIMBS[:_FAR_LIMBS]:
        a, b = joints[name]
        strokes.append((a, b, width * size, dress[part], bias))
    if look % 5 == 1 and tall_px > _FAR_PX:
        a, b = joints["pack"]
        strokes.append((a, b, 0.24, (60, 70, 110) if look % 2 else (90, 70, 50), 0.0))
    local = np.array([joint for stroke in strokes for joint in stroke[:2]] + joints["head"])
    world = local @ axes + foot
    pixels, depth = view.project(world)
    if depth.min() < 1.5:
        return None
    focal = view.ground.focal_px
    toward = (view.eye - foot) / away_m
    # The side that is turned to the lens, a little to the sky, sets the brightness.
    light = float(light_on((toward * 0.7 + np.array([0.0, 0.0, 0.2]))[None])[0])
    points: list[Floats] = [pixels]
    count = len(pixels)
    drawn: list[tuple[float, Ink]] = []
    means = (depth[0 : 2 * len(strokes) : 2] + depth[1 : 2 * len(strokes) : 2]) / 2
    sun = _sun_px(view)
    for i, (a, b, width, bgr, bias) in enumerate(strokes):
        mean = float(means[i])
        px = max(width * focal / mean, 0.9)
        near = mean - bias
        tone = light * (0.97 + 0.06 * (i % 2))
        if a == b:
            drawn.append((near, Ink(2 * i, 2 * i + 1, lit(bgr, tone), px)))
            continue
        drawn.append((near, Ink(2 * i, 2 * i + 2, lit(bgr, tone), px)))
        if tall_px > _FINE_PX and px > 6:
            # A brighter edge on the sunny side gives the limb its roundness.
            pair = pixels[2 * i : 2 * i + 2]
            across = np.array([pair[1, 1] - pair[0, 1], pair[0, 0] - pair[1, 0]])
            across = across / max(math.hypot(*across), 1e-6)
            side = px * 0.2 if across @ sun > 0 else -px * 0.2
            points.append(pair + side * across)
            drawn.append((near - 0.002, Ink(count, count + 2, lit(bgr, tone * 1.14), px * 0.4)))
            count += 2
    base = 2 * len(strokes)
    head_m = float(depth[base])
    head_px = 0.215 * size * focal / head_m
    drawn.append((head_m - 0.05, Ink(base, base + 1, lit(dress["hair"], 1.0), head_px * 1.08)))
    facing = float(axes[0] @ toward)
    if facing > -0.35 and head_px > 3:
        face_px = head_px * (0.72 + 0.16 * facing)
        drawn.append((head_m - 0.07, Ink(base + 1, base + 2, lit(dress["skin"], 0.98), face_px)))
    if placement.body == "scooter" and look % 3:
        helmet = ((60, 60, 200), (210, 210, 208), (200, 150, 60))[look % 3]
        drawn.append((head_m - 0.06, Ink(base + 2, base + 3, lit(helmet, 1.05), head_px * 1.1)))
    drawn.sort(key=lambda item: -item[0])
    inks = [ink for _, ink in drawn]
    together = np.concatenate(points) if len(points) > 1 else pixels
    half = np.zeros(len(together))
    for ink in inks:
        half[ink.start : ink.end] = ink.width_px / 2
    return Drawing(
        placement, together, tuple(inks), shadow_of(view, _fattened(world, tall_px > _FINE_PX)), float(depth.mean()),
        bounds(together[: base + 1], half[: base + 1]),
    )  # fmt: skip


_WHEEL = tuple((math.cos(k * math.pi / 5), math.sin(k * math.pi / 5)) for k in range(10))
_AROUND: Floats = np.array([[0.1, 0.1, 0], [-0.1, -0.1, 0], [0.1, -0.1, 0], [-0.1, 0.1, 0]])
_SLIM: Floats = np.array(
    [
        (0, 0, 0.05), (0, 0, 0.85), (0, 0, 0.9), (0, 0, 1.4), (0, 0, 1.6),
        (0.15, 0.15, 0), (0.15, -0.15, 0), (-0.15, 0.15, 0), (-0.15, -0.15, 0), (0.1, 0, 1.6), (-0.1, 0, 1.6),
        (-0.85, 0, 0.3), (0.85, 0, 0.3),
    ]
)  # fmt: skip


def _tiny(
    view: View, placement: Placement, foot: Floats, axes: Floats, dress: dict[str, Bgr], size: float
) -> Drawing | None:
    """A figure so far away that legs, trunk and head are all that can be told apart."""
    riding = placement.body != "person"
    world = _SLIM @ axes * size + foot
    # The shadow's outline lies on the ground.
    world[5:11, :2] += world[5:11, 2:3] * SHADOW_PER_M
    world[5:11, 2] = 0.0
    pixels, depth = view.project(world)
    if depth.min() < 1.5:
        return None
    middle = float(depth[2])
    scale = view.ground.focal_px / middle
    inks = [
        Ink(0, 2, lit(dress["legs"], 0.85), 0.24 * scale),
        Ink(2, 4, lit(dress["top"], 0.9), 0.40 * scale),
        Ink(4, 5, lit(dress["hair"], 1.0), 0.25 * scale),
    ]
    if riding:
        inks.insert(0, Ink(11, 13, (46, 46, 48), 0.4 * scale))
    shadow: Floats = cv2.convexHull(pixels[5:11].astype(np.float32))[:, 0, :].astype(np.float64)
    half = np.array([0.12, 0.12, 0.2, 0.2, 0.125]) * scale
    box = bounds(pixels[:5], half)
    return Drawing(placement, pixels, tuple(inks), shadow, middle, box)


def _sun_px(view: View) -> Floats:
    right, down, _ = view.ground.rotation
    return np.array([float(right @ SUN), float(down @ SUN)])


def _fattened(points: Floats, closely: bool) -> Floats:
    """A few points beside each, so that a thin figure's shadow has some width."""
    around = _AROUND if closely else _AROUND[:2]
    spread: Floats = (points[:, None, :] + around[None]).reshape(-1, 3)
    np.maximum(spread[:, 2], 0.0, out=spread[:, 2])
    return spread


def _walker(state: Placement, size: float) -> dict[str, list[tuple[float, float, float]]]:
    """Ends of each limb in body axes (ahead, right, up), metres."""
    phase = 2 * math.pi * state.gone_m / (STRIDE_M * size * (1.5 if state.pose == "run" else 1.0))
    swing, bend, lean, sink = 0.46, 0.75, 0.02, 0.0
    if state.pose == "run":
        swing, bend, lean = 0.72, 1.4, 0.16
    elif state.pose == "stand":
        phase, swing, bend = 0.0, 0.03, 0.05
    elif state.pose == "crouch":
        phase, swing, bend, lean, sink = 0.6, 0.5, 1.6, 0.35, 0.32
    elif state.pose == "climb":
        swing, bend, lean, phase = 0.7, 1.5, 0.12, phase * 2.2
    hip = (
        0.90 * size - sink + (0.02 * math.cos(2 * phase) if state.pose in ("walk", "run") else 0.0)
    )
    shoulder = hip + 0.53 * size
    lean_x = lean * size
    joints: dict[str, list[tuple[float, float, float]]] = {}
    for side, name, turn in ((-1.0, "l", phase), (1.0, "r", phase + math.pi)):
        thigh = swing * math.sin(turn) + (0.5 if state.pose == "crouch" else 0.0)
        knee_bend = (
            bend * max(0.0, math.cos(turn)) ** 1.5 + 0.06 + (0.8 if state.pose == "crouch" else 0.0)
        )
        hx, hy = 0.0, side * 0.085 * size
        knee = (hx + 0.43 * size * math.sin(thigh), hy, hip - 0.43 * size * math.cos(thigh))
        shank = thigh - knee_bend
        ankle = (
            knee[0] + 0.43 * size * math.sin(shank),
            hy,
            max(0.06, knee[2] - 0.43 * size * math.cos(shank)),
        )
        joints[f"leg_{name}"] = [(hx, hy, hip), knee]
        joints[f"shank_{name}"] = [knee, ankle]
        joints[f"shoe_{name}"] = [
            (ankle[0] - 0.04, hy, ankle[2]),
            (ankle[0] + 0.15 * size, hy, max(0.05, ankle[2] - 0.02)),
        ]
        sy = side * 0.20 * size
        if state.pose == "climb":
            raised = 0.5 + 0.35 * math.sin(turn)
            elbow = (lean_x + 0.22 * size, sy, shoulder + 0.12 * raised)
            hand = (lean_x + 0.34 * size, sy, shoulder + 0.42 * raised)
        else:
            arm = -0.8 * swing * math.sin(turn) * (1.3 if state.pose == "run" else 1.0)
            elbow = (
                lean_x + 0.29 * size * math.sin(arm),
                sy + side * 0.03,
                shoulder - 0.29 * size * math.cos(arm),
            )
            fore = arm + (1.4 if state.pose == "run" else 0.25 + 0.2 * max(0.0, math.sin(arm)))
            hand = (
                elbow[0] + 0.25 * size * math.sin(fore),
                sy + side * 0.02,
                elbow[2] - 0.25 * size * math.cos(fore),
            )
        joints[f"arm_{name}"] = [(lean_x, sy, shoulder - 0.03), elbow]
        joints[f"fore_{name}"] = [elbow, hand]
        joints[f"hand_{name}"] = [hand, hand]
    joints["hips"] = [(0.0, -0.055 * size, hip), (0.0, 0.055 * size, hip)]
    joints["waist"] = [(0.0, 0.0, hip + 0.10 * size), (lean_x * 0.8, 0.0, shoulder - 0.12 * size)]
    joints["shoulders"] = [
        (lean_x, -0.10 * size, shoulder - 0.10 * size),
        (lean_x, 0.10 * size, shoulder - 0.10 * size),
    ]
    joints["neck"] = [(lean_x, 0.0, shoulder), (lean_x * 1.1, 0.0, shoulder + 0.10 * size)]
    joints["pack"] = [(lean_x - 0.19, 0.0, shoulder - 0.08), (lean_x - 0.17, 0.0, shoulder - 0.34)]
    top = shoulder + 0.22 * size
    joints["head"] = [
        (lean_x * 1.2, 0.0, top),
        (lean_x * 1.2 + 0.05, 0.0, top - 0.025),
        (lean_x * 1.2 - 0.005, 0.0, top + 0.03),
    ]
    return joints


def _rider(state: Placement) -> dict[str, list[tuple[float, float, float]]]:
    scooter = state.body == "scooter"
    seat = 0.80 if scooter else 0.98
    lean_x, shoulder = (0.06, seat + 0.52) if scooter else (0.22, seat + 0.48)
    turn = 2 * math.pi * state.gone_m / 3.6
    joints: dict[str, list[tuple[float, float, float]]] = {}
    back = -0.16
    for side, name, offset in ((-1.0, "l", 0.0), (1.0, "r", math.pi)):
        hy = side * 0.10
        if scooter:
            ankle = (0.28, hy, 0.34)
            knee = (0.30, hy, 0.74)
        else:
            ankle = (
                0.06 + 0.16 * math.cos(turn + offset),
                hy,
                0.36 - 0.16 * math.sin(turn + offset),
            )
            reach = math.hypot(ankle[0] - back, ankle[2] - seat)
            rise = math.sqrt(max(0.0, 0.44**2 - min(reach, 0.87) ** 2 / 4))
            mx, mz = (ankle[0] + back) / 2, (ankle[2] + seat) / 2
            knee = (
                mx + rise * (seat - ankle[2]) / max(reach, 0.1),
                hy,
                mz + rise * (ankle[0] - back) / max(reach, 0.1),
            )
        joints[f"leg_{name}"] = [(back, hy, seat), knee]
        joints[f"shank_{name}"] = [knee, ankle]
        joints[f"shoe_{name}"] = [
            (ankle[0] - 0.05, hy, ankle[2] - 0.03),
            (ankle[0] + 0.15, hy, ankle[2] - 0.04),
        ]
        sy = side * 0.19
        hand = (0.46, side * 0.26, 1.02)
        elbow = (lean_x + 0.18, side * 0.25, shoulder - 0.24)
        joints[f"arm_{name}"] = [(lean_x, sy, shoulder), elbow]
        joints[f"fore_{name}"] = [elbow, hand]
        joints[f"hand_{name}"] = [hand, hand]
    joints["hips"] = [(back, -0.06, seat + 0.02), (back, 0.06, seat + 0.02)]
    joints["waist"] = [(back + 0.03, 0.0, seat + 0.10), (lean_x * 0.8, 0.0, shoulder - 0.12)]
    joints["shoulders"] = [(lean_x, -0.10, shoulder - 0.08), (lean_x, 0.10, shoulder - 0.08)]
    joints["neck"] = [(lean_x, 0.0, shoulder), (lean_x + 0.03, 0.0, shoulder + 0.1)]
    joints["pack"] = [(lean_x - 0.2, 0.0, shoulder - 0.06), (back - 0.1, 0.0, shoulder - 0.32)]
    top = shoulder + 0.22
    joints["head"] = [
        (lean_x + 0.04, 0.0, top),
        (lean_x + 0.09, 0.0, top - 0.02),
        (lean_x + 0.035, 0.0, top + 0.035),
    ]
    return joints


def _cycle(state: Placement, look: int) -> list[Stroke]:
    """Strokes of a bicycle or an electric scooter."""
    found: list[Stroke] = []
    scooter = state.body == "scooter"
    radius = 0.24 if scooter else 0.33
    colour = TOPS[(look // 7) % len(TOPS)]

    def bar(
        a: tuple[float, float, float], b: tuple[float, float, float], width: float, bgr: Bgr
    ) -> None:
        found.append((a, b, width, bgr, 0.0))

    for x in (-0.56, 0.58):
        ring = [(x + radius * c, 0.0, radius + radius * s) for c, s in _WHEEL]
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            bar(a, b, 0.09 if scooter else 0.04, (38, 38, 40))
    if scooter:
        bar((-0.50, 0.0, 0.50), (-0.02, 0.0, 0.44), 0.30, colour)
        bar((-0.02, 0.0, 0.32), (0.34, 0.0, 0.32), 0.14, colour)
        bar((0.36, 0.0, 0.34), (0.44, 0.0, 0.92), 0.22, colour)
        bar((-0.52, 0.0, 0.74), (0.05, 0.0, 0.73), 0.14, (40, 40, 44))
        if look % 4 == 0:  # a courier's box
            bar(
                (-0.58, 0.0, 0.92),
                (-0.58, 0.0, 1.16),
                0.44,
                ((40, 190, 240), (200, 150, 40))[look // 4 % 2],
            )
    else:
        bar((-0.56, 0.0, radius), (-0.12, 0.0, 0.88), 0.035, colour)
        bar((-0.10, 0.0, 0.80), (0.40, 0.0, 0.82), 0.04, colour)
        bar((0.06, 0.0, 0.30), (0.40, 0.0, 0.78), 0.04, colour)
        bar((0.06, 0.0, 0.30), (-0.14, 0.0, 0.86), 0.04, colour)
        bar((0.58, 0.0, radius), (0.40, 0.0, 0.96), 0.035, colour)
    bar((0.44, -0.28, 1.02), (0.44, 0.28, 1.02), 0.04, (50, 50, 52))
    return found
