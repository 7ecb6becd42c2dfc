"""What a point is called by people on the radio: "80 m east of People Rd & Dongmen St"."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gis import place_store
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat
from gis.place_store import Place

WITHIN_M = 1500.0
"""A name farther than this says nothing about a point."""
AT_M = 25.0
"""Nearer than this a point is simply at the place."""
_CANDIDATES = 12
_MAX_LIMIT = 100

# How many metres nearer another kind must be to be preferred: a crossing or a public building is what a driver
# finds, an estate's middle point is not.
_HANDICAP_M = {"crossing": 0.0, "estate": 60.0}
_OTHER_HANDICAP_M = 20.0

_ZH = ("以北", "东北", "以东", "东南", "以南", "西南", "以西", "西北")
_EN = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A point in words. ``place`` is the named place it is told from."""

    zh: str
    en: str
    place: Place
    distance_m: float
    bearing_deg: float


def nearest(database: Database, at: LonLat) -> PlaceName | None:
    """The point in words, or None where nothing with a name is within :data:`WITHIN_M`."""
    return choose(at, place_store.near(database, at, WITHIN_M, _CANDIDATES))


def choose(at: LonLat, places: list[Place]) -> PlaceName | None:
    """The best of some places around a point to tell it from."""
    if not places:
        return None

    def score(place: Place) -> float:
        return (place.distance_m or 0.0) + _HANDICAP_M.get(place.kind, _OTHER_HANDICAP_M)

    return describe(at, min(places, key=score))


def describe(at: LonLat, place: Place) -> PlaceName:
    """Tells ``at`` from ``place``, with the distance rounded as a person would."""
    east, north = LocalFrame(place.at).to_enu(at.lon, at.lat)
    distance_m = math.hypot(east, north)
    bearing_deg = math.degrees(math.atan2(east, north)) % 360.0
    name_en = place.name_en or place.name
    if distance_m < AT_M:
        return PlaceName(place.name, name_en, place, distance_m, bearing_deg)
    eighth = round(bearing_deg / 45.0) % 8
    told = _told(distance_m)
    return PlaceName(
        zh=f"{place.name}{_ZH[eighth]} {told} 米",
        en=f"{told} m {_EN[eighth]} of {name_en}",
        place=place,
        distance_m=distance_m,
        bearing_deg=bearing_deg,
    )


def _told(distance_m: float) -> int:
    step = 10 if distance_m < 200 else 50
    return int(round(distance_m / step) * step)


def search(database: Database, q: str, near: LonLat | None = None, limit: int = 10) -> list[Place]:
    """Places by name in Chinese or English, spelling forgiven; nearest first among equals.

    Raises :class:`InvalidInput` on an empty query or a limit outside 1..100.
    """
    words = q.strip()
    if not words:
        raise InvalidInput("the search is empty: give a part of a name", "q")
    if not 1 <= limit <= _MAX_LIMIT:
        raise InvalidInput(f"limit {limit} is outside 1..{_MAX_LIMIT}", "limit")
    return place_store.search(database, words, near, limit)
