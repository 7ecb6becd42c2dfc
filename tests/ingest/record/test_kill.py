"""``kill -9`` at random instants of a real recording process: no told row is lost, files and chain are whole."""

from __future__ import annotations

import itertools
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.db import Database
from ingest import store
from ingest.record import chain
from ingest.record.model import StoredSegment
from ingest.record.repair import repair
from ingest.record.scan import camera_files
from tests.ingest.record.recordings import add_camera
from tests.ingest.record.test_power import check_segment
from tests.ingest.streams import ffprobe

ROOT = Path(__file__).resolve().parents[3]
KILLS = 200
BEFORE_REPAIR = 5  # the chain must also go on over files that no repair has seen
MOST_TOLD = 8  # rows before the kill; a file has three
LONGEST_S = 0.02  # and so long after the last of them, a few GOPs' time


class Victim:
    """The process that is killed again and again."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest.record.victim", str(root)], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._rest = b""

    def _lines(self, deadline_s: float) -> Iterator[str]:
        """Lines until the deadline; then the iterator ends."""
        assert self._process.stdout is not None
        while True:
            while b"\n" in self._rest:
                line, self._rest = self._rest.split(b"\n", 1)
                yield line.decode()
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not select.select([self._process.stdout], [], [], left_s)[0]:
                return
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            assert data, "the recording process ended by itself"
            self._rest += data

    def killed_after(self, rows: int, delay_s: float) -> list[str]:
        """Starts a recording, kills it so long after it told of so many rows, and returns all it was told of."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        lines = self._lines(time.monotonic() + 60)
        pid = int(next(lines).removeprefix("pid "))
        told = list(itertools.islice(lines, rows))
        assert len(told) == rows, "the recording process does not get on"
        told += self._lines(time.monotonic() + delay_s)
        os.kill(pid, signal.SIGKILL)
        for line in self._lines(time.monotonic() + 30):
            if line == "end":
                return told
            told.append(line)
        raise AssertionError("the killed process did not end")

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process leaves its pages behind, synced or not."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="wanglou-test-", dir=memory) as folder:
        yield Path(folder)


@pytest.mark.timeout(300)
def test_killed_at_any_instant(database: Database, quick: Path) -> None:
    camera = add_camera(database)
    rng = random.Random(20260301)
    victim = Victim(quick)
    told_files = 0
    try:
        for _ in range(KILLS // BEFORE_REPAIR):
            newest: dict[str, tuple[int, int, bytes]] = {}
            for _ in range(BEFORE_REPAIR):
                for line in victim.killed_after(
                    rng.randint(0, MOST_TOLD), rng.uniform(0, LONGEST_S)
                ):
                    path, count, size, link = line.split()
                    newest[path] = int(count), int(size), bytes.fromhex(link)
            repair(quick, database, {"gate": camera.id})
            stored = {s.path: s for s in store.segments_by_path(database, list(newest))}
            for path, (told, size, made) in newest.items():
                fragments = stored[path].fragments
                # The open GOP may have come through, not more; what was told is where it was said to be.
                assert len(fragments) in (told, told + 1)
                assert fragments[told - 1].end == size
                if len(fragments) == told:
                    assert stored[path].chain_after == made
            told_files += len(newest)
    finally:
        victim.close()
    assert told_files > KILLS
    files = camera_files(quick, "gate")
    every = store.segments_by_path(database, list(files))
    every.sort(key=lambda segment: segment.id)
    assert len(every) == len(files) == database.rows("SELECT count(*) FROM segment")[0][0]
    for segment in every:
        check_segment(quick, segment)
    check_chain(every)
    for segment in rng.sample(every, 15):
        ffprobe(quick / segment.path)


def check_chain(every: list[StoredSegment]) -> None:
    """One unbroken chain from the camera's first fragment to its last."""
    by_start = sorted(every, key=lambda s: s.start_at)
    assert by_start[0].chain_before == chain.FIRST
    assert all(a.chain_after == b.chain_before for a, b in itertools.pairwise(by_start))
