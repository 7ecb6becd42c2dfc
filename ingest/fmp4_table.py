"""The sample tables of fragments (``moof``) as arrays, and of an init its tracks. Pure bytes.

A fragment is ``moof``+``mdat`` of the pictures and, where there is sound, ``moof``+``mdat`` of it (ISO/IEC 14496-12, 8.8).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.fmp4_boxes import box, boxes
from ingest.fmp4_reader import NotARecording

_NOT_SYNC = 0x10000
_BASE_GIVEN, _DEFAULT_ENTRY, _DEFAULT_DURATION, _DEFAULT_SIZE, _DEFAULT_FLAGS = 1, 2, 8, 16, 32


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of one track that lie one after another, in decode order. Times in the track's own ticks.

    ``head_at`` is where its ``moof`` begins and ``at`` where its first sample does, counted from the fragment's first byte; ``sizes``, ``durations``,
    ``compositions`` (pts - dts) and ``keys`` have one entry per sample.
    """

    track_id: int
    sequence: int
    decode: int
    head_at: int
    at: int
    sizes: NDArray[np.int64]
    durations: NDArray[np.int64]
    compositions: NDArray[np.int64]
    keys: NDArray[np.bool_]

    @property
    def duration(self) -> int:
        """The sum of the samples' durations."""
        return int(self.durations.sum())

    @property
    def end(self) -> int:
        """Where the last sample ends, counted as ``at`` is."""
        return self.at + self.payload_bytes

    @property
    def payload_bytes(self) -> int:
        """How many bytes the samples take together."""
        return int(self.sizes.sum())


@dataclass(frozen=True, slots=True)
class TrackHead:
    """What an init says of a track. ``stsd`` is the whole box of sample descriptions, as it stands there."""

    track_id: int
    kind: bytes  # b"vide" or b"soun"
    timescale: int
    width_px: int
    height_px: int
    stsd: bytes


def child(payload: bytes, *path: bytes) -> bytes:
    """The content of the first box along ``path``. Raises :class:`NotARecording` when one is missing."""
    for kind in path:
        found = next((body for k, body in boxes(payload) if k == kind), None)
        if found is None:
            raise NotARecording(f"the box '{kind.decode('latin-1')}' is missing")
        payload = found
    return payload


def read_tracks(init: bytes) -> tuple[TrackHead, ...]:
    """The tracks of an init segment, in its order. Raises :class:`NotARecording`."""
    return tuple(_track(body) for kind, body in boxes(child(init, b"moov")) if kind == b"trak")


