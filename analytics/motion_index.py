"""The motion index: for every second, which of 16×9 cells over the picture something moved in. Pure.

A grid is a ``(9, 16)`` bool array, rows from the top, columns from the left. Packed it is 18 bytes, row by row, the first
cell the highest bit of the first byte: the order of PostgreSQL's ``bit(144)``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from analytics.model import Box, Point

ROWS, COLUMNS = 9, 16
CELLS = ROWS * COLUMNS
GRID_BYTES = CELLS // 8
MINUTE_S = 60
Grid = NDArray[np.bool_]
"""``(9, 16)``."""

GAP_S = 6.0
"""Two looks at a picture this close leave no second between them unwatched: a quiet camera is decoded by its key frames
alone, and its packets are watched meanwhile."""
FLUSH_S = 10.0
"""So soon after it was seen is motion handed on, the minute going on or not."""
_CELL_BOXES = shapely.box(
    np.tile(np.arange(COLUMNS), ROWS) / COLUMNS,
    np.repeat(np.arange(ROWS), COLUMNS) / ROWS,
    (np.tile(np.arange(COLUMNS), ROWS) + 1) / COLUMNS,
    (np.repeat(np.arange(ROWS), COLUMNS) + 1) / ROWS,
)
_CELL_TREE = shapely.STRtree(_CELL_BOXES)
AREA_SHARE = 0.2
"""A cell belongs to a drawn area when so much of it lies inside."""


@dataclass(frozen=True, slots=True)
class MotionMinute:
    """What is known of a camera's minute, or of a part of it.

    ``grids`` holds a packed grid of 18 bytes for each of the seconds ``moved``, in order; ``watched`` holds the whole
    seconds looked at as ``(from, to)`` pairs in 0..60. A second neither moved nor watched is unknown.
    """

    camera_id: int
    minute_at: datetime
    moved: tuple[int, ...]
    grids: bytes
    watched: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if len(self.grids) != GRID_BYTES * len(self.moved):
            raise ValueError(
                f"{len(self.moved)} seconds moved need {GRID_BYTES * len(self.moved)} bytes, got {len(self.grids)}"
            )

    def unpacked(self) -> NDArray[np.bool_]:
        """``(n, 9, 16)``: the grids of the seconds ``moved``."""
        return unpack(self.grids)

    @property
    def cells(self) -> Grid:
        """All its seconds' grids together."""
        return np.asarray(self.unpacked().any(axis=0), np.bool_)

    def merged(self, other: MotionMinute) -> MotionMinute:
        """Both accounts of one minute as one."""
        by_second = dict(zip(self.moved, self.unpacked(), strict=True))
        for second, grid in zip(other.moved, other.unpacked(), strict=True):
            by_second[second] = by_second[second] | grid if second in by_second else grid
        moved = tuple(sorted(by_second))
        return MotionMinute(
            self.camera_id,
            self.minute_at,
            moved,
            b"".join(pack(by_second[second]) for second in moved),
            _joined([*self.watched, *other.watched]),
        )


@dataclass(slots=True)
class _Open:
    """The minute being gathered."""

    minute_at: datetime
    grids: dict[int, Grid] = field(default_factory=dict)
    watched: list[tuple[int, int]] = field(default_factory=list)
    fresh: bool = False  # something moved since the last hand-over


class MotionIndex:
    """One camera's grids as its frames go by, a minute at a time. Frames come in order of their time."""

    def __init__(self, camera_id: int) -> None:
        self._camera_id = camera_id
        self._open: _Open | None = None
        self._last: datetime | None = None
        self._handed: datetime | None = None
        self._done: list[MotionMinute] = []

    def see(self, at: datetime, cells: Grid | None) -> tuple[MotionMinute, ...]:
        """What moved in one frame; ``cells`` None where nothing can be said of it. Returns what is to be stored."""
        last = self._last
        if cells is None:
            self._last = None  # the seconds up to the next look are unknown
            return self._take(at)
        if last is not None and last <= at and (at - last).total_seconds() <= GAP_S:
            self._watch(last, at)
        self._last = at
        if cells.any():
            second = at.replace(microsecond=0)
            place = self._at(second)
            known = place.grids.get(second.second)
            place.grids[second.second] = cells.copy() if known is None else known | cells
            place.fresh = True
        return self._take(at)

    def flush(self) -> tuple[MotionMinute, ...]:
        """What is known of the minute that is going on, as when the camera is no longer watched."""
        self._hand_over()
        self._last = None
        done, self._done = tuple(self._done), []
        return done

    def _take(self, at: datetime) -> tuple[MotionMinute, ...]:
        held = self._open
        if held is not None:
            self._handed = self._handed or at
            waited_s = (at - self._handed).total_seconds()
            if at >= held.minute_at + timedelta(seconds=MINUTE_S) or (
                held.fresh and not 0 <= waited_s < FLUSH_S
            ):
                self._hand_over()
                self._handed = at
        done, self._done = tuple(self._done), []
        return done

    def _hand_over(self) -> None:
        held = self._open
        self._open = None
        if held is None or not (held.grids or held.watched):
            return
        moved = tuple(sorted(held.grids))
        self._done.append(
            MotionMinute(
                self._camera_id,
                held.minute_at,
                moved,
                b"".join(pack(held.grids[second]) for second in moved),
                _joined(held.watched),
            )
        )

    def _at(self, second: datetime) -> _Open:
        minute_at = second.replace(second=0, microsecond=0)
        if self._open is None or self._open.minute_at != minute_at:
            self._hand_over()
            self._open = _Open(minute_at)
        return self._open

    def _watch(self, last: datetime, at: datetime) -> None:
        """The seconds from one look to the next; a second is whole once the next one is reached."""
        begin, end = last.replace(microsecond=0), at.replace(microsecond=0)
        while begin < end:
            minute_end = begin.replace(second=0) + timedelta(seconds=MINUTE_S)
            until = min(end, minute_end)
            to = MINUTE_S if until == minute_end else until.second
            self._at(begin).watched.append((begin.second, to))
            begin = until


