"""One recording file being written: init, then a fragment per GOP, each on the disk before it is told of."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.fmp4 import (
    AUDIO_TRACK,
    Sample,
    fragment_parts,
    from_media_90k,
    init_segment,
    to_media_90k,
)
from ingest.fmp4_entries import audio_codec
from ingest.fmp4_marks import Head, write_head, write_seal
from ingest.model import Camera
from ingest.record import chain
from ingest.record.disk import Disk, Folders
from ingest.record.holes import hole_before, holes_in
from ingest.record.model import CameraClock, Fragment, SegmentRow, ticks
from ingest.unit import AudioFormat, AudioUnit, MediaUnit


def segment_path(code: str, start_at: datetime, session: int, again: int = 0) -> str:
    """``<code>/<YYYY>/<MM>/<DD>/<HHMMSS>-<session>.mp4``, UTC. ``again`` tells files of one second apart."""
    suffix = f"-{again}" if again else ""
    return f"{code}/{start_at.astimezone(UTC):%Y/%m/%d/%H%M%S}-{session}{suffix}.mp4"


class SegmentFile:
    """Creates the file for the stream that begins with ``first`` (a key frame), with a track for ``audio``.

    ``claim`` is told the path before the file is there. Every call that writes raises :class:`OSError`; the file is then cut back to its last whole fragment.
    """

    def __init__(
        self,
        disk: Disk,
        folders: Folders,
        root: Path,
        camera: Camera,
        first: MediaUnit,
        audio: AudioFormat | None,
        chain_before: bytes,
        clock: CameraClock,
        claim: Callable[[str], None],
    ) -> None:
        packet = first.packet
        self._disk = disk
        self.code = camera.code
        self.session = packet.session
        self.stream = packet.stream
        self.audio = audio
        # Time 0 of the file is the first decode time, so that start_at + media time is the capture time.
        self._base_90k = packet.dts_90k
        self._media_90k = to_media_90k(packet.capture_at - ticks(packet.pts_90k - packet.dts_90k))
        self._sound_90k = 0  # where the sound written so far ends, on the time line
        self._moofs = 0
        self._let_go_from = 0
        self._link = chain_before
        start_at = from_media_90k(self._media_90k)
        head = Head(
            camera.code, packet.stream, packet.session, chain_before, clock.offset_s, clock.error_s
        )
        init = init_segment(first.format, audio, write_head(head))
        for again in itertools.count():
            path = segment_path(camera.code, start_at, packet.session, again)
            full = root / path
            claim(path)
            folders.ensure(full.parent)
            try:
                self._descriptor = disk.create(full)
                break
            except FileExistsError:
                pass
        self._path = full
        self.row = SegmentRow(
            camera.id, path, start_at, len(init), 0, first.format.rfc6381, first.format.width_px,
            first.format.height_px, (), True, packet.stream,
            audio_codec(audio) if audio is not None else None, self._media_90k, (), chain_before,
            chain_before, clock,
        )  # fmt: skip
        try:
            disk.write(self._descriptor, [init])
            disk.sync(self._descriptor)
            disk.sync_folder(full.parent)
        except OSError:
            self._leave()
            raise

    @property
    def link(self) -> bytes:
        """The chain's link after the last fragment."""
        return self._link

    @property
    def span_90k(self) -> int:
        """How much is in the file, in 1/90000 s."""
        if not self.row.fragments:
            return 0
        last = self.row.fragments[-1]
        return last.start_90k + last.duration_90k

    def append(
        self, gop: Sequence[MediaUnit], end_90k: int, sound: Sequence[AudioUnit] = ()
    ) -> SegmentRow:
        """Writes and syncs one GOP, or a part of one, that ends at the decode time ``end_90k``, with its sound.

        Returns the row as it is now. Sound of another format than the file's has no place in it and is left out.
        """
        row, first = self.row, gop[0].packet
        ends = [u.packet.dts_90k for u in gop[1:]] + [end_90k]
        durations = [max(1, end - u.packet.dts_90k) for u, end in zip(gop, ends, strict=True)]
        pictures = [
            Sample(u.sample, duration, u.packet.pts_90k - u.packet.dts_90k, u.packet.key)
            for u, duration in zip(gop, durations, strict=True)
        ]
        start_90k = max(0, first.dts_90k - self._base_90k)
        decode_90k, duration_90k = self._media_90k + start_90k, sum(durations)
        video = fragment_parts(self._moofs + 1, decode_90k, pictures)
        parts = video + self._sound_parts(sound)
        data = b"".join(parts)  # the one copy: hashed and written as it is
        sha256 = chain.digest(data)
        link = chain.link(self._link, sha256, decode_90k, duration_90k)
        try:
            self._disk.write(self._descriptor, [data, write_seal(link)])
            self._disk.sync(self._descriptor)
        except OSError:
            self.abandon()
            raise
        # Footage is written once and seldom read again: left in memory it would push out what is, and the memory for the
        # next GOP would have to be found first. From the fragment before on, for its last page was not whole yet.
        self._disk.let_go(self._descriptor, self._let_go_from, row.size_bytes + len(data))
        self._let_go_from = row.size_bytes
        self._link = link
        self._moofs += 1 if len(parts) == len(video) else 2
        done = Fragment(
            row.size_bytes,
            len(data),
            start_90k,
            duration_90k,
            sum(map(len, video)),
            first.key,
            sha256,
        )
        holes = row.holes
        if row.fragments:
            holes += tuple(hole_before(self.span_90k, start_90k))
        holes += tuple(holes_in(start_90k, durations))
        self.row = replace(
            row, fragments=(*row.fragments, done), frames=row.frames + len(gop), holes=holes,
            chain_after=link,
        )  # fmt: skip
        return self.row

    def _sound_parts(self, sound: Sequence[AudioUnit]) -> list[bytes]:
        """The fragment of the sound; its times never go back, over fragments neither."""
        fitting = [u for u in sound if u.format == self.audio]
        if not fitting:
            return []
        starts: list[int] = []
        at = self._sound_90k
        for unit in fitting:
            at = max(at, self._media_90k + unit.pts_90k - self._base_90k)
            starts.append(at)
            at += 1
        ends = [*starts[1:], starts[-1] + max(1, fitting[-1].duration_90k)]
        samples = [
            Sample(unit.data, end - start, 0, True)
            for unit, start, end in zip(fitting, starts, ends, strict=True)
        ]
        self._sound_90k = ends[-1]
        return fragment_parts(self._moofs + 2, starts[0], samples, AUDIO_TRACK)

    def close(self) -> SegmentRow:
        """Ends the file, once; returns its last row. One without a whole fragment is removed."""
        if not self.row.open:
            return self.row
        self.row = replace(self.row, open=False)
        self._leave()
        return self.row

    def _leave(self) -> None:
        """Closes the file; one without a whole fragment goes. All of it is on the disk already, so a disk that refuses
        this takes nothing away; the repair at start-up removes what should have gone."""
        with suppress(OSError):
            self._disk.close(self._descriptor)
        if not self.row.fragments:
            with suppress(OSError):
                self._disk.unlink(self._path)

    def abandon(self) -> SegmentRow:
        """Cuts off what was not written whole, and ends the file; the disk may refuse even that."""
        if not self.row.open:
            return self.row
        with suppress(OSError):  # the repair at start-up cuts it
            self._disk.cut(self._path, self.row.size_bytes)
        return self.close()
