"""The recorder: takes every camera's units, cuts them into GOPs, and writes them from a few threads.

A camera's own thread only collects. Writing and syncing happen on a writer's thread, so that a slow disk
delays neither live pictures nor the next read from the camera. What waits for the disk is bounded; beyond
that whole GOPs are lost, and counted.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gis.clock import Clock
from ingest.model import Camera
from ingest.record.file import Opener, SegmentFile, open_new
from ingest.record.model import SegmentRow
from ingest.unit import MediaUnit

log = logging.getLogger(__name__)

WRITERS = 2
WAITING_BYTES = 256 << 20  # per writer
RETRY_S = 5.0
GOP_BYTES = 32 << 20  # a longer GOP is written in parts
_SHORTEST_90K = 90  # a GOP's last picture lasts at least a millisecond


@dataclass(frozen=True, slots=True)
class _Job:
    """A GOP to write, or (empty) the end of a camera's file."""

    camera: Camera
    gop: list[MediaUnit]
    end_90k: int
    size: int


@dataclass(slots=True)
class _Collecting:
    """One camera's open GOP."""

    gop: list[MediaUnit] = field(default_factory=list)
    size: int = 0


class Recorder:
    """A sink for camera sessions. ``told`` gets each row after its bytes are on the disk, from a writer's thread."""

    def __init__(
        self,
        root: Path,
        segment_s: float,
        clock: Clock,
        told: Callable[[SegmentRow], None],
        opener: Opener = open_new,
    ) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, _Collecting] = {}
        self._writers = [
            _Writer(f"recorder-{n}", root, segment_s, clock, told, opener) for n in range(WRITERS)
        ]

    def start(self) -> None:
        for writer in self._writers:
            writer.start()

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit of ``camera``."""
        if not camera.recorded:
            return
        with self._lock:
            collecting = self._open.setdefault(camera.id, _Collecting())
            gop = collecting.gop
            if gop and (unit.packet.key or collecting.size > GOP_BYTES):
                same = unit.packet.session == gop[-1].packet.session
                self._hand_over(camera, collecting, unit.packet.dts_90k if same else None)
            elif not gop and not unit.packet.key:
                return
            collecting.gop.append(unit)
            collecting.size += len(unit.sample)

    def ended(self, camera: Camera) -> None:
        """The connection is gone: what was collected is written, the file is closed."""
        with self._lock:
            collecting = self._open.pop(camera.id, None)
            if collecting is not None and collecting.gop:
                self._hand_over(camera, collecting, None)
            self._writer(camera.id).put(_Job(camera, [], 0, 0))

    def _hand_over(self, camera: Camera, collecting: _Collecting, next_90k: int | None) -> None:
        gop, size = collecting.gop, collecting.size
        collecting.gop, collecting.size = [], 0
        last = gop[-1].packet
        end_90k = (
            next_90k
            if next_90k is not None
            else last.dts_90k + max(last.duration_90k, _SHORTEST_90K)
        )
        self._writer(camera.id).put(_Job(camera, gop, end_90k, size))

    def _writer(self, camera_id: int) -> _Writer:
        return self._writers[camera_id % len(self._writers)]

    def problem(self, camera_id: int) -> str | None:
        """Why the camera is not recorded although it should be: one sentence, or None."""
        return self._writer(camera_id).problem(camera_id)

    def recording(self, camera_id: int) -> bool:
        """Whether the camera has an open file that takes its fragments."""
        return self._writer(camera_id).recording(camera_id)

    def retry_now(self) -> None:
        """Room was made on the disk: the next GOP of every camera is tried."""
        for writer in self._writers:
            writer.retry_now()

    @property
    def fragments(self) -> int:
        return sum(w.fragments for w in self._writers)

    @property
    def written_bytes(self) -> int:
        return sum(w.written_bytes for w in self._writers)

    @property
    def dropped_gops(self) -> int:
        """GOPs lost because the disk refused or could not follow."""
        return sum(w.dropped_gops for w in self._writers)

    def stop(self, timeout_s: float = 4.0) -> None:
        """Writes what waits, closes every file and ends the threads."""
        with self._lock:
            self._open.clear()
        for writer in self._writers:
            writer.finish()
        for writer in self._writers:
            writer.join(timeout_s)


class _Writer(threading.Thread):
    """Writes the GOPs of its share of the cameras, in the order they come."""

    def __init__(
        self,
        name: str,
        root: Path,
        segment_s: float,
        clock: Clock,
        told: Callable[[SegmentRow], None],
        opener: Opener,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._root = root
        self._segment_90k = round(segment_s * 90_000)
        self._clock = clock
        self._told = told
        self._opener = opener
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._waiting = 0
        self._files: dict[int, SegmentFile] = {}
        self._problems: dict[int, str] = {}
        self._retry_at_s: dict[int, float] = {}
        self.fragments = 0
        self.written_bytes = 0
        self.dropped_gops = 0

    def put(self, job: _Job) -> None:
        with self._guard:
            if self._waiting + job.size > WAITING_BYTES:
                self.dropped_gops += 1
                log.warning("gop-lost camera=%s reason=the disk is too slow", job.camera.code)
                return
            self._waiting += job.size
        self._jobs.put(job)

    def finish(self) -> None:
        self._jobs.put(None)

    def problem(self, camera_id: int) -> str | None:
        return self._problems.get(camera_id)

    def recording(self, camera_id: int) -> bool:
        return camera_id in self._files

    def retry_now(self) -> None:
        with self._guard:
            self._retry_at_s.clear()

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._do(job)
            finally:
                with self._guard:
                    self._waiting -= job.size
        for camera_id in list(self._files):
            self._close(camera_id)

    def _do(self, job: _Job) -> None:
        camera_id = job.camera.id
        if not job.gop:
            self._close(camera_id)
            self._problems.pop(camera_id, None)
            return
        with self._guard:
            wait_until_s = self._retry_at_s.get(camera_id, 0.0)
        if self._clock.monotonic_s() < wait_until_s:
            self.dropped_gops += 1
            return
        try:
            self._write(job)
            self._problems.pop(camera_id, None)
        except OSError as error:
            self._failed(job, error.strerror or str(error))
        except (
            Exception
        ) as error:  # one camera's odd stream must not stop the recording of the others
            log.exception("recording-failed camera=%s", job.camera.code)
            self._failed(job, f"{type(error).__name__}: {error}")

    def _write(self, job: _Job) -> None:
        camera_id, first = job.camera.id, job.gop[0]
        file = self._files.get(camera_id)
        if file is not None and (
            file.session != first.packet.session
            or (first.packet.key and file.span_90k >= self._segment_90k)
        ):
            self._close(camera_id)
            file = None
        if file is None:
            if not first.packet.key:
                return  # the rest of a GOP whose beginning the disk refused
            file = self._files[camera_id] = SegmentFile(self._root, job.camera, first, self._opener)
        row = file.append(job.gop, job.end_90k)
        self.fragments += 1
        self.written_bytes += row.fragments[-1].length
        self._told(row)

    def _failed(self, job: _Job, what: str) -> None:
        camera_id = job.camera.id
        self.dropped_gops += 1
        file = self._files.pop(camera_id, None)
        if file is not None:
            row = file.abandon()
            if row.fragments:
                self._told(row)
        why = f"recording stopped: {self._root}: {what}"
        if camera_id not in self._problems:
            log.error("recording-stopped camera=%s reason=%s", job.camera.code, why)
        self._problems[camera_id] = why
        with self._guard:
            self._retry_at_s[camera_id] = self._clock.monotonic_s() + RETRY_S

    def _close(self, camera_id: int) -> None:
        file = self._files.pop(camera_id, None)
        if file is not None:
            row = file.close()
            if row.fragments:
                self._told(row)
