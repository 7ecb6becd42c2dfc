"""Recordings as H.264 for browsers that cannot play what the camera sends, made while they are watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gis.errors import NotFound, StorageAway
from ingest.fmp4_reader import NotARecording
from ingest.record.played import Played
from ingest.record.storage import Storage
from ingest.record.transcode import Reencoder

WIDTH_PX = 1280  # larger pictures are made smaller: a viewer waits for them


def recoded(storage: Storage, files: Sequence[tuple[Played, slice]]) -> Iterator[bytes]:
    """An fMP4 stream of the files' pictures, GOP by GOP, all of the first one's size. Times are the recording's.

    What cannot be read or decoded is passed over.
    """
    sent = b""
    size_px: tuple[int, int] | None = None
    for file, part in files:
        f = file.fragments
        try:
            with storage.open_segment(file.head.id) as reader:
                coder = Reencoder(
                    reader.read_at(0, file.head.init_bytes), max_width_px=WIDTH_PX, size_px=size_px
                )
                for first, stop in gops(file, part):
                    gop = [
                        reader.read_at(int(f.offset[n]), int(f.video_length[n]))
                        for n in range(first, stop)
                    ]
                    try:
                        made = coder.convert(gop)
                    except NotARecording:
                        continue
                    size_px = coder.size_px
                    if coder.init != sent:
                        sent = coder.init
                        yield sent
                    yield made
        except (NotFound, StorageAway):
            continue


def gops(file: Played, part: slice) -> list[tuple[int, int]]:
    """The GOPs of ``part`` as ranges of fragments. Pure."""
    key = file.fragments.key
    begins = [n for n in range(part.start, part.stop) if key[n] or n == part.start]
    return list(zip(begins, [*begins[1:], part.stop], strict=True))
