"""Checks one MP4 file of a package while its bytes pass: each fragment's hash, and that its tables show them all."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
from numpy.typing import NDArray

from ingest.evidence import manifest as m
from ingest.evidence.findings import Findings
from ingest.fmp4 import from_media_90k
from ingest.fmp4_boxes import boxes
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import child, read_runs

_MAX_FRAGMENT_BYTES = 1 << 30
_MAX_MOOV_BYTES = 1 << 30


class Mp4Check:
    """Feed it a file's bytes in order, then :meth:`finish`."""

    def __init__(self, camera: m.CameraEntry, file: m.FileEntry, findings: Findings) -> None:
        self._camera = camera
        self._file = file
        self._findings = findings
        self._wanted = sorted(
            (
                (f.at, f.size, number, segment, f)
                for segment in file.segments
                for number, f in enumerate(segment.fragments, segment.first + 1)
            ),
            key=lambda item: item[:2],
        )
        self._next = 0
        self._at = 0
        self._collected = bytearray()
        self._positions: dict[int, list[NDArray[np.int64]]] = {}
        self._sizes: dict[int, list[NDArray[np.int64]]] = {}
        self._tail = bytearray()
        self._tail_from = max((f.at + f.size for _, _, _, _, f in self._wanted), default=0)
        self.checked = 0
        self.wrong = 0

    def feed(self, block: bytes) -> None:
        """The next bytes of the file."""
        view = memoryview(block)
        at = self._at
        end = at + len(block)
        while self._next < len(self._wanted):
            begin, size, number, segment, fragment = self._wanted[self._next]
            if begin >= end:
                break
            if size > _MAX_FRAGMENT_BYTES or (begin < at and not self._collected):
                self._bad(number, segment, fragment, "does not lie where the manifest says")
                self._next += 1
                continue
            first = begin + len(self._collected)
            self._collected += view[first - at : begin + size - at]
            if len(self._collected) < size:
                break
            self._fragment(number, segment, fragment, bytes(self._collected))
            self._collected.clear()
            self._next += 1
        if end > self._tail_from and len(self._tail) < _MAX_MOOV_BYTES:
            self._tail += view[max(0, self._tail_from - at) :]
        self._at = end

    def _bad(
        self, number: int, segment: m.SegmentEntry, fragment: m.FragmentEntry, what: str
    ) -> None:
        self.wrong += 1
        self._findings.error(
            f"fragment {number} of {segment.path} {what}", self._camera.code, self._file.name,
            from_media_90k(fragment.decode_90k),
        )  # fmt: skip

    def _fragment(
        self, number: int, segment: m.SegmentEntry, fragment: m.FragmentEntry, data: bytes
    ) -> None:
        if hashlib.sha256(data).hexdigest() != fragment.sha256:
            self._bad(
                number, segment, fragment, "was changed: its SHA-256 is not what the manifest says"
            )
            return
        self.checked += 1
        if not fragment.frames:
            return
        try:
            runs = read_runs(data)
        except NotARecording as error:
            self._bad(number, segment, fragment, f"cannot be read: {error}")
            return
        for run in runs:
            starts = fragment.at + run.at + np.cumsum(run.sizes) - run.sizes
            self._positions.setdefault(run.track_id, []).append(starts)
            self._sizes.setdefault(run.track_id, []).append(run.sizes)
        pictures = runs[0]
        if (pictures.decode, pictures.duration, len(pictures.sizes)) != (
            fragment.decode_90k, fragment.duration_90k, fragment.frames,
        ):  # fmt: skip
            self._bad(number, segment, fragment, "holds other times than the manifest says")

    def finish(self) -> None:
        """The file has ended: what is missing, and whether its tables show every sample once and in order."""
        for _, _, number, segment, fragment in self._wanted[self._next :]:
            self._bad(number, segment, fragment, "is missing: the file ends before it")
        if self.wrong or not self._positions:
            return
        try:
            shown = _shown(bytes(self._tail))
        except (NotARecording, struct.error, ValueError, IndexError) as error:
            self._tables(f"its tables cannot be read: {error}")
            return
        for track_id, positions in self._positions.items():
            at, sizes = shown.get(track_id, (np.empty(0), np.empty(0)))
            right = np.array_equal(at, np.concatenate(positions))
            if not right or not np.array_equal(sizes, np.concatenate(self._sizes[track_id])):
                self._tables("its tables do not show every recorded picture once and in order")

    def _tables(self, what: str) -> None:
        self.wrong += 1
        self._findings.error(what, self._camera.code, self._file.name)


def _shown(tail: bytes) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Per track of the ``moov`` in ``tail``: where each sample lies and how long it is, in the order shown."""
    out: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for kind, trak in boxes(child(tail, b"moov")):
        if kind != b"trak":
            continue
        tkhd = child(trak, b"tkhd")
        (track_id,) = struct.unpack_from(">I", tkhd, 20 if tkhd[0] == 1 else 12)
        stbl = child(trak, b"mdia", b"minf", b"stbl")
        sizes = np.frombuffer(child(stbl, b"stsz"), ">u4", offset=12).astype(np.int64)
        chunks = np.frombuffer(child(stbl, b"co64"), ">u8", offset=8).astype(np.int64)
        runs = np.frombuffer(child(stbl, b"stsc"), ">u4", offset=8).reshape(-1, 3).astype(np.int64)
        spans = np.diff(np.append(runs[:, 0], len(chunks) + 1))
        counts = np.repeat(runs[:, 1], spans)
        if len(counts) != len(chunks) or counts.sum() != len(sizes):
            raise NotARecording("its chunks do not hold its samples")
        before = np.cumsum(sizes) - sizes
        first = np.cumsum(counts) - counts
        out[track_id] = (np.repeat(chunks - before[first], counts) + before, sizes)
    return out
