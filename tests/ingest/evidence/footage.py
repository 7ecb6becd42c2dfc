"""Recordings on disk as the recorder leaves them, with their hashes and chain, for tests of evidence."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from gis.db import Database
from ingest import store
from ingest.evidence.model import CameraFootage, FootageSegment
from ingest.fmp4 import AUDIO_TRACK, Sample, fragment, from_media_90k, init_segment, to_media_90k
from ingest.fmp4_entries import audio_codec
from ingest.fmp4_marks import write_seal
from ingest.fmp4_table import read_runs
from ingest.record import chain
from ingest.record.model import CameraClock, Fragment, SegmentRow
from ingest.record.tiers import FolderPlace, SegmentReader
from ingest.unit import MediaUnit
from tests.ingest.streams import START, samples, sound, units

MADE_AT = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


def write_segment(
    root: Path,
    start: datetime = START,
    code: str = "gate",
    link: bytes = chain.FIRST,
    hashed: bool = True,
    holes: Sequence[int] = (),
    number: int = 1,
    tone: str | None = None,
    stream: list[MediaUnit] | None = None,
    **options: int,
) -> tuple[FootageSegment, bytes]:
    """A recording of one encoded stream (10 frames a second, a fragment per GOP) and the chain's last link.

    ``holes``: in front of these fragments (from 0) lie five seconds without pictures. ``tone``: the codec of a sound
    track beside them. ``stream``: other pictures than the encoded ones.
    """
    stream = stream or units(start=start, **options)
    tones = sound(tone, start=start, seconds=len(stream) // 10) if tone else []
    form = tones[0].format if tones else None
    parts = samples(stream)
    keys = [i for i, s in enumerate(parts) if s.key] + [len(parts)]
    init = init_segment(stream[0].format, form)
    data = init
    decode = to_media_90k(start)
    offsets, lengths, decodes, durations, hashes = [], [], [], [], b""
    before = link
    for n, (first, last) in enumerate(itertools.pairwise(keys)):
        decode += 5 * 90_000 * (n in holes)
        body = fragment(n + 1, decode, parts[first:last])
        duration = read_runs(body)[0].duration
        begin = stream[first].packet.dts_90k
        heard = [t for t in tones if begin <= t.pts_90k < begin + duration]
        if heard:
            notes = [Sample(t.data, t.duration_90k, 0, True) for t in heard]
            body += fragment(n + 2, decode + heard[0].pts_90k - begin, notes, AUDIO_TRACK)
        offsets.append(len(data))
        lengths.append(len(body))
        decodes.append(decode)
        durations.append(duration)
        hashes += chain.digest(body)
        link = chain.link(link, hashes[-32:], decode, duration)
        data += body + (write_seal(link) if hashed else b"")
        decode += duration
    path = f"{code}/{start:%Y/%m/%d/%H%M%S}-1.mp4"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)
    columns = [np.array(c, np.int64) for c in (offsets, lengths, decodes, durations)]
    shape = stream[0].format
    segment = FootageSegment(
        number, path, 0, from_media_90k(decodes[0]), len(init), shape.rfc6381, shape.width_px, shape.height_px,
        audio_codec(form) if form else None, *columns, np.ones(len(offsets), bool),
        hashes if hashed else None, before if hashed else None, -1200, 40,
    )  # fmt: skip
    return segment, link


def index(database: Database, camera_id: int, segment: FootageSegment, data: bytes) -> int:
    """Puts a segment, whose file's bytes are ``data``, into the index as the recorder does; its row's id."""
    hashes = segment.sha256 or b""
    fragments = tuple(
        Fragment(
            int(offset), int(length), int(decode - segment.decode_90k[0]), int(duration),
            read_runs(data[offset : offset + length])[0].end, True, hashes[32 * n : 32 * n + 32],
        )
        for n, (offset, length, decode, duration) in enumerate(
            zip(segment.offset, segment.length, segment.decode_90k, segment.duration_90k, strict=True)
        )
    )  # fmt: skip
    hashed = segment.sha256 is not None
    row = SegmentRow(
        camera_id, segment.path, segment.start_at, segment.init_bytes, 50, segment.codec, segment.width_px,
        segment.height_px, fragments, False, "main", segment.sound, int(segment.decode_90k[0]) if hashed else None,
        (), segment.chain_before, segment.chain_before, CameraClock(-1.2, 0.04),
    )  # fmt: skip
    assert store.save_segments(database, [row]) == []
    found = database.row("SELECT id FROM segment WHERE path = %s", [segment.path])
    assert found is not None
    return int(found.id)


def opener(root: Path) -> Callable[[FootageSegment], SegmentReader]:
    return lambda segment: FolderPlace(root, marked=False).open(segment.path)


def camera(*segments: FootageSegment, number: int = 1, code: str = "gate") -> CameraFootage:
    return CameraFootage(number, code, "大门", "Gate", tuple(segments), ())


def after(segment: FootageSegment, seconds: float = 0) -> datetime:
    """When ``segment`` ends, and so long after."""
    end = int(segment.decode_90k[-1] + segment.duration_90k[-1])
    return from_media_90k(end) + timedelta(seconds=seconds)
