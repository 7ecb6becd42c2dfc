"""One camera's part of a package: its fragments, untouched or masked, in MP4 files, and what the manifest says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from gis.errors import NotFound, StorageAway
from ingest.evidence import manifest as m
from ingest.evidence.container import ContainerWriter
from ingest.evidence.model import (
    CameraFootage,
    FootageSegment,
    FragmentFilter,
    MakeFilter,
    OpenSegment,
    Order,
    Readable,
)
from ingest.evidence.mp4 import OrdinaryMp4, Placed
from ingest.evidence.texts import subtitles
from ingest.fmp4 import from_media_90k, to_media_90k
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import TrackHead, read_runs, read_tracks
from ingest.record import chain
from ingest.record.played import shown

LEARN_FRAGMENTS = 40  # so many show masking what the footage looks like
_HEAD_BYTES = 2 << 20  # no package's tables need more beside its footage than this and 2 %


def chosen(segment: FootageSegment, from_at: datetime, to_at: datetime) -> slice:
    """The fragments that show anything of the span, from the key frame before it on."""
    span = to_media_90k(from_at), to_media_90k(to_at)
    return shown(segment.decode_90k, segment.duration_90k, segment.key, *span)


def footage_bytes(cameras: Sequence[CameraFootage], from_at: datetime, to_at: datetime) -> int:
    """How much footage there is to read."""
    return sum(
        int(segment.length[chosen(segment, from_at, to_at)].sum())
        for camera in cameras
        for segment in camera.segments
    )


def expected_bytes(cameras: Sequence[CameraFootage], from_at: datetime, to_at: datetime) -> int:
    """How large the package will be at most, in bytes; for masked ones only a guess."""
    total = footage_bytes(cameras, from_at, to_at)
    return total + total // 50 + _HEAD_BYTES


@dataclass(slots=True)
class _Segment:
    """A segment's entry as it grows."""

    footage: FootageSegment
    first: int
    link_before: bytes
    hashes: str
    continues: bool
    head_at: int
    head_size: int
    fragments: list[m.FragmentEntry] = field(default_factory=list)
    sources: list[m.FragmentEntry] = field(default_factory=list)

    def entry(self) -> m.SegmentEntry:
        f = self.footage
        clock = {"offset_ms": f.clock_offset_ms, "error_ms": f.clock_error_ms}
        return m.SegmentEntry(
            f.path, f.start_at, self.first, len(f.offset), self.link_before.hex(), self.hashes,
            self.continues, self.head_at, self.head_size, clock, tuple(self.fragments), tuple(self.sources),
        )  # fmt: skip


class _Unreadable(Exception):
    """A stretch of a recording could not be read; the message says why."""


@dataclass(slots=True)
class Work:
    """What every camera of one package shares."""

    order: Order
    container: ContainerWriter
    open_segment: OpenSegment
    report: Callable[[int], None]
    make_filter: MakeFilter | None
    read_bytes: int = 0

    def read(self, file: Readable, offset: int, size: int) -> bytes:
        """Bytes of a recording. Raises :class:`_Unreadable`."""
        try:
            data = file.read_at(offset, size)
        except (NotFound, StorageAway) as error:
            raise _Unreadable(str(error)) from error
        if len(data) != size:
            raise _Unreadable(f"the file ends at byte {offset + len(data)}")
        self.read_bytes += size
        self.report(self.read_bytes)
        return data


@dataclass(slots=True)
class _File:
    """An MP4 file being written, and what is known of its format."""

    name: str
    first: FootageSegment
    sound: TrackHead | None
    filter: FragmentFilter | None
    video: TrackHead | None = None
    mp4: OrdinaryMp4 | None = None
    segments: list[_Segment] = field(default_factory=list)


