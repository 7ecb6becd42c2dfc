"""One recording file being written: init, then a fragment per GOP, each on the disk before it is told of."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ingest.fmp4 import Sample, fragment, from_media_90k, init_segment, to_media_90k
from ingest.model import Camera
from ingest.record.model import Fragment, SegmentRow, ticks
from ingest.unit import MediaUnit

Opener = Callable[[Path], int]


def open_new(path: Path) -> int:
    """A descriptor of a file that was not there. Raises :class:`OSError`."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)


def segment_path(code: str, start_at: datetime, session: int, again: int = 0) -> str:
    """``<code>/<YYYY>/<MM>/<DD>/<HHMMSS>-<session>.mp4``, UTC. ``again`` tells files of one second apart."""
    suffix = f"-{again}" if again else ""
    return f"{code}/{start_at.astimezone(UTC):%Y/%m/%d/%H%M%S}-{session}{suffix}.mp4"


def sync_folder(folder: Path) -> None:
    """Makes the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path, root: Path) -> None:
    """Makes ``folder`` under ``root``, each new name durable in its parent."""
    missing: list[Path] = []
    at = folder
    while not at.is_dir() and at != root.parent:
        missing.append(at)
        at = at.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


class SegmentFile:
    """Creates the file for the stream that begins with ``first`` (a key frame).

    Every call that writes raises :class:`OSError`; the file is then cut back to its last whole fragment.
    """

    def __init__(
        self, root: Path, camera: Camera, first: MediaUnit, opener: Opener = open_new
    ) -> None:
        packet = first.packet
        self.session = packet.session
        self.format = first.format
        # Time 0 of the file is the first decode time, so that start_at + media time is the capture time.
        self._base_90k = packet.dts_90k
        self._media_90k = to_media_90k(packet.capture_at - ticks(packet.pts_90k - packet.dts_90k))
        start_at = from_media_90k(self._media_90k)
        init = init_segment(first.format)
        again = 0
        while True:
            path = segment_path(camera.code, start_at, packet.session, again)
            full = root / path
            make_folders(full.parent, root)
            try:
                self._descriptor = opener(full)
                break
            except FileExistsError:
                again += 1
        self._path = full
        self.row = SegmentRow(
            camera.id, path, start_at, len(init), 0, first.format.rfc6381,
            first.format.width_px, first.format.height_px, (), True,
        )  # fmt: skip
        try:
            self._write(init)
            os.fsync(self._descriptor)
            sync_folder(full.parent)
        except OSError:
            os.close(self._descriptor)
            full.unlink(missing_ok=True)
            raise

    @property
    def span_90k(self) -> int:
        """How much is in the file, in 1/90000 s."""
        if not self.row.fragments:
            return 0
        last = self.row.fragments[-1]
        return last.start_90k + last.duration_90k

    def append(self, gop: list[MediaUnit], end_90k: int) -> SegmentRow:
        """Writes and syncs one GOP that ends at the decode time ``end_90k``; returns the row as it is now."""
        ends = [u.packet.dts_90k for u in gop[1:]] + [end_90k]
        samples = [
            Sample(
                u.sample,
                max(1, end - u.packet.dts_90k),
                u.packet.pts_90k - u.packet.dts_90k,
                u.packet.key,
            )
            for u, end in zip(gop, ends, strict=True)
        ]
        start_90k = max(0, gop[0].packet.dts_90k - self._base_90k)
        data = fragment(len(self.row.fragments) + 1, self._media_90k + start_90k, samples)
        offset = self.row.size_bytes
        try:
            self._write(data)
            os.fdatasync(self._descriptor)
        except OSError:
            self.abandon()
            raise
        done = Fragment(offset, len(data), start_90k, sum(s.duration_90k for s in samples))
        self.row = _with(self.row, (*self.row.fragments, done), self.row.frames + len(gop), True)
        return self.row

    def close(self) -> SegmentRow:
        """Ends the file, once; returns its last row. One without a whole fragment is removed."""
        if not self.row.open:
            return self.row
        os.close(self._descriptor)
        self.row = _with(self.row, self.row.fragments, self.row.frames, False)
        if not self.row.fragments:
            self._path.unlink(missing_ok=True)
        return self.row

    def abandon(self) -> SegmentRow:
        """Cuts off what was not written whole, and ends the file; the disk may refuse even that."""
        if not self.row.open:
            return self.row
        try:
            os.ftruncate(self._descriptor, self.row.size_bytes)
        except OSError:
            pass  # the repair at start-up cuts it
        return self.close()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]


def _with(
    row: SegmentRow, fragments: tuple[Fragment, ...], frames: int, still_open: bool
) -> SegmentRow:
    return SegmentRow(
        row.camera_id, row.path, row.start_at, row.init_length, frames, row.codec,
        row.width_px, row.height_px, fragments, still_open,
    )  # fmt: skip
