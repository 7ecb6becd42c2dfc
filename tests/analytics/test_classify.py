"""What a thing is by its size, and how sure."""

from __future__ import annotations

import pytest

from analytics.classify import SURE_BY_SHAPE, SURE_WITH_POSE, by_shape, by_size
from analytics.model import Size


@pytest.mark.parametrize(
    ("height_m", "width_m", "speed_ms", "kind"),
    [
        (1.7, 0.55, 1.3, "person"),
        (1.2, 0.45, 1.0, "person"),
        (1.8, 0.9, 3.0, "person"),
        (1.7, 0.6, None, "person"),
        (1.9, 1.3, 1.3, "person"),  # with a shadow beside
        (2.0, 1.9, 1.3, "person"),  # two side by side
        (1.5, 4.2, 12.0, "vehicle"),
        (1.6, 1.9, 8.0, "vehicle"),
        (3.4, 5.5, 6.0, "vehicle"),
        (0.35, 0.6, 2.0, "other"),
        (0.2, 0.15, 1.0, "other"),
    ],
)
def test_by_size(height_m: float, width_m: float, speed_ms: float | None, kind: str) -> None:
    found, confidence = by_size(Size(height_m, width_m), speed_ms)
    assert found == kind
    assert 0.5 < confidence <= SURE_WITH_POSE


@pytest.mark.parametrize(
    ("aspect", "speed", "kind"),
    [(2.7, 0.6, "person"), (2.2, 0.9, "person"), (0.6, 2.0, "vehicle"), (0.5, 4.0, "vehicle")],
)
def test_by_shape_says_less(aspect: float, speed: float, kind: str) -> None:
    found, confidence = by_shape(aspect, speed, 0.2)
    assert found == kind
    assert 0.4 < confidence <= SURE_BY_SHAPE
    assert by_shape(aspect, speed, 0.02)[1] < 0.5, "a speck has no shape"


def test_between_the_kinds_nobody_is_sure() -> None:
    assert by_size(Size(1.8, 1.7), 3.0)[1] < 0.8