class CameraPacker:
    """Writes one camera's files: another one wherever the format of picture or sound changes."""

    def __init__(self, work: Work, number: int, footage: CameraFootage) -> None:
        self._work = work
        self._stem = f"{number:02d}-{footage.code}"
        self._footage = footage
        self._files: list[m.FileEntry] = []
        self._unavailable: list[m.GapEntry] = []
        self._link: bytes | None = None  # behind the last fragment packed
        self._file: _File | None = None
        self._format: tuple[bytes, ...] = ()
        self._stack = ExitStack()

    def write(self) -> m.CameraEntry:
        order = self._work.order
        with self._stack:
            for segment in self._footage.segments:
                part = chosen(segment, order.from_at, order.to_at)
                if part.stop > part.start:
                    self._segment(segment, part)
            self._end_file()
        f = self._footage
        return m.CameraEntry(
            f.id, f.code, f.name, f.name_en, tuple(self._files), f.gaps, tuple(self._unavailable)
        )

    def _segment(self, segment: FootageSegment, part: slice) -> None:
        try:
            source = self._work.open_segment(segment)
        except (NotFound, StorageAway) as error:
            self._missing(segment, part.start, part.stop, str(error))
            return
        with closing(source):
            try:
                head = self._work.read(source, 0, segment.init_bytes)
                tracks = {t.kind: t for t in read_tracks(head)}
                video = tracks[b"vide"]
            except (_Unreadable, NotARecording, KeyError) as error:
                self._missing(segment, part.start, part.stop, f"its beginning: {error}")
                return
            self._fragments(segment, part, source, head, video, tracks.get(b"soun"))

    def _missing(self, segment: FootageSegment, first: int, stop: int, why: str) -> None:
        """Notes what could not be read; the chain has a hole there."""
        start, end = (
            segment.decode_90k[first],
            segment.decode_90k[stop - 1] + segment.duration_90k[stop - 1],
        )
        self._unavailable.append(
            m.GapEntry(
                from_media_90k(int(start)),
                from_media_90k(int(end)),
                "unreadable",
                f"{segment.path}: {why}",
            )
        )

    def _fragments(
        self,
        segment: FootageSegment,
        part: slice,
        source: Readable,
        head: bytes,
        video: TrackHead,
        sound: TrackHead | None,
    ) -> None:
        mask = self._work.order.mask
        if mask is not None and not mask.sound:
            sound = None
        file, new = self._file_for(segment, head, video, sound)
        if new and file.filter is not None:
            file.filter.learn(self._spread(segment, part, source))
        entry: _Segment | None = None
        index = part.start
        while index < part.stop:
            stop = index + 1
            while file.filter is not None and stop < part.stop and not segment.key[stop]:
                stop += 1  # a whole GOP is decoded at once
            try:
                read = [
                    self._work.read(source, int(segment.offset[n]), int(segment.length[n]))
                    for n in range(index, stop)
                ]
            except _Unreadable as error:
                self._missing(segment, index, stop, str(error))
                entry = None  # what follows stands on its own: the chain cannot be followed over the hole
            else:
                if file.filter is None:
                    mp4 = self._writer(file, video)
                    entry = entry or self._begin(file, mp4, segment, index, head)
                    self._pack(mp4, entry, index, read[0])
                else:
                    entry = self._pack_masked(file, file.filter, entry, segment, index, read, head)
            index = stop

    def _file_for(
        self, segment: FootageSegment, head: bytes, video: TrackHead, sound: TrackHead | None
    ) -> tuple[_File, bool]:
        """The file that takes a segment, and whether it is a new one."""
        form = (video.stsd, sound.stsd if sound else b"")
        if self._file is None or form != self._format:
            self._end_file()
            name = self._stem + (f"-{len(self._files) + 1}" if self._files else "") + ".mp4"
            make = self._work.make_filter
            made = make(self._footage.code, head) if make is not None else None
            self._file = _File(name, segment, sound, made)
            self._format = form
            return self._file, True
        return self._file, False

    def _spread(self, segment: FootageSegment, part: slice, source: Readable) -> list[bytes]:
        """Some fragments from all over a segment, each begun by a key frame; those that cannot be read are left out."""
        keys = np.flatnonzero(segment.key[part]) + part.start
        out: list[bytes] = []
        for n in keys[:: -(-len(keys) // LEARN_FRAGMENTS) or 1]:
            try:
                out.append(source.read_at(int(segment.offset[n]), int(segment.length[n])))
            except (NotFound, StorageAway):
                continue
        return out

    def _writer(self, file: _File, video: TrackHead) -> OrdinaryMp4:
        """The file's writer; the file begins in the package when there is something to put into it."""
        if file.mp4 is None:
            order = self._work.order
            expected = expected_bytes([self._footage], order.from_at, order.to_at)
            write = self._stack.enter_context(self._work.container.member(file.name, expected))
            tracks = (video,) if file.sound is None else (video, file.sound)
            file.mp4, file.video = OrdinaryMp4(write, tracks), video
        return file.mp4

    def _begin(
        self, file: _File, mp4: OrdinaryMp4, segment: FootageSegment, index: int, head: bytes
    ) -> _Segment:
        """A segment's entry; the head of its file comes along, so that the recording can be restored from it."""
        masked = file.filter is not None
        head_at = 0 if masked else mp4.keep(head)
        hashed = segment.sha256 is not None
        before = link_before(segment, index) if hashed else self._link or chain.FIRST
        entry = _Segment(
            segment, index, before, m.RECORDED if hashed else m.AT_EXPORT, before == self._link,
            head_at, 0 if masked else len(head),
        )  # fmt: skip
        file.segments.append(entry)
        self._link = before
        return entry

    def _note(self, entry: _Segment, index: int, data: bytes, placed: Placed) -> m.FragmentEntry:
        """The entry of an original fragment, and the chain one link further."""
        segment = entry.footage
        sha = chain.digest(data)
        recorded = segment.sha256[32 * index : 32 * index + 32] if segment.sha256 else sha
        decode, duration = int(segment.decode_90k[index]), int(segment.duration_90k[index])
        self._link = chain.link(self._link or chain.FIRST, recorded, decode, duration)
        return m.FragmentEntry(
            placed.at, len(data), placed.frames, decode, duration, sha.hex(), self._link.hex(),
            recorded.hex() if recorded != sha else None,
        )  # fmt: skip

    def _pack(self, mp4: OrdinaryMp4, entry: _Segment, index: int, data: bytes) -> None:
        try:
            placed = mp4.add(data)
        except NotARecording:  # not to be played, but still evidence
            placed = Placed(mp4.keep(data), 0, 0, 0)
        entry.fragments.append(self._note(entry, index, data, placed))

    def _pack_masked(
        self,
        file: _File,
        masker: FragmentFilter,
        entry: _Segment | None,
        segment: FootageSegment,
        index: int,
        read: list[bytes],
        head: bytes,
    ) -> _Segment | None:
        """Packs what masking makes of a GOP; what cannot be decoded is left out, for nobody has seen what it shows."""
        try:
            made = masker.convert(read)
            video = read_tracks(masker.init)[0]
            if file.sound is not None:
                made += b"".join(sound_part(data, file.sound.track_id) for data in read)
            mp4 = self._writer(file, video)
            placed = mp4.add(made)
        except NotARecording as error:
            self._missing(segment, index, index + len(read), f"cannot be decoded: {error}")
            return None
        entry = entry or self._begin(file, mp4, segment, index, head)
        for n, data in enumerate(read):
            frames = 0 if n else placed.frames
            entry.sources.append(self._note(entry, index + n, data, Placed(0, frames, 0, 0)))
        entry.fragments.append(
            m.FragmentEntry(
                placed.at,
                len(made),
                placed.frames,
                placed.decode_90k,
                placed.duration_90k,
                chain.digest(made).hex(),
                "",
            )
        )
        return entry

    def _end_file(self) -> None:
        file, self._file = self._file, None
        if file is None or file.mp4 is None or file.video is None:
            return
        file.mp4.finish()
        self._stack.close()
        pieces = tuple(
            m.PieceEntry(p.media_90k, p.start_at, p.duration_90k) for p in file.mp4.pieces
        )
        codec = file.first.codec if file.filter is None else file.filter.codec
        entry = m.FileEntry(
            file.name, codec, file.video.width_px, file.video.height_px,
            file.first.sound if file.sound else None, file.filter is not None, pieces, tuple(x.entry() for x in file.segments),
        )  # fmt: skip
        self._files.append(entry)
        text = subtitles(file.mp4.pieces, file.mp4.skip_90k)
        self._work.container.put(file.name.removesuffix(".mp4") + ".vtt", text.encode())


def link_before(segment: FootageSegment, index: int) -> bytes:
    """The chain's link in front of a segment's fragment, from what was hashed while recording."""
    link = segment.chain_before or chain.FIRST
    hashes = segment.sha256 or b""
    for n in range(index):
        sha = hashes[32 * n : 32 * n + 32]
        link = chain.link(link, sha, int(segment.decode_90k[n]), int(segment.duration_90k[n]))
    return link


def sound_part(fragment: bytes, track_id: int) -> bytes:
    """What of a fragment is sound: its own ``moof`` and ``mdat``, or nothing. Raises :class:`NotARecording`."""
    for run in read_runs(fragment):
        if run.track_id == track_id:
            head = run.head_at
            return fragment[head : run.end]
    return b""
