"""The last key frame as JPEG, decoded when somebody asks and kept until the next one."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import av
import av.error
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from gis.errors import NotFound
from ingest import annexb
from ingest.live.hub import LiveHub
from ingest.model import MAIN
from ingest.unit import MediaUnit

QUALITY = 80

Pixels = NDArray[np.uint8]  # height, width, BGR


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG and a tag that changes with the picture."""

    jpeg: bytes
    etag: str


def decode_key(unit: MediaUnit, width_px: int | None = None) -> Pixels:
    """A key frame as BGR, scaled to ``width_px`` if given. Raises :class:`NotFound` when it shows nothing."""
    camera_id, form = unit.packet.camera_id, unit.format
    if form.codec == "mjpeg":
        data = unit.sample
    else:
        data = annexb.join((*form.parameter_sets, *annexb.from_lengths(unit.sample)))
    context = VideoCodecContext.create(form.codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1
    try:
        frames = context.decode(av.Packet(data)) + context.decode(None)
    except av.error.FFmpegError as error:
        raise NotFound(
            f"the key frame of camera {camera_id} cannot be decoded: {error.strerror}"
        ) from error
    if not frames:
        raise NotFound(f"the key frame of camera {camera_id} cannot be decoded")
    frame = frames[0]
    if width_px is None:
        return frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    height_px = max(2, round(frame.height * width_px / frame.width))
    scaled = frame.reformat(width_px, height_px, "bgr24", interpolation="AREA")
    return scaled.to_ndarray().astype(np.uint8, copy=False)


def to_jpeg(picture: Pixels, quality: int = QUALITY) -> bytes:
    """BGR pixels as JPEG."""
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {picture.shape} pixels cannot be encoded as JPEG")
    return bytes(jpeg)


class Snapshots:
    """A JPEG per stream and key frame. Safe to call from several threads."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, str], Still] = {}

    def take(self, camera_id: int, stream: str = MAIN) -> Still:
        """The newest key frame; of the main stream where the wished one is not live. Raises :class:`NotFound` while
        the camera is not live."""
        chosen = self._hub.choose(camera_id, stream)
        unit = self._hub.key_unit(camera_id, chosen) if chosen else None
        if chosen is None or unit is None:
            with self._lock:
                for key in [k for k in self._kept if k[0] == camera_id]:
                    del self._kept[key]
            raise NotFound(f"camera {camera_id} is not live now")
        etag = f'"{chosen}-{unit.packet.session}-{unit.packet.pts_90k}"'
        key = (camera_id, chosen)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.etag == etag:
            return kept
        still = Still(to_jpeg(decode_key(unit)), etag)
        with self._lock:
            self._kept[key] = still
        return still
