"""The demo's cameras as footage with truth: N seconds of one of them in sun, rain or at night, encoded as a camera would.

>>> scene = render("cam-people-dongmen", "rain", 20.0, seed=1)      # doctest: +SKIP
>>> scene.packets[0].key, len(scene.truth) == len(scene.packets)     # doctest: +SKIP
(True, True)
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.decode import Decoder
from analytics.model import Frame
from demo.cameras.actors import Actor
from demo.cameras.conditions import CONDITIONS, Condition
from demo.cameras.encode import Encoder, smaller
from demo.cameras.scene import Scene as DemoScene
from demo.cameras.scene import TruthObject, demo_city
from gis.model import Pose
from ingest.model import Packet

STILLS = Path(tempfile.gettempdir()) / "wanglou-bench-scenes"
"""Where rendered still pictures are kept from run to run."""
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Paint = Callable[[NDArray[np.uint8], float], NDArray[np.uint8]]
"""A BGR picture and the seconds since the first one; gives the picture as it is to be sent."""
SEED_STEP_S = 97.0
"""Another seed is another piece of the traffic's six minutes, and other noise."""


@dataclass(frozen=True, slots=True)
class TruthFrame:
    """What is in one picture; boxes in pixels of the picture sent, unclipped."""

    at: datetime
    objects: tuple[TruthObject, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Footage of one demo camera and the truth about it: ``truth[i]`` belongs to ``packets[i]``.

    Every packet is one picture; ``packets[i].capture_at`` is ``truth[i].at``.
    """

    camera: str
    condition: Condition
    pose: Pose
    width_px: int
    height_px: int
    fps: int
    packets: tuple[Packet, ...]
    truth: tuple[TruthFrame, ...]

    def frames(self, width_px: int = 480) -> Iterator[Frame]:
        """Every picture decoded, as the pipeline sees it."""
        decoder = Decoder(width_px, 1000.0)
        for packet in self.packets:
            yield from decoder.decode(packet, 0.0)


def render(
    camera: str,
    condition: Condition,
    seconds: float,
    seed: int = 0,
    *,
    width_px: int = 640,
    camera_id: int = 1,
    bitrate_bps: int = 1_000_000,
    start: datetime | None = None,
    fps: int | None = None,
    guests: Sequence[Actor] = (),
    without: Callable[[Actor], bool] | None = None,
    paint: Paint | None = None,
) -> Scene:
    """Renders and encodes ``seconds`` of a demo camera at its own rate (10 pictures a second) or at ``fps``, with one key
    frame a second.

    ``width_px`` is even and at most the camera's own 960; the height follows. ``guests`` come besides the ordinary cast,
    those ``without`` says True of stay away, and ``paint`` changes each picture before it is encoded. The same arguments
    give the same footage. Raises :class:`ValueError` for an unknown camera or condition.
    """
    if condition not in CONDITIONS:
        raise ValueError(f"no condition {condition!r}; there are {', '.join(CONDITIONS)}")
    known = {each.code: each for each in demo_city().cameras}
    if camera not in known:
        raise ValueError(f"the demo city has no camera {camera!r}; it has {', '.join(known)}")
    about = known[camera]
    size = (width_px, round(about.height_px * width_px / about.width_px / 2) * 2)
    scene = DemoScene(
        demo_city(), about, STILLS, condition=condition, seed=seed, guests=guests, without=without
    )
    rate = fps or about.fps
    encoder = Encoder(*size, rate, bitrate_bps)
    begin = start or START + timedelta(seconds=seed * SEED_STEP_S)
    packets: list[Packet] = []
    truth: list[TruthFrame] = []
    for number in range(round(seconds * rate)):
        at = begin + timedelta(seconds=number / rate)
        found = scene.seen(at.timestamp())
        if paint is None:
            picture = scene.frame(at.timestamp(), found)
        else:
            painted = paint(scene.picture(at.timestamp(), found), number / rate)
            picture = np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2YUV_I420), np.uint8)
        if size != (about.width_px, about.height_px):
            picture = smaller(picture, *size)
        data, key = encoder.encode(picture)
        pts_90k = round(number * 90000 / rate)
        packets.append(
            Packet(
                camera_id=camera_id,
                session=1,
                data=data,
                pts_90k=pts_90k,
                dts_90k=pts_90k,
                duration_90k=round(90000 / rate),
                key=key,
                capture_at=at,
                codec="h264",
                width_px=size[0],
                height_px=size[1],
            )
        )
        scale = size[0] / about.width_px
        truth.append(TruthFrame(at, tuple(_scaled(each, scale) for each in scene.truth(found))))
    return Scene(camera, condition, about.pose, *size, rate, tuple(packets), tuple(truth))


def picture(camera: str, condition: Condition, at: datetime, seed: int = 0) -> NDArray[np.uint8]:
    """One picture as rendered, BGR, the camera's own size."""
    return _scene(camera, condition, seed).picture(at.timestamp()).copy()


def _scene(camera: str, condition: Condition, seed: int) -> DemoScene:
    city = demo_city()
    about = {each.code: each for each in city.cameras}[camera]
    return DemoScene(city, about, STILLS, condition=condition, seed=seed)


def _scaled(each: TruthObject, scale: float) -> TruthObject:
    x, y, w, h = each.box_px
    return replace(each, box_px=(x * scale, y * scale, w * scale, h * scale))
