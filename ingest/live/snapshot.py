"""The last key frame as JPEG, decoded when somebody asks and kept until the next one."""

from __future__ import annotations

import threading

import av
import av.error
import cv2
from av.video.codeccontext import VideoCodecContext

from gis.errors import NotFound
from ingest.live.hub import LiveHub
from ingest.model import Packet

QUALITY = 80


def decode_key(packet: Packet) -> bytes:
    """A key frame (Annex B with its parameter sets) as JPEG. Raises :class:`NotFound` when it shows nothing."""
    context = VideoCodecContext.create(packet.codec, "r")
    assert isinstance(context, VideoCodecContext)
    frames = context.decode(av.Packet(packet.data)) + context.decode(None)
    if not frames:
        raise NotFound(f"the key frame of camera {packet.camera_id} cannot be decoded")
    done, jpeg = cv2.imencode(
        ".jpg", frames[0].to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise NotFound(f"the picture of camera {packet.camera_id} cannot be encoded")
    return bytes(jpeg)


class Snapshots:
    """A JPEG per camera and key frame. Safe to call from several threads."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[tuple[int, int], bytes]] = {}

    def jpeg(self, camera_id: int) -> bytes:
        """The newest key frame. Raises :class:`NotFound` while the camera is not live."""
        unit = self._hub.key_unit(camera_id)
        if unit is None:
            with self._lock:
                self._kept.pop(camera_id, None)
            raise NotFound(f"camera {camera_id} is not live now")
        stamp = (unit.packet.session, unit.packet.pts_90k)
        with self._lock:
            kept = self._kept.get(camera_id)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        try:
            jpeg = decode_key(unit.packet)
        except av.error.FFmpegError as error:
            raise NotFound(
                f"the key frame of camera {camera_id} cannot be decoded: {error.strerror}"
            ) from error
        with self._lock:
            self._kept[camera_id] = (stamp, jpeg)
        return jpeg
