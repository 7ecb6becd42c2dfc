"""The review queue: everybody's own list of what they have not looked at, and marks that all share."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from analytics import store
from analytics.model import EventKind, RuleName
from analytics.search import Cursor
from gis.errors import NotFound
from gis.said import say
from web import event_view, review_store
from web.deps import AuditDep, ClockDep, DatabaseDep, must_see, require
from web.model import CurrentUser
from web.review_store import QueueFilter
from web.schemas.review import (
    MarkIn,
    MarkOut,
    QueueEventOut,
    QueueOut,
    SeenIn,
    SeenOut,
    UnseenOut,
    UnseenTotalOut,
)

router = APIRouter(tags=["review"])
Reader = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "reviewer", "admin"))]


@router.get("/review/queue")
def review_queue(
    user: Reader,
    database: DatabaseDep,
    clock: ClockDep,
    camera_id: Annotated[list[int] | None, Query(max_length=64)] = None,
    rule: RuleName | None = None,
    kind: EventKind | None = None,
    polygon: Annotated[str | None, Query(max_length=5000)] = None,
    show: Literal["unseen", "all", "important", "false"] = "unseen",
    limit: Annotated[int, Query(ge=1, le=200)] = 60,
    before: Annotated[str | None, Query(max_length=200)] = None,
) -> QueueOut:
    """Events of the last week that one has not looked at, or all of them, or the marked ones; newest first. Events whose
    alarm somebody dismissed are not in the queue."""
    wanted = QueueFilter(
        camera_ids=_cameras(user, camera_id),
        rule=rule,
        kind=kind,
        polygon=None if polygon is None else store.polygon_wkt(event_view.parse_polygon(polygon)),
        marked=show if show in ("important", "false") else None,
        all=show == "all",
    )
    place = None if before is None else Cursor.of(before)
    rows = review_store.queue(database, user.id, wanted, clock.now(), limit + 1, place)
    shown = rows[:limit]
    found = {event.id: event for event in store.events_by_id(database, [r.id for r in shown])}
    events = [
        QueueEventOut.model_validate(
            event_view.event_out(found[row.id]).model_dump()
            | {
                "seen": row.seen,
                "mark": None
                if row.version is None
                else MarkOut.model_validate(row._asdict() | {"event_id": row.id}),
            }
        )
        for row in shown
    ]
    more = len(rows) > limit
    last = events[-1] if events else None
    return QueueOut(
        events=events, next=Cursor(last.at, str(last.id)).text() if more and last else None
    )


@router.get("/review/unseen")
def review_unseen(user: Reader, database: DatabaseDep, clock: ClockDep) -> UnseenTotalOut:
    """How many events one has not looked at, by camera and rule."""
    rows = review_store.unseen(database, user.id, _cameras(user, None), clock.now())
    total = sum(row.count for row in rows)
    return UnseenTotalOut(
        total=total,
        exact=total < review_store.MOST_COUNTED,
        parts=[UnseenOut.model_validate(row) for row in rows],
    )


@router.post("/review/seen")
def review_seen(
    body: SeenIn, user: Reader, database: DatabaseDep, clock: ClockDep, audit: AuditDep
) -> SeenOut:
    """Takes events out of one's own queue, or puts them back. Doing so in bulk is in the audit log."""
    if body.until is None:
        if body.seen:
            scope = _cameras(user, None)
            return SeenOut(changed=review_store.see(database, user.id, body.event_ids, scope))
        return SeenOut(changed=review_store.unsee(database, user.id, body.event_ids))
    chosen = None if body.camera_id is None else [body.camera_id]
    wanted = QueueFilter(camera_ids=_cameras(user, chosen), rule=body.rule, kind=body.kind)
    with database.transaction() as cursor:
        changed = review_store.see_all(cursor, user.id, wanted, body.until, clock.now())
        detail = body.model_dump(mode="json", exclude_defaults=True) | {"changed": changed}
        audit("review_seen", "review", detail, cursor)
    return SeenOut(changed=changed)


@router.put("/events/{event_id}/mark")
def mark_event(
    event_id: int,
    body: MarkIn,
    user: Reader,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> MarkOut:
    """Says of an event that it is important or false, or takes that back; everybody sees it. Whoever says so has looked."""
    with database.transaction() as cursor:
        if not user.sees(review_store.event_camera(cursor, event_id)):
            raise NotFound(say("no_event", "there is no event {id}", id=event_id))
        values = {
            "mark": body.mark,
            "reason": body.reason,
            "note": body.note.strip(),
            "marked_by": user.name,
            "now": clock.now(),
        }
        row = review_store.put_mark(cursor, event_id, body.expected_version, values)
        detail = body.model_dump(mode="json", exclude={"expected_version"}, exclude_none=True)
        audit("mark_event", f"event:{event_id}", detail, cursor)
    review_store.see(database, user.id, [event_id], None)
    return MarkOut.model_validate(row)


def _cameras(user: CurrentUser, chosen: list[int] | None) -> list[int] | None:
    """The cameras to look at: those chosen, else all that the person may see (None: every one)."""
    for camera_id in chosen or ():
        must_see(user, camera_id)
    if chosen:
        return chosen
    return None if user.camera_ids is None else sorted(user.camera_ids)
