"""Live pictures of every camera: the open GOP in memory, and viewers that never wait for each other.

Cameras' threads call :meth:`LiveHub.unit`; viewers live in the control server's event loop. Each viewer has
its own bounded queue. One that falls behind loses everything up to the next key frame, and nobody else does.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field

from ingest.model import Camera
from ingest.unit import MediaUnit

QUEUE_BYTES = 4 << 20
QUEUE_UNITS = 250
GOP_KEEP_BYTES = 32 << 20


class StreamEnded(Exception):
    """The camera is no longer live, or the viewer was closed."""


class Viewer:
    """One viewer's queue. Made and read in the event loop, filled from a camera's thread.

    ``replay`` units at the front are from before the viewer came; they lead up to the present picture.
    """

    def __init__(self, camera_id: int, loop: asyncio.AbstractEventLoop) -> None:
        self.camera_id = camera_id
        self._loop = loop
        self._lock = threading.Lock()
        self._queue: deque[MediaUnit] = deque()
        self._size = 0
        self._skipping = True
        self._closed = False
        self._ready = asyncio.Event()
        self.dropped_gops = 0
        self.replay = 0

    def preload(self, gop: list[MediaUnit]) -> None:
        """The open GOP, for one who joins in its middle."""
        for unit in gop:
            self._append(unit)
        self.replay = max(0, len(gop) - 1)
        self._skipping = not gop
        if gop:
            self._ready.set()

    def offer(self, unit: MediaUnit) -> None:
        """Takes the next unit; called from the camera's thread."""
        with self._lock:
            if self._closed:
                return
            if unit.packet.key and self._skipping:
                self._skipping = False
            elif self._skipping:
                return
            elif self._size > QUEUE_BYTES or len(self._queue) > QUEUE_UNITS:
                self._queue.clear()
                self._size = 0
                self.replay = 0
                self.dropped_gops += 1
                if not unit.packet.key:
                    self._skipping = True
                    return
            self._append(unit)
        self._wake()

    def _append(self, unit: MediaUnit) -> None:
        self._queue.append(unit)
        self._size += len(unit.sample)

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:
            pass  # the loop is closed: the server is ending

    def close(self) -> None:
        """No more units; a waiting :meth:`next` raises :class:`StreamEnded`."""
        with self._lock:
            self._closed = True
            self._queue.clear()
        self._wake()

    async def next(self) -> MediaUnit:
        """The next unit, waiting for it. Raises :class:`StreamEnded`."""
        while True:
            with self._lock:
                if self._closed:
                    raise StreamEnded
                if self._queue:
                    unit = self._queue.popleft()
                    self._size -= len(unit.sample)
                    return unit
                self._ready.clear()
            await self._ready.wait()


@dataclass(slots=True)
class _Channel:
    """One camera's open GOP and viewers."""

    gop: list[MediaUnit] = field(default_factory=list)
    size: int = 0
    viewers: list[Viewer] = field(default_factory=list)


class LiveHub:
    """A sink for camera sessions that any number of viewers join and leave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[int, _Channel] = {}
        self._dropped_by_gone = 0

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit of ``camera``."""
        with self._lock:
            channel = self._channels.setdefault(camera.id, _Channel())
            if unit.packet.key:
                channel.gop, channel.size = [unit], len(unit.sample)
            elif channel.gop and channel.size < GOP_KEEP_BYTES:
                channel.gop.append(unit)
                channel.size += len(unit.sample)
            elif channel.gop:
                del channel.gop[
                    1:
                ]  # too long to replay; the key frame still serves as a still picture
                channel.size = GOP_KEEP_BYTES
            viewers = list(channel.viewers)
        for viewer in viewers:
            viewer.offer(unit)

    def ended(self, camera: Camera) -> None:
        """The connection is gone. Viewers stay: they go on when the camera is back."""
        with self._lock:
            channel = self._channels.get(camera.id)
            if channel is not None:
                channel.gop, channel.size = [], 0

    def forget(self, camera_id: int) -> None:
        """The camera was switched off: its viewers are sent away."""
        with self._lock:
            channel = self._channels.pop(camera_id, None)
        for viewer in channel.viewers if channel else []:
            viewer.close()

    def key_unit(self, camera_id: int) -> MediaUnit | None:
        """The newest key frame, None while the camera is not live."""
        with self._lock:
            channel = self._channels.get(camera_id)
            return channel.gop[0] if channel and channel.gop else None

    def newest(self, camera_id: int) -> MediaUnit | None:
        """The newest unit, None while the camera is not live."""
        with self._lock:
            channel = self._channels.get(camera_id)
            return channel.gop[-1] if channel and channel.gop else None

    def join(self, camera_id: int, loop: asyncio.AbstractEventLoop) -> Viewer | None:
        """A viewer that begins with the open GOP; None while the camera is not live."""
        with self._lock:
            channel = self._channels.get(camera_id)
            if channel is None or not channel.gop:
                return None
            viewer = Viewer(camera_id, loop)
            whole = channel.size < GOP_KEEP_BYTES
            viewer.preload(channel.gop if whole else [])
            channel.viewers.append(viewer)
            return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        viewer.close()
        with self._lock:
            channel = self._channels.get(viewer.camera_id)
            if channel is not None and viewer in channel.viewers:
                channel.viewers.remove(viewer)
                self._dropped_by_gone += viewer.dropped_gops

    def viewers(self, camera_id: int | None = None) -> int:
        """How many watch the camera, or all cameras."""
        with self._lock:
            chosen = (
                self._channels.values() if camera_id is None else [self._channels[camera_id]]
                if camera_id in self._channels else []
            )  # fmt: skip
            return sum(len(c.viewers) for c in chosen)

    @property
    def dropped_gops(self) -> int:
        """Skips of slow viewers since the start."""
        with self._lock:
            now = sum(v.dropped_gops for c in self._channels.values() for v in c.viewers)
            return self._dropped_by_gone + now
