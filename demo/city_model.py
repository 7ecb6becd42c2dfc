"""The nouns of the demo city. Points are (east, north) metres in :attr:`City.frame` unless named lon/lat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from analytics.model import Kind, RuleName
from gis.ground import LocalFrame
from gis.model import LonLat, Pose

Point = tuple[float, float]
Ring = tuple[Point, ...]
"""An open ring: the last point is not the first again."""

RoadClass = Literal["primary", "secondary", "tertiary", "residential", "service"]
BuildingKind = Literal["house", "slab", "tower", "office", "hall", "public"]
Network = Literal["water", "gas", "sewer", "power"]
AreaKind = Literal["water", "park", "district", "land"]
CameraView = Literal["crossing", "street", "square", "river", "yard"]
Service = Literal["taxi", "police", "fire", "ambulance", "municipal"]


@dataclass(frozen=True, slots=True)
class RoadShape:
    """How a street of one class is built; traffic keeps right, half of ``lanes`` each way."""

    lanes: int
    lane_m: float
    bike_m: float
    sidewalk_m: float
    speed_kmh: float

    @property
    def width_m(self) -> float:
        """Kerb to kerb."""
        return self.lanes * self.lane_m + 2 * self.bike_m


ROAD_SHAPES: dict[RoadClass, RoadShape] = {
    "primary": RoadShape(6, 3.5, 2.5, 4.0, 60.0),
    "secondary": RoadShape(4, 3.25, 2.0, 3.5, 50.0),
    "tertiary": RoadShape(2, 3.5, 2.0, 3.0, 40.0),
    "residential": RoadShape(2, 3.25, 0.0, 2.0, 30.0),
    "service": RoadShape(2, 2.5, 0.0, 0.0, 20.0),
}


@dataclass(frozen=True, slots=True)
class Street:
    """One stretch of street between two crossings, drawn from ``source`` to ``target``."""

    id: int
    source: int
    target: int
    road_class: RoadClass
    name: str
    name_en: str
    one_way: bool
    bridge: bool
    line: tuple[Point, ...]
    length_m: float

    @property
    def shape(self) -> RoadShape:
        return ROAD_SHAPES[self.road_class]

    @property
    def width_m(self) -> float:
        """Kerb to kerb."""
        return self.shape.width_m

    @property
    def lanes(self) -> int:
        """Car lanes, both directions together."""
        return self.shape.lanes

    @property
    def sidewalk_m(self) -> float:
        """Width of each of the two sidewalks outside the kerbs."""
        return self.shape.sidewalk_m

    @property
    def speed_kmh(self) -> float:
        return self.shape.speed_kmh


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where streets meet or end. ``names`` are the (zh, en) of the streets that meet, widest first."""

    id: int
    at: Point
    names: tuple[tuple[str, str], ...]
    signals: bool


@dataclass(frozen=True, slots=True)
class Building:
    """An upright prism. ``tint`` 0..1 chooses the facade's colour, so that every picture paints it alike."""

    id: int
    kind: BuildingKind
    ring: Ring
    height_m: float
    tint: float
    name: str | None = None
    name_en: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A patch of the base map: ``water``, ``park``, ``district`` or ``land`` (squares, works, campuses)."""

    kind: AreaKind
    name: str | None
    name_en: str | None
    ring: Ring
    holes: tuple[Ring, ...] = ()
    use: str = ""  # land: square, industrial, school, hospital, residential, commercial, yard


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence along a line, seen through but not walked through."""

    line: tuple[Point, ...]
    height_m: float
    closed: bool


@dataclass(frozen=True, slots=True)
class Tree:
    at: Point
    height_m: float
    crown_m: float


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """What people say on the radio."""

    key: str
    kind: str
    name: str
    name_en: str
    at: Point


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera of the demo city and the picture it sends. ``views`` names what it looks at."""

    code: str
    name: str
    name_en: str
    pose: Pose
    at: Point
    views: CameraView
    published: bool
    width_px: int = 960
    height_px: int = 540
    fps: int = 10


@dataclass(frozen=True, slots=True)
class DemoZone:
    """A zone or line on the ground, and in one camera's picture (normalised, origin top left); without a camera on the
    map alone."""

    camera: str | None
    name: str
    name_en: str
    rule: RuleName
    points: tuple[Point, ...]
    ground: tuple[Point, ...]
    classes: tuple[Kind, ...]
    priority: int
    dwell_s: float
    direction: Literal["both", "left_to_right", "right_to_left"]
    rearm_s: float
    threshold: float | None = None
    arrow: tuple[Point, Point] | None = None
    schedule: tuple[tuple[int, int], ...] = ()
    clear: float | None = None
    gauge_m: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class DemoVehicle:
    """A vehicle with a JT/T 808 terminal; ``code`` is the unit's radio name, None for a taxi."""

    phone: str
    plate: str
    service: Service
    code: str | None
    name: str
    name_en: str
    home: int  # crossing where it starts
    station: str | None  # key of the NamedPlace it belongs to
    crew: int
    datum: Literal["wgs84", "gcj02"] = "wgs84"


@dataclass(frozen=True, slots=True)
class DemoThreshold:
    quantity: str
    limit_value: float
    hysteresis: float
    priority: int
    rising: bool = True


@dataclass(frozen=True, slots=True)
class DemoStation:
    """A fixed device: SL 651 water level or rain, HJ 212 enterprise."""

    protocol: Literal["sl651", "hj212"]
    key: str
    kind: Literal["water_level", "rain", "enterprise"]
    name: str
    name_en: str
    at: Point
    thresholds: tuple[DemoThreshold, ...]


@dataclass(frozen=True, slots=True)
class PipeNode:
    key: str
    kind: str
    at: Point
    name: str | None = None
    props: tuple[tuple[str, str | float | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class PipeEdge:
    key: str
    kind: str
    source: str
    target: str
    line: tuple[Point, ...]
    diameter_mm: float | None
    material: str
    props: tuple[tuple[str, str | float | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class PipeNetwork:
    network: Network
    nodes: tuple[PipeNode, ...]
    edges: tuple[PipeEdge, ...]


@dataclass(frozen=True, slots=True)
class City:
    """The whole demo city, the same on every machine."""

    frame: LocalFrame
    crossings: tuple[Crossing, ...]
    streets: tuple[Street, ...]
    areas: tuple[Area, ...]
    buildings: tuple[Building, ...]
    fences: tuple[Fence, ...]
    trees: tuple[Tree, ...]
    cameras: tuple[DemoCamera, ...]
    zones: tuple[DemoZone, ...]
    places: tuple[NamedPlace, ...] = ()
    vehicles: tuple[DemoVehicle, ...] = ()
    stations: tuple[DemoStation, ...] = ()
    pipes: tuple[PipeNetwork, ...] = field(default=())

    def lonlat(self, at: Point) -> LonLat:
        """A point of the city on the earth."""
        lon, lat = self.frame.to_lonlat(at[0], at[1])
        return LonLat(lon, lat)

    def point(self, place: LonLat) -> Point:
        """A place on the earth in the city's metres."""
        return self.frame.to_enu(place.lon, place.lat)
