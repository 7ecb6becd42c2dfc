"""HLS files for the portal: immutable fMP4 parts of each published camera, and a small index of them.

``var/hls/<code>/<n>.m4s`` count up for ever, ``init-<number>.mp4`` counts the streams, and ``index.json`` is
``{"segments": [{"file", "init", "start_at", "duration_s"}, …]}``, oldest first. The portal makes the playlist,
because only it knows the delay. Everything is written beside its name and renamed, so a reader never sees half.
"""

from __future__ import annotations

import json
import logging
import queue
import re
import shutil
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gis.clock import Clock
from ingest.fmp4 import Sample, fragment, init_segment, to_media_90k
from ingest.model import Camera
from ingest.record.model import ticks
from ingest.unit import AudioUnit, MediaUnit

log = logging.getLogger(__name__)

PART_90K = 90_000  # a part ends at the first key frame after a second
QUEUE_UNITS = 3000  # more than this waiting for the disk: whole GOPs are left out
_PRUNE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class LivePart:
    """One file in the window."""

    number: int
    init: str
    start_at: datetime
    duration_s: float

    @property
    def file(self) -> str:
        return f"{self.number}.m4s"


@dataclass(slots=True)
class _Stream:
    """What of one camera is being collected, and what lies on the disk. The writer's thread alone uses it."""

    folder: Path
    parts: list[LivePart]
    next_number: int
    next_init: int
    session: int | None = None
    init: str = ""
    media_base_90k: int = 0
    unit_base_90k: int = 0
    collected: list[MediaUnit] = field(default_factory=list)


