"""A track's best picture, and from the same pixels its colour.

Turning a picture into colour costs more than following all that is in it, so it is asked for only when what it would
show is clearly better than what is kept: larger, whole, not hidden; and by one frame for all that are in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.appearance import Light, colour_of, colour_votes
from analytics.boxes import BORDER_SHARE
from analytics.model import Colour, Frame, Kind
from analytics.opencv import cv2

Box = tuple[float, float, float, float]

FIRST_S = 0.4
"""A track is known for so long before its first picture: many end sooner."""
EVERY_S = 1.0
BETTER = 1.4
"""How many times the worth of the best so far makes it worth a look in colour."""
AGAIN_S = 6.0
"""After so long, an equally good view is looked at too: it may be sharper."""
MOST = 12
CUT = 0.5
MARGIN = 0.12
"""Around the box, of its size, in the picture."""
LARGEST_PX = 480
JPEG_QUALITY = 85
SHARP_PX = 96
BLURRED = 60.0
"""The variance of the Laplacian (gray levels²) at 96 pixels of height at which a picture is half as good as a sharp one."""


class Colours:
    """One frame in colour, made at the first asking and kept for all that ask; ``made`` says whether anybody did."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._bgr: NDArray[np.uint8] | None = None
        self._light: Light | None = None

    @property
    def made(self) -> bool:
        return self._bgr is not None

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self._frame.width_px, self._frame.height_px

    def bgr(self) -> NDArray[np.uint8]:
        if self._bgr is None:
            self._bgr = self._frame.picture.bgr()
        return self._bgr

    def light(self) -> Light:
        if self._light is None:
            self._light = Light.of(self.bgr())
        return self._light


@dataclass(slots=True)
class Portrait:
    """The best picture of one track so far. ``new`` until it was handed out by :meth:`take`."""

    start_s: float
    jpeg: bytes | None = None
    new: bool = False
    _worth: float = 0.0
    _asked: float = 0.0
    _asked_s: float = -1e18
    _tries: int = 0
    _votes: NDArray[np.float64] | None = None

    @property
    def colour(self) -> Colour | None:
        return None if self._votes is None else colour_of(self._votes)

    def consider(self, colours: Colours, box_px: Box, kind: Kind, at_s: float) -> None:
        """Looks at the track's view in this frame, if that promises more than the best so far."""
        if at_s - self.start_s < FIRST_S or self._tries >= MOST:
            return
        worth = _promise(box_px, colours.size_px)
        since_s = at_s - self._asked_s
        better = worth > BETTER * self._asked and since_s >= EVERY_S
        if not better and not (worth > 0.9 * self._asked and since_s >= AGAIN_S):
            return
        self._asked, self._asked_s = max(worth, self._asked), at_s
        self._tries += 1
        x, y, w, h = box_px
        bgr = colours.bgr()
        height, width = bgr.shape[:2]
        own = bgr[max(0, int(y)) : min(height, int(y + h)), max(0, int(x)) : min(width, int(x + w))]
        if own.shape[0] < 8 or own.shape[1] < 4:
            return
        worth *= _sharpness(own)
        votes = colour_votes(own, kind, colours.light()) * worth
        self._votes = votes if self._votes is None else self._votes + votes
        if worth > self._worth:
            wide, tall = MARGIN * w, MARGIN * h
            crop = bgr[
                max(0, int(y - tall)) : min(height, int(y + h + tall)),
                max(0, int(x - wide)) : min(width, int(x + w + wide)),
            ]
            self._worth, self.jpeg, self.new = worth, _jpeg(crop), True

    def take(self) -> bytes | None:
        """The picture, if it is better than the one taken before."""
        jpeg = self.jpeg if self.new else None
        self.new = False
        return jpeg


def _promise(box_px: Box, size_px: tuple[int, int]) -> float:
    """What a view is worth before anybody has seen it: its size in pixels, half of it where it is cut."""
    x, y, w, h = box_px
    (width, height), margin = size_px, BORDER_SHARE
    cut = x <= margin * width or x + w >= (1 - margin) * width
    cut = cut or y <= margin * height or y + h >= (1 - margin) * height
    return float(np.sqrt(w * h)) * (CUT if cut else 1.0)


def _sharpness(own: NDArray[np.uint8]) -> float:
    gray = cv2.cvtColor(own, cv2.COLOR_BGR2GRAY)
    height = min(SHARP_PX, gray.shape[0])
    width = max(4, round(gray.shape[1] * height / gray.shape[0]))
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(small, cv2.CV_32F).var())
    return 0.3 + 0.7 * variance / (variance + BLURRED)


def _jpeg(crop: NDArray[np.uint8]) -> bytes | None:
    largest = max(crop.shape[:2])
    if largest > LARGEST_PX:
        share = LARGEST_PX / largest
        size = (max(1, round(crop.shape[1] * share)), max(1, round(crop.shape[0] * share)))
        crop = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(data) if done else None
