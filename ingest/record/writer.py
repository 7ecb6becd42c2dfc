"""A thread that writes the GOPs of some cameras, in the order they come, each on the disk before its row is told of.

A file ends with its time, its session, or the format of its sound. A disk that refuses is tried again every
:data:`RETRY_S`; one camera's trouble stops no other.
"""

from __future__ import annotations

import errno
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gis.clock import Clock
from gis.errors import WanglouError
from gis.said import ahead, say
from ingest.model import Camera
from ingest.record.disk import Disk, Folders
from ingest.record.file import SegmentFile
from ingest.record.ledger import Ledger
from ingest.record.model import CameraClock, SegmentRow
from ingest.record.resume import Chains
from ingest.record.states import Trouble
from ingest.unit import AudioFormat, AudioUnit, MediaUnit

log = logging.getLogger(__name__)

WAITING_BYTES = 256 << 20  # per writer
RETRY_S = 5.0
STUCK_S = 10.0  # a write that takes so long is told
LARGEST_BYTES = 2_000_000_000  # of a file that finds no key frame to end at
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

Told = Callable[[SegmentRow], None]
ClockOf = Callable[[int], CameraClock]


def no_clock(camera_id: int) -> CameraClock:
    """Nothing is known of the camera's own clock."""
    return CameraClock()


@dataclass(frozen=True, slots=True)
class Job:
    """A GOP to write, with its sound, or (empty) the end of a camera's file."""

    camera: Camera
    gop: list[MediaUnit]
    sound: list[AudioUnit]
    end_90k: int
    size: int


class _TooLong(WanglouError):
    """The file cannot take more, and there is no key frame to begin another one with."""


