"""A track's best picture: asked for seldom, and the best of what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np

from analytics.model import Frame
from analytics.portrait import Colours, Portrait

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class _Picture:
    """A street with a red thing in it, sharp or not; counts how often it was asked for."""

    box: tuple[int, int, int, int]
    blurred: bool = False
    asked: list[int] = field(default_factory=list)

    def bgr(self) -> Any:
        self.asked.append(1)
        rng = np.random.default_rng(1)
        bgr = rng.integers(90, 150, (360, 640, 3)).astype(np.uint8)
        bgr[:60] = (60, 120, 60)
        x, y, w, h = self.box
        bgr[y : y + h, x : x + w] = (40, 40, 190)
        bgr[y : y + h : 4, x : x + w] = (20, 20, 90)
        return cv2.GaussianBlur(bgr, (0, 0), 4) if self.blurred else bgr


def _colours(picture: _Picture) -> Colours:
    gray = np.zeros((180, 320), np.uint8)
    return Colours(Frame(1, 1, AT, gray, 640, 360, 0.0, picture))


def _see(
    portrait: Portrait, box: tuple[int, int, int, int], at_s: float, blurred: bool = False
) -> int:
    picture = _Picture(box, blurred)
    portrait.consider(_colours(picture), tuple(float(v) for v in box), "other", at_s)  # type: ignore[arg-type]
    return len(picture.asked)


def _height(jpeg: bytes | None) -> int:
    assert jpeg is not None
    return int(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape[0])


def test_the_largest_whole_view_is_kept_and_the_colour_told() -> None:
    portrait = Portrait(0.0)
    assert _see(portrait, (300, 100, 20, 40), 1.0) == 1
    assert _see(portrait, (300, 100, 60, 120), 3.0) == 1
    assert _see(portrait, (300, 320, 70, 140), 5.0) == 0  # larger, but it leaves the picture
    assert _see(portrait, (300, 100, 30, 60), 7.0) == 0
    assert 120 <= _height(portrait.take()) <= 160
    assert portrait.take() is None, "nothing new since"
    assert portrait.colour == "red"


def test_a_sharp_view_beats_a_blurred_one_as_large() -> None:
    portrait = Portrait(0.0)
    _see(portrait, (300, 100, 60, 120), 1.0, blurred=True)
    blurred = portrait.take()
    assert _see(portrait, (200, 120, 60, 120), 2.0) == 0, "not yet"
    assert _see(portrait, (200, 120, 60, 120), 8.0) == 1
    sharp = portrait.take()
    assert sharp is not None and sharp != blurred


def test_the_picture_is_asked_for_seldom() -> None:
    portrait = Portrait(0.0)
    asked = sum(_see(portrait, (300, 60, 20 + i // 10, 40 + i // 5), i / 12.5) for i in range(500))
    assert asked <= 8


def test_all_in_one_frame_share_one_picture() -> None:
    picture = _Picture((300, 100, 60, 120))
    colours = _colours(picture)
    assert not colours.made
    for _ in range(5):
        Portrait(0.0).consider(colours, (300.0, 100.0, 60.0, 120.0), "person", 1.0)
    assert len(picture.asked) == 1


def test_who_is_seen_but_a_moment_gets_none() -> None:
    portrait = Portrait(0.0)
    assert _see(portrait, (300, 100, 60, 120), 0.2) == 0
    assert portrait.jpeg is None and portrait.colour is None
