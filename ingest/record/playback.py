"""Reading recordings: where there are any, single pictures, and holds on footage."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import av
import cv2

from gis.db import Database
from gis.errors import NotFound
from gis.said import say
from ingest import ledger_store, store
from ingest.fmp4 import to_media_90k
from ingest.record.coverage import Span, union
from ingest.record.model import Fragment
from ingest.record.storage import Storage

JOIN_S = 1.0  # two files closer than this are one stretch of recording
LATEST_S = 15.0  # a moment so shortly after the last whole GOP is shown by that GOP's last picture

hold = store.hold
release = store.release


def merge(
    spans: Iterable[tuple[datetime, datetime]], from_at: datetime, to_at: datetime
) -> list[Span]:
    """Spans ordered by start, cut to the window, joined where they overlap or nearly touch. Pure."""
    out: list[Span] = []
    for raw_start, raw_end in spans:
        start, end = max(raw_start, from_at), min(raw_end, to_at)
        if end <= start:
            continue
        if out and start <= out[-1].end_at + timedelta(seconds=JOIN_S):
            out[-1] = Span(out[-1].start_at, max(out[-1].end_at, end))
        else:
            out.append(Span(start, end))
    return out


def timeline(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, list[Span]]:
    """When each camera was recorded within the window; a camera without recordings has an empty list."""
    window = Span(from_at, to_at)
    files = ledger_store.recorded(database, camera_ids, from_at, to_at)
    return {camera_id: union(window, found) for camera_id, found in files.items()}


def held(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, list[Span]]:
    """What of the window is held as evidence, by camera."""
    rows = store.held_spans(database, camera_ids, from_at, to_at)
    return {
        camera_id: merge(((s, e) for c, s, e in rows if c == camera_id), from_at, to_at)
        for camera_id in camera_ids
    }


def segment_camera(database: Database, segment_id: int) -> int:
    """Which camera a segment is of, for rights. Raises :class:`NotFound`."""
    found = store.segment_file(database, segment_id)
    if found is None:
        raise NotFound(
            say(
                "recording_deleted",
                "there is no recording {id}; it may have been deleted by retention",
                id=segment_id,
            )
        )
    return found[1]


def frame_jpeg(
    database: Database, storage: Storage, camera_id: int, at: datetime, quality: int = 85
) -> bytes:
    """The picture shown at ``at`` (the last one captured at or before it) as JPEG.

    Raises :class:`NotFound` when the camera was not recorded then, :class:`gis.errors.StorageAway` when the tier that the
    recording lies on does not answer.
    """
    segment = store.segment_at(database, camera_id, at)
    missing = NotFound(f"camera {camera_id} has no recording at {at.isoformat()}")
    if segment is None or not segment.fragments:
        raise missing
    offset_90k = to_media_90k(at) - to_media_90k(segment.start_at)
    last = segment.fragments[-1]
    if offset_90k > last.start_90k + last.duration_90k + LATEST_S * 90_000:
        raise missing
    # Where frames are reordered, a GOP is decoded a little before its first picture is shown.
    begun = [f for f in segment.fragments if f.start_90k <= offset_90k] or [segment.fragments[0]]
    with storage.open_segment(segment.id) as file:
        init = file.read_at(0, segment.init_length)
        for gop in reversed(_gops(begun)[-2:]):
            length = gop[-1].offset + gop[-1].length - gop[0].offset
            picture, early = _decode_at(
                init + file.read_at(gop[0].offset, length), to_media_90k(at)
            )
            if early:
                break
    if picture is None:
        raise missing
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise missing
    return bytes(jpeg)


def _gops(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Fragments that can be decoded by themselves: from a key frame up to the next one."""
    found: list[list[Fragment]] = []
    for fragment in fragments:
        if fragment.key or not found:
            found.append([])
        found[-1].append(fragment)
    return found


def _decode_at(data: bytes, at_90k: int) -> tuple[cv2.typing.MatLike | None, bool]:
    """The last picture of the fragment shown at or before ``at_90k`` and True, else its first and False."""
    best: av.VideoFrame | None = None
    early = False
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        for frame in container.decode(video=0):
            shown = frame.pts is not None and frame.pts <= at_90k
            if best is not None and not shown:
                break
            best, early = frame, shown
    return (best.to_ndarray(format="bgr24") if best is not None else None), early
