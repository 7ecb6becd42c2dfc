"""The threads that decode and analyse: any thread takes the camera whose packet has waited longest."""

from __future__ import annotations

import heapq
import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from analytics.decode import KeyDecoders
from analytics.detect.service import DetectService
from analytics.model import Effort, Watch
from analytics.pipeline import STAGES, Pipeline
from analytics.shed import Shedder
from analytics.writer import Writer
from gis.clock import Clock
from gis.heartbeat import Facts
from ingest.model import Packet

log = logging.getLogger(__name__)
_LOOK_S = 0.5
_SHED_EVERY_S = 0.1
MAX_QUEUED = 600


@dataclass(slots=True)
class _Line:
    """One camera's waiting packets and its pipeline; ``busy`` while a thread works on it."""

    pipeline: Pipeline
    packets: deque[tuple[Packet, float]] = field(default_factory=deque)
    busy: bool = False
    changed: Watch | None = None
    gone: bool = False
    wants_key: bool = False
    dropped: int = 0
    failures: int = 0


class Pool:
    """Every camera's pipeline and the threads that drive them.

    A camera whose packets cannot be worked on is begun afresh and counted; the others never notice.
    """

    def __init__(
        self,
        writer: Writer,
        clock: Clock,
        workers: int = 2,
        width_px: int = 480,
        fps: float = 12.5,
        queue_s: float = 4.0,
        behind_s: float = 0.6,
        local: tzinfo = UTC,
        detect: DetectService | None = None,
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._width_px = width_px
        self._fps = fps
        self._local = local
        self._queue_s = queue_s
        self._detect = detect
        self._keys = KeyDecoders()
        self._shedder = Shedder(behind_s)
        self._shed_s = -1e9
        self._waiting: list[tuple[float, int]] = []  # a heap: when a free camera's next packet came
        self._lines: dict[int, _Line] = {}
        self._ready = threading.Condition()
        self._stopping = False
        self._finished_frames = 0
        self._unknown = 0
        self._worst_age_s = 0.0
        self._threads = [
            threading.Thread(target=self._run, name=f"analytics-{i}", daemon=True)
            for i in range(workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads after the packet each is at, and hands living tracks to the writer."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout=3)
        for line in self._lines.values():
            self._finish(line)

    def reconcile(self, watches: Sequence[Watch]) -> None:
        """Makes the cameras what ``watches`` says: new ones begin, changed ones take over, others end."""
        wanted = {watch.camera_id: watch for watch in watches}
        with self._ready:
            for camera_id in self._lines.keys() - wanted.keys():
                line = self._lines[camera_id]
                line.gone = True
                line.packets.clear()
                if not line.busy:
                    self._retire(camera_id, line)
            for camera_id, watch in wanted.items():
                known = self._lines.get(camera_id)
                if known is None:
                    self._lines[camera_id] = _Line(self._make(watch))
                elif known.pipeline.watch != watch:
                    known.changed = watch
                    known.gone = False

    def feed(self, packet: Packet) -> None:
        """Queues a packet, or parks it where the camera is quiet. Packets of unknown cameras are counted and dropped."""
        now_s = self._clock.monotonic_s()
        with self._ready:
            line = self._lines.get(packet.camera_id)
            if line is None or line.gone:
                self._unknown += 1
                return
            late = line.packets and now_s - line.packets[0][1] > self._queue_s
            if late or len(line.packets) >= MAX_QUEUED:
                # Nothing of a broken GOP can be decoded: all of it goes, and all up to the next key frame.
                line.dropped += len(line.packets)
                line.packets.clear()
                line.wants_key = True
            if line.wants_key and not packet.key:
                line.dropped += 1
                return
            line.wants_key = False
            free = not line.busy and not line.packets and line.changed is None
            if free and line.pipeline.parks(packet, now_s, self._shedder.effort(packet.camera_id)):
                return
            line.packets.append((packet, now_s))
            if not line.busy and len(line.packets) == 1:
                heapq.heappush(self._waiting, (now_s, packet.camera_id))
                self._ready.notify()

    def facts(self) -> Facts:
        """Figures for the heartbeat."""
        with self._ready:
            lines = list(self._lines.values())
            now_s = self._clock.monotonic_s()
            oldest_s = max((now_s - li.packets[0][1] for li in lines if li.packets), default=0.0)
            worst_s, self._worst_age_s = self._worst_age_s, 0.0
            reduced, unknown = self._shedder.reduced, self._unknown
            efforts = [self._shedder.effort(camera_id) for camera_id in self._lines]
        decoders = [li.pipeline.decoder.counts for li in lines]
        gates = [li.pipeline.intake.gate.counts for li in lines]
        times = [li.pipeline.times for li in lines]
        frames = sum(t.frames for t in times)
        facts: dict[str, float | int | str | Mapping[str, Mapping[str, float | int | str]]] = {
            "cameras": len(lines),
            "frames_decoded": sum(c.decoded for c in decoders),
            "frames_analysed": frames,
            "packets_quiet": sum(c.spared for c in gates),
            "packets_shed": sum(c.shed for c in gates),
            "packets_disposable": sum(c.disposable for c in decoders),
            "frames_thinned": sum(c.thinned for c in decoders),
            "packets_corrupt": sum(c.corrupt for c in decoders),
            "packets_waiting_key": sum(c.waiting for c in decoders),
            "packets_dropped": sum(li.dropped for li in lines),
            "packets_unknown_camera": unknown,
            "cameras_reduced": reduced,
            "camera_failures": sum(li.failures for li in lines),
            "queue_age_ms": round(max(oldest_s, worst_s) * 1000, 1),
            "parked_bytes": sum(li.pipeline.intake.gate.parked_bytes for li in lines),
            "cameras_quiet": sum(not li.pipeline.intake.gate.awake for li in lines),
            "gate_looks": sum(c.looks for c in gates),
            "gate_woken": sum(c.woken_by_look + c.woken_by_size for c in gates),
            "gate_checks": sum(c.checks for c in gates),
            "zones_learning": sum(li.pipeline.zones_learning for li in lines),
            "tracks_alive": sum(li.pipeline.tracks_alive for li in lines),
        }
        for stage in STAGES:
            seconds = sum(t.seconds[stage] for t in times)
            facts[f"{stage}_ms"] = round(1000 * seconds / max(1, frames), 3)
        facts["decoding"] = {
            line.pipeline.watch.code: self._account(line, effort)
            for line, effort in zip(lines, efforts, strict=True)
        }
        for pipeline in (li.pipeline for li in lines):
            found = [p for p in (pipeline.pose_problem, *pipeline.zone_problems) if p]
            if found:
                facts[f"problem_{pipeline.watch.code}"] = "; ".join(found)
        return facts

    @staticmethod
    def _account(line: _Line, effort: Effort) -> dict[str, float | int | str]:
        """What became of one camera's packets, and why."""
        decoder, gate = line.pipeline.decoder.counts, line.pipeline.intake.gate
        return {
            "decoded": decoder.decoded,
            "analysed": line.pipeline.times.frames,
            "quiet": gate.counts.spared,
            "disposable": decoder.disposable,
            "shed": gate.counts.shed + line.dropped,
            "broken": decoder.corrupt + decoder.waiting,
            "effort": effort.name.lower() if gate.awake or effort is not Effort.FULL else "quiet",
        }

    def _make(self, watch: Watch) -> Pipeline:
        return Pipeline(
            watch,
            self._clock,
            self._width_px,
            self._fps,
            self._local,
            self._detect,
            keys=self._keys,
        )

    def _run(self) -> None:
        while True:
            with self._ready:
                line = self._next()
                while line is None:
                    if self._stopping:
                        return
                    self._ready.wait(_LOOK_S)
                    line = self._next()
                if self._stopping:
                    return
                packet, arrived_s = line.packets.popleft()
                line.busy = True
                changed, line.changed = line.changed, None
                effort = self._shedder.effort(packet.camera_id)
            try:
                self._work(line, packet, arrived_s, effort, changed)
            finally:
                with self._ready:
                    line.busy = False
                    if line.gone:
                        self._retire(packet.camera_id, line)
                    elif line.packets:
                        heapq.heappush(self._waiting, (line.packets[0][1], packet.camera_id))
                        self._ready.notify()

    def _next(self) -> _Line | None:
        """The free camera whose packet has waited longest; also tells the shedder how long that is."""
        found: _Line | None = None
        while self._waiting and found is None:
            arrived_s, camera_id = self._waiting[0]
            line = self._lines.get(camera_id)
            heapq.heappop(self._waiting)
            if line is None or line.busy or not line.packets:
                continue
            if line.packets[0][1] != arrived_s:  # what waited then was given up
                heapq.heappush(self._waiting, (line.packets[0][1], camera_id))
                continue
            found = line
        now_s = self._clock.monotonic_s()
        age_s = now_s - found.packets[0][1] if found else 0.0
        self._worst_age_s = max(self._worst_age_s, age_s)
        if now_s - self._shed_s >= _SHED_EVERY_S:
            self._shed_s = now_s
            self._shedder.update(
                now_s, age_s, {i: li.pipeline.watch.importance for i, li in self._lines.items()}
            )
        return found

    def _work(
        self,
        line: _Line,
        packet: Packet,
        arrived_s: float,
        effort: Effort,
        changed: Watch | None,
    ) -> None:
        try:
            if changed is not None:
                line.pipeline.reconfigure(changed)
            outcome = line.pipeline.process(packet, arrived_s, effort)
        except Exception:
            # Whatever one camera's stream or settings bring about must not stop the others.
            log.exception("camera-failed camera=%s", line.pipeline.watch.code)
            line.failures += 1
            line.pipeline = self._make(changed or line.pipeline.watch)
            return
        for firing, frame in outcome.firings + outcome.ended:
            self._writer.fire(firing, frame)
        for reading in outcome.levels:
            self._writer.level(reading)
        for record in outcome.records:
            self._writer.track(record)
        for part in outcome.motion:
            self._writer.motion(part)
        for crossing in outcome.crossings:
            self._writer.crossing(crossing)

    def _retire(self, camera_id: int, line: _Line) -> None:
        self._finish(line)
        self._lines.pop(camera_id, None)
        if self._detect is not None:
            self._detect.forget(camera_id)

    def _finish(self, line: _Line) -> None:
        for record in line.pipeline.finish():
            self._writer.track(record)
        for part in line.pipeline.motion_index.flush():
            self._writer.motion(part)
