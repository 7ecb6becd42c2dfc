"""What may be wrong with control points and the pose fitted to them, each in one sentence of both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "outside_picture",
    "too_far",
    "missing_value",
    "camera_high",
    "too_few",
    "on_a_line",
    "one_corner",
    "unsure",
    "above_horizon",
    "wrong_point",
    "contradictory",
    "no_lens",
    "no_check",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """``points`` are the numbers of those it is about. ``fatal``: there is no pose to be used."""

    code: Code
    zh: str
    en: str
    points: tuple[int, ...] = ()
    fatal: bool = False


NAMES: dict[str, tuple[str, str]] = {
    "yaw": ("方位角", "yaw"),
    "pitch": ("俯仰角", "pitch"),
    "roll": ("横滚角", "roll"),
    "hfov": ("视场角", "field of view"),
    "height": ("高度", "height"),
    "position": ("位置", "position"),
    "k1": ("畸变 k1", "distortion k1"),
    "k2": ("畸变 k2", "distortion k2"),
}


def named(values: Sequence[str]) -> tuple[str, str]:
    """Values in words."""
    return "、".join(NAMES[v][0] for v in values), ", ".join(NAMES[v][1] for v in values)


def outside_picture(number: int, x: float, y: float) -> Problem:
    return Problem(
        "outside_picture",
        f"点 {number} 在画面之外（{x:.3f}，{y:.3f}）：两个数都应在 0 到 1 之间。",
        f"Point {number} lies outside the picture ({x:.3f}, {y:.3f}): both numbers must be in 0..1.",
        (number,),
        True,
    )


def too_far(number: int, distance_m: float) -> Problem:
    return Problem(
        "too_far",
        f"点 {number} 距摄像头 {distance_m / 1000:.1f} 公里：请检查经度和纬度的先后。",
        f"Point {number} is {distance_m / 1000:.1f} km from the camera: check that longitude comes first.",
        (number,),
        True,
    )


def missing_value(value: str) -> Problem:
    zh, en = NAMES[value]
    return Problem(
        "missing_value",
        f"{zh}未知：请填写，或选择由控制点求解。",
        f"The {en} is not known: give it, or let it be fitted.",
        (),
        True,
    )


def camera_high(height_m: float, most_m: float) -> Problem:
    return Problem(
        "camera_high",
        f"摄像头离地 {height_m:.0f} 米，超过 {most_m:.0f} 米：高度应从地面算起，而不是海拔。",
        f"The camera would be {height_m:.0f} m above the ground, more than {most_m:.0f} m: height is over the ground, "
        "not over sea level.",
        (),
        True,
    )


def too_few(have: int, need: int, values: Sequence[str]) -> Problem:
    zh, en = named(values)
    return Problem(
        "too_few",
        f"求解{zh}至少需要 {need} 个点，现有 {have} 个：请再加点，或少求几项。",
        f"To fit {en} takes at least {need} points, there are {have}: add some, or fit less.",
        (),
        True,
    )


def on_a_line(values: Sequence[str], fatal: bool) -> Problem:
    zh, en = named(values)
    return Problem(
        "on_a_line",
        f"各点在画面中排成一条直线，{f'无法求出{zh}' if values else '线外只是推测'}：请在线外加一个点。",
        f"The points lie on one line in the picture, {f'which leaves {en} open' if values else 'off it, it is a guess'}: "
        "add a point off that line.",
        (),
        fatal,
    )


def unsure(values: Sequence[str], fatal: bool) -> Problem:
    zh, en = named(values)
    return Problem(
        "unsure",
        f"这些点不足以确定{zh}：请把点分散到画面的近处、远处和两侧，或不求解它。",
        f"These points do not tell the {en}: spread them over near, far and both sides of the picture, or do not fit it.",
        (),
        fatal,
    )


def one_corner() -> Problem:
    return Problem(
        "one_corner",
        "所有点都挤在画面的一小块里：其余部分只是推测，请在别处加点。",
        "All points lie in one small part of the picture: elsewhere it is a guess, add points there.",
    )


def above_horizon(number: int) -> Problem:
    return Problem(
        "above_horizon",
        f"点 {number} 在地平线以上，不可能在地面上：请填写它的离地高度，或删除它。",
        f"Point {number} lies above the horizon and cannot be on the ground: give its height, or remove it.",
        (number,),
    )


def wrong_point(number: int, away_m: float | None, away_px: float) -> Problem:
    zh = f"{away_px:.0f} 像素" if away_m is None else f"{away_px:.0f} 像素（{away_m:.1f} 米）"
    en = f"{away_px:.0f} px" if away_m is None else f"{away_px:.0f} px ({away_m:.1f} m)"
    return Problem(
        "wrong_point",
        f"点 {number} 与其余各点不符，相差 {zh}：未采用，请检查它在画面和地图上的位置。",
        f"Point {number} does not agree with the others, it is {en} off: it is left out, check it in picture and map.",
        (number,),
    )


def contradictory(rms_px: float) -> Problem:
    return Problem(
        "contradictory",
        f"各点互相矛盾，平均相差 {rms_px:.0f} 像素：请检查是否有点对应错了，以及固定的数值是否正确。",
        f"The points contradict each other, by {rms_px:.0f} px on average: check for points taken for one another, and the "
        "values that are kept.",
        (),
        True,
    )


def no_lens(fatal: bool) -> Problem:
    return Problem(
        "no_lens",
        "求出的畸变不可能存在，未采用：请不要求解畸变，或在画面边缘加点。",
        "No lens has the distortion found, it is left as it was: do not fit it, or add points near the picture's edges.",
        (),
        fatal,
    )


def no_check() -> Problem:
    return Problem(
        "no_check",
        "点数刚好够用，无法检验：再加一个点即可知道误差。",
        "There are only just enough points, so nothing checks them: one more tells the error.",
    )
