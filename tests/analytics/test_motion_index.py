"""The motion index: grids by the second, minutes as they are handed on, areas and lines as cells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.gate import CHECK_EVERY_S
from analytics.model import Watch
from analytics.motion_index import (
    GRID_BYTES,
    MotionIndex,
    MotionMinute,
    area_grid,
    bits_of,
    boxes_grid,
    deflate,
    feet_grid,
    inflate,
    mask_grid,
    moved_of,
    pack,
    seconds_of,
    touched_grid,
    unpack,
)
from analytics.pipeline import Pipeline
from gis.clock import SystemClock

MINUTE = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
QUIET = np.zeros((9, 16), np.bool_)


def _cells(*places: tuple[int, int]) -> np.ndarray:
    grid = QUIET.copy()
    for row, column in places:
        grid[row, column] = True
    return grid


def _seen(index: MotionIndex, looks: dict[float, np.ndarray | None]) -> list[MotionMinute]:
    """All that is handed on for looks at seconds after :data:`MINUTE`."""
    parts = [
        part
        for at_s, cells in looks.items()
        for part in index.see(MINUTE + timedelta(seconds=at_s), cells)
    ]
    return parts + list(index.flush())


def _whole(parts: list[MotionMinute]) -> dict[datetime, MotionMinute]:
    minutes: dict[datetime, MotionMinute] = {}
    for part in parts:
        known = minutes.get(part.minute_at)
        minutes[part.minute_at] = part if known is None else known.merged(part)
    return minutes


def test_a_grid_survives_packing_and_is_postgres_order() -> None:
    grid = _cells((0, 0), (0, 2), (8, 15))
    assert len(pack(grid)) == GRID_BYTES
    assert (unpack(pack(grid))[0] == grid).all()
    assert bits_of(grid) == "101" + "0" * 140 + "1"
    assert inflate(deflate(pack(grid))) == pack(grid)
    with pytest.raises(ValueError, match="cannot be read"):
        inflate(b"nonsense")
    assert moved_of(seconds_of([0, 59])) == (0, 59)


def test_looks_of_one_second_are_one_grid_and_quiet_seconds_none() -> None:
    looks = {0.0: QUIET, 5.1: _cells((1, 1)), 5.6: _cells((2, 2)), 8.0: QUIET, 13.0: QUIET}
    minutes = _whole(_seen(MotionIndex(7), looks))
    minute = minutes[MINUTE]
    assert (minute.camera_id, minute.moved) == (7, (5,))
    assert (minute.unpacked()[0] == _cells((1, 1), (2, 2))).all()
    assert minute.watched == ((0, 13),)


def test_a_minute_goes_on_in_the_next_and_quiet_ones_are_watched_only() -> None:
    looks = {float(s): _cells((0, 0)) if s == 59 else QUIET for s in range(58, 125)}
    minutes = _whole(_seen(MotionIndex(7), looks))
    assert [m.moved for m in minutes.values()] == [(59,), (), ()]
    assert [m.watched for m in minutes.values()] == [((58, 60),), ((0, 60),), ((0, 4),)]


def test_motion_is_handed_on_before_its_minute_is_over() -> None:
    index = MotionIndex(7)
    for s in range(12):
        assert index.see(
            MINUTE + timedelta(seconds=s), _cells((3, 3)) if s < 3 else QUIET
        ) == () or (s >= 10)
    parts = _seen(index, {12.0: QUIET})
    assert all(part.moved == () for part in parts)  # the motion has gone out already


def test_what_was_not_looked_at_is_not_quiet() -> None:
    looks = {0.0: QUIET, 4.0: QUIET, 5.0: None, 20.0: QUIET, 22.0: QUIET, 40.0: QUIET, 41.5: QUIET}
    minute = _whole(_seen(MotionIndex(7), looks))[MINUTE]
    assert minute.watched == ((0, 4), (20, 22), (40, 41))


def test_a_clock_that_steps_back_breaks_nothing() -> None:
    looks = {70.0: _cells((1, 1)), 10.0: _cells((2, 2)), 11.0: QUIET}
    minutes = _whole(_seen(MotionIndex(7), looks))
    assert {m.minute_at.minute: m.moved for m in minutes.values()} == {1: (10,), 0: (10,)}


def test_a_mask_and_boxes_fall_into_their_cells() -> None:
    mask = np.zeros((270, 480), np.uint8)
    mask[0, 0] = mask[269, 479] = mask[100, 200] = 1
    assert (mask_grid(mask) == _cells((0, 0), (8, 15), (3, 6))).all()
    boxes = np.array([[0, 0, 40, 40], [620, 350, 30, 30]], np.float32)
    assert (boxes_grid(boxes, 640, 360) == _cells((0, 0), (8, 15))).all()
    assert not boxes_grid(np.empty((0, 4), np.float32), 640, 360).any()


def test_an_area_takes_cells_it_covers_and_a_tiny_one_those_it_touches() -> None:
    whole = area_grid([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert whole.all()
    left = area_grid([(0, 0), (0.501, 0), (0.501, 1), (0, 1)])
    assert (
        left[:, :8].all() and not left[:, 8:].any()
    )  # a sliver of the next column is no part of it
    tiny = area_grid([(0.53, 0.53), (0.54, 0.53), (0.54, 0.54)])
    assert (tiny == _cells((4, 8))).all()


def test_every_cell_on_the_way_between_two_feet_counts() -> None:
    feet = feet_grid(
        [(0.0, 0.0, 0.02, 0.05), (0.98, 0.0, 0.02, 0.05)]
    )  # from left to right in two samples
    assert feet[0].all() and not feet[1:].any()
    assert feet_grid([(0.5, 0.5, 0.1, 0.1)]).sum() == 1
    assert not feet_grid([]).any()
    line = touched_grid([(0.03, 0.0), (0.03, 1.0)], closed=False)
    assert line[:, 0].all() and not line[:, 1:].any()


def test_a_walker_is_in_the_index_where_and_when_he_walked(
    make_scene: Any, make_thing: Any
) -> None:
    scene = make_scene([make_thing((-6, 16), (6, 16), 4.0, 9.0)])
    pipeline = Pipeline(Watch(1, "C1", scene.pose, ()), SystemClock())
    parts = [part for p in scene.packets(14.0) for part in pipeline.process(p, 0.0).motion]
    minutes = _whole(parts + list(pipeline.motion_index.flush()))
    ((_, minute),) = minutes.items()
    assert set(minute.moved) <= {4, 5, 6, 7, 8, 9}
    assert {5, 6, 7, 8} <= set(minute.moved)
    for second, grid in zip(minute.moved, minute.unpacked(), strict=True):
        there = scene.things[0].at(min(9.0, second + 0.5))
        x, _ = scene.foot(there)
        assert grid[:, max(0, int(x * 16) - 1) : int(x * 16) + 2].any(), f"second {second}"
        assert grid.sum() < 30
    # Asleep again, it is looked at every few seconds: the last look may lie so long before the end.
    assert minute.watched[-1][1] >= 14 - CHECK_EVERY_S and minute.watched[0][0] <= 4
