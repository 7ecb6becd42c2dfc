"""Searches as the API takes and gives them: only of cameras that the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from analytics import motion_store, search_near, search_store, search_tracks, track_store
from analytics.search import Cursor, Daily, Hit, Look, MapShape, Page, PictureShape, When
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.model import LonLat
from gis.said import say
from web.deps import must_see
from web.event_view import track_facts
from web.model import CurrentUser
from web.paths import inside
from web.schemas.search import (
    HitOut,
    LookIn,
    MapShapeIn,
    MotionBandOut,
    MotionSearchIn,
    NearSearchIn,
    PassingSearchIn,
    PictureShapeIn,
    SearchIn,
    SearchOut,
    SeenLabelOut,
    TrackDetailOut,
)


def search(database: Database, user: CurrentUser, body: SearchIn) -> SearchOut:
    """Answers a search. Raises :class:`NotFound` for a camera that the person may not see, :class:`InvalidInput`."""
    cameras = _cameras(database, user, body.camera_ids)
    when = When(
        body.from_at,
        body.to_at,
        Daily(body.daily.from_min, body.daily.to_min, body.daily.zone) if body.daily else None,
    )
    before = None if body.before is None else Cursor.of(body.before, body.order)
    page = _ask(database, user, body, cameras, when, before)
    return SearchOut(
        hits=[_hit_out(hit) for hit in page.hits],
        total=page.total,
        exact=page.exact,
        next=page.next,
        looked_from=page.looked_from,
    )


def _ask(
    database: Database,
    user: CurrentUser,
    body: SearchIn,
    cameras: Sequence[int],
    when: When,
    before: Cursor | None,
) -> Page:
    if isinstance(body, MotionSearchIn):
        area = None if body.area is None else PictureShape(tuple(body.area))
        return search_store.moved(database, cameras, when, area, body.limit, before, body.order)
    if isinstance(body, NearSearchIn):
        all_of_them = user.camera_ids is None and not body.camera_ids
        scope = None if all_of_them else cameras
        spot = LonLat(*body.at)
        return search_near.near(
            database, scope, when, spot, body.radius_m, body.limit, before, body.order
        )
    look, shape = _look(body.look), _shape(body.shape)
    if isinstance(body, PassingSearchIn):
        return search_tracks.passed(
            database, cameras, when, look, shape, body.limit, before, body.order
        )
    return search_tracks.stood(
        database, cameras, when, look, shape, body.least_s, body.limit, before, body.order
    )


def audit_detail(body: SearchIn) -> dict[str, object]:
    """The question as it stands in the audit log, without what was not asked."""
    return body.model_dump(mode="json", exclude_defaults=True, exclude={"before", "limit"})


def labels(
    database: Database,
    user: CurrentUser,
    camera_ids: Sequence[int],
    start: datetime,
    end: datetime,
) -> list[SeenLabelOut]:
    """What detectors called the things of some cameras (none: all that the person may see), the most frequent first.
    Raises :class:`NotFound` for a camera that the person may not see."""
    cameras = _cameras(database, user, camera_ids)
    found = search_store.labels(database, cameras, start, end)
    return [SeenLabelOut(label=label, kind=kind) for label, kind in found]


def bands(
    database: Database, ids: Sequence[int], start: datetime, end: datetime, steps: int
) -> list[MotionBandOut]:
    """How much moved in some cameras' pictures."""
    out = []
    for camera_id in ids:
        band = motion_store.band(database, camera_id, start, end, steps)
        out.append(
            MotionBandOut(
                camera_id=camera_id,
                from_at=band.from_at,
                step_s=band.step_s,
                level=band.level.tolist(),
            )
        )
    return out


def track(database: Database, user: CurrentUser, uid: UUID) -> TrackDetailOut:
    """One track with its boxes. Raises :class:`NotFound`."""
    found = track_store.track(database, uid)
    if found is None or not user.sees(found.camera_id):
        raise NotFound(say("no_track", "there is no track {id}", id=uid))
    return TrackDetailOut(
        **track_facts(found),
        camera_id=found.camera_id,
        start_at=found.start_at,
        end_at=found.end_at,
        t_s=[t / 1000 for t in found.t_ms],
        boxes=list(found.boxes),
        path=[(place.lon, place.lat) for place in found.path],
    )


def track_picture(database: Database, user: CurrentUser, uid: UUID, folder: Path) -> Path:
    """The file of a track's best picture. Raises :class:`NotFound`."""
    found = search_store.track_picture(database, uid)
    if found is None or not user.sees(found[0]):
        raise NotFound(say("no_track", "there is no track {id}", id=uid))
    path = None if found[1] is None else inside(folder, found[1])
    if path is None:
        raise NotFound(f"track {uid} has no picture")
    return path


def _cameras(database: Database, user: CurrentUser, asked: Sequence[int]) -> list[int]:
    if asked:
        for camera_id in asked:
            must_see(user, camera_id)
        return list(dict.fromkeys(asked))
    if user.camera_ids is not None:
        return sorted(user.camera_ids)
    return search_store.every_camera(database)


def _look(body: LookIn) -> Look:
    if (
        body.min_speed_ms is not None
        and body.max_speed_ms is not None
        and body.min_speed_ms > body.max_speed_ms
    ):
        raise InvalidInput(
            f"nothing is faster than {body.min_speed_ms:g} m/s and slower than {body.max_speed_ms:g} m/s",
            "look.min_speed_ms",
        )
    return Look(
        tuple(body.kinds),
        tuple(body.labels),
        tuple(body.colours),
        body.heading_deg,
        body.tolerance_deg,
        body.min_speed_ms,
        body.max_speed_ms,
    )


def _shape(body: PictureShapeIn | MapShapeIn | None) -> PictureShape | MapShape | None:
    if body is None:
        return None
    if isinstance(body, PictureShapeIn):
        return PictureShape(tuple(body.points), body.closed, body.direction)
    return MapShape(tuple(LonLat(lon, lat) for lon, lat in body.points), body.closed)


def _hit_out(hit: Hit) -> HitOut:
    return HitOut(
        id=f"{hit.key}:{hit.from_at.timestamp():.0f}",
        source=hit.source,
        camera_id=hit.camera_id,
        from_at=hit.from_at,
        to_at=hit.to_at,
        at=hit.at,
        box=hit.box,
        picture_url=_picture(hit),
        kind=hit.kind,
        label=hit.label,
        colour=hit.colour,
        speed_ms=hit.speed_ms,
        heading_deg=hit.heading_deg,
        standing_s=hit.standing_s,
        lon=hit.point.lon if hit.point else None,
        lat=hit.point.lat if hit.point else None,
        distance_m=hit.distance_m,
        track_uid=str(hit.track_uid) if hit.track_uid else None,
        event_id=hit.event_id,
        device_id=hit.device_id,
        name=hit.name,
        priority=hit.priority,  # type: ignore[arg-type] # the table allows 1 to 4 only
        why=hit.why,
        why_en=hit.why_en,
        place=hit.place,
        place_en=hit.place_en,
        cells=hit.cells,
        score=hit.score,
    )


def _picture(hit: Hit) -> str | None:
    if hit.picture is None:
        return None
    if hit.source == "event":
        return f"/api/v1/events/{hit.event_id}/snapshot.jpg"
    return f"/api/v1/tracks/{hit.track_uid}/snapshot.jpg"
