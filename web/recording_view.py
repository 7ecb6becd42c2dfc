"""Recordings as the API gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from analytics import store
from analytics.store import MAX_PAGE, StoredEvent
from gis.db import Database
from ingest import footage_store
from ingest.footage_store import FootageClass
from ingest.record import playback
from ingest.record.coverage import Span
from ingest.record.covered import coverage
from ingest.record.tiers import SegmentReader
from web.event_view import event_out
from web.schemas.recordings import CameraTimelineOut, ClassSpanOut, GapOut, SpanOut, TimelineOut

MOST_EVENTS = 4 * MAX_PAGE
_NAMED: tuple[Literal["event", "incident"], ...] = ("event", "incident")
_RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})")


def timeline(
    database: Database, camera_ids: Sequence[int], start: datetime, end: datetime, now: datetime
) -> TimelineOut:
    """What is recorded and held of some cameras, what is not and why, and their newest :data:`MOST_EVENTS` events in
    that time."""
    recorded = playback.timeline(database, camera_ids, start, end)
    gaps = {
        found.camera.id: [gap for part in found.parts for gap in part.gaps]
        for found in coverage(database, camera_ids, [(start, end)], now)
    }
    held = playback.held(database, camera_ids, start, end)
    kept = footage_store.class_spans(database, camera_ids, start, end)
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
                gaps=[GapOut.model_validate(gap) for gap in gaps.get(camera_id, [])],
                held=_spans(held[camera_id]),
                classes=_classes([row[1:] for row in kept if row[0] == camera_id], start, end),
                events=[event_out(event) for event in reversed(by_camera[camera_id])],
            )
            for camera_id in camera_ids
        ],
    )


def _classes(
    rows: Sequence[tuple[FootageClass, datetime, datetime]], start: datetime, end: datetime
) -> list[ClassSpanOut]:
    """Neighbouring recordings of one class are one span."""
    found = [
        ClassSpanOut(name=name, start_at=span.start_at, end_at=span.end_at)
        for name in _NAMED
        for span in playback.merge([(s, e) for n, s, e in rows if n == name], start, end)
    ]
    return sorted(found, key=lambda span: span.start_at)


def _spans(spans: Sequence[Span]) -> list[SpanOut]:
    return [SpanOut.model_validate(span) for span in spans]


def segment_response(reader: SegmentReader, name: str, request: Request) -> Response:
    """A recording's bytes as they were when it was opened: it may grow meanwhile, or move to another tier.

    ``Range`` and ``If-Range`` are honoured (RFC 9110 section 14); of several ranges, all of the file is sent. ``name`` is
    the recording's for good, so a part fetched before a move goes with one fetched after it.
    """
    size, etag = reader.size_bytes, f'"{name}-{reader.size_bytes}"'
    start, end, status = 0, size, 200
    headers = {"Cache-Control": "private, no-cache", "ETag": etag, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is not None and request.headers.get("if-range", etag) == etag:
        first, last = asked.groups()
        if first:
            start, end = int(first), min(int(last) + 1, size) if last else size
        else:
            start = max(0, size - int(last))
        if start >= end:
            reader.close()
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    pieces = reader.chunks(start, end)
    first_piece = next(pieces, b"")  # what cannot be read is answered with its reason, not cut off

    def stream() -> Iterator[bytes]:
        with reader:
            yield first_piece
            yield from pieces

    return StreamingResponse(stream(), status, headers, "video/mp4")
