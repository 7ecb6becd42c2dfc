"""A month of one camera as analytics would have written it: motion, tracks, events, and vehicles that drive by.

The rows are made inside the database, out of a few hundred ways through the picture: people and vehicles that go, some that
stand. The camera looks north from :data:`SPOT`; a foot at ``(x, y)`` of the picture is ``80 (x - 0.5)`` m east and
``4 / (y - 0.25)`` m north of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.motion_index import bits_of, boxes_grid, deflate, feet_grid, pack, seconds_of
from analytics.stands import stands
from gis.db import Database
from gis.ground import LocalFrame
from gis.model import LonLat

SPOT = LonLat(120.98, 31.38)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 30
BUSY_SHARE = 0.05
KINDS = ("vehicle", "vehicle", "person", "person", "other")
COLOURS = ("black", "white", "gray", "red", "blue", "green", "yellow", "brown")
_LABELS = {"vehicle": ("car", "truck", "bus"), "person": ("person",), "other": ("dog",)}
_EVERY_MS = 200
_WAYS = 400


@dataclass(frozen=True, slots=True)
class City:
    """What was made."""

    camera_id: int
    begin: datetime
    end: datetime


def generate(
    database: Database, tracks: int = 200_000, days: int = DAYS, vehicles: int = 200
) -> City:
    """One camera's ``days``, with ``tracks`` in them, an event for every fiftieth, and vehicles by GPS on the last day."""
    rng = np.random.default_rng(11)
    row = database.row(
        "INSERT INTO camera (code, name, url, geom, height_m, yaw_deg, pitch_deg, hfov_deg, retention_days) VALUES "
        "('MONTH', '一个月', 'rtsp://127.0.0.1/x', ST_SetSRID(ST_MakePoint(%s, %s), 4326), 7, 0, -20, 70, 365) "
        "RETURNING id",
        (SPOT.lon, SPOT.lat),
    )
    assert row is not None
    city = City(row.id, BEGIN, BEGIN + timedelta(days=days))
    with database.transaction() as cursor:
        _ways(cursor, rng)
        _tracks(cursor, city, tracks)
        _motion(cursor, city, rng)
        _events(cursor, city)
        _vehicles(cursor, city, vehicles)
    connection = database.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) track, motion_minute, event, position")
    connection.close()
    return city


def _ways(cursor: Any, rng: np.random.Generator) -> None:
    """Ways through the picture, in a table of their own until the transaction ends."""
    cursor.execute(
        "CREATE TEMP TABLE way (n integer, kind text, label text, colour text, heading_deg real, speed_ms real, "
        "standing_s real, t_ms integer[], box real[], cells bit(144), stands real[], path geometry) ON COMMIT DROP"
    )
    frame = LocalFrame(SPOT)
    for n in range(_WAYS):
        kind = KINDS[n % len(KINDS)]
        stands_s = float(rng.uniform(30, 400)) if n % 24 == 7 else 0.0
        feet = _feet(rng, stands_s)
        size = {"vehicle": (0.12, 0.1), "person": (0.03, 0.12), "other": (0.04, 0.04)}[kind]
        boxes = np.stack(
            [feet[:, 0] - size[0] / 2, feet[:, 1] - size[1], np.full(len(feet), size[0]), np.full(len(feet), size[1])],
            axis=1,
        ).clip(0, 1)  # fmt: skip
        east, north = 80 * (feet[:, 0] - 0.5), 4 / (feet[:, 1] - 0.25)
        gone = np.hypot(east[-1] - east[0], north[-1] - north[0])
        lon, lat = frame.to_lonlat(east, north)
        line = ",".join(f"{a:.7f} {b:.7f}" for a, b in zip(lon[::5], lat[::5], strict=True))
        cursor.execute(
            "INSERT INTO way VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::bit(144), %s, ST_GeomFromText(%s, 4326))",
            (
                n, kind, str(rng.choice(_LABELS[kind])), str(rng.choice(COLOURS)),
                float(np.degrees(np.arctan2(east[-1] - east[0], north[-1] - north[0])) % 360) % 360,
                float(gone / (len(feet) * _EVERY_MS / 1000)), stands_s,
                _times(len(feet)), boxes.reshape(-1).tolist(),
                bits_of(feet_grid([(b[0], b[1], b[2], b[3]) for b in boxes.tolist()])),
                [value for stand in stands(_times(len(feet)), boxes.tolist()) for value in stand] or None, f"LINESTRING({line})",
            ),
        )  # fmt: skip


def _times(samples: int) -> list[int]:
    return list(range(0, _EVERY_MS * samples, _EVERY_MS))


