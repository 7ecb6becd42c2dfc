"""Playlists: short, right at their edges, the same from the cache as anew."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.db import Database
from gis.errors import InvalidInput, NotFound
from ingest import store
from ingest.fmp4 import to_media_90k
from ingest.record.model import Fragment, SegmentRow
from ingest.record.playlist import ENTRY_90K, Playlists, entries
from tests.ingest.record.recordings import add_camera
from tests.ingest.streams import START

SIZE = 1000


def row(
    start: datetime, seconds: int = 60, camera_id: int = 1, audio: str | None = None,
    keys: int = 1, hole_after: int | None = None, open: bool = False, width: int = 640,
) -> SegmentRow:  # fmt: skip
    """A file of one-second fragments; ``hole_after``: ten seconds are missing behind that one."""
    fragments = []
    at = 0
    for n in range(seconds):
        fragments.append(
            Fragment(100 + n * (SIZE + 56), SIZE, at, 90_000, SIZE - 200, n % keys == 0, bytes(32))
        )
        at += 90_000 + (900_000 if n == hole_after else 0)
    holes = () if hole_after is None else (((hole_after + 1) * 90_000, (hole_after + 11) * 90_000),)
    return SegmentRow(
        camera_id, f"gate/{start:%H%M%S}.mp4", start, 100, seconds * 10, "avc1.42c01f", width, 360,
        tuple(fragments), open, "main", audio, to_media_90k(start), holes, bytes(32), bytes(32),
    )  # fmt: skip


def playlist(database: Database, begin_s: float, end_s: float) -> str:
    return Playlists(database, "x").playlist(
        1, START + timedelta(seconds=begin_s), START + timedelta(seconds=end_s)
    )


def lasting(text: str) -> list[float]:
    return [float(s) for s in re.findall(r"#EXTINF:([\d.]+),", text)]


def test_contiguous_fragments_are_put_together(database: Database) -> None:
    add_camera(database)
    second = START + timedelta(seconds=60)
    store.save_segments(database, [row(START), row(second)])
    text = playlist(database, 0, 120)
    assert lasting(text) == [6.0] * 20
    assert "#EXT-X-DISCONTINUITY" not in text
    assert text.count("#EXT-X-MAP") == text.count("PROGRAM-DATE-TIME") == 2
    # An entry reaches up to the next one's beginning: ranges leave nothing of the file out.
    ranges = [tuple(map(int, m)) for m in re.findall(r"BYTERANGE:(\d+)@(\d+)\nx/1\.mp4", text)]
    assert ranges[0] == (6 * (SIZE + 56), 100)
    assert all(a[0] + a[1] == b[1] for a, b in itertools.pairwise(ranges))
    assert sum(ranges[-1]) == 100 + 60 * (SIZE + 56)


def test_it_is_cut_at_the_windows_edges(database: Database) -> None:
    add_camera(database)
    store.save_segments(database, [row(START)])
    text = playlist(database, 9.5, 20.5)
    assert lasting(text) == [3.0, 6.0, 3.0]
    assert "PROGRAM-DATE-TIME:2026-03-01T08:00:09.000Z" in text
    assert f"BYTERANGE:{3 * (SIZE + 56)}@{100 + 9 * (SIZE + 56)}" in text


def test_a_file_that_spans_the_whole_window_is_found(database: Database) -> None:
    add_camera(database)
    store.save_segments(database, [row(START, 3000)])
    assert lasting(playlist(database, 2000, 2002.5)) == [3.0]


def test_holes_and_other_formats_are_discontinuities(database: Database) -> None:
    add_camera(database)
    later = START + timedelta(seconds=70)
    store.save_segments(database, [row(START, hole_after=20), row(later, width=1920)])
    text = playlist(database, 0, 200)
    assert text.count("#EXT-X-DISCONTINUITY") == 2
    assert "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-03-01T08:00:31.000Z" in text
    assert sum(lasting(text)) == 120
    assert max(lasting(text)) <= int(re.findall(r"TARGETDURATION:(\d+)", text)[0])


def test_sound_is_left_to_the_server_to_leave_out(database: Database) -> None:
    add_camera(database)
    store.save_segments(database, [row(START, audio="alaw")])
    text = playlist(database, 0, 60)
    assert "BYTERANGE" not in text
    assert re.findall(r"x/1/video/(\d+-\d+)\.m4s", text)[:2] == ["0-5", "6-11"]


def test_a_gop_in_parts_is_not_cut(database: Database) -> None:
    add_camera(database)
    store.save_segments(database, [row(START, keys=20)])
    assert lasting(playlist(database, 0, 60)) == [20.0, 20.0, 20.0]
    assert lasting(playlist(database, 25, 60)) == [20.0, 20.0]


def test_the_cache_gives_the_same_and_open_files_are_not_kept(database: Database) -> None:
    add_camera(database)
    second = START + timedelta(seconds=60)
    store.save_segments(database, [row(START), row(second, 10, open=True)])
    lists = Playlists(database, "x")
    window = (START, START + timedelta(seconds=300))
    first = lists.playlist(1, *window)
    assert lists.playlist(1, *window) == first
    store.save_segments(database, [row(second, 30, open=True)])
    assert sum(lasting(lists.playlist(1, *window))) == 90
    database.run("DELETE FROM segment")
    with pytest.raises(NotFound, match="no recording"):
        lists.playlist(1, *window)


def test_windows_that_make_no_sense_are_refused(database: Database) -> None:
    add_camera(database)
    with pytest.raises(NotFound, match="no recording"):
        playlist(database, 0, 3600)
    for end_s in (0, -3600, 9 * 86400):
        with pytest.raises(InvalidInput, match="not between"):
            playlist(database, 0, end_s)


@given(
    st.lists(
        st.tuples(st.integers(1, 500_000), st.sampled_from([0, 0, 0, 200_000]), st.booleans()),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_entries_hold_every_fragment_once_and_begin_where_they_may(
    parts: list[tuple[int, int, bool]],
) -> None:
    start, end, key = [], [], []
    at = 0
    for number, (lasts, hole, begins) in enumerate(parts):
        at += hole
        start.append(at)
        at += lasts
        end.append(at)
        key.append(begins or number == 0)
    fresh = np.arange(len(parts)) == 0
    first, last = entries(np.array(start), np.array(end), np.array(key), fresh)
    covered = [
        n for a, b in zip(first.tolist(), last.tolist(), strict=True) for n in range(a, b + 1)
    ]
    assert covered == list(range(len(parts)))
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        assert key[a] or start[a] > end[a - 1]  # at a key frame, unless what was before is missing
        for n in range(a, b):
            assert start[n + 1] - end[n] <= 90
        whole = all(key[a : b + 1])
        assert not whole or start[b] // ENTRY_90K == start[a] // ENTRY_90K
