"""Live pictures of every stream: the open GOP in memory, and viewers that never wait for each other.

Cameras' threads call :meth:`LiveHub.unit`, which only notes the unit and wakes the viewers' event loop, once however
many watch. There every viewer is handed each unit in turn and must not wait: it sends it or puts it into a bound
of its own. One that falls behind loses everything up to the next key frame, and nobody else does. Should the loop
itself fall behind, the streams it is late with skip to a key frame and the cameras' threads never notice.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from ingest.live.shared import LiveUnit
from ingest.model import MAIN, SUB, Camera
from ingest.unit import AudioUnit, MediaUnit

QUEUE_BYTES = 4 << 20
QUEUE_UNITS = 250
GOP_KEEP_BYTES = 32 << 20

Key = tuple[int, str]  # camera and stream


class StreamEnded(Exception):
    """The camera is no longer live, or the viewer was closed."""


class Viewer(ABC):
    """One who watches. Lives in the hub's event loop, where every method is called."""

    def __init__(self) -> None:
        self._expected = (
            -1
        )  # number of the unit that goes on from what was taken; -1: only a key frame will do
        self.dropped_gops = 0
        self.watches: Key | None = None

    def replay(self, gop: list[LiveUnit]) -> None:
        """The open GOP, for one who joins in its middle. Its last unit is the present one."""
        for left, unit in zip(range(len(gop) - 1, -1, -1), gop, strict=True):
            self._expected = unit.number + 1
            self.take(unit, left)

    def offer(self, unit: LiveUnit) -> None:
        """The next unit of the stream. What was replayed already and what follows a gap is left out."""
        if unit.number < self._expected:
            return
        if unit.number == self._expected or unit.key:
            self._expected = unit.number + 1
            self.take(unit, 0)
        elif self._expected >= 0:
            self.skip()

    def skip(self) -> None:
        """The viewer cannot follow: nothing more before the next key frame."""
        self._expected = -1
        self.dropped_gops += 1

    @abstractmethod
    def take(self, unit: LiveUnit, replay_left: int) -> None:
        """Sends the unit or keeps it, without waiting; ``replay_left`` units of a replay follow at once."""

    @abstractmethod
    def end(self) -> None:
        """The camera was switched off: no more units come."""


class QueueViewer(Viewer):
    """A viewer who fetches unit after unit, as fast as its connection takes them."""

    def __init__(self) -> None:
        super().__init__()
        self._queue: deque[LiveUnit] = deque()
        self._size = 0
        self._replayed = 0  # a long open GOP may wait beyond the limits
        self._replayed_bytes = 0
        self._closed = False
        self._ready = asyncio.Event()

    def take(self, unit: LiveUnit, replay_left: int) -> None:
        if self._closed:
            return
        if (
            self._size > QUEUE_BYTES + self._replayed_bytes
            or len(self._queue) > QUEUE_UNITS + self._replayed
        ):
            self._queue.clear()
            self._size = self._replayed = self._replayed_bytes = 0
            self.skip()
            if not unit.key:
                return
            self._expected = unit.number + 1
        self._queue.append(unit)
        self._size += unit.size
        self._ready.set()

    def replay(self, gop: list[LiveUnit]) -> None:
        self._replayed, self._replayed_bytes = len(gop), sum(unit.size for unit in gop)
        super().replay(gop)

    def end(self) -> None:
        """No more units; a waiting :meth:`next` raises :class:`StreamEnded`."""
        self._closed = True
        self._queue.clear()
        self._ready.set()

    async def next(self) -> LiveUnit:
        """The next unit, waiting for it. Raises :class:`StreamEnded`."""
        while True:
            if self._closed:
                raise StreamEnded
            if self._queue:
                unit = self._queue.popleft()
                self._size -= unit.size
                return unit
            self._ready.clear()
            await self._ready.wait()


@dataclass(slots=True)
class _Channel:
    """One stream's open GOP and viewers. ``waiting`` is what the event loop has not handed out yet."""

    gop: list[LiveUnit] = field(default_factory=list)
    size: int = 0
    number: int = 0
    session: int | None = None
    base_90k: int = 0
    viewers: list[Viewer] = field(default_factory=list)
    waiting: deque[LiveUnit] = field(default_factory=deque)
    woken: bool = False

    def note(self, unit: MediaUnit) -> LiveUnit:
        packet = unit.packet
        if packet.session != self.session:
            self.session, self.base_90k = packet.session, packet.dts_90k
        self.number += 1
        live = LiveUnit(self.number, unit, self.base_90k)
        if live.key:
            self.gop, self.size = [live], live.size
        elif self.gop and self.size < GOP_KEEP_BYTES:
            self.gop.append(live)
            self.size += live.size
        elif self.gop:
            # Too long to replay; the key frame still serves as a still picture.
            del self.gop[1:]
            self.size = GOP_KEEP_BYTES
        return live

    @property
    def replayable(self) -> list[LiveUnit]:
        return list(self.gop) if self.size < GOP_KEEP_BYTES else []


