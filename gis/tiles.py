"""Vector tiles (Mapbox Vector Tile 2.1) of the base map and the pipe networks, straight from PostGIS.

Tiles are addressed z/x/y in Web Mercator, y from the north, as MapLibre asks for them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from gis import tile_store
from gis.clock import Clock, SystemClock
from gis.db import Database
from gis.errors import InvalidInput

MAX_ZOOM = 20
_WORLD_M = 40075016.6855785
_MARGIN = 64 / 4096  # of a tile's side, the part outside it that strokes and labels need
_SMALLEST = 1.5 / 512  # areas narrower than this part of a tile's side are specks


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile's bytes and its entity tag; an empty tile has no bytes."""

    data: bytes
    etag: str


def base_tile(database: Database, z: int, x: int, y: int, public: bool) -> bytes:
    """Layers ``area`` (kind, name, name_en, height_m), ``road`` (class, name, name_en), ``place`` (kind, name, name_en).

    ``public`` reads the ``public_*`` views alone, as the portal's role must. An empty tile is ``b""``.
    Raises :class:`InvalidInput` on an address that no tile has.
    """
    return tile_store.base(database, _params(z, x, y), public)


def pipes_tile(database: Database, z: int, x: int, y: int) -> bytes:
    """Layers ``pipe_edge`` (id, network, kind, diameter_mm, material) and ``pipe_node`` (id, network, kind, name).

    An empty tile is ``b""``. Raises :class:`InvalidInput` on an address that no tile has.
    """
    return tile_store.pipes(database, _params(z, x, y))


def _params(z: int, x: int, y: int) -> dict[str, Any]:
    if not 0 <= z <= MAX_ZOOM:
        raise InvalidInput(f"zoom {z} is outside 0..{MAX_ZOOM}", "z")
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 2**z:
            raise InvalidInput(f"{name} {value} is outside 0..{2**z - 1} at zoom {z}", name)
    side_m = _WORLD_M / 2**z
    smallest_deg = 360.0 / 2**z * _SMALLEST
    return {"z": z, "x": x, "y": y, "margin_m": side_m * _MARGIN, "min_deg2": smallest_deg**2}


class TileCache:
    """The tiles asked for last, each kept for ``keep_s``. Safe to share between threads."""

    def __init__(self, size: int = 512, keep_s: float = 60.0, clock: Clock | None = None) -> None:
        self._size = size
        self._keep_s = keep_s
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Tile]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> Tile:
        """The tile ``key``, made by ``make`` when it is not kept or has been for too long."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now_s - kept[0] < self._keep_s:
                self._kept.move_to_end(key)
                return kept[1]
        data = make()
        tile = Tile(data, f'"{hashlib.sha256(data).hexdigest()[:20]}"')
        with self._lock:
            self._kept[key] = (now_s, tile)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return tile
