"""Packs footage: every recorded fragment untouched in ordinary MP4 files, with a signed manifest of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from gis.errors import NotFound
from gis.said import say
from ingest.evidence import manifest as m
from ingest.evidence.container import ContainerWriter
from ingest.evidence.model import CameraFootage, MakeFilter, OpenSegment, Order
from ingest.evidence.pack import CameraPacker, Work
from ingest.evidence.signature import SigningKey
from ingest.evidence.texts import mask_note, readme, statements

CLOCK_UNCERTAINTY_MS = 500  # where a recording does not say how far its times may be off


@dataclass(frozen=True, slots=True)
class Maker:
    """Who packs: the software, the machine, the key, and the moment."""

    software: str
    host: str
    key: SigningKey
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Packed:
    """What came of it. ``altered``: fragments that are not what was recorded; ``unavailable``: stretches not read."""

    fragments: int
    altered: int
    unavailable: int
    footage_90k: int
    manifest_sha256: str


def write_package(
    out: BinaryIO,
    order: Order,
    cameras: Sequence[CameraFootage],
    open_segment: OpenSegment,
    maker: Maker,
    report: Callable[[int], None],
    make_filter: MakeFilter | None = None,
) -> Packed:
    """Writes the whole package into ``out`` (seekable).

    ``report`` is told the bytes of footage read so far, often; what it raises ends the work. Raises
    :class:`NotFound` when nothing of the span can be read, and :class:`OSError` when ``out`` cannot be written.
    """
    container = ContainerWriter(out, maker.made_at)
    work = Work(order, container, open_segment, report, make_filter)
    entries = tuple(
        CameraPacker(work, number, footage).write() for number, footage in enumerate(cameras, 1)
    )
    if not any(e.files for e in entries):
        raise NotFound(
            say(
                "nothing_readable",
                "nothing recorded from {from_at} to {to_at} can be read",
                from_at=order.from_at.isoformat(),
                to_at=order.to_at.isoformat(),
            )
        )
    said = statements(entries, order)
    mask = order.mask
    masking = None
    if mask is not None:
        masking = m.MaskEntry(mask.style, mask.people, mask.regions, mask.sound, mask_note(mask).en)
    errors = [
        s.clock["error_ms"]
        for e in entries
        for f in e.files
        for s in f.segments
        if s.clock["error_ms"] is not None
    ]
    unsigned = m.Manifest(
        m.FORMAT, m.VERSION, maker.software, maker.host, maker.key.public.fingerprint, maker.made_at,
        order.number, order.made_by, order.reason, order.from_at, order.to_at,
        max(errors, default=CLOCK_UNCERTAINTY_MS), masking, said, entries, (),
    )  # fmt: skip
    container.put(m.README_NAME, readme(unsigned).encode())
    container.put(m.KEY_NAME, maker.key.public.pem)
    members = tuple(m.MemberEntry(w.name, w.size, w.sha256) for w in container.written)
    data = m.to_bytes(replace(unsigned, members=members))
    container.put(m.NAME, data)
    container.put(m.SIGNATURE_NAME, maker.key.sign(data))
    container.finish()
    fragments = [x for e in entries for f in e.files for s in f.segments for x in s.chained]
    return Packed(
        len(fragments),
        sum(x.recorded_sha256 is not None for x in fragments),
        sum(len(e.unavailable) for e in entries),
        sum(x.duration_90k for x in fragments),
        hashlib.sha256(data).hexdigest(),
    )
