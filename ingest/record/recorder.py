"""The recorder: takes every camera's units, cuts them into GOPs, and writes them from a few threads.

A camera's own thread only collects. Writing and syncing happen on a writer's thread, so that a slow disk
delays neither live pictures nor the next read from the camera. What waits for the disk is bounded; beyond
that whole GOPs are lost, and counted.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gis.clock import Clock
from ingest.model import Camera, Packet
from ingest.record.disk import REAL, Disk
from ingest.record.ledger import Ledger
from ingest.record.states import Trouble
from ingest.record.writer import ClockOf, GopWriter, Job, Told, no_clock
from ingest.unit import AudioUnit, MediaUnit

log = logging.getLogger(__name__)

WRITERS = 2
GOP_BYTES = 16 << 20  # a longer GOP is written in parts,
PART_90K = 4 * 90_000  # as is one that lasts longer
SHORT_90K = 81_000  # GOPs shorter than 0.9 s (MJPEG: single pictures) share a fragment: one synced write a second
_SHORTEST_90K = 90  # a GOP's last picture lasts at least a millisecond


@dataclass(slots=True)
class _Collecting:
    """One camera's open GOP."""

    gop: list[MediaUnit] = field(default_factory=list)
    sound: list[AudioUnit] = field(default_factory=list)
    size: int = 0


class Recorder:
    """A sink for camera sessions. ``told`` gets each row after its bytes are on the disk, from a writer's thread;
    ``clock_of`` gives what is known of a camera's own clock when a file begins; ``ledger`` is told what of the cameras
    is recorded and why not."""

    def __init__(
        self,
        root: Path,
        segment_s: float,
        clock: Clock,
        told: Told,
        disk: Disk = REAL,
        clock_of: ClockOf = no_clock,
        ledger: Ledger | None = None,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._lock = threading.Lock()
        self._open: dict[int, _Collecting] = {}
        self._writers = [
            GopWriter(f"recorder-{n}", root, segment_s, clock, told, disk, clock_of, ledger)
            for n in range(WRITERS)
        ]

    def start(self) -> None:
        for writer in self._writers:
            writer.start()

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit of ``camera``."""
        packet = unit.packet
        if not camera.recorded or packet.stream != camera.record_stream:
            return
        with self._lock:
            collecting = self._open.get(camera.id)
            if collecting is None:
                collecting = self._open[camera.id] = _Collecting()
            gop = collecting.gop
            if gop and _cut_before(packet, gop, collecting.size):
                same = packet.session == gop[-1].packet.session
                self._hand_over(camera, collecting, packet.dts_90k if same else None)
            elif not gop:
                if not packet.key:
                    return
                if self._ledger is not None:
                    self._ledger.flows(camera.id, packet.capture_at)
            collecting.gop.append(unit)
            collecting.size += len(unit.sample)

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """The next packet of the camera's sound; what comes before the first key frame has no place."""
        if not (camera.recorded and camera.audio) or unit.stream != camera.record_stream:
            return
        with self._lock:
            collecting = self._open.get(camera.id)
            if collecting is None or not collecting.gop:
                return
            collecting.sound.append(unit)
            collecting.size += len(unit.data)

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        """The connection is gone: what was collected is written, the file is closed."""
        if stream != camera.record_stream:
            return
        with self._lock:
            collecting = self._open.pop(camera.id, None)
            if collecting is not None and collecting.gop:
                self._hand_over(camera, collecting, None)
            self._writer(camera.id).put(Job(camera, [], [], 0, 0))
        if self._ledger is not None and camera.recorded:
            self._ledger.ended(camera.id, why, self._clock.now())

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """The state of one of the camera's streams, for the ledger."""
        if self._ledger is not None and camera.recorded and stream == camera.record_stream:
            self._ledger.stream_state(camera.id, state, reason, at)

    def _hand_over(self, camera: Camera, collecting: _Collecting, next_90k: int | None) -> None:
        """Gives the open GOP to its writer with the sound up to its end; later sound waits for the next one."""
        gop, size = collecting.gop, collecting.size
        last = gop[-1].packet
        end_90k = (
            next_90k
            if next_90k is not None
            else last.dts_90k + max(last.duration_90k, _SHORTEST_90K)
        )
        sound = [u for u in collecting.sound if u.session == last.session]
        later = [] if next_90k is None else [u for u in sound if u.pts_90k >= end_90k]
        if later:
            sound = [u for u in sound if u.pts_90k < end_90k]
        collecting.gop, collecting.sound = [], later
        collecting.size = sum(len(u.data) for u in later)
        self._writer(camera.id).put(Job(camera, gop, sound, end_90k, size))

    def _writer(self, camera_id: int) -> GopWriter:
        return self._writers[camera_id % len(self._writers)]

    def problem(self, camera_id: int) -> Trouble | None:
        """Why the camera is not recorded although its pictures come."""
        return self._writer(camera_id).problem(camera_id)

    @property
    def stuck_s(self) -> float:
        """How long the disk has been keeping a writer waiting; 0 when it answers."""
        return max(w.stuck_s for w in self._writers)

    def recording(self, camera_id: int) -> bool:
        """Whether the camera has an open file that takes its fragments."""
        return self._writer(camera_id).recording(camera_id)

    def made(self, path: str) -> bool:
        """Whether this process made the recording, so that the repair leaves it alone."""
        return any(w.made(path) for w in self._writers)

    def forget_made(self) -> None:
        """The repair is over: :meth:`made` is not asked any more."""
        for writer in self._writers:
            writer.forget_made()

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


def _cut_before(packet: Packet, gop: list[MediaUnit], size: int) -> bool:
    """Whether a fragment ends before ``packet``: at a key frame, about once a second, and within a long GOP."""
    first = gop[0].packet
    if packet.session != first.session:
        return packet.key
    span_90k = packet.dts_90k - first.dts_90k
    if packet.key and (span_90k >= SHORT_90K or not first.key):
        return True
    return span_90k >= PART_90K or size > GOP_BYTES