def _feet(rng: np.random.Generator, stands_s: float) -> NDArray[np.float64]:
    """``(n, 2)``: from one place of the picture to another in 4 to 20 s, with a stand on the way."""
    begin = np.array([rng.uniform(0.05, 0.95), rng.uniform(0.35, 0.98)])
    end = np.array([rng.uniform(0.05, 0.95), rng.uniform(0.35, 0.98)])
    steps = int(rng.uniform(4, 20) * 1000 / _EVERY_MS)
    share = np.linspace(0, 1, steps)
    still = int(stands_s * 1000 / _EVERY_MS)
    share = np.concatenate(
        [share[: steps // 2], np.full(still, share[steps // 2]), share[steps // 2 :]]
    )
    jitter = rng.normal(0, 0.001, (len(share), 2))
    return np.asarray(begin + share[:, None] * (end - begin) + jitter, np.float64)


def _tracks(cursor: Any, city: City, tracks: int) -> None:
    """Through the month, more by day than by night."""
    cursor.execute(
        """
        INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box, speed_ms, path, label, colour,
                           heading_deg, standing_s, snapshot, cells, stands)
        SELECT %(camera)s, gen_random_uuid(), w.kind, 0.8, s.at, s.at + w.t_ms[cardinality(w.t_ms)] * interval '1 ms',
               w.t_ms, w.box, w.speed_ms, w.path, w.label, w.colour, w.heading_deg, w.standing_s, NULL, w.cells, w.stands
        FROM (
            SELECT n, %(begin)s + (n::float8 / %(tracks)s) * (%(end)s::timestamptz - %(begin)s::timestamptz)
                      + sin(n) * interval '3 hours' AS at
            FROM generate_series(1, %(tracks)s) n
        ) s
        JOIN way w ON w.n = (s.n * 7919) %% %(ways)s
        ORDER BY s.at
        """,
        {"camera": city.camera_id, "begin": city.begin, "end": city.end, "tracks": tracks, "ways": _WAYS},
    )  # fmt: skip


def _motion(cursor: Any, city: City, rng: np.random.Generator) -> None:
    """A twentieth of the minutes is busy, most of them between 6 and 22 o'clock; all are watched."""
    minutes = round((city.end - city.begin).total_seconds() / 60)
    weight = np.array([1.0 if 6 <= (m // 60) % 24 < 22 else 0.1 for m in range(minutes)])
    busy = np.sort(
        rng.choice(minutes, round(BUSY_SHARE * minutes), replace=False, p=weight / weight.sum())
    )
    rows = []
    for minute in busy.tolist():
        seconds = sorted(rng.choice(60, int(rng.integers(4, 40)), replace=False).tolist())
        at = rng.uniform(0.05, 0.85, 2)
        grids = []
        for _ in seconds:
            at = np.clip(at + rng.normal(0, 0.04, 2), 0, 0.9)
            grids.append(boxes_grid(np.array([[*at, 0.08, 0.1]], np.float32), 1, 1))
        together = np.logical_or.reduce(grids)
        rows.append(
            (
                city.camera_id, city.begin + timedelta(minutes=minute), bits_of(together), seconds_of(seconds),
                deflate(b"".join(pack(grid) for grid in grids)),
            )
        )  # fmt: skip
    cursor.executemany(
        "INSERT INTO motion_minute VALUES (%s, %s, %s::bit(144), %s::bit(60), %s)", rows
    )
    cursor.execute(
        "INSERT INTO motion_watched VALUES (%s, %s, %s)", (city.camera_id, city.begin, city.end)
    )


def _events(cursor: Any, city: City) -> None:
    cursor.execute(
        """
        INSERT INTO event (uid, camera_id, track_uid, rule, kind, priority, confidence, at, box, geom, why, why_en)
        SELECT gen_random_uuid(), camera_id, uid, 'intrusion', kind, 3, 0.8, start_at, box[1:4], ST_StartPoint(path),
               '因', 'why'
        FROM track WHERE camera_id = %s AND id %% 50 = 0
        """,
        (city.camera_id,),
    )


def _vehicles(cursor: Any, city: City, vehicles: int) -> None:
    """On the last day each reports every ten seconds, on a round of 2 km that passes the camera."""
    day = city.end - timedelta(days=1)
    cursor.execute("SELECT ensure_day_partitions('position', %s, 2)", (day.date(),))
    cursor.execute(
        """
        WITH made AS (
            INSERT INTO device (protocol, key, kind, name, plate)
            SELECT 'jt808', 'B' || n, 'vehicle', 'B' || n, '沪A' || n FROM generate_series(1, %(vehicles)s) n
            RETURNING id
        )
        INSERT INTO position (device_id, at, lon_e7, lat_e7, speed_cms, course_deg, received_at)
        SELECT made.id, s.at, ((%(lon)s + 0.01 * sin(s.turn)) * 1e7)::integer,
               ((%(lat)s + 0.01 - 0.01 * cos(s.turn)) * 1e7)::integer, 900, 90, s.at
        FROM made CROSS JOIN LATERAL (
            SELECT at, extract(epoch FROM at)::float8 / 600 + made.id AS turn
            FROM generate_series(%(day)s::timestamptz, %(end)s::timestamptz - interval '1 s', interval '10 s') at
        ) s
        """,
        {"vehicles": vehicles, "lon": SPOT.lon, "lat": SPOT.lat, "day": day, "end": city.end},
    )
