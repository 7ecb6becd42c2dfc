"""The demo city's guarded yard: one who climbs in is told of once, and placed where the truth says."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

from analytics.model import Firing, Watch, Zone
from analytics.pipeline import Pipeline
from demo.cameras.encode import Encoder
from demo.cameras.scene import Scene
from gis.clock import SystemClock
from gis.ground import LocalFrame
from ingest.model import Packet
from tests.support.city import demo_city, one_worker

pytestmark = one_worker

ASKED_S = 180.0 * 9_900_000 + 90.0  # between two of the intrusions that come by the clock
BEFORE_S, AFTER_S = 8, 6


def test_the_intruder_is_told_of_once_where_he_is(tmp_path: Path) -> None:
    city = demo_city()
    camera = next(c for c in city.cameras if c.views == "yard")
    area = next(z for z in city.zones if z.camera == camera.code)
    zone = Zone(
        1, 1, area.name, area.name_en, area.rule, area.points, ("person",), area.dwell_s, area.direction,
        1, area.rearm_s, True, 1,
    )  # fmt: skip
    scene, encoder = Scene(city, camera, tmp_path), Encoder(camera.width_px, camera.height_px)
    pipeline = Pipeline(Watch(1, camera.code, camera.pose, (zone,)), SystemClock())
    enters_s = scene.intrude(ASKED_S)
    fired: list[tuple[float, Firing]] = []
    for i in range((BEFORE_S + AFTER_S) * camera.fps):
        t = enters_s - BEFORE_S + i / camera.fps
        data, key = encoder.encode(scene.frame(t))
        packet = Packet(
            1, 1, data, i * 9000, i * 9000, 9000, key, datetime.fromtimestamp(t, UTC), "h264",
            camera.width_px, camera.height_px,
        )  # fmt: skip
        fired += [(t, f) for f, _ in pipeline.process(packet, 0.0).firings]
    ((t, firing),) = fired
    assert -1.0 < t - enters_s < 5.0
    assert firing.track.kind == "person"
    assert firing.track.fix is not None
    frame = LocalFrame(camera.pose.place)
    east, north = frame.to_enu(firing.track.fix.place.lon, firing.track.fix.place.lat)
    truth = next(o for o in scene.truth(scene.seen(t)) if o.id.startswith("intruder"))
    true_east, true_north = frame.to_enu(truth.lon, truth.lat)
    away_m = math.hypot(east - true_east, north - true_north)
    print(f"told of {t - enters_s:.1f} s after entering, {away_m:.2f} m off")
    assert away_m < firing.track.fix.ellipse.major_m
