"""One camera's living picture, and the truth about everything in it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Kind, Placement
from demo.cameras.cast import cast, intruder
from demo.cameras.draw import Seen, draw_all, look, visible
from demo.cameras.static import background
from demo.cameras.streetmap import StreetMap
from demo.cameras.strip import draw_strip
from demo.cameras.view import View
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

    def __init__(self, city: City, camera: DemoCamera, cache: Path | None) -> None:
        self.camera = camera
        self.view = View(city, camera)
        streets = StreetMap(self.view)
        self._background = background(self.view, streets, cache)
        self._actors = cast(self.view, streets)
        self._guarded = camera.views == "yard"
        self._asked: list[float] = []
        self._guard = threading.Lock()
        height, width = camera.height_px, camera.width_px
        self._picture: Bytes = np.empty((height, width, 3), np.uint8)
        self._i420: Bytes = np.empty((height * 3 // 2, width), np.uint8)

    def intrude(self, now: float) -> float:
        """Lets somebody climb in; returns the Unix time of the first step. Raises :class:`ValueError` elsewhere."""
        if not self._guarded:
            raise ValueError(f"camera {self.camera.code} watches no yard")
        with self._guard:
            starts = now + LEAD_S
            self._asked = [t for t in self._asked if now - t < 120.0] + [starts]
        return starts

    def seen(self, t: float) -> list[Seen]:
        """Everybody in the picture at Unix time ``t``."""
        found = [look(self.view, placement) for placement in self._placements(t)]
        return [each for each in found if each is not None]

    def _placements(self, t: float) -> list[Placement]:
        found = [actor.at(t) for actor in self._actors]
        if self._guarded:
            with self._guard:
                asked = list(self._asked)
            walker = intruder(self.view)
            found += [walker.since(t - start) for start in asked if t >= start]
        return [placement for placement in found if placement is not None]

    def truth(self, found: list[Seen]) -> list[TruthObject]:
        """The same as places on the earth."""
        result = []
        for each in found:
            placement = each.placement
            lon, lat = self.view.lonlat(placement.east_m, placement.north_m)
            share = visible(each, self._background.occluder_m)
            result.append(
                TruthObject(
                    placement.actor.id, placement.actor.body.kind, lon, lat, placement.heading_deg,
                    placement.speed_ms, each.box_px, share,
                )
            )  # fmt: skip
        return result

    def picture(self, t: float, found: list[Seen] | None = None) -> Bytes:
        """The picture at Unix time ``t``, BGR ``(h, w, 3)``, valid until the next call."""
        np.copyto(self._picture, self._background.bgr)
        draw_all(
            self._picture,
            self._background.occluder_m,
            self.view,
            self.seen(t) if found is None else found,
        )
        _caption(self._picture, f"{_clock(t)}  {self.camera.code.upper()}")
        return self._picture

    def frame(self, t: float, found: list[Seen] | None = None) -> Bytes:
        """The same as planar I420 ``(h * 3 / 2, w)`` with the time strip, valid until the next call."""
        cv2.cvtColor(self.picture(t, found), cv2.COLOR_BGR2YUV_I420, dst=self._i420)
        draw_strip(self._i420[: self.camera.height_px], round(t * 1000))
        return self._i420


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _caption(picture: Bytes, text: str) -> None:
    box = picture[14:38, 4 : 20 + 10 * len(text)]
    np.right_shift(box, 1, out=box)
    cv2.putText(
        picture, text, (10, 31), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA
    )


@lru_cache(maxsize=16)
def scene_of(code: str, cache: Path | None = None) -> Scene:
    """The scene of one of the demo city's cameras. Raises :class:`KeyError` for an unknown code."""
    city = build_city()
    camera = {c.code: c for c in city.cameras}[code]
    return Scene(city, camera, cache)


def truth_at(code: str, t: float, cache: Path | None = None) -> list[TruthObject]:
    """What is in view of a camera at Unix time ``t`` by the clock alone, without intrusions that were asked for."""
    scene = scene_of(code, cache)
    return scene.truth(scene.seen(t))
