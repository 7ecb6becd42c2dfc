"""Stills out of the live files, so that the site shows something without a script."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from pathlib import Path

import av
import cv2

from gis.errors import NotFound
from web.portal.hls import LiveFile

WIDTHS = {"poster.jpg": 960, "thumb.jpg": 320}
_QUALITY = {"poster.jpg": 78, "thumb.jpg": 68}
_KEPT = 128


class Posters:
    """Makes and keeps stills; one is made at a time, so that many visitors cost no more than a few."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def still(self, folder: Path, code: str, file: LiveFile, name: str) -> bytes:
        """The first frame of a live file as JPEG, no wider than ``WIDTHS[name]``.

        Raises :class:`NotFound` when the file cannot be read any more.
        """
        key = (code, file.file, name)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            try:
                data = (folder / file.init).read_bytes() + (folder / file.file).read_bytes()
                picture = first_frame(data, WIDTHS[name], _QUALITY[name])
            except (OSError, av.FFmpegError, StopIteration) as error:
                raise NotFound(f"the view {code!r} has no picture now: {error}") from error
            self._kept[key] = picture
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return picture


def first_frame(mp4: bytes, width_px: int, quality: int) -> bytes:
    """The first frame of a fragmented MP4 as JPEG, scaled down to ``width_px``."""
    with av.open(io.BytesIO(mp4), mode="r", format="mp4") as container:
        frame = next(container.decode(video=0))
        width = min(width_px, frame.width) // 2 * 2
        height = max(2, round(frame.height * width / frame.width) // 2 * 2)
        pixels = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
    done, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise StopIteration
    return bytes(jpeg)
