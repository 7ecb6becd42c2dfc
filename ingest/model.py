"""The nouns of ingest: cameras and the packets they send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gis.model import LonLat, Pose

MAIN = "main"
SUB = "sub"


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera as configured. ``pose`` is None where height, yaw, pitch or field of view is unknown."""

    id: int
    code: str
    name: str
    name_en: str | None
    url: str
    username: str | None
    password: str | None
    place: LonLat
    pose: Pose | None
    enabled: bool
    recorded: bool
    analysed: bool
    published: bool
    retention_days: int
    version: int
    sub_url: str | None = None
    record_stream: str = "main"
    analyse_stream: str = "main"
    publish_stream: str = "main"
    audio: bool = True
    onvif_url: str | None = None
    onvif_profile: str | None = None
    ptz: bool = False

    @property
    def streams(self) -> dict[str, str]:
        """The camera's streams (:data:`MAIN`, :data:`SUB`) and their addresses."""
        return {MAIN: self.url} | ({SUB: self.sub_url} if self.sub_url else {})


@dataclass(
    slots=True
)  # not frozen: one is made per picture, and frozen ones take three times as long
class Packet:
    """One access unit, still compressed.

    ``data`` is Annex B (start codes, SPS and PPS in front of every IDR). ``pts_90k`` and ``dts_90k`` run on one
    clock per stream session, in 1/90000 s, repaired so that dts grows strictly. ``capture_at`` is wall time,
    UTC, from the slewed local receive time. ``session`` changes whenever the stream was opened anew or its
    parameter sets changed, so a consumer resets its decoder then.
    """

    camera_id: int
    session: int
    data: bytes
    pts_90k: int
    dts_90k: int
    duration_90k: int
    key: bool
    capture_at: datetime
    codec: str  # "h264", "hevc" or "mjpeg"
    width_px: int
    height_px: int
    stream: str = MAIN
