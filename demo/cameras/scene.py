"""One camera's living picture, and the truth about everything in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Actor, Kind, Placement
from demo.cameras.cast import cast, guarded, signals
from demo.cameras.conditions import Condition, Weather
from demo.cameras.draw import draw_all, lamp, look, visible
from demo.cameras.furniture import signal_head
from demo.cameras.ink import Drawing
from demo.cameras.staff import Staff
from demo.cameras.static import background
from demo.cameras.streetmap import StreetMap
from demo.cameras.strip import draw_strip
from demo.cameras.traffic import signal
from demo.cameras.turret import Turret, wide, window
from demo.cameras.view import View
from demo.cameras.walkers import intruder_asked
from demo.city import build_city
from demo.city_model import City, DemoCamera

Bytes = NDArray[np.uint8]
LEAD_S = 0.5  # an intrusion asked for begins this much later, so that its time can be told before


@dataclass(frozen=True, slots=True)
class TruthObject:
    """One thing in view: its place on the ground, its outline in the picture (x, y, w, h px, unclipped), and how much
    of that outline can be seen, 0..1."""

    id: str
    kind: Kind
    lon: float
    lat: float
    heading_deg: float
    speed_ms: float
    box_px: tuple[float, float, float, float]
    visible: float


class Scene:
    """Renders the picture of one camera at any moment. Not shared between threads, but for :meth:`intrude`."""

    def __init__(
        self,
        city: City,
        camera: DemoCamera,
        folder: Path | None,
        turret: Turret | None = None,
        condition: Condition = "sun",
        seed: int = 0,
        guests: Sequence[Actor] = (),
        without: Callable[[Actor], bool] | None = None,
    ) -> None:
        self.camera = camera
        self.turret = turret
        self.view = View(city, camera if turret is None else wide(camera))
        streets = StreetMap(self.view)
        if folder is not None and turret is not None:
            folder = folder / "wide"
        self._background = background(self.view, streets, folder)
        self._cast = cast(self.view, streets, guests, without)
        self._lamps = _lamps(self.view, streets)
        self._weather = Weather(condition, self.view, streets, self._background.occluder_m, seed)
        self._staff = Staff(self.view) if camera.views == "river" else None
        self._guarded = camera.views == "yard"
        self._asked: list[tuple[float, Actor]] = []
        self._before: dict[str, tuple[Placement, Drawing | None]] = {}
        self._count = 0
        self._guard = threading.Lock()
        height, width = camera.height_px, camera.width_px
        self._picture: Bytes = np.empty((self.view.height_px, self.view.width_px, 3), np.uint8)
        self._window = window(camera, (0.0, 0.0, 0.0)) if turret is not None else None
        self._sent: Bytes = (
            self._picture if turret is None else np.empty((height, width, 3), np.uint8)
        )
        self._i420: Bytes = np.empty((height * 3 // 2, width), np.uint8)

    def intrude(self, now: float) -> float:
        """Lets somebody climb in; returns the Unix time when the feet come over the fence.

        Raises :class:`ValueError` where nothing is guarded.
        """
        if not self._guarded:
            raise ValueError(f"camera {self.camera.code} watches no yard")
        with self._guard:
            actor, enters = intruder_asked(self.view, guarded(self.view), self._count)
            self._count += 1
            starts = now + LEAD_S
            there = [(t, a) for t, a in self._asked if now - t < a.motion.lasts_s]
            self._asked = [*there, (starts, actor)]
        return starts + enters

    def seen(self, t: float) -> list[Drawing]:
        """Everybody in the picture at Unix time ``t``."""
        before, self._before = self._before, {}
        for placement in self.placements(t):
            known = before.get(placement.id)
            # Who stands looks as it did a frame ago.
            if known is None or known[0] != placement:
                known = (placement, look(self.view, placement))
            self._before[placement.id] = known
        return [drawing for _, drawing in self._before.values() if drawing is not None]

    def placements(self, t: float) -> list[Placement]:
        """Everybody near the camera at Unix time ``t``, in the picture or not."""
        found = self._cast.at(t)
        if self._guarded:
            with self._guard:
                asked = [actor.since(t - start) for start, actor in self._asked]
            found += [placement for placement in asked if placement is not None]
        return found

    def truth(self, found: list[Drawing]) -> list[TruthObject]:
        """The same as places on the earth; outlines as in the last picture, where the camera turns."""
        result = []
        shares = visible(found, self._background.occluder_m)
        for each, share in zip(found, shares, strict=True):
            placement = each.placement
            lon, lat = self.view.lonlat(placement.east_m, placement.north_m)
            x0, y0, x1, y1 = each.box_px
            if self._window is not None:
                (x0, y0), (x1, y1) = self._window.sent(x0, y0), self._window.sent(x1, y1)
            result.append(
                TruthObject(
                    placement.id, placement.kind, lon, lat, placement.heading_deg,
                    placement.speed_ms, (x0, y0, x1 - x0, y1 - y0), share,
                )
            )  # fmt: skip
        return result

    def picture(self, t: float, found: list[Drawing] | None = None) -> Bytes:
        """The picture at Unix time ``t``, BGR ``(h, w, 3)``, valid until the next call."""
        still, weather = self._background, self._weather
        drawings = self.seen(t) if found is None else found
        np.copyto(self._picture, still.bgr)
        self._draw_signals(t)
        if self._staff is not None:
            self._staff.draw(self._picture, t)
        draw_all(self._picture, still.bgr, still.occluder_m, drawings, weather.shadows)
        weather.apply(self._picture, still.bgr, drawings)
        if weather.condition == "night":
            self._draw_signals(t)
        if self.turret is not None:
            self._window = cut = window(self.camera, self.turret.where())
            cv2.resize(
                self._picture[
                    cut.y_px : cut.y_px + cut.height_px, cut.x_px : cut.x_px + cut.width_px
                ],
                (self.camera.width_px, self.camera.height_px),
                dst=self._sent,
                interpolation=cv2.INTER_LINEAR,
            )
        _caption(self._sent, f"{_clock(t)}  {self.camera.code.upper()}")
        return self._sent

    def _draw_signals(self, t: float) -> None:
        for x, y, size, axis in self._lamps:
            row, colour = _LAMPS[signal(axis, t)]
            lamp(self._picture, x, y + row * size * 1.25, size, colour)

    def frame(self, t: float, found: list[Drawing] | None = None) -> Bytes:
        """The same as planar I420 ``(h * 3 / 2, w)`` with the time strip, valid until the next call."""
        cv2.cvtColor(self.picture(t, found), cv2.COLOR_BGR2YUV_I420, dst=self._i420)
        draw_strip(self._i420[: self.camera.height_px], round(t * 1000))
        return self._i420


_LAMPS: dict[str, tuple[float, tuple[int, int, int]]] = {
    "red": (-1.0, (60, 50, 235)),
    "yellow": (0.0, (70, 200, 245)),
    "green": (1.0, (130, 220, 70)),
}


def _lamps(view: View, streets: StreetMap) -> list[tuple[float, float, float, int]]:
    """Pixel, lamp size in pixels and axis of the signals that face the camera."""
    found = []
    for approach in signals(view, streets):
        centre, facing = signal_head(approach.arm)
        if facing @ (view.eye - centre) <= 0:
            continue
        pixels, depth = view.project((centre + 0.13 * facing)[None])
        x, y = pixels[0]
        if depth[0] > 2 and 0 < x < view.width_px and 0 < y < view.height_px:
            size = 0.30 * view.ground.focal_px / depth[0]
            found.append((float(x), float(y), float(size), approach.axis))
    return found


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _caption(picture: Bytes, text: str) -> None:
    box = picture[14:38, 4 : 20 + 10 * len(text)]
    np.right_shift(box, 1, out=box)
    cv2.putText(
        picture, text, (10, 31), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA
    )


@cache
def demo_city() -> City:
    """The demo city, built once in a process."""
    return build_city()


@lru_cache(maxsize=16)
def scene_of(code: str, folder: Path | None = None) -> Scene:
    """The scene of one of the demo city's cameras. Raises :class:`KeyError` for an unknown code."""
    city = demo_city()
    camera = {c.code: c for c in city.cameras}[code]
    return Scene(city, camera, folder)


def truth_at(code: str, t: float, folder: Path | None = None) -> list[TruthObject]:
    """What is in view of a camera at Unix time ``t`` by the clock alone, without intrusions that were asked for.

    ``folder`` is where rendered still pictures are kept; without it the first call of a camera renders one.
    """
    scene = scene_of(code, folder)
    return scene.truth(scene.seen(t))
