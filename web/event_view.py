"""Events as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry import Polygon

from analytics import store, track_store
from analytics.model import TrackRecord
from analytics.store import StoredEvent
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.model import LonLat
from gis.said import say
from web.deps import must_see
from web.model import CurrentUser
from web.paths import inside
from web.schemas.common import EllipseOut
from web.schemas.events import EventOut, EventPage, TrackFactsOut


def page(
    database: Database,
    user: CurrentUser,
    camera_ids: Sequence[int] | None,
    start: datetime | None,
    end: datetime | None,
    rule: str | None,
    kind: str | None,
    polygon: str | None,
    limit: int,
    before: datetime | None,
) -> EventPage:
    """A page of events, newest first, of the cameras that ``user`` may see."""
    for camera_id in camera_ids or ():
        must_see(user, camera_id)
    if not camera_ids:
        camera_ids = None if user.camera_ids is None else sorted(user.camera_ids)
    found = store.events(
        database,
        camera_ids=camera_ids,
        start=start,
        end=end,
        rule=rule,
        kind=kind,
        polygon=None if polygon is None else parse_polygon(polygon),
        before=before,
        limit=limit,
    )
    return EventPage(
        events=[event_out(event) for event in found.events], next_before=found.next_before
    )


def one(database: Database, user: CurrentUser, event_id: int) -> EventOut:
    """One event with its track's path on the ground, as far as it is written."""
    event = _seen(database, user, event_id)
    out = event_out(event)
    if event.track_uid is not None:
        track = track_store.track(database, event.track_uid)
        if track is not None:
            out.track = TrackFactsOut(**track_facts(track))
            if track.path:
                out.path = [(place.lon, place.lat) for place in track.path]
    return out


def track_facts(track: TrackRecord) -> dict[str, Any]:
    """The fields of :class:`TrackFactsOut`."""
    return {
        "uid": str(track.uid),
        "kind": track.kind,
        "confidence": track.confidence,
        "label": track.label,
        "colour": track.colour,
        "speed_ms": track.speed_ms,
        "heading_deg": track.heading_deg,
        "standing_s": track.standing_s,
        "picture_url": f"/api/v1/tracks/{track.uid}/snapshot.jpg" if track.snapshot else None,
    }


def snapshot(database: Database, user: CurrentUser, event_id: int, folder: Path) -> Path:
    """The file of an event's picture. Raises :class:`NotFound`."""
    event = _seen(database, user, event_id)
    path = None if event.snapshot is None else inside(folder, event.snapshot)
    if path is None:
        raise NotFound(f"event {event_id} has no picture")
    return path


def _seen(database: Database, user: CurrentUser, event_id: int) -> StoredEvent:
    event = store.event(database, event_id)
    if not user.sees(event.camera_id):
        raise NotFound(say("no_event", "there is no event {id}", id=event_id))
    return event


def event_out(event: StoredEvent) -> EventOut:
    """One event without its path."""
    values = {
        name: getattr(event, name)
        for name in EventOut.model_fields
        if name not in {"lon", "lat", "ellipse", "snapshot_url", "path", "track"}
    }
    return EventOut.model_validate(
        values
        | {
            "lon": event.point.lon if event.point else None,
            "lat": event.point.lat if event.point else None,
            "ellipse": EllipseOut.model_validate(event.ellipse) if event.ellipse else None,
            "snapshot_url": f"/api/v1/events/{event.id}/snapshot.jpg" if event.snapshot else None,
        }
    )


def parse_polygon(text: str) -> list[LonLat]:
    """``lon,lat;lon,lat;…`` as points without the closing one. Raises :class:`InvalidInput` when it is no area."""
    points: list[LonLat] = []
    for part in text.strip("; ").split(";"):
        try:
            lon, lat = (float(value) for value in part.split(","))
            points.append(LonLat(lon, lat))
        except (ValueError, InvalidInput):
            raise InvalidInput(f"{part!r} is no point: lon,lat in degrees", "polygon") from None
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        raise InvalidInput(f"an area needs three corners, {len(points)} came", "polygon")
    if not Polygon([(p.lon, p.lat) for p in points]).is_valid:
        raise InvalidInput("the area crosses itself: draw it again", "polygon")
    return points
