"""One small picture of many cameras, for a look over a whole city at the cost of a few key frames.

Only newest key frames are decoded, straight to the tile's size, one at a time, each camera at most every
:data:`TILE_EVERY_S` and all together at most :data:`DECODES_PER_S`, however many ask; beyond that tiles grow older. A
camera that is not live is a dark tile with its code.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gis.clock import Clock
from gis.errors import InvalidInput, NotFound
from ingest.live.hub import LiveHub
from ingest.live.snapshot import Pixels, Still, decode_key, to_jpeg
from ingest.model import SUB

TILE_EVERY_S = 2.0
DECODES_PER_S = 25.0
DECODES_AT_ONCE = 100.0
MOST_TILES = 100
WIDTH_PX = (160, 3840)
QUALITY = 70
_GAP_PX = 2
_KEPT_TILES = 400
_KEPT_MOSAICS = 8
_GROUND = (10, 7, 5)
_DARK = (28, 22, 18)
_INK = (200, 190, 180)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class Tile:
    """One camera of the mosaic; ``code`` (ASCII) is written into its tile."""

    camera_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tiles stand: ``columns`` in a row, each 16:9, all within ``width_px``."""

    count: int
    columns: int
    width_px: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_TILES:
            raise InvalidInput(
                f"a mosaic shows 1 to {MOST_TILES} cameras, not {self.count}: ask for fewer", "ids"
            )
        if not 1 <= self.columns <= MOST_TILES:
            raise InvalidInput(f"columns must be 1 to {MOST_TILES}, not {self.columns}", "columns")
        if not WIDTH_PX[0] <= self.width_px <= WIDTH_PX[1]:
            raise InvalidInput(
                f"width must be {WIDTH_PX[0]} to {WIDTH_PX[1]} pixels, not {self.width_px}", "width"
            )
        if self.tile_px[0] < 32:
            raise InvalidInput(
                f"{self.columns} columns in {self.width_px} pixels leave tiles of {self.tile_px[0]} pixels, fewer "
                "than 32: ask for fewer columns or a wider picture",
                "columns",
            )

    @property
    def tile_px(self) -> tuple[int, int]:
        """Width and height of one tile; both even."""
        width = (self.width_px - _GAP_PX * (self.columns - 1)) // self.columns // 2 * 2
        return width, max(2, width * 9 // 16 // 2 * 2)

    @property
    def height_px(self) -> int:
        rows = -(-self.count // self.columns)
        return rows * self.tile_px[1] + (rows - 1) * _GAP_PX

    def corner(self, index: int) -> tuple[int, int]:
        """Left upper corner of a tile, x and y."""
        row, column = divmod(index, self.columns)
        return column * (self.tile_px[0] + _GAP_PX), row * (self.tile_px[1] + _GAP_PX)


@dataclass(frozen=True, slots=True)
class _Kept:
    picture: Pixels | None  # None: not live
    stamp: str
    looked_s: float


class Mosaics:
    """Makes mosaics. Safe to call from several threads; one at a time is made."""

    def __init__(self, hub: LiveHub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._lock = threading.Lock()
        self._tiles: OrderedDict[tuple[int, int], _Kept] = OrderedDict()
        self._mosaics: OrderedDict[str, Still] = OrderedDict()
        self._budget = DECODES_AT_ONCE
        self._budget_s = clock.monotonic_s()
        self.decoded = 0

    def take(self, tiles: Sequence[Tile], columns: int, width_px: int) -> Still:
        """The tiles in their order. Raises :class:`InvalidInput` for a layout that cannot be."""
        layout = Layout(len(tiles), columns, width_px)
        with self._lock:
            kept = [self._tile(tile, layout.tile_px[0]) for tile in tiles]
            told = f"{layout}" + "".join(
                f"|{t.camera_id} {t.code} {k.stamp}" for t, k in zip(tiles, kept, strict=True)
            )
            etag = f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'
            done = self._mosaics.get(etag)
            if done is None:
                pictures = [k.picture for k in kept]
                done = Still(to_jpeg(compose(layout, tiles, pictures), QUALITY), etag)
                self._mosaics[etag] = done
                while len(self._mosaics) > _KEPT_MOSAICS:
                    self._mosaics.popitem(last=False)
            return done

    def _tile(self, tile: Tile, width_px: int) -> _Kept:
        key, now_s = (tile.camera_id, width_px), self._clock.monotonic_s()
        before = self._tiles.get(key)
        chosen = self._hub.choose(tile.camera_id, SUB)
        unit = self._hub.key_unit(tile.camera_id, chosen) if chosen else None
        if unit is None:
            kept = _Kept(None, "dark", now_s)
        elif (
            before is not None
            and before.picture is not None
            and (now_s - before.looked_s < TILE_EVERY_S)
        ):
            return before
        else:
            stamp = f"{chosen}-{unit.packet.session}-{unit.packet.pts_90k}"
            if before is not None and before.stamp == stamp:
                return before
            if not self._afford(now_s) and before is not None and before.picture is not None:
                return before
            self.decoded += 1
            try:
                kept = _Kept(decode_key(unit, width_px), stamp, now_s)
            except NotFound:
                kept = _Kept(None, "dark", now_s)
        self._tiles[key] = kept
        self._tiles.move_to_end(key)
        while len(self._tiles) > _KEPT_TILES:
            self._tiles.popitem(last=False)
        return kept

    def _afford(self, now_s: float) -> bool:
        """Takes one decoding from the budget; False when there is none left."""
        grown = self._budget + (now_s - self._budget_s) * DECODES_PER_S
        self._budget, self._budget_s = min(DECODES_AT_ONCE, grown), now_s
        if self._budget < 1:
            return False
        self._budget -= 1
        return True


def compose(layout: Layout, tiles: Sequence[Tile], pictures: Sequence[Pixels | None]) -> Pixels:
    """The whole picture, BGR. A picture of another shape than 16:9 is cut or stands between dark bands."""
    width, height = layout.tile_px
    out: Pixels = np.empty((layout.height_px, layout.width_px, 3), np.uint8)
    out[:] = _GROUND
    for index, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        x, y = layout.corner(index)
        area = out[y : y + height, x : x + width]
        area[:] = _DARK
        if picture is not None:
            shown = min(height, picture.shape[0])
            top, cut = (height - shown) // 2, (picture.shape[0] - shown) // 2
            area[top : top + shown] = picture[cut : cut + shown, :width]
        _write(area, tile.code, centred=picture is None)
    return out


def _write(area: Pixels, text: str, centred: bool) -> None:
    height, width = area.shape[:2]
    scale = max(0.3, height / 300)
    (text_px, high_px), _ = cv2.getTextSize(text, _FONT, scale, 1)
    if text_px > width - 8:
        scale *= (width - 8) / text_px
        (text_px, high_px), _ = cv2.getTextSize(text, _FONT, scale, 1)
    at = ((width - text_px) // 2, (height + high_px) // 2) if centred else (4, height - 5)
    if not centred:
        cv2.putText(area, text, at, _FONT, scale, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(area, text, at, _FONT, scale, _INK, 1, cv2.LINE_AA)