class LiveHub:
    """A sink for camera sessions that any number of viewers join and leave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[Key, _Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dropped_by_gone = 0
        self.late_skips = 0

    # --- from the cameras' threads ----------------------------------------------------------------------------

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit of ``camera``."""
        with self._lock:
            key = camera.id, unit.packet.stream
            channel = self._channels.get(key)
            if channel is None:
                channel = self._channels[key] = _Channel()
            live = channel.note(unit)
            if not channel.viewers:
                return
            if len(channel.waiting) >= QUEUE_UNITS:
                channel.waiting.clear()
                self.late_skips += 1
            channel.waiting.append(live)
            wake, channel.woken = not channel.woken, True
        if wake:
            self._call(self._hand_out, channel)

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """Live views are silent."""

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        """The connection is gone. Viewers stay: they go on when the camera is back."""
        with self._lock:
            channel = self._channels.get((camera.id, stream))
            if channel is not None:
                channel.gop, channel.size = [], 0

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """Viewers are told by the console."""

    def forget(self, camera_id: int) -> None:
        """The camera was switched off: its viewers are sent away."""
        with self._lock:
            gone = [self._channels.pop(key) for key in list(self._channels) if key[0] == camera_id]
            self._dropped_by_gone += sum(v.dropped_gops for c in gone for v in c.viewers)
        for channel in gone:
            for viewer in channel.viewers:
                self._call(viewer.end)

    def _call(self, what: object, *arguments: object) -> None:
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(what, *arguments)  # type: ignore[arg-type]
        except RuntimeError:
            pass  # the loop is closed: the server is ending

    # --- in the viewers' event loop ---------------------------------------------------------------------------

    def _hand_out(self, channel: _Channel) -> None:
        with self._lock:
            units, channel.woken = list(channel.waiting), False
            channel.waiting.clear()
            viewers = list(channel.viewers)
        for unit in units:
            for viewer in viewers:
                viewer.offer(unit)

    def join(self, viewer: Viewer, camera_id: int, stream: str = MAIN) -> bool:
        """Hands ``viewer`` the open GOP and everything after it; False when nothing was ever seen of the stream.

        All viewers live in one event loop: the running one.
        """
        with self._lock:
            channel = self._channels.get((camera_id, stream))
            if channel is None:
                return False
            self._loop = asyncio.get_running_loop()
            gop = channel.replayable
            channel.viewers.append(viewer)
            viewer.watches = (camera_id, stream)
        viewer.replay(gop)
        return True

    def replay(self, viewer: Viewer) -> None:
        """Hands a viewer who lost the picture the open GOP again, up to the newest unit."""
        with self._lock:
            channel = self._channels.get(viewer.watches) if viewer.watches else None
            gop = channel.replayable if channel is not None else []
        if gop:
            viewer.replay(gop)

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        with self._lock:
            channel = self._channels.get(viewer.watches) if viewer.watches else None
            viewer.watches = None
            if channel is None or viewer not in channel.viewers:
                return
            channel.viewers.remove(viewer)
            self._dropped_by_gone += viewer.dropped_gops
            if not channel.viewers:
                channel.waiting.clear()

    # --- from anywhere ----------------------------------------------------------------------------------------

    def choose(self, camera_id: int, stream: str) -> str | None:
        """The stream to show for a wish: that one, else the main one; None while the camera is not live."""
        for name in (stream, MAIN):
            if self.newest(camera_id, name) is not None:
                return name
        return None

    def key_unit(self, camera_id: int, stream: str = MAIN) -> MediaUnit | None:
        """The newest key frame, None while the stream is not live."""
        with self._lock:
            channel = self._channels.get((camera_id, stream))
            return channel.gop[0].unit if channel and channel.gop else None

    def newest(self, camera_id: int, stream: str = MAIN) -> MediaUnit | None:
        """The newest unit, None while the stream is not live."""
        with self._lock:
            channel = self._channels.get((camera_id, stream))
            return channel.gop[-1].unit if channel and channel.gop else None

    def viewers(self, camera_id: int | None = None) -> int:
        """How many watch the camera, whichever of its streams, or all cameras."""
        with self._lock:
            if camera_id is None:
                return sum(len(channel.viewers) for channel in self._channels.values())
            # Asked for every camera many times a second: without going through the other cameras.
            main, sub = self._channels.get((camera_id, MAIN)), self._channels.get((camera_id, SUB))
            return (len(main.viewers) if main else 0) + (len(sub.viewers) if sub else 0)

    @property
    def dropped_gops(self) -> int:
        """Skips of slow viewers, and of streams the event loop was late with, since the start."""
        with self._lock:
            now = sum(v.dropped_gops for c in self._channels.values() for v in c.viewers)
            return self._dropped_by_gone + now
