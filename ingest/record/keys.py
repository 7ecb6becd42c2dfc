"""Key frames alone, for playing fast and backwards: a picture each, and nothing read beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gis.errors import NotFound, StorageAway
from ingest.fmp4 import Sample, fragment
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import moof_length, one_track, read_run
from ingest.record.played import Played
from ingest.record.storage import Storage
from ingest.record.tiers import SegmentReader

_HEAD_BYTES = 8 << 10  # a head of 500 pictures; a longer one is read again
_REMOTE_BYTES = 256 << 10  # a request takes longer than this much more
_MOST_SHOWN_90K = 10 * 90_000


def key_frames(
    storage: Storage, files: Sequence[tuple[Played, slice]], step_s: float
) -> Iterator[bytes]:
    """An fMP4 stream of the files' key frames, at least ``step_s`` apart, each shown until the next one.

    Times are the recording's. The init comes again where the format changes. What cannot be read is passed over.
    """
    step_90k = round(step_s * 90_000)
    chosen = [(file, _chosen(file, part, step_90k)) for file, part in files]
    times = [
        int(file.head.media_90k + file.fragments.start_90k[n]) for file, ns in chosen for n in ns
    ]
    place = 0
    init_sent = b""
    for file, numbers in chosen:
        following = times[place + 1 : place + len(numbers) + 1]
        first = place
        place += len(numbers)
        try:
            with storage.open_segment(file.head.id) as reader:
                init = one_track(reader.read_at(0, file.head.init_bytes))
                if init != init_sent:
                    init_sent = init
                    yield init
                for i, n in enumerate(numbers):
                    until = following[i] if i < len(following) else None
                    yield _key_frame(reader, file, n, first + i + 1, until)
        except (NotFound, StorageAway, NotARecording):
            continue


def _chosen(file: Played, part: slice, step_90k: int) -> list[int]:
    """The fragments of ``part`` that begin with a key frame, thinned to the step."""
    f = file.fragments
    numbers = np.flatnonzero(f.key[part]) + part.start
    starts = f.start_90k[numbers]
    out: list[int] = []
    due = -1
    for n, start in zip(numbers.tolist(), starts.tolist(), strict=True):
        if start >= due:
            out.append(n)
            due = start + step_90k
    return out


def _key_frame(
    reader: SegmentReader, file: Played, n: int, sequence: int, until_90k: int | None
) -> bytes:
    f = file.fragments
    offset, length = int(f.offset[n]), int(f.video_length[n])
    probe = min(length, _HEAD_BYTES if reader.path is not None else _REMOTE_BYTES)
    data = reader.read_at(offset, probe)
    head_bytes = moof_length(data)
    if head_bytes > len(data):
        data = reader.read_at(offset, min(length, head_bytes + _REMOTE_BYTES))
    run = read_run(data[:head_bytes])
    end = run.at + int(run.sizes[0])
    picture = data[run.at : end]
    if end > len(data):
        picture += reader.read_at(offset + len(data), end - len(data))
    if len(picture) != run.sizes[0]:
        raise NotARecording("the file ends before its key frame")
    shown_90k = run.decode + int(run.compositions[0])
    lasts_90k = _MOST_SHOWN_90K
    if until_90k is not None:
        lasts_90k = min(lasts_90k, until_90k - run.decode)
    else:
        lasts_90k = int(f.duration_90k[n])
    return fragment(sequence, shown_90k, [Sample(picture, max(1, lasts_90k), 0, True)])