def read_index(folder: Path) -> list[LivePart]:
    """The parts of an index; none when it is not there or not whole."""
    try:
        entries = json.loads((folder / "index.json").read_text("utf-8"))["segments"]
        return [
            LivePart(
                int(str(e["file"]).removesuffix(".m4s")),
                str(e["init"]),
                datetime.fromisoformat(e["start_at"]),
                float(e["duration_s"]),
            )
            for e in entries
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_whole(path: Path, data: bytes) -> None:
    """Replaces ``path`` in one step."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


class HlsWriter:
    """A sink that writes the published cameras' parts from a thread of its own."""

    def __init__(self, root: Path, window_s: float, clock: Clock) -> None:
        self._root = root
        self._window_s = window_s
        self._clock = clock
        # A camera with a unit is a picture, with None its stream ended, an id alone: no longer published.
        self._jobs: queue.SimpleQueue[tuple[Camera, MediaUnit | None] | str | None] = (
            queue.SimpleQueue()
        )
        self._streams: dict[str, _Stream] = {}
        self._pruned_s = 0.0
        self._thread = threading.Thread(target=self._loop, name="hls", daemon=True)
        self._skipping: set[int] = set()
        self.dropped_gops = 0
        self.parts = 0
        self.problem: str | None = None

    def start(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit of ``camera``."""
        if not camera.published or unit.packet.stream != camera.publish_stream:
            return
        if camera.id in self._skipping and unit.packet.key:
            self._skipping.discard(camera.id)
        if camera.id in self._skipping or self._jobs.qsize() > QUEUE_UNITS:
            self.dropped_gops += camera.id not in self._skipping
            self._skipping.add(camera.id)
            return
        self._jobs.put((camera, unit))

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """The public site is silent."""

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        """The connection is gone."""
        if camera.published and stream == camera.publish_stream:
            self._jobs.put((camera, None))

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """The portal sees that no part comes."""

    def forget(self, code: str) -> None:
        """The camera is no longer published: its files go at once."""
        self._jobs.put(code)

    def keep_only(self, codes: set[str]) -> None:
        """Removes the files of cameras that are not published, left from an earlier run."""
        for folder in self._root.iterdir() if self._root.is_dir() else []:
            if folder.name not in codes:
                self.forget(folder.name)

    def stop(self) -> None:
        """Writes what waits and ends the thread."""
        self._jobs.put(None)
        self._thread.join(timeout=4)

    # --- the writer's thread ----------------------------------------------------------------------------------

    def _loop(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_PRUNE_EVERY_S)
            except queue.Empty:
                job = ""
            if job is None:
                return
            try:
                if isinstance(job, str):
                    self._forget(job)
                else:
                    self._take(*job)
                if self._clock.monotonic_s() - self._pruned_s >= _PRUNE_EVERY_S:
                    self._pruned_s = self._clock.monotonic_s()
                    for stream in self._streams.values():
                        self._prune(stream)
            except OSError as error:
                self._failed(f"{self._root}: {error.strerror or error}")
            except (
                Exception
            ) as error:  # one camera's odd stream must not end the others' public views
                log.exception("hls-failed")
                self._failed(f"{type(error).__name__}: {error}")

    def _failed(self, problem: str) -> None:
        if self.problem is None:
            log.error("hls-stopped reason=%s", problem)
        self.problem = problem

    def _forget(self, code: str) -> None:
        if code:
            self._streams.pop(code, None)
            shutil.rmtree(self._root / code, ignore_errors=True)

    def _stream(self, camera: Camera) -> _Stream:
        stream = self._streams.get(camera.code)
        if stream is None:
            folder = self._root / camera.code
            folder.mkdir(parents=True, exist_ok=True)
            parts = read_index(folder)
            inits = [int(m[1]) for p in parts if (m := re.fullmatch(r"init-(\d+)\.mp4", p.init))]
            number = max((p.number for p in parts), default=-1) + 1
            stream = _Stream(folder, parts, number, max(inits, default=-1) + 1)
            self._streams[camera.code] = stream
        return stream

    def _take(self, camera: Camera, unit: MediaUnit | None) -> None:
        stream = self._stream(camera)
        if unit is None:
            self._write(stream, None)
            stream.session = None
            return
        packet = unit.packet
        if packet.session != stream.session:
            self._write(stream, None)
            if not packet.key:
                return
            self._begin(stream, unit)
        elif stream.collected:
            span = packet.dts_90k - stream.collected[0].packet.dts_90k
            if packet.key and span >= PART_90K:
                self._write(stream, packet.dts_90k)
        stream.collected.append(unit)

    def _begin(self, stream: _Stream, first: MediaUnit) -> None:
        packet = first.packet
        stream.session = packet.session
        stream.init = f"init-{stream.next_init}.mp4"
        stream.next_init += 1
        stream.unit_base_90k = packet.dts_90k
        stream.media_base_90k = to_media_90k(
            packet.capture_at - ticks(packet.pts_90k - packet.dts_90k)
        )
        write_whole(stream.folder / stream.init, init_segment(first.format))

    def _write(self, stream: _Stream, next_90k: int | None) -> None:
        """Writes what was collected; it ends at ``next_90k``, None: when its last picture is expected to."""
        units, stream.collected = stream.collected, []
        if not units:
            return
        last = units[-1].packet
        end_90k = next_90k if next_90k is not None else last.dts_90k + max(1, last.duration_90k)
        ends = [u.packet.dts_90k for u in units[1:]] + [end_90k]
        samples = [
            Sample(
                u.sample,
                max(1, end - u.packet.dts_90k),
                u.packet.pts_90k - u.packet.dts_90k,
                u.packet.key,
            )
            for u, end in zip(units, ends, strict=True)
        ]
        first = units[0].packet
        part = LivePart(
            stream.next_number,
            stream.init,
            first.capture_at,
            sum(s.duration_90k for s in samples) / 90_000,
        )
        decode_90k = stream.media_base_90k + first.dts_90k - stream.unit_base_90k
        write_whole(stream.folder / part.file, fragment(part.number + 1, decode_90k, samples))
        stream.next_number += 1
        stream.parts.append(part)
        self._write_index(stream)
        self.parts += 1
        self.problem = None

    def _write_index(self, stream: _Stream) -> None:
        entries = [
            {
                "file": p.file,
                "init": p.init,
                "start_at": p.start_at.isoformat(),
                "duration_s": round(p.duration_s, 5),
            }
            for p in stream.parts
        ]
        write_whole(stream.folder / "index.json", json.dumps({"segments": entries}).encode())

    def _prune(self, stream: _Stream) -> None:
        """Takes parts older than the window out of the index, then off the disk, with files nobody names."""
        oldest = self._clock.now() - timedelta(seconds=self._window_s)
        kept = [p for p in stream.parts if p.start_at >= oldest]
        if len(kept) == len(stream.parts):
            return
        stream.parts = kept
        self._write_index(stream)
        named = {p.file for p in kept} | {p.init for p in kept} | {stream.init, "index.json"}
        for path in stream.folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)
