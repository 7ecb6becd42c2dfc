"""Figures laid over what differs: one for one person at any distance, more for more, and none for light and for nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.area_picture import Different
from analytics.besides import Besides
from analytics.heads import Figures, Finder
from analytics.upright import upright
from tests.support.zones import CAMERA

RECT = (40, 30, 400, 240)
SCALE = CAMERA.width_px / 480
ABOUT = upright(CAMERA, RECT, SCALE)


def different(*feet: tuple[int, int], level: float = 60.0) -> Different:
    """Persons with their feet at columns and rows of the part, with edges as sharp as a lens leaves them."""
    levels = np.zeros((RECT[3], RECT[2]), np.float32)
    for column, row in feet:
        tall, wide = ABOUT.tall_px[row - 1], ABOUT.wide_px[row - 1]
        half = max(1, round(0.37 * wide))
        levels[max(0, round(row - tall)) : row, column - half : column + half] = level
    return of_levels(levels)


def of_levels(levels: NDArray[np.float32]) -> Different:
    steps = np.zeros_like(levels)
    steps[:, :-1] = np.abs(np.diff(levels, axis=1))
    return Different(RECT, (levels > 5).astype(np.float32), levels, steps)


def many(figures: Figures) -> float:
    return float((figures.worth * (1.0 + figures.hidden)).sum())


ROWS = [row for row in range(60, 235) if ABOUT.tall_px[row - 1] >= 12]


@given(st.sampled_from(ROWS), st.integers(40, 360))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_one_person_is_one_figure_at_any_distance(row: int, column: int) -> None:
    figures = Finder(ABOUT).find(different((column, row)))
    assert len(figures) == 1 and figures.worth[0] > 0.7 and figures.hidden[0] == 0
    assert abs(figures.feet[0, 0] - column) <= 4
    assert abs(figures.feet[0, 1] - row) <= 2 + 0.2 * ABOUT.tall_px[row - 1]


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=12, unique=True)
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_people_apart_are_counted_and_more_are_not_fewer(cells: list[tuple[int, int]]) -> None:
    feet = [(40 + 40 * x, 100 + 40 * y) for x, y in cells]
    finder = Finder(ABOUT)
    assert len(finder.find(different(*feet))) == len(feet)
    fewer = many(Finder(ABOUT).find(different(*feet[:-1])))
    assert many(Finder(ABOUT).find(different(*feet))) >= fewer - 1e-6


def test_two_side_by_side_are_two_in_one_group() -> None:
    wide = 2 * round(0.37 * ABOUT.wide_px[179])
    figures = Finder(ABOUT).find(different((200, 180), (200 + wide, 180)))
    assert len(figures) == 2 and len(set(figures.group.tolist())) == 1


def test_light_without_edges_is_nobody() -> None:
    y, x = np.mgrid[0 : RECT[3], 0 : RECT[2]]
    pool = 40.0 * np.exp(-(((x - 200) / 70) ** 2) - ((y - 140) / 40) ** 2)
    assert len(Finder(ABOUT).find(of_levels(pool.astype(np.float32)))) == 0


def test_nothing_is_nobody() -> None:
    assert len(Finder(ABOUT).find(different())) == 0


def test_who_stands_below_the_picture_has_his_feet_there() -> None:
    low = RECT[3] + 10
    figures = Finder(ABOUT).find(different((200, low)))
    assert len(figures) == 1 and figures.feet[0, 1] > RECT[3]


def test_a_shadow_that_everybody_has_is_learnt() -> None:
    """A strip aside of the feet, as long as its owner is tall."""

    def with_shadow(column: int, row: int) -> Different:
        made = different((column, row))
        tall, wide = ABOUT.tall_px[row - 1], ABOUT.wide_px[row - 1]
        for i in range(round(tall)):
            y = round(row - 0.5 * i)
            made.levels[y - round(0.8 * wide) : y, column + i : column + i + 2] = 45.0
        return of_levels(made.levels)

    finder = Finder(ABOUT)
    for column in range(60, 300, 10):
        finder.find(with_shadow(column, 170))
    assert many(finder.find(with_shadow(150, 200))) == pytest.approx(1.0, abs=0.1)


def test_besides_takes_nothing_before_it_has_seen_anybody() -> None:
    left_over = np.ones((50, 50), np.float32)
    Besides().take_from(left_over, 25.0, 40.0, 20.0)
    assert left_over.min() == 1.0


def test_a_person_is_as_tall_as_his_distance_makes_him() -> None:
    tall = ABOUT.tall_px[ROWS[0] : 230]
    assert (np.diff(tall) > 0).all()
    spot = ABOUT.feet_m(np.array([180.0]), np.array([200.0]))
    pixels, _ = CAMERA.project(np.array([[*spot[0], 0.0], [*spot[0], 1.68]]))
    assert ABOUT.tall_px[179] == pytest.approx((pixels[0, 1] - pixels[1, 1]) / SCALE, rel=0.02)
