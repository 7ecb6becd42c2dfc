"""A scene with known truth, real packets of it, and real clips as packets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from gis.ground import GroundCamera
from gis.model import LonLat, Pose
from ingest.model import Packet

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
POSE = Pose(place=LonLat(120.98, 31.38), height_m=7.0, yaw_deg=30.0, pitch_deg=-22.0, hfov_deg=70.0)


@dataclass(slots=True)
class Thing:
    """An upright box on the ground that walks from ``start`` to ``end`` (right, ahead in metres) in its time."""

    start: tuple[float, float]
    end: tuple[float, float]
    from_s: float
    to_s: float
    width_m: float = 0.5
    length_m: float = 0.4
    height_m: float = 1.72
    gray: int = 40

    def at(self, t_s: float) -> tuple[float, float] | None:
        """Right and ahead of the camera, or None while it is not there."""
        if not self.from_s <= t_s <= self.to_s:
            return None
        share = (t_s - self.from_s) / (self.to_s - self.from_s)
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )

    def corners(self, t_s: float) -> NDArray[np.float64] | None:
        """Its eight corners, right, ahead, up."""
        place = self.at(t_s)
        if place is None:
            return None
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        way = math.hypot(dx, dy) or 1.0
        along, across = np.array([dx, dy]) / way, np.array([-dy, dx]) / way
        return np.array(
            [
                [
                    *(
                        np.array(place)
                        + a * along * self.length_m / 2
                        + b * across * self.width_m / 2
                    ),
                    z,
                ]
                for a in (-1, 1)
                for b in (-1, 1)
                for z in (0.0, self.height_m)
            ]
        )


@dataclass
class Scene:
    """A camera over a textured square; deterministic."""

    things: list[Thing] = field(default_factory=list)
    pose: Pose = POSE
    width_px: int = 640
    height_px: int = 360
    noise: float = 2.0
    light: Callable[[float], float] = lambda _: 1.0
    clock: bool = False

    def __post_init__(self) -> None:
        self.camera = GroundCamera(self.pose, self.width_px, self.height_px)
        rng = np.random.default_rng(5)
        coarse = rng.integers(90, 190, (12, 20)).astype(np.uint8)
        fine = rng.integers(-12, 12, (self.height_px, self.width_px))
        ground = cv2.resize(coarse, (self.width_px, self.height_px), interpolation=cv2.INTER_CUBIC)
        self._ground = np.clip(ground.astype(int) + fine, 0, 255).astype(np.uint8)

    def enu(self, right_ahead: tuple[float, float]) -> tuple[float, float]:
        """East and north of the camera."""
        yaw = math.radians(self.pose.yaw_deg)
        right, ahead = right_ahead
        return (
            ahead * math.sin(yaw) + right * math.cos(yaw),
            ahead * math.cos(yaw) - right * math.sin(yaw),
        )

    def foot(self, right_ahead: tuple[float, float]) -> tuple[float, float]:
        """Where a ground point is in the picture, normalised."""
        east, north = self.enu(right_ahead)
        pixels, _ = self.camera.project(np.array([[east, north, 0.0]]))
        return float(pixels[0, 0] / self.width_px), float(pixels[0, 1] / self.height_px)

    def gray(self, t_s: float) -> NDArray[np.uint8]:
        """The picture at one moment."""
        picture = self._ground.copy()
        for thing in sorted(self.things, key=lambda t: -(t.at(t_s) or (0, 0))[1]):
            corners = thing.corners(t_s)
            if corners is None:
                continue
            points = np.array([[*self.enu((c[0], c[1])), c[2]] for c in corners])
            pixels, depth = self.camera.project(points)
            if (depth <= 0.2).any():
                continue
            hull = cv2.convexHull(pixels.astype(np.float32)).astype(np.int32)
            cv2.fillConvexPoly(picture, hull, thing.gray)
        out = picture.astype(np.float32) * self.light(t_s)
        rng = np.random.default_rng(round(t_s * 1000))
        out += rng.normal(0, self.noise, out.shape).astype(np.float32)
        done = np.clip(out, 0, 255).astype(np.uint8)
        if self.clock:
            text = f"2026-03-01 08:00:{t_s:05.2f}"
            cv2.rectangle(done, (4, 4), (300, 28), 0, -1)
            cv2.putText(done, text, (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
        return done

    def packets(
        self,
        seconds: float,
        fps: int = 10,
        camera_id: int = 1,
        session: int = 1,
        *,
        gop: int | None = None,
        b_frames: int = 0,
        codec: str = "libx264",
    ) -> Iterator[Packet]:
        """The scene as a camera would send it; ``gop`` frames from one key frame to the next, else a second's."""
        pictures = [self.gray(i / fps) for i in range(int(seconds * fps))]
        yield from encoded(pictures, fps, camera_id, session, gop or fps, b_frames, codec)