def pack(grid: Grid) -> bytes:
    """A ``(9, 16)`` grid as 18 bytes."""
    return np.packbits(grid.reshape(-1)).tobytes()


def unpack(data: bytes) -> NDArray[np.bool_]:
    """``(n, 9, 16)`` of ``n`` packed grids."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, ROWS, COLUMNS)
    return bits.astype(np.bool_)


def bits_of(grid: Grid) -> str:
    """A grid as PostgreSQL's ``bit(144)`` is written: 144 characters of 0 and 1."""
    return (grid.reshape(-1).astype(np.uint8) + ord("0")).tobytes().decode()


def seconds_of(moved: Iterable[int]) -> str:
    """Seconds as ``bit(60)`` is written."""
    bits = bytearray(b"0" * MINUTE_S)
    for second in moved:
        bits[second] = ord("1")
    return bits.decode()


def moved_of(seconds: str) -> tuple[int, ...]:
    """The seconds of a ``bit(60)``."""
    return tuple(i for i, bit in enumerate(seconds) if bit == "1")


def deflate(grids: bytes) -> bytes:
    """Packed grids as they are stored."""
    return zlib.compress(grids, 6)


def inflate(data: bytes) -> bytes:
    """Packed grids again. Raises :class:`ValueError` when they are not whole."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise ValueError(f"a minute's grids cannot be read: {error}") from error


def mask_grid(mask: NDArray[np.uint8]) -> Grid:
    """Which cells a picture's ``(h, w)`` mask has anything above 0 in. ``h`` ≥ 9, ``w`` ≥ 16."""
    ends = [row * mask.shape[0] // ROWS for row in range(ROWS + 1)]
    rows = [np.bitwise_or.reduce(mask[a:b], axis=0) for a, b in pairwise(ends)]
    columns = np.arange(COLUMNS) * mask.shape[1] // COLUMNS
    return np.asarray(np.bitwise_or.reduceat(np.stack(rows), columns, axis=1) > 0, np.bool_)


def boxes_grid(boxes: NDArray[np.float32], width_px: float, height_px: float) -> Grid:
    """Which cells any of ``(n, 4)`` boxes (left, top, width, height, of a picture this large) lies in."""
    grid = np.zeros((ROWS, COLUMNS), np.bool_)
    for left, top, width, height in boxes / np.array([width_px, height_px] * 2, np.float32):
        first_x, last_x = _cells(left, left + width, COLUMNS)
        first_y, last_y = _cells(top, top + height, ROWS)
        grid[first_y : last_y + 1, first_x : last_x + 1] = True
    return grid


def area_grid(points: Sequence[Point]) -> Grid:
    """The cells of an area drawn in the picture: those it covers a fifth of; of a tiny one, those it touches."""
    area = shapely.polygons(np.array(points, np.float64))
    share = shapely.area(shapely.intersection(_CELL_BOXES, area)) * CELLS
    inside = share >= AREA_SHARE
    if not inside.any():
        inside = shapely.intersects(_CELL_BOXES, area)
    return np.asarray(inside, np.bool_).reshape(ROWS, COLUMNS)


def touched_grid(points: Sequence[Point], closed: bool) -> Grid:
    """Every cell that a line, or an area with its border, touches."""
    flat = np.array(points, np.float64)
    shape = shapely.polygons(flat) if closed else shapely.linestrings(flat)
    return _touched(shape)


def feet_grid(boxes: Sequence[Box]) -> Grid:
    """The cells that the middle of the boxes' lower edges passed, those on the straight way between two included."""
    if not boxes:
        return np.zeros((ROWS, COLUMNS), np.bool_)
    feet = np.array([(x + w / 2, min(1.0, y + h)) for x, y, w, h in boxes], np.float64)
    if len(feet) == 1 or (feet == feet[0]).all():
        return _touched(shapely.points(feet[0]))
    return _touched(shapely.linestrings(feet))


def _touched(shape: shapely.Geometry) -> Grid:
    grid = np.zeros(CELLS, np.bool_)
    grid[_CELL_TREE.query(shape, predicate="intersects")] = True
    return grid.reshape(ROWS, COLUMNS)


def _cells(low: float, high: float, count: int) -> tuple[int, int]:
    first = min(count - 1, max(0, math.floor(low * count)))
    last = min(count - 1, max(first, math.ceil(high * count) - 1))
    return first, last


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return tuple(out)


def at_second(minute_at: datetime, second: int) -> datetime:
    """A second of a minute; 60 is the next minute's first."""
    return minute_at.astimezone(UTC) + timedelta(seconds=second)
