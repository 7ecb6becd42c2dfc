"""Recordings as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from analytics import store
from analytics.store import MAX_PAGE, StoredEvent
from gis.db import Database
from ingest.record import playback
from ingest.record.playback import Span
from web.event_view import event_out
from web.schemas import CameraTimelineOut, SpanOut, TimelineOut

MOST_EVENTS = 4 * MAX_PAGE


def timeline(
    database: Database, camera_ids: Sequence[int], start: datetime, end: datetime
) -> TimelineOut:
    """What is recorded and held of some cameras, and their newest :data:`MOST_EVENTS` events in that time."""
    recorded = playback.timeline(database, camera_ids, start, end)
    held = playback.held(database, camera_ids, start, end)
    by_camera: dict[int, list[StoredEvent]] = {camera_id: [] for camera_id in camera_ids}
    before: datetime | None = None
    for _ in range(MOST_EVENTS // MAX_PAGE):
        page = store.events(
            database, camera_ids=camera_ids, start=start, end=end, before=before, limit=MAX_PAGE
        )
        for event in page.events:
            by_camera[event.camera_id].append(event)
        before = page.next_before
        if before is None:
            break
    return TimelineOut(
        from_at=start,
        to_at=end,
        cameras=[
            CameraTimelineOut(
                camera_id=camera_id,
                recorded=_spans(recorded[camera_id]),
                held=_spans(held[camera_id]),
                events=[event_out(event) for event in reversed(by_camera[camera_id])],
            )
            for camera_id in camera_ids
        ],
    )


def _spans(spans: Sequence[Span]) -> list[SpanOut]:
    return [SpanOut.model_validate(span) for span in spans]


class SegmentResponse(FileResponse):
    """A recording file that may still grow: no more goes out than its headers promised."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left: int | None = None

        async def bounded(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.start":
                lengths = [int(v) for k, v in message["headers"] if k.lower() == b"content-length"]
                left = lengths[0] if lengths else None
            elif message["type"] == "http.response.body" and left is not None:
                body = message.get("body", b"")[:left]
                left -= len(body)
                message = {**message, "body": body}
            await send(message)

        await super().__call__(scope, receive, bounded)
