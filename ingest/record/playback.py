"""Reading recordings: where there are any, a playlist of byte ranges, single pictures, and holds on footage."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2

from gis.db import Database
from gis.errors import InvalidInput, NotFound
from ingest import store
from ingest.fmp4 import to_media_90k
from ingest.record.model import Fragment, StoredSegment, ticks

JOIN_S = 1.0  # two files closer than this are one stretch of recording
LATEST_S = 15.0  # a moment so shortly after the last whole GOP is shown by that GOP's last picture
MAX_PLAYLIST_S = 26 * 3600.0

hold = store.hold
release = store.release


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    start_at: datetime
    end_at: datetime


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
    return _by_camera(store.spans(database, camera_ids, from_at, to_at), camera_ids, from_at, to_at)


def held(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, list[Span]]:
    """What of the window is held as evidence, by camera."""
    return _by_camera(
        store.held_spans(database, camera_ids, from_at, to_at), camera_ids, from_at, to_at
    )


def _by_camera(
    rows: list[tuple[int, datetime, datetime]],
    camera_ids: Sequence[int],
    from_at: datetime,
    to_at: datetime,
) -> dict[int, list[Span]]:
    return {
        camera_id: merge(((s, e) for c, s, e in rows if c == camera_id), from_at, to_at)
        for camera_id in camera_ids
    }


def within(segment: StoredSegment, from_at: datetime, to_at: datetime) -> list[Fragment]:
    """The fragments that show anything of the window. Pure."""
    return [
        f
        for f in segment.fragments
        if segment.start_at + ticks(f.start_90k) < to_at
        and segment.start_at + ticks(f.start_90k + f.duration_90k) > from_at
    ]


def write_playlist(
    segments: Sequence[StoredSegment],
    from_at: datetime,
    to_at: datetime,
    uri: Callable[[int], str],
) -> str:
    """HLS VOD (RFC 8216, version 7) of the window: one entry per fragment, by byte range. Pure.

    Every file begins with its map and the wall time of its first fragment, so that a player shows the true time
    across gaps; EXT-X-DISCONTINUITY stands where time or picture format does not simply go on.
    """
    chosen = [(s, part) for s in segments if (part := within(s, from_at, to_at))]
    longest_s = max((f.duration_90k / 90_000 for _, parts in chosen for f in parts), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{int(longest_s + 0.999)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for before, (segment, fragments) in zip([None, *chosen], chosen, strict=False):
        address = uri(segment.id)
        if before is not None and not _goes_on(before[0], segment):
            lines.append("#EXT-X-DISCONTINUITY")
        lines.append(f'#EXT-X-MAP:URI="{address}",BYTERANGE="{segment.init_length}@0"')
        first_at = (segment.start_at + ticks(fragments[0].start_90k)).astimezone(UTC)
        lines.append(
            f"#EXT-X-PROGRAM-DATE-TIME:{first_at:%Y-%m-%dT%H:%M:%S}.{first_at.microsecond // 1000:03d}Z"
        )
        for f in fragments:
            lines += [
                f"#EXTINF:{f.duration_90k / 90_000:.5f},",
                f"#EXT-X-BYTERANGE:{f.length}@{f.offset}",
                address,
            ]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _goes_on(before: StoredSegment, after: StoredSegment) -> bool:
    """Whether ``after`` follows ``before`` without a gap, an overlap or another picture format."""
    gap_s = (after.start_at - before.end_at).total_seconds()
    formats = {(s.codec, s.width_px, s.height_px) for s in (before, after)}
    return abs(gap_s) < 0.001 and len(formats) == 1


def playlist(
    database: Database,
    camera_id: int,
    from_at: datetime,
    to_at: datetime,
    uri: Callable[[int], str] = lambda segment_id: f"/api/v1/recordings/segments/{segment_id}.mp4",
) -> str:
    """The playlist of one camera; ``uri`` gives a segment's address by its id.

    Raises :class:`InvalidInput` for a window that is empty or longer than :data:`MAX_PLAYLIST_S`, and
    :class:`NotFound` when nothing of it was recorded.
    """
    if not 0 < (to_at - from_at).total_seconds() <= MAX_PLAYLIST_S:
        raise InvalidInput(
            f"the time from {from_at.isoformat()} to {to_at.isoformat()} is not between 0 and "
            f"{MAX_PLAYLIST_S / 3600:g} hours",
            "to",
        )
    segments = store.segments_between(database, camera_id, from_at, to_at)
    if not any(within(s, from_at, to_at) for s in segments):
        raise NotFound(
            f"camera {camera_id} has no recording from {from_at.isoformat()} to {to_at.isoformat()}"
        )
    return write_playlist(segments, from_at, to_at, uri)


def segment_file(database: Database, root: Path, segment_id: int) -> Path:
    """The file of a segment. Raises :class:`NotFound` when there is no such row or its file is gone."""
    found = store.segment_file(database, segment_id)
    if found is None:
        raise NotFound(f"there is no recording {segment_id}; it may have been deleted by retention")
    path = (root / found[0]).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise NotFound(f"the file of recording {segment_id} is not there: '{found[0]}'")
    return path


def segment_camera(database: Database, segment_id: int) -> int:
    """Which camera a segment is of, for rights. Raises :class:`NotFound`."""
    found = store.segment_file(database, segment_id)
    if found is None:
        raise NotFound(f"there is no recording {segment_id}; it may have been deleted by retention")
    return found[1]


def frame_jpeg(
    database: Database, root: Path, camera_id: int, at: datetime, quality: int = 85
) -> bytes:
    """The picture shown at ``at`` (the last one captured at or before it) as JPEG.

    Raises :class:`NotFound` when the camera was not recorded then.
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
    try:
        with (root / segment.path).open("rb") as file:
            init = file.read(segment.init_length)
            for fragment in reversed(begun[-2:]):
                file.seek(fragment.offset)
                picture, early = _decode_at(init + file.read(fragment.length), to_media_90k(at))
                if early:
                    break
    except OSError as error:
        raise NotFound(f"the file '{segment.path}' cannot be read: {error.strerror}") from error
    if picture is None:
        raise missing
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise missing
    return bytes(jpeg)


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
