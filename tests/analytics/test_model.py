"""Shapes are checked where they are made, with what was expected and what came."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.model import Detections, Frame
from gis.errors import InvalidInput


class _NoPicture:
    def bgr(self) -> np.ndarray:
        raise AssertionError("nobody asked for colour")


def test_feet_are_the_middle_of_the_lower_edge() -> None:
    seen = Detections(np.array([[10, 20, 30, 60]], np.float32), np.ones(1, np.float32))
    assert seen.feet_px.tolist() == [[25.0, 80.0]]
    assert len(Detections.none()) == 0


@pytest.mark.parametrize(
    ("boxes", "confidence", "message"),
    [
        (np.zeros((2, 3), np.float32), np.ones(2, np.float32), r"\(n, 4\), got \(2, 3\)"),
        (np.ones((2, 4), np.float64), np.ones(2, np.float32), "float32, got float64"),
        (
            np.ones((2, 4), np.float32),
            np.ones(3, np.float32),
            r"of shape \(2,\), got float32 of shape \(3,\)",
        ),
        (np.array([[1, 1, 0, 5]], np.float32), np.ones(1, np.float32), "above 0"),
        (np.array([[np.nan, 1, 2, 5]], np.float32), np.ones(1, np.float32), "finite"),
        (np.ones((1, 4), np.float32), np.full(1, 1.5, np.float32), r"0\.\.1, got 1\.5"),
    ],
)
def test_wrong_detections_are_refused(
    boxes: np.ndarray, confidence: np.ndarray, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        Detections(boxes, confidence)


def test_a_frame_must_be_gray() -> None:
    with pytest.raises(InvalidInput, match=r"\(h, w\), got uint8 of shape \(4, 4, 3\)"):
        Frame(1, 1, datetime.now(UTC), np.zeros((4, 4, 3), np.uint8), 4, 4, 0.0, _NoPicture())
