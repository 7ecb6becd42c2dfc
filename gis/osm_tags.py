"""What OpenStreetMap's tags mean here: which ways cars use and how fast, which areas are drawn, what is named.

Meanings: https://wiki.openstreetmap.org/wiki/Map_features
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]

# highway value → (class here, free-flow speed in km/h where the way gives none)
HIGHWAYS: dict[str, tuple[str, float]] = {
    "motorway": ("motorway", 100.0),
    "motorway_link": ("motorway", 60.0),
    "trunk": ("trunk", 80.0),
    "trunk_link": ("trunk", 50.0),
    "primary": ("primary", 60.0),
    "primary_link": ("primary", 40.0),
    "secondary": ("secondary", 50.0),
    "secondary_link": ("secondary", 40.0),
    "tertiary": ("tertiary", 40.0),
    "tertiary_link": ("tertiary", 30.0),
    "unclassified": ("residential", 40.0),
    "residential": ("residential", 30.0),
    "living_street": ("residential", 20.0),
    "road": ("residential", 30.0),
    "busway": ("service", 40.0),
    "service": ("service", 20.0),
}
_SHUT = {"no", "agricultural", "forestry"}
_ONE_WAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1, "no": 0, "false": 0, "0": 0}

_WATER = {("natural", "water"), ("waterway", "riverbank"), ("waterway", "dock"), ("landuse", "reservoir"), ("landuse", "basin")}  # fmt: skip
_PARK = {
    ("leisure", "park"), ("leisure", "garden"), ("leisure", "nature_reserve"), ("landuse", "forest"),
    ("landuse", "grass"), ("landuse", "recreation_ground"), ("landuse", "village_green"), ("natural", "wood"),
}  # fmt: skip
_LAND = {
    ("landuse", "residential"), ("landuse", "commercial"), ("landuse", "retail"), ("landuse", "industrial"),
    ("landuse", "railway"), ("landuse", "construction"), ("landuse", "education"), ("amenity", "school"),
    ("amenity", "college"), ("amenity", "university"), ("amenity", "hospital"), ("amenity", "police"),
    ("amenity", "fire_station"), ("amenity", "townhall"), ("amenity", "library"), ("amenity", "marketplace"),
    ("amenity", "bus_station"), ("amenity", "fuel"), ("amenity", "place_of_worship"), ("shop", "mall"),
    ("place", "square"), ("man_made", "works"), ("man_made", "water_works"), ("man_made", "wastewater_plant"),
    ("power", "substation"), ("leisure", "stadium"), ("leisure", "sports_centre"), ("leisure", "pitch"),
    ("landuse", "depot"), ("barrier", "fence"),
}  # fmt: skip

# (key, value) → kind of named place
PLACES: dict[tuple[str, str], str] = {
    ("amenity", "hospital"): "hospital",
    ("amenity", "clinic"): "clinic",
    ("amenity", "police"): "police_station",
    ("amenity", "fire_station"): "fire_station",
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "college"): "school",
    ("amenity", "university"): "university",
    ("amenity", "townhall"): "government",
    ("amenity", "library"): "library",
    ("amenity", "marketplace"): "market",
    ("amenity", "bus_station"): "bus_station",
    ("amenity", "fuel"): "fuel_station",
    ("amenity", "place_of_worship"): "temple",
    ("amenity", "theatre"): "theatre",
    ("shop", "mall"): "mall",
    ("shop", "supermarket"): "supermarket",
    ("tourism", "hotel"): "hotel",
    ("tourism", "museum"): "museum",
    ("leisure", "park"): "park",
    ("leisure", "stadium"): "stadium",
    ("leisure", "sports_centre"): "stadium",
    ("railway", "station"): "station",
    ("place", "square"): "square",
    ("place", "city"): "city",
    ("place", "town"): "town",
    ("place", "village"): "village",
    ("place", "suburb"): "suburb",
    ("place", "quarter"): "suburb",
    ("place", "neighbourhood"): "estate",
    ("landuse", "residential"): "estate",
    ("landuse", "industrial"): "factory",
    ("landuse", "depot"): "depot",
    ("man_made", "works"): "factory",
    ("man_made", "water_works"): "waterworks",
    ("man_made", "wastewater_plant"): "sewage_works",
    ("power", "substation"): "substation",
}

# Width of a waterway that is drawn as a line only, in metres.
WATERWAYS: dict[str, float] = {"river": 25.0, "canal": 12.0, "stream": 3.0}


@dataclass(frozen=True, slots=True)
class RoadTags:
    """``direction``: 0 both ways, 1 as drawn, -1 against the drawing."""

    road_class: str
    speed_kmh: float
    direction: int


def road(tags: Tags) -> RoadTags | None:
    """What a way is to a car on duty, or None when no car uses it."""
    known = HIGHWAYS.get(tags.get("highway", ""))
    if known is None or tags.get("area") == "yes":
        return None
    open_to_duty = tags.get("emergency") in ("yes", "designated")
    for key in ("motor_vehicle", "vehicle", "access"):
        if key in tags:
            if tags[key] in _SHUT and not open_to_duty:
                return None
            break
    road_class, speed_kmh = known
    implied = 1 if tags.get("junction") in ("roundabout", "circular") else 0
    if tags.get("highway") == "motorway":
        implied = 1
    direction = _ONE_WAY.get(tags.get("oneway", ""), implied)
    return RoadTags(road_class, max_speed_kmh(tags) or speed_kmh, direction)


def max_speed_kmh(tags: Tags) -> float | None:
    """The signed limit in km/h; None where there is none or it is no number."""
    match = re.fullmatch(
        r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|knots)?", tags.get("maxspeed", "").strip()
    )
    if match is None:
        return None
    factor = {"mph": 1.609344, "knots": 1.852}.get(match[2] or "", 1.0)
    speed = float(match[1]) * factor
    return speed if 5.0 <= speed <= 140.0 else None


def area_kind(tags: Tags) -> str | None:
    """How an area is drawn: building, water, park, district or land; None when it is not."""
    if tags.get("building", "no") != "no":
        return "building"
    pairs = {(k, v) for k, v in tags.items()}
    if pairs & _WATER:
        return "water"
    if pairs & _PARK:
        return "park"
    if tags.get("boundary") == "administrative" and tags.get("admin_level") in ("8", "9", "10"):
        return "district" if "name" in tags else None
    if pairs & _LAND or (tags.get("highway") == "pedestrian" and tags.get("area") == "yes"):
        return "land"
    return None


def height_m(tags: Tags) -> float | None:
    """A building's height: its ``height``, or three metres a level."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*m?", tags.get("height", "").strip())
    if match is not None:
        return float(match[1])
    levels = re.fullmatch(r"\d+(?:\.\d+)?", tags.get("building:levels", "").strip())
    return float(levels[0]) * 3.0 if levels is not None else None


def place_kind(tags: Tags) -> str | None:
    """What kind of named place this is; None when it is not one people would steer by."""
    for pair in tags.items():
        kind = PLACES.get(pair)
        if kind is not None:
            return kind
    return None


def names(tags: Tags) -> tuple[str | None, str | None]:
    """The local name (or number) and the English one."""
    return tags.get("name") or tags.get("ref"), tags.get("name:en")
