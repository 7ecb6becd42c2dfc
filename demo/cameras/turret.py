"""A camera that turns: by a window that wanders over a wider picture, as many real ones do without a motor.

The wide picture has the same focal length in pixels, so at home, where the window is its middle, the picture is exactly
the one that a fixed camera of that pose would send.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from demo.city_model import DemoCamera

WIDER = 1.5  # the wide picture's sides, by those of the window at home
CLOSER = 4.0  # how much the window shrinks at zoom 1
SPEED_PER_S = 0.5  # of the range, at velocity 1
Position = tuple[float, float, float]


class Turret:
    """Pan, tilt (-1…1) and zoom (0…1) over time, and presets by token. Safe between threads.

    A move ends by itself at its time, as ONVIF asks of a device.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._guard = threading.Lock()
        self._at: Position = (0.0, 0.0, 0.0)
        self._velocity: Position = (0.0, 0.0, 0.0)
        self._since_s = self._until_s = clock_s()
        self.presets: dict[str, tuple[str, Position]] = {"1": ("原位 Home", self._at)}

    def where(self) -> Position:
        """Where it stands now."""
        with self._guard:
            return self._where()

    @property
    def moving(self) -> bool:
        """Whether it turns now."""
        with self._guard:
            return any(self._velocity) and self._clock_s() < self._until_s

    def move(self, velocity: Position, for_s: float) -> None:
        """Turns at ``velocity`` (-1…1 each) for ``for_s`` unless told otherwise."""
        with self._guard:
            self._where()
            self._velocity, self._since_s = velocity, self._clock_s()
            self._until_s = self._since_s + for_s

    def stop(self) -> None:
        """Stands still."""
        self.move((0.0, 0.0, 0.0), 0.0)

    def go(self, position: Position) -> None:
        """Stands at ``position`` at once."""
        self.stop()
        with self._guard:
            self._at = _within(position)

    def _where(self) -> Position:
        now_s = min(self._clock_s(), self._until_s)
        if now_s > self._since_s:
            way = SPEED_PER_S * (now_s - self._since_s)
            pan, tilt, zoom = (a + v * way for a, v in zip(self._at, self._velocity, strict=True))
            self._at, self._since_s = _within((pan, tilt, zoom)), now_s
        return self._at


def _within(position: Position) -> Position:
    pan, tilt, zoom = position
    return max(-1.0, min(1.0, pan)), max(-1.0, min(1.0, tilt)), max(0.0, min(1.0, zoom))


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the wide picture that is sent, in its pixels, and how much larger it is sent."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    scale: float

    def sent(self, x_px: float, y_px: float) -> tuple[float, float]:
        """A point of the wide picture in the picture that is sent."""
        return (x_px - self.x_px) * self.scale, (y_px - self.y_px) * self.scale


def wide(camera: DemoCamera) -> DemoCamera:
    """The camera that renders the wide picture of ``camera``, with the same focal length in pixels."""
    half = math.tan(math.radians(camera.pose.hfov_deg / 2)) * WIDER
    return replace(
        camera,
        width_px=round(camera.width_px * WIDER),
        height_px=round(camera.height_px * WIDER),
        pose=replace(camera.pose, hfov_deg=2 * math.degrees(math.atan(half))),
    )


def window(camera: DemoCamera, position: Position) -> Window:
    """What of the wide picture ``camera`` sends at ``position``. Tilt up is towards smaller y."""
    pan, tilt, zoom = position
    scale = CLOSER**zoom
    width, height = round(camera.width_px / scale), round(camera.height_px / scale)
    room_x = round(camera.width_px * WIDER) - width
    room_y = round(camera.height_px * WIDER) - height
    return Window(
        round(room_x * (1 + pan) / 2),
        round(room_y * (1 - tilt) / 2),
        width,
        height,
        camera.width_px / width,
    )
