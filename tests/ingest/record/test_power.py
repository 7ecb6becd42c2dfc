"""Power lost at any instant: what was told is there byte for byte, and nothing that cannot be read remains."""

from __future__ import annotations

import itertools
import random
import tempfile
from datetime import timedelta
from pathlib import Path

import av
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.db import Database
from ingest import store
from ingest.fmp4_reader import read_file
from ingest.model import Camera
from ingest.record import chain
from ingest.record.model import SegmentRow, StoredSegment
from ingest.record.proof import broken
from ingest.record.repair import repair
from tests.ingest.record.powerless import PowerlessDisk
from tests.ingest.record.recordings import (
    add_camera,
    make_camera,
    record,
    recording,
    recording_files,
)
from tests.ingest.streams import START, jpegs, mixed, sound

STREAM = mixed(jpegs(80, size=3000), sound("pcma", seconds=8))
AFTER = jpegs(30, session=2, start=START + timedelta(minutes=1), size=3000)
MOST_CALLS = 90  # a little more than the recording of STREAM makes


def record_until_dark(
    root: Path, camera: Camera, dies_at: int
) -> tuple[PowerlessDisk, list[SegmentRow]]:
    """Every row that was told while there was power."""
    disk = PowerlessDisk(root, dies_at)
    told: list[SegmentRow] = []

    def note(row: SegmentRow) -> None:
        told.append(row)

    with recording(root, note, 2, disk) as recorder:
        for unit in STREAM:
            recorder.audio(camera, unit) if hasattr(unit, "pts_90k") else recorder.unit(
                camera, unit
            )
        recorder.ended(camera, "main", "no_packets")
    return disk, told


def fresh_camera(database: Database) -> Camera:
    """The one camera, without a recording."""
    rows = database.rows("DELETE FROM segment; SELECT id FROM camera WHERE code = 'gate'")
    return make_camera(rows[0].id) if rows else add_camera(database)


def check_segment(root: Path, segment: StoredSegment) -> None:
    """File and row say the same; the file plays."""
    path = root / segment.path
    data = path.read_bytes()
    assert len(data) == segment.fragments[-1].end
    for fragment in segment.fragments:
        assert chain.digest(data[fragment.offset :][: fragment.length]) == fragment.sha256
    with path.open("rb") as file:
        facts = read_file(file)
        assert broken(file, facts) == []
    assert facts.fragments[-1].link == segment.chain_after
    with av.open(str(path)) as container:
        pictures = sum(1 for packet in container.demux(video=0) if packet.size)
    assert pictures == sum(f.frames for f in facts.fragments)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    dies_at=st.integers(1, MOST_CALLS),
    sent=st.floats(0, 1),
    seed=st.integers(0, 1 << 32),
)
def test_whatever_was_told_survives_and_the_rest_is_whole(
    database: Database, dies_at: int, sent: float, seed: int
) -> None:
    camera = fresh_camera(database)
    with tempfile.TemporaryDirectory() as folder:
        root, left = Path(folder) / "before", Path(folder) / "after"
        root.mkdir()
        disk, told = record_until_dark(root, camera, dies_at)
        disk.leave(left, random.Random(seed))
        newest = {row.path: row for row in told}
        # The database has seen some of it: rows may have waited, and it never knows more than was told.
        seen = {row.path: row for row in told[: round(sent * len(told))]}
        store.save_segments(database, list(seen.values()))

        repair(left, database, {"gate": camera.id})

        files = recording_files(left)
        stored = {s.path: s for s in store.segments_by_path(database, files)}
        assert sorted(stored) == files
        assert database.rows("SELECT count(*) FROM segment WHERE open")[0][0] == 0
        assert not list(left.rglob("*.unreadable"))
        for row in newest.values():
            assert stored[row.path].fragments[: len(row.fragments)] == row.fragments
            assert stored[row.path].start_at == row.start_at
        for segment in stored.values():
            check_segment(left, segment)
        # No more than one fragment was on its way.
        extra = sum(len(s.fragments) for s in stored.values()) - sum(
            len(r.fragments) for r in newest.values()
        )
        assert 0 <= extra <= 1
        # And recording goes on, chain and all.
        more = record(left, camera, [AFTER])
        every = [stored[path] for path in files] + more
        assert every[0].chain_before == chain.FIRST
        assert all(a.chain_after == b.chain_before for a, b in itertools.pairwise(every))


def test_the_power_really_goes_everywhere(tmp_path: Path, database: Database) -> None:
    disk, told = record_until_dark(tmp_path, add_camera(database), 10**9)
    assert 0.8 * MOST_CALLS < disk.calls < MOST_CALLS, disk.calls
    assert len({row.path for row in told}) == 3
