"""Recordings as players take them: the compact index, and streams that are made while they are sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

import numpy as np
from fastapi.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from ingest.record.background import Stream
from ingest.record.played import Played

FOOTAGE_SECONDS = "X-Footage-Seconds"
"""A stream's length in seconds of footage, so that a player can tell how much of it has come."""


def index_json(
    camera_id: int, from_at: datetime, to_at: datetime, files: Sequence[tuple[Played, slice]]
) -> str:
    """A ``RecordingIndexOut``, without building a hundred thousand objects for a day."""
    return json.dumps(
        {
            "camera_id": camera_id,
            "from_at": from_at.isoformat(),
            "to_at": to_at.isoformat(),
            "files": [_file(file, part) for file, part in files],
        },
        separators=(",", ":"),
    )


def _file(file: Played, part: slice) -> dict[str, object]:
    head, f = file.head, file.fragments
    columns = (f.offset, f.video_length, f.length, f.start_90k, f.duration_90k)
    return {
        "id": head.id,
        "start_at": head.start_at.isoformat(),
        "codec": head.codec,
        "width_px": head.width_px,
        "height_px": head.height_px,
        "init_bytes": head.init_bytes,
        "audio": head.audio,
        "media_90k": head.media_90k,
        "parts": np.flatnonzero(~f.key[part]).tolist(),
        "fragments": np.stack([c[part] for c in columns], axis=1).tolist(),
    }


def seconds(files: Sequence[tuple[Played, slice]]) -> float:
    """How much footage there is."""
    return sum(int(file.fragments.duration_90k[part].sum()) for file, part in files) / 90_000


def streamed(
    first: bytes, rest: Iterator[bytes] | Stream, media_type: str, length_s: float | None = None
) -> Response:
    """A response whose first piece is there already, so that what fails at once is answered as an error."""
    headers = {"Cache-Control": "private, no-store"}
    if length_s is not None:
        headers[FOOTAGE_SECONDS] = f"{length_s:.3f}"

    async def body() -> AsyncIterator[bytes]:
        try:
            yield first
            async for piece in iterate_in_threadpool(rest):
                yield piece
        finally:
            if isinstance(rest, Stream):
                rest.close()  # the browser went away: the work ends too

    return StreamingResponse(body(), media_type=media_type, headers=headers)
