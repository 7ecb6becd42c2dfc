"""The portal's rows: the ``public_*`` views and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).resolve().parent.parent / "sql")


@dataclass(frozen=True, slots=True)
class Setting:
    """The operator's switch, the delay and the notice."""

    open: bool
    delay_s: int
    notice: str
    notice_en: str


@dataclass(frozen=True, slots=True)
class View:
    """A published camera."""

    code: str
    name: str
    name_en: str | None
    lon: float
    lat: float
    online: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of map and the scale it is drawn at: SVG units per degree."""

    west: float
    south: float
    east: float
    north: float
    x_per_deg: float
    y_per_deg: float


@dataclass(frozen=True, slots=True)
class Shape:
    """An area or street as SVG path data in the units of its :class:`Box`."""

    kind: str
    path: str


def setting(database: Database) -> Setting:
    """The setting as it is now."""
    row = database.row(_SQL["public_setting"])
    if row is None:
        return Setting(False, 0, "", "")
    return Setting(row.open, row.delay_s, row.notice, row.notice_en)


def views(database: Database) -> list[View]:
    """Published cameras; none while the portal is closed."""
    return [View(*row) for row in database.rows(_SQL["public_cameras"])]


def shapes(database: Database, box: Box) -> list[Shape]:
    """Water, parks and streets of the box, areas first, small streets before large ones."""
    values = {
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "kx": box.x_per_deg,
        "ky": box.y_per_deg,
        "tolerance_deg": 0.4 / box.x_per_deg,
    }
    with database.transaction() as cursor:
        cursor.execute(_SQL["public_areas"], values)
        found = [Shape(row.kind, row.path) for row in cursor.fetchall() if row.path]
        cursor.execute(_SQL["public_roads"], values)
        return found + [Shape(row.kind, row.path) for row in cursor.fetchall() if row.path]
