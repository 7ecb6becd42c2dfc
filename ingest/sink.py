"""What takes the streams of the cameras, and what is told of a stream."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from ingest.model import Camera
from ingest.unit import AudioUnit, MediaUnit

log = logging.getLogger(__name__)

GAP_REASONS = (
    "refused",
    "unreachable",
    "no_packets",
    "no_key_frame",
    "unsupported",
    "clock_step",
    "disk_full",
    "disk_slow",
    "disk_failed",
    "switched_off",
    "process_stopped",
    "unknown",
)
"""Why a stretch of time is not on record; see docs/design/0004-footage.md."""


class Sink(Protocol):
    """Takes the streams of every camera. Calls come from the engine's thread and must not wait."""

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit; a session's first one is a key frame."""
        ...

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """The next packet of sound, between the pictures it belongs to."""
        ...

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        """The stream broke off; what comes next is another session. ``why`` is one of :data:`GAP_REASONS`."""
        ...

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """The stream's state changed at ``at``; ``reason`` is the sentence shown with it."""
        ...


class FanOut:
    """Hands everything to several sinks in order. A fault of one takes nothing from the others; it is counted, and the
    first of each sink is logged whole."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = tuple(sinks)
        self._told: set[int] = set()
        self.faults = 0

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit."""
        self._each(camera, lambda sink: sink.unit(camera, unit))

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """The next packet of sound."""
        self._each(camera, lambda sink: sink.audio(camera, unit))

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        """The stream broke off."""
        self._each(camera, lambda sink: sink.ended(camera, stream, why))

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """The stream's state changed."""
        self._each(camera, lambda sink: sink.state(camera, stream, state, reason, at))

    def _each(self, camera: Camera, tell: Callable[[Sink], None]) -> None:
        for sink in self._sinks:
            try:
                tell(sink)
            except Exception:
                if self._news(sink):
                    log.exception("sink-failed camera=%s sink=%s", camera.code, type(sink).__name__)

    def _news(self, sink: Sink) -> bool:
        """Counts a fault; whether it is the sink's first."""
        self.faults += 1
        known = id(sink) in self._told
        self._told.add(id(sink))
        return not known