def _track(trak: bytes) -> TrackHead:
    tkhd, mdia = child(trak, b"tkhd"), child(trak, b"mdia")
    wide = tkhd[0] == 1
    (track_id,) = struct.unpack_from(">I", tkhd, 20 if wide else 12)
    width, height = struct.unpack(">II", tkhd[-8:])
    mdhd = child(mdia, b"mdhd")
    (timescale,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
    stsd = child(mdia, b"minf", b"stbl", b"stsd")
    return TrackHead(
        track_id,
        child(mdia, b"hdlr")[8:12],
        timescale,
        width >> 16,
        height >> 16,
        box(b"stsd", stsd),
    )


def one_track(init: bytes, handler: bytes = b"vide") -> bytes:
    """An init with the track of ``handler`` (``vide`` or ``soun``) alone: ``ftyp`` and ``moov``.

    Raises :class:`NotARecording` when there is none.
    """
    parts: list[bytes] = []
    kept: set[int] = set()
    for kind, body in boxes(child(init, b"moov")):
        if kind == b"trak":
            track = _track(body)
            if track.kind != handler:
                continue
            kept.add(track.track_id)
        elif kind == b"mvex":
            trexes = [
                box(k, b)
                for k, b in boxes(body)
                if k != b"trex" or struct.unpack_from(">I", b, 4)[0] in kept
            ]
            body = b"".join(trexes)
        parts.append(box(kind, body))
    if not kept:
        raise NotARecording(f"there is no track '{handler.decode()}'")
    return box(b"ftyp", child(init, b"ftyp")) + box(b"moov", *parts)


def moof_length(head: bytes) -> int:
    """How long the ``moof`` is that ``head`` (8 bytes or more) begins. Raises :class:`NotARecording`."""
    if len(head) < 8 or head[4:8] != b"moof":
        raise NotARecording("there is no fragment where the index says that one begins")
    return int.from_bytes(head[:4], "big")


def read_run(moof: bytes) -> Run:
    """The samples that a whole ``moof`` box describes; it has one track and one run, as ours have.

    Raises :class:`NotARecording`.
    """
    try:
        return _read_run(moof)
    except (struct.error, IndexError, ValueError) as error:
        if isinstance(error, NotARecording):
            raise
        raise NotARecording(f"the head of a fragment cannot be read: {error}") from error


def _read_run(moof: bytes) -> Run:
    if moof_length(moof) != len(moof):
        raise NotARecording("the head of a fragment is not whole")
    inner = moof[8:]
    (sequence,) = struct.unpack_from(">I", child(inner, b"mfhd"), 4)
    traf = child(inner, b"traf")
    tfhd, tfdt, trun = child(traf, b"tfhd"), child(traf, b"tfdt"), child(traf, b"trun")
    flags = int.from_bytes(tfhd[1:4], "big")
    (track_id,) = struct.unpack_from(">I", tfhd, 4)
    if flags & _BASE_GIVEN:
        raise NotARecording("the head of a fragment counts from elsewhere than itself")
    at = 8
    defaults = {_DEFAULT_ENTRY: 0, _DEFAULT_DURATION: 0, _DEFAULT_SIZE: 0, _DEFAULT_FLAGS: 0}
    for flag in defaults:
        if flags & flag:
            (defaults[flag],) = struct.unpack_from(">I", tfhd, at)
            at += 4
    decode = int.from_bytes(tfdt[4 : 12 if tfdt[0] == 1 else 8], "big")
    run_flags = int.from_bytes(trun[1:4], "big")
    (count,) = struct.unpack_from(">I", trun, 4)
    if not run_flags & 1:
        raise NotARecording("the head of a fragment does not say where its samples begin")
    (offset,) = struct.unpack_from(">i", trun, 8)
    at = 12
    first_flags: int | None = None
    if run_flags & 4:
        (first_flags,) = struct.unpack_from(">I", trun, at)
        at += 4
    fields = [f for f in (0x100, 0x200, 0x400, 0x800) if run_flags & f]
    table = np.frombuffer(trun, ">u4", count * len(fields), at).reshape(count, len(fields))

    def column(field: int, default: int) -> NDArray[np.int64]:
        if field in fields:
            return table[:, fields.index(field)].astype(np.int64)
        return np.full(count, default, np.int64)

    sample_flags = column(0x400, defaults[_DEFAULT_FLAGS])
    if first_flags is not None and count:
        sample_flags[0] = first_flags
    compositions = column(0x800, 0)
    if trun[0] == 1:
        compositions = compositions.astype(np.uint32).view(np.int32).astype(np.int64)
    return Run(
        track_id, sequence, decode, 0, offset,
        column(0x200, defaults[_DEFAULT_SIZE]), column(0x100, defaults[_DEFAULT_DURATION]),
        compositions, (sample_flags & _NOT_SYNC) == 0,
    )  # fmt: skip


def read_runs(data: bytes) -> list[Run]:
    """Every run of a whole fragment. Raises :class:`NotARecording` when the samples do not fill their ``mdat``."""
    runs: list[Run] = []
    at = 0
    while at < len(data):
        length = moof_length(data[at : at + 8])
        run = read_run(data[at : at + length])
        mdat = int.from_bytes(data[at + length : at + length + 4], "big")
        if data[at + length + 4 : at + length + 8] != b"mdat" or run.at != length + 8:
            raise NotARecording("a fragment's samples do not follow its head")
        if run.payload_bytes != mdat - 8 or at + length + mdat > len(data):
            raise NotARecording("a fragment's samples do not fill it")
        runs.append(
            Run(
                run.track_id,
                run.sequence,
                run.decode,
                at,
                at + run.at,
                run.sizes,
                run.durations,
                run.compositions,
                run.keys,
            )
        )
        at += length + mdat
    return runs
