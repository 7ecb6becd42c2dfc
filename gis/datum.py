"""WGS-84, GCJ-02 and BD-09. Inside the program everything is WGS-84; sources that shift carry their datum.

GCJ-02 is the offset that maps and devices in mainland China must add; BD-09 is Baidu's offset on top of it.
The formulas are the ones published by every open implementation (semi-major axis 6378245 m, squared
eccentricity 0.00669342162296594323); BD-09 uses 3000π/180, not π. All functions take degrees, floats or arrays
of one shape, longitude first. Outside :data:`CHINA` the shift is zero. CGCS2000 (EPSG:4490) differs from WGS-84
by centimetres and is taken as WGS-84.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args, overload

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.model import LonLat

Floats = NDArray[np.float64]
Datum = Literal["wgs84", "gcj02", "bd09"]

CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the rectangle where the shift applies."""
_A_M = 6378245.0
_E2 = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_CLOSE_DEG = 1e-11  # about 1 µm
_ROUNDS = 20


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    inside: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The GCJ-02 offset of a WGS-84 point in degrees, wherever it lies."""
    x, y = lon - 105.0, lat - 35.0
    root = 0.1 * np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * (2.0 / 3.0)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root + common
    north = north + (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * (2.0 / 3.0)
    north = north + (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * (
        2.0 / 3.0
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root + common
    east = east + (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * (2.0 / 3.0)
    east = east + (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * (
        2.0 / 3.0
    )
    latitude = np.radians(lat)
    w2 = 1.0 - _E2 * np.sin(latitude) ** 2
    d_lat = np.degrees(north / (_A_M * (1.0 - _E2) / (w2 * np.sqrt(w2))))
    d_lon = np.degrees(east / (_A_M / np.sqrt(w2) * np.cos(latitude)))
    return d_lon, d_lat


def _bd09_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The BD-09 offset of a GCJ-02 point in degrees, wherever it lies."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat


_Offset = Callable[[Floats, Floats], tuple[Floats, Floats]]


def _apply(offset: _Offset, lon: Any, lat: Any) -> tuple[Any, Any]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    dx, dy = offset(x, y)
    inside = _in_china(x, y)
    return _like(lon, np.where(inside, x + dx, x)), _like(lat, np.where(inside, y + dy, y))


def _undo(offset: _Offset, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Solves ``p + offset(p) = given``; the offsets turn by under 1 % of a step, so a few rounds are exact."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    guess_x, guess_y = x, y
    for _ in range(_ROUNDS):
        dx, dy = offset(guess_x, guess_y)
        step = max(
            float(np.max(np.abs(x - dx - guess_x), initial=0.0)),
            float(np.max(np.abs(y - dy - guess_y), initial=0.0)),
        )
        guess_x, guess_y = x - dx, y - dy
        if step < _CLOSE_DEG:
            break
    inside = _in_china(x, y)
    return _like(lon, np.where(inside, guess_x, x)), _like(lat, np.where(inside, guess_y, y))


def _like(given: Any, value: Floats) -> Any:
    return value if isinstance(given, np.ndarray) else float(value)


def _steps(datum: Datum) -> tuple[_Offset, ...]:
    """The offsets that lie between WGS-84 and ``datum``, in the order they are added."""
    if datum not in get_args(Datum):
        known = ", ".join(get_args(Datum))
        raise InvalidInput(f"datum {datum!r} is not known: give one of {known}", "datum")
    return {"wgs84": (), "gcj02": (_shift,), "bd09": (_shift, _bd09_offset)}[datum]


@overload
def to_wgs84(datum: Datum, lon: float, lat: float) -> tuple[float, float]: ...
@overload
def to_wgs84(datum: Datum, lon: Floats, lat: Floats) -> tuple[Floats, Floats]: ...
def to_wgs84(datum: Datum, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Longitude and latitude in WGS-84 of a point given in ``datum``; exact to 0.1 mm.

    Raises :class:`InvalidInput` on an unknown datum.
    """
    for offset in reversed(_steps(datum)):
        lon, lat = _undo(offset, lon, lat)
    return lon, lat


@overload
def from_wgs84(datum: Datum, lon: float, lat: float) -> tuple[float, float]: ...
@overload
def from_wgs84(datum: Datum, lon: Floats, lat: Floats) -> tuple[Floats, Floats]: ...
def from_wgs84(datum: Datum, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Longitude and latitude in ``datum`` of a WGS-84 point; the inverse of :func:`to_wgs84`."""
    for offset in _steps(datum):
        lon, lat = _apply(offset, lon, lat)
    return lon, lat


def place(datum: Datum, lon: float, lat: float) -> LonLat:
    """A point given in ``datum``. Raises :class:`InvalidInput` when it is not on the earth."""
    given = LonLat(lon, lat)
    return LonLat(*to_wgs84(datum, given.lon, given.lat))
