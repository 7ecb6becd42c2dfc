"""Masking hides who walks from the first picture to the last, marked regions always, and leaves the rest as it was."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.mask import Masker, make_mask
from ingest.evidence.model import Mask
from ingest.fmp4 import to_media_90k
from tests.ingest.streams import START

WIDTH, HEIGHT = 640, 360
Picture = NDArray[np.uint8]


def scene(frames: int = 60, light: int = 0) -> list[tuple[Picture, int, tuple[int, int, int, int]]]:
    """A walker in a striped coat before a rough wall: pictures, times, and where the walker is."""
    rng = np.random.default_rng(3)
    wall = cv2.GaussianBlur(rng.integers(60, 190, (HEIGHT, WIDTH, 3), np.uint8), (7, 7), 2)
    coat = np.zeros((90, 36, 3), np.uint8)
    coat[::4] = coat[1::4] = 90
    out = []
    for n in range(frames):
        noise = rng.integers(-3, 4, wall.shape)
        picture = np.clip(wall.astype(np.int16) + noise + light * (n >= frames // 2), 0, 255)
        picture = picture.astype(np.uint8)
        x, y = 40 + n * 6, 180
        picture[y : y + 90, x : x + 36] = coat
        out.append((picture, to_media_90k(START) + n * 9_000, (x, y, 36, 90)))
    return out


def paint(
    masker: Masker, shown: list[tuple[Picture, int, tuple[int, int, int, int]]]
) -> list[Picture]:
    def frames() -> Iterator[tuple[Picture, int]]:
        yield from ((p, t) for p, t, _ in shown)

    masker.learn(p for p, _, _ in shown[::2])
    return list(masker.paint(frames()))


def stripes(picture: Picture, box: tuple[int, int, int, int]) -> float:
    """How strongly the coat's stripes show within the box."""
    x, y, w, h = box
    part = picture[y : y + h, x : x + w].astype(np.float32).mean(axis=2)
    return float(np.abs(np.diff(part, axis=0)).mean())


@pytest.mark.parametrize("style", ["pixelate", "blur"])
def test_a_walker_is_hidden_in_every_picture_and_nothing_else(style: str) -> None:
    shown = scene()
    painted = paint(Masker(Mask(style, people=True), ()), shown)
    assert len(painted) == len(shown)
    for (picture, _, box), hidden in zip(shown, painted, strict=True):
        assert stripes(picture, box) > 30
        assert stripes(hidden, box) < 8, f"the coat shows at {box}"
    untouched = [np.mean(p[:100] == q[:100]) for (p, _, _), q in zip(shown, painted, strict=True)]
    assert min(untouched) == 1.0


def test_where_nothing_can_be_told_the_whole_picture_is_hidden() -> None:
    shown = scene(light=110)
    painted = paint(Masker(Mask(people=True), ()), shown)
    for (_, _, box), hidden in zip(shown, painted, strict=True):
        assert stripes(hidden, box) < 8


def test_regions_are_hidden_without_looking_for_people() -> None:
    shown = scene(20)
    triangle = ((0, 0), (250, 0), (0, 500))
    painted = paint(Masker(Mask("pixelate", regions={"gate": (triangle,)}), (triangle,)), shown)
    for (picture, _, _), hidden in zip(shown, painted, strict=True):
        assert not np.array_equal(picture[:60, :60], hidden[:60, :60])
        assert np.array_equal(picture[:, 200:], hidden[:, 200:])
        assert np.array_equal(picture[200:], hidden[200:])
        left = hidden[:60, :60].reshape(-1, 3)
        assert len(np.unique(left, axis=0)) < 60  # a few blocks are left


def test_the_mask_makes_fragments(tmp_path: object) -> None:
    from pathlib import Path

    from tests.ingest.evidence.footage import write_segment

    root = Path(str(tmp_path))
    segment, _ = write_segment(root)
    data = (root / segment.path).read_bytes()
    region = (((0, 0), (1000, 0), (1000, 1000), (0, 1000)),)
    filtered = make_mask(Mask(regions={"gate": region}))("gate", data[: segment.init_bytes])
    begin, size = int(segment.offset[0]), int(segment.length[0])
    made = filtered.convert([data[begin : begin + size]])
    assert made[4:8] == b"moof" and filtered.codec.startswith("avc1.")
