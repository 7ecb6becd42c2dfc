"""Recordings made on the spot: pictures that carry their own number, written by the real recorder, served by the
real console. What a picture shows can be read back from its pixels, so a test knows exactly which frame is on a screen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from gis.clock import SystemClock
from gis.db import Database
from gis.model import LonLat
from ingest import annexb
from ingest.model import Camera
from ingest.record.index import SegmentIndex
from ingest.record.recorder import Recorder
from ingest.unit import AudioUnit, MediaUnit, UnitPacket, UnitParser
from tests.ingest.streams import sound, until

WIDTH_PX, HEIGHT_PX = 640, 360
FPS = 10
GOP_S = 2
CLIP_FRAMES = 200
CLIP_S = CLIP_FRAMES / FPS
NUMBER_BITS = 8
TONE_S = 5
SQUARE_PX = 32

#: Reads the number of the picture that a ``<video>`` shows, in the browser.
READ_NUMBER = f"""video => {{
  if (video.readyState < 2 || video.seeking) return null;
  const canvas = document.createElement('canvas');
  canvas.width = {NUMBER_BITS * SQUARE_PX};
  canvas.height = 1;
  const context = canvas.getContext('2d', {{ willReadFrequently: true }});
  context.drawImage(video, 0, {SQUARE_PX // 2}, canvas.width, 1, 0, 0, canvas.width, 1);
  const {{ data }} = context.getImageData(0, 0, canvas.width, 1);
  let number = 0;
  for (let bit = 0; bit < {NUMBER_BITS}; bit++) {{
    if (data[4 * ({SQUARE_PX} * bit + {SQUARE_PX // 2}) + 1] > 128) number |= 1 << bit;
  }}
  return number;
}}"""


def picture(number: int, label: str, tint: int) -> np.ndarray:
    """A BGR picture: its number as a row of squares, the same in figures, and something that moves."""
    frame = np.full((HEIGHT_PX, WIDTH_PX, 3), (60 + tint, 70, 80), np.uint8)
    frame[HEIGHT_PX // 2 :] = (70, 90 + tint // 2, 90)
    x = int(number / CLIP_FRAMES * (WIDTH_PX - 60))
    cv2.rectangle(frame, (x, 220), (x + 50, 300), (40, 200, 240), -1)
    cv2.circle(frame, (WIDTH_PX - 60 - x, 180), 18, (220, 220, 220), -1)
    for bit in range(NUMBER_BITS):
        shade = 235 if number >> bit & 1 else 16
        left = bit * SQUARE_PX
        cv2.rectangle(frame, (left, 0), (left + SQUARE_PX - 1, SQUARE_PX - 1), (shade,) * 3, -1)
    cv2.putText(frame, f"{label} {number:03d}", (20, 110), 0, 1.4, (255, 255, 255), 2)
    return frame


@lru_cache(maxsize=16)
def clip(label: str, tint: int = 0, codec: str = "h264") -> tuple[tuple[bytes, int], ...]:
    """:data:`CLIP_S` seconds as Annex B access units with their times (1/90000 s); a key frame every :data:`GOP_S`."""
    context = av.CodecContext.create("libx264" if codec == "h264" else "libx265", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    keyint = f"keyint={GOP_S * FPS}:min-keyint={GOP_S * FPS}:scenecut=0:bframes=0:repeat-headers=1"
    context.options = {"preset": "ultrafast"} | (
        {"tune": "zerolatency", "x264-params": f"{keyint}:annexb=1"}
        if codec == "h264"
        else {"x265-params": f"{keyint}:log-level=none:open-gop=0"}
    )
    packets: list[av.Packet] = []
    for number in range(CLIP_FRAMES):
        frame = av.VideoFrame.from_ndarray(picture(number, label, tint), format="bgr24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        packets += context.encode(frame)
    packets += context.encode(None)
    step = 90_000 // FPS
    return tuple((bytes(p), int(p.pts or 0) * step) for p in packets)


def _tone(
    codec: str, camera: Camera, session: int, start: datetime, length_s: float
) -> Iterator[AudioUnit]:
    """A tone as long as the footage, of a few seconds played again and again."""
    few = sound(codec, camera.id, session, start, TONE_S)
    each_90k = few[1].pts_90k
    for number in range(int(length_s * 90_000 / each_90k)):
        at_90k = number * each_90k
        yield replace(
            few[number % len(few)],
            pts_90k=at_90k,
            capture_at=start + timedelta(seconds=at_90k / 90_000),
        )


@dataclass(frozen=True, slots=True)
class Archive:
    """Cameras with recordings in a database and a folder."""

    database: Database
    recordings: Path

    def camera(
        self, code: str, name: str, name_en: str, place: LonLat, **columns: object
    ) -> Camera:
        """A camera that is configured but has no stream behind it."""
        values = {
            "code": code,
            "name": name,
            "name_en": name_en,
            "lon": place.lon,
            "lat": place.lat,
        }
        values |= columns
        extra = "".join(f", {name}" for name in columns)
        marks = "".join(f", %({name})s" for name in columns)
        row = self.database.row(
            f"INSERT INTO camera (code, name, name_en, url, geom, height_m, yaw_deg, pitch_deg, hfov_deg{extra}) VALUES "
            "(%(code)s, %(name)s, %(name_en)s, 'rtsp://127.0.0.1:1/x', ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), "
            f"8, 90, -20, 60{marks}) RETURNING id",
            values,
        )
        assert row is not None
        return Camera(
            row.id, code, name, name_en, "rtsp://127.0.0.1:1/x", None, None, place, None,
            True, True, False, False, 30, 1,
        )  # fmt: skip

    def record(
        self,
        camera: Camera,
        start: datetime,
        length_s: float,
        *,
        session: int = 1,
        codec: str = "h264",
        tint: int = 0,
        segment_s: float = 300,
        audio: str | None = None,
    ) -> None:
        """Footage of ``length_s`` seconds from ``start``, whose picture at any moment has the number
        ``(moment - start) * FPS`` modulo :data:`CLIP_FRAMES`;
        ``audio`` is the codec of a tone beside it."""
        coded = clip(camera.code, tint, codec)
        parser = UnitParser(codec)
        step = 90_000 // FPS
        index = SegmentIndex(self.database, 60)
        recorder = Recorder(self.recordings, segment_s, SystemClock(), index.put)
        recorder.start()
        try:
            frames = round(length_s * FPS)
            tones = deque(_tone(audio, camera, session, start, length_s) if audio else ())
            for number in range(frames):
                data, pts = coded[number % CLIP_FRAMES]
                pts += number // CLIP_FRAMES * CLIP_FRAMES * step
                parsed = parser.parse(annexb.split(data))
                assert parsed is not None
                packet = UnitPacket(
                    camera.id, session, None, pts, pts, step, parsed.key,
                    start + timedelta(seconds=pts / 90_000), codec, WIDTH_PX, HEIGHT_PX,
                    sample=parsed.sample, form=parsed.format,
                )  # fmt: skip
                while tones and tones[0].pts_90k <= pts:
                    recorder.audio(camera, tones.popleft())
                recorder.unit(camera, MediaUnit(packet, parsed.sample, parsed.format))
            recorder.ended(camera, "main", "no_packets")
            gops = -(-frames // (GOP_S * FPS))
            until(lambda: recorder.fragments >= gops, f"{gops} fragments of {camera.code}", 60)
        finally:
            recorder.stop()
        assert index.flush()

    def missing(
        self, camera: Camera, start: datetime, end: datetime, reason: str, detail: str
    ) -> None:
        """Why nothing was recorded from ``start`` to ``end``, as the recorder's ledger says it."""
        values = {
            "camera": camera.id,
            "start": start,
            "end": end,
            "reason": reason,
            "detail": detail,
        }
        self.database.run(
            "INSERT INTO ingest_run (uid, started_at, seen_at) VALUES (gen_random_uuid(), "
            "%(start)s - interval '1 hour', now())",
            values,
        )
        self.database.run(
            "INSERT INTO camera_state_log (camera_id, at, state, reason, detail) VALUES "
            "(%(camera)s, %(start)s, 'missing', %(reason)s, %(detail)s), "
            "(%(camera)s, %(end)s, 'recording', NULL, '')",
            values,
        )