class GopWriter(threading.Thread):
    """Writes the GOPs of its share of the cameras, in the order they come."""

    def __init__(
        self,
        name: str,
        root: Path,
        segment_s: float,
        clock: Clock,
        told: Told,
        disk: Disk,
        clock_of: ClockOf,
        ledger: Ledger | None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._root = root
        self._segment_90k = round(segment_s * 90_000)
        self._clock = clock
        self._told = told
        self._disk = disk
        self._clock_of = clock_of
        self._ledger = ledger
        self._folders = Folders(disk, root)
        self._chains = Chains(disk, root)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._waiting = 0
        self._files: dict[int, SegmentFile] = {}
        self._made: set[str] | None = set()
        self._problems: dict[int, Trouble] = {}
        self._late: set[int] = set()  # cameras that lost a GOP because the disk could not follow
        self._busy_since_s: float | None = None
        self._retry_at_s: dict[int, float] = {}
        self.fragments = 0
        self.written_bytes = 0
        self.dropped_gops = 0

    def _claim(self, path: str) -> None:
        if self._made is not None:
            self._made.add(path)

    def made(self, path: str) -> bool:
        made = self._made
        return made is not None and path in made

    def forget_made(self) -> None:
        self._made = None

    def put(self, job: Job) -> None:
        camera_id = job.camera.id
        with self._guard:
            # Without its beginning the rest of a GOP shows nothing.
            rest = bool(job.gop) and camera_id in self._late and not job.gop[0].packet.key
            lost = rest or self._waiting + job.size > WAITING_BYTES
            if lost:
                self.dropped_gops += 1
            else:
                self._waiting += job.size
        if not lost:
            self._jobs.put(job)
        if lost and camera_id not in self._late:
            self._late.add(camera_id)
            log.warning("gop-lost camera=%s reason=the disk is too slow", job.camera.code)
            self._tell_disk(
                job,
                Trouble(
                    "disk_slow", say("disk_behind", "the disk does not follow: pictures were lost")
                ),
            )
        elif not lost and job.gop and camera_id in self._late:
            self._late.discard(camera_id)
            self._tell_disk(job, None)

    def _tell_disk(self, job: Job, trouble: Trouble | None) -> None:
        if self._ledger is not None:
            self._ledger.disk(job.camera.id, trouble, job.gop[0].packet.capture_at)

    def finish(self) -> None:
        self._jobs.put(None)

    def problem(self, camera_id: int) -> Trouble | None:
        stuck_s = self.stuck_s
        if stuck_s > STUCK_S:
            return Trouble(
                "disk_slow",
                say(
                    "disk_stuck",
                    "recording waits: {folder}: the disk has not answered for {stuck_s} s",
                    folder=self._root,
                    stuck_s=f"{stuck_s:.0f}",
                ),
            )
        return self._problems.get(camera_id)

    @property
    def stuck_s(self) -> float:
        since_s = self._busy_since_s
        return self._clock.monotonic_s() - since_s if since_s is not None else 0.0

    def recording(self, camera_id: int) -> bool:
        return camera_id in self._files

    def retry_now(self) -> None:
        with self._guard:
            self._retry_at_s.clear()

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._busy_since_s = self._clock.monotonic_s()
            try:
                self._do(job)
            finally:
                self._busy_since_s = None
                with self._guard:
                    self._waiting -= job.size
        for camera_id in list(self._files):
            self._close(camera_id)

    def _do(self, job: Job) -> None:
        camera_id = job.camera.id
        if not job.gop:
            self._close(camera_id)
            if self._problems.pop(camera_id, None) is not None and self._ledger is not None:
                self._ledger.disk(camera_id, None, self._clock.now())
            return
        with self._guard:
            wait_until_s = self._retry_at_s.get(camera_id, 0.0)
        if self._clock.monotonic_s() < wait_until_s:
            self.dropped_gops += 1
            return
        try:
            self._check_length(job)
            if not self._write(job):
                self.dropped_gops += 1
            elif self._problems.pop(camera_id, None) is not None:
                self._tell_disk(job, None)
        except _TooLong as error:
            self._failed(job, "no_key_frame", error.said)
        except OSError as error:
            reason = "disk_full" if error.errno in _NO_ROOM else "disk_failed"
            self._failed(job, reason, say("disk_says", "{error}", error=error.strerror or error))
        except (
            Exception
        ) as error:  # one camera's odd stream must not stop the recording of the others
            log.exception("recording-failed camera=%s", job.camera.code)
            what = f"{type(error).__name__}: {error}"
            self._failed(job, "unsupported", say("stream_unwritable", "{error}", error=what))

    def _check_length(self, job: Job) -> None:
        """Raises :class:`_TooLong`: a file ends at a key frame only, and its index counts bytes in 31 bits."""
        file = self._files.get(job.camera.id)
        if file is None or job.gop[0].packet.key:
            return
        if file.row.size_bytes + job.size > LARGEST_BYTES:
            raise _TooLong(
                say(
                    "no_key_frame_in_file",
                    "no key frame for {minutes} min; set the camera's key frame interval (I-frame interval, GOP) to 1-4 s",
                    minutes=file.span_90k // 5_400_000,
                )
            )

    def _write(self, job: Job) -> bool:
        """Whether it was written: the rest of a GOP whose beginning the disk refused is not."""
        camera_id, first = job.camera.id, job.gop[0]
        file = self._files.get(camera_id)
        if file is not None and self._ends(file, job):
            self._close(camera_id)
            file = None
        if file is None:
            if not first.packet.key:
                return False
            file = self._open(job)
        row = file.append(job.gop, job.end_90k, job.sound)
        self._chains.went_on(job.camera.code, file.link)
        self.fragments += 1
        self.written_bytes += row.fragments[-1].length
        self._told(row)
        return True

    def _ends(self, file: SegmentFile, job: Job) -> bool:
        """Whether the GOP begins another file: a new session or stream, other sound, or the time is over."""
        packet = job.gop[0].packet
        if file.session != packet.session or file.stream != packet.stream:
            return True
        return packet.key and (
            file.span_90k >= self._segment_90k or _sound_format(job, file.audio) != file.audio
        )

    def _open(self, job: Job) -> SegmentFile:
        camera = job.camera
        file = SegmentFile(
            self._disk, self._folders, self._root, camera, job.gop[0], _sound_format(job, None),
            self._chains.link(camera.code), self._clock_of(camera.id), self._claim,
        )  # fmt: skip
        self._files[camera.id] = file
        self._chains.began(camera.code, file.row.path)
        return file

    def _failed(self, job: Job, reason: str, what: str) -> None:
        camera_id = job.camera.id
        self.dropped_gops += 1
        file = self._files.pop(camera_id, None)
        if file is not None:
            row = file.abandon()
            self._ended(job.camera.code)
            if row.fragments:
                self._told(row)
        why = ahead(f"recording stopped: {self._root}", what, folder=self._root)
        trouble = Trouble(reason, why)
        if self._problems.get(camera_id) != trouble:
            log.error("recording-stopped camera=%s reason=%s", job.camera.code, why)
            self._tell_disk(job, trouble)
        self._problems[camera_id] = trouble
        with self._guard:
            self._retry_at_s[camera_id] = self._clock.monotonic_s() + RETRY_S

    def _close(self, camera_id: int) -> None:
        file = self._files.pop(camera_id, None)
        if file is not None:
            row = file.close()
            self._ended(file.code)
            if row.fragments:
                self._told(row)

    def _ended(self, code: str) -> None:
        """Notes the last link; without the note the file itself says it."""
        try:
            self._chains.ended(code)
        except OSError as error:
            log.warning("chain-note-not-written camera=%s reason=%s", code, error)


def _sound_format(job: Job, usual: AudioFormat | None) -> AudioFormat | None:
    """The format of the GOP's sound; ``usual`` where it has none."""
    return job.sound[0].format if job.sound else usual