def encoded(
    pictures: Iterable[NDArray[np.uint8]],
    fps: int = 10,
    camera_id: int = 1,
    session: int = 1,
    gop: int = 10,
    b_frames: int = 0,
    codec: str = "libx264",
) -> Iterator[Packet]:
    """Gray pictures of even size as packets of H.264 (``libx264``), H.265 (``libx265``) or ``mjpeg``."""
    encoder: VideoCodecContext | None = None
    name = {"libx264": "h264", "libx265": "hevc", "mjpeg": "mjpeg"}[codec]
    done: list[av.Packet] = []
    for i, gray in enumerate(pictures):
        height_px, width_px = gray.shape
        pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if encoder is None:
            made = av.CodecContext.create(codec, "w")
            assert isinstance(made, VideoCodecContext)
            encoder = made
            encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, pixels
            encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
            encoder.gop_size, encoder.max_b_frames, encoder.thread_count = gop, b_frames, 1
            shape = f"keyint={gop}:min-keyint={gop}:repeat-headers=1:annexb=1:scenecut=0"
            shape += f":bframes={b_frames}"
            if codec == "libx264":
                tune = {} if b_frames else {"tune": "zerolatency"}
                encoder.options = {"preset": "ultrafast", "crf": "22", "x264-params": shape, **tune}
            elif codec == "libx265":
                shape += ":log-level=none:pools=none:frame-threads=1"
                encoder.options = {"preset": "ultrafast", "crf": "24", "x265-params": shape}
        i420 = np.full((height_px * 3 // 2, width_px), 128, np.uint8)
        i420[:height_px] = gray
        frame = av.VideoFrame.from_ndarray(i420, format=pixels)
        frame.pts = i
        done += encoder.encode(frame)
    assert encoder is not None
    done += encoder.encode(None)
    for packet in done:
        assert packet.pts is not None and packet.dts is not None
        yield Packet(
            camera_id=camera_id,
            session=session,
            data=bytes(packet),
            pts_90k=packet.pts * 90000 // fps,
            dts_90k=packet.dts * 90000 // fps,
            duration_90k=90000 // fps,
            key=packet.is_keyframe,
            capture_at=START + timedelta(seconds=packet.pts / fps),
            codec=name,
            width_px=width_px,
            height_px=height_px,
        )


def packets_of(path: Path, fps: float | None = None, camera_id: int = 1) -> Iterator[Packet]:
    """A file's H.264 as packets, made again by the encoder where it is something else."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = fps or float(stream.average_rate or 25)
        annexb = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        for raw in (p for q in container.demux(stream) for p in annexb.filter(q)):
            if raw.pts is None or raw.dts is None or raw.time_base is None:
                continue
            pts_s, dts_s = float(raw.pts * raw.time_base), float(raw.dts * raw.time_base)
            yield Packet(
                camera_id=camera_id,
                session=1,
                data=bytes(raw),
                pts_90k=round(pts_s * 90000),
                dts_90k=round(dts_s * 90000),
                duration_90k=round(90000 / rate),
                key=raw.is_keyframe,
                capture_at=START + timedelta(seconds=pts_s),
                codec="h264",
                width_px=stream.width,
                height_px=stream.height,
            )


@pytest.fixture(scope="session")
def make_scene() -> type[Scene]:
    """The scene's class."""
    return Scene


@pytest.fixture(scope="session")
def make_thing() -> type[Thing]:
    """What moves in a scene."""
    return Thing


@pytest.fixture(scope="session")
def clip_packets() -> Callable[..., Iterator[Packet]]:
    """A clip's packets."""
    return packets_of


@pytest.fixture(scope="session")
def encode() -> Callable[..., Iterator[Packet]]:
    """Gray pictures to packets."""
    return encoded
