"""Rows of links across cameras: what they are reckoned from, the proposals, and what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from analytics import track_store
from analytics.links import Link, Passage, Transit, passage, transit
from analytics.model import Kind
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.ground import GroundCamera
from gis.model import LonLat, Pose
from gis.said import say

Decision = Literal["confirmed", "rejected"]
MOST_TRACKS = 3000
PICTURE_PX = (1280, 720)
"""Of a camera whose picture size is not known yet."""


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """A link of one track, and the other one. ``before``: the other was earlier. ``event_id``: one with a picture."""

    id: int
    before: bool
    probability: float
    gap_s: float
    distance_m: float
    why: str
    why_en: str
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    uid: UUID
    camera_id: int
    kind: Kind
    label: str | None
    colour: str | None
    start_at: datetime
    end_at: datetime
    snapshot: str | None
    event_id: int | None


@dataclass(frozen=True, slots=True)
class LinkEnds:
    """A link and the cameras at its ends."""

    id: int
    from_uid: UUID
    to_uid: UUID
    from_camera: int
    to_camera: int
    decision: Decision | None


def passages(database: Database, since: datetime) -> list[Passage]:
    """Tracks that began since then, with a way on the ground; the newest are left out beyond :data:`MOST_TRACKS`."""
    rows = database.rows(QUERIES["recent_tracks"], {"since": since, "limit": MOST_TRACKS})
    found = (passage(track_store.read(row)) for row in rows)
    return [p for p in found if p is not None]


def grounds(database: Database) -> dict[int, tuple[tuple[float, float], ...]]:
    """The ground that each camera with a usable pose sees, a ring of (lon, lat)."""
    out: dict[int, tuple[tuple[float, float], ...]] = {}
    for row in database.rows(QUERIES["link_grounds"]):
        pose = Pose(
            place=LonLat(row.lon, row.lat),
            height_m=row.height_m,
            yaw_deg=row.yaw_deg,
            pitch_deg=row.pitch_deg,
            hfov_deg=row.hfov_deg,
            roll_deg=row.roll_deg,
        )
        width, height = row.width_px or PICTURE_PX[0], row.height_px or PICTURE_PX[1]
        try:
            ring = GroundCamera(pose, width, height).field_of_view()
        except InvalidInput:
            continue  # analytics tells of a pose that makes no camera where it uses it
        if len(ring) >= 3:
            out[row.id] = tuple(ring)
    return out


def transits(database: Database) -> dict[tuple[int, int, Kind], Transit]:
    """How long the ways between cameras take, as sure links have it."""
    ratios: dict[tuple[int, int, Kind], list[float]] = defaultdict(list)
    for row in database.rows(QUERIES["sure_links"]):
        key = (row.from_camera, row.to_camera, row.kind)
        ratios[key].append(row.gap_s / (row.distance_m / row.speed_ms))
    return {key: transit(values) for key, values in ratios.items()}


def write(database: Database, links: Sequence[Link], since: datetime, made_at: datetime) -> int:
    """Writes proposals, and withdraws undecided ones of tracks since then that are no longer likely."""
    with database.transaction() as cursor:
        for link in links:
            values = {
                "from_uid": str(link.from_uid),
                "to_uid": str(link.to_uid),
                "probability": link.probability,
                "gap_s": link.gap_s,
                "distance_m": link.distance_m,
                "why": link.why,
                "why_en": link.why_en,
                "made_at": made_at,
            }
            cursor.execute(QUERIES["upsert_link"], values)
        cursor.execute(QUERIES["withdraw_links"], {"since": since, "made_at": made_at})
    return len(links)


def of_track(database: Database, uid: UUID) -> list[SeenElsewhere]:
    """Where else a track's thing was likely seen, likeliest first, rejected ones last."""
    out = []
    for row in database.rows(QUERIES["track_links"], {"uid": str(uid)}):
        out.append(
            SeenElsewhere(
                id=row.id,
                before=UUID(row.to_uid) == uid,
                probability=row.probability,
                gap_s=row.gap_s,
                distance_m=row.distance_m,
                why=row.why,
                why_en=row.why_en,
                decision=row.decision,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
                uid=UUID(row.other_uid),
                camera_id=row.camera_id,
                kind=row.kind,
                label=row.label,
                colour=row.colour,
                start_at=row.start_at,
                end_at=row.end_at,
                snapshot=row.track_snapshot,
                event_id=row.event_id,
            )
        )
    return out


def link(database: Database, link_id: int) -> LinkEnds:
    """One link. Raises :class:`NotFound`."""
    row = database.row(QUERIES["link"], {"id": link_id})
    if row is None:
        raise NotFound(
            say("no_link", "there is no link {id}; it may have been withdrawn", id=link_id)
        )
    return LinkEnds(
        row.id,
        UUID(row.from_uid),
        UUID(row.to_uid),
        row.from_camera,
        row.to_camera,
        row.decision,
    )


def decide(
    cursor: Any, link_id: int, decision: Decision | None, by: str, decided_at: datetime
) -> None:
    """Writes what a person decided; None takes it back."""
    values = {
        "id": link_id,
        "decision": decision,
        "decided_by": by if decision else None,
        "decided_at": decided_at if decision else None,
    }
    cursor.execute(QUERIES["decide_link"], values)
