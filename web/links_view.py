"""Links of tracks across cameras as the API shows and decides them."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from analytics import link_store, track_store
from analytics.link_store import SeenElsewhere
from analytics.model import TrackRecord
from gis.clock import Clock
from gis.db import Database
from gis.errors import NotFound
from gis.said import say
from web.deps import Audit
from web.model import CurrentUser
from web.schemas.links import DecisionName, TrackLinkOut


def of_track(database: Database, user: CurrentUser, uid: UUID) -> list[TrackLinkOut]:
    """Where else a track's thing was seen, at cameras this person may see. Raises :class:`NotFound`."""
    _seen(database, user, uid)
    return [
        _out(found) for found in link_store.of_track(database, uid) if user.sees(found.camera_id)
    ]


def decide(
    database: Database,
    user: CurrentUser,
    link_id: int,
    decision: DecisionName | None,
    audit: Audit,
    clock: Clock,
) -> None:
    """Writes what a person decided of a link both of whose cameras they may see."""
    link = link_store.link(database, link_id)
    if not (user.sees(link.from_camera) and user.sees(link.to_camera)):
        raise NotFound(
            say("no_link", "there is no link {id}; it may have been withdrawn", id=link_id)
        )
    detail = {
        "from": str(link.from_uid),
        "to": str(link.to_uid),
        "decision": decision,
        "before": link.decision,
    }
    with database.transaction() as cursor:
        link_store.decide(cursor, link_id, decision, user.name, clock.now())
        audit("decide_track_link", f"track_link:{link_id}", detail, cursor)


def _seen(database: Database, user: CurrentUser, uid: UUID) -> TrackRecord:
    track = track_store.track(database, uid)
    if track is None or not user.sees(track.camera_id):
        raise NotFound(say("no_track", "there is no track {id}", id=uid))
    return track


def _out(found: SeenElsewhere) -> TrackLinkOut:
    values = asdict(found)
    url = None
    if values.pop("snapshot") is not None:
        url = f"/api/v1/tracks/{found.uid}/snapshot.jpg"
    event_id = values.pop("event_id")
    if url is None and event_id is not None:
        url = f"/api/v1/events/{event_id}/snapshot.jpg"
    return TrackLinkOut.model_validate(values | {"snapshot_url": url})
