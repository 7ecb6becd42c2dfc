"""A whole camera, from packets to events, against scenes whose truth is known and clips whose counts are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from analytics.model import Firing, Nowhere, Track, TrackRecord, Watch, Zone
from analytics.pipeline import Pipeline
from gis.clock import SystemClock
from gis.ground import LocalFrame
from gis.model import LonLat
from ingest.model import Packet

EVERY_KIND = ("person", "vehicle", "other")


def _zone(points: Iterable[tuple[float, float]], **changes: Any) -> Zone:
    values: dict[str, Any] = {
        "id": 1,
        "camera_id": 1,
        "name": "东门",
        "name_en": "East gate",
        "rule": "intrusion",
        "points": tuple(points),
        "classes": ("person",),
        "dwell_s": 0.0,
        "direction": "both",
        "priority": 2,
        "rearm_s": 30.0,
        "enabled": True,
        "version": 1,
    }
    return Zone(**(values | changes))


class _Run:
    """Feeds packets and keeps what came out."""

    def __init__(self, pipeline: Pipeline, packets: Iterable[Packet]) -> None:
        self.firings: list[Firing] = []
        self.records: dict[Any, TrackRecord] = {}
        for packet in packets:
            outcome = pipeline.process(packet, 0.0)
            self.firings += [firing for firing, _ in outcome.firings]
            self.records |= {r.uid: r for r in outcome.records}
        self.records |= {r.uid: r for r in pipeline.finish()}


def _seconds(scene_start: datetime, firing: Firing) -> float:
    return (firing.track.at - scene_start).total_seconds()


def _start(packets: list[Packet]) -> datetime:
    return packets[0].capture_at


def test_an_intruder_is_told_at_once_with_place_and_reason(
    make_scene: Any, make_thing: Any
) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 4.0, 16.0)])
    zone = _zone([scene.foot(p) for p in ((-3, 20), (3, 20), (3, 13), (-3, 13))])
    packets = list(scene.packets(18.0))
    run = _Run(Pipeline(Watch(1, "C1", scene.pose, (zone,)), SystemClock()), packets)
    (fired,) = run.firings
    entered_s = 4.0 + 7 / 16 * 12
    assert entered_s - 0.35 <= _seconds(_start(packets), fired) <= entered_s + 0.35
    assert fired.track.kind == "person"
    assert fired.track.confidence > 0.7
    assert fired.track.fix is not None
    east, north = LocalFrame(scene.pose.place).to_enu(
        fired.track.fix.place.lon, fired.track.fix.place.lat
    )
    thing_at = scene.things[0].at(_seconds(_start(packets), fired))
    true_east, true_north = scene.enu(thing_at)
    assert math.hypot(east - true_east, north - true_north) < 0.6
    assert fired.why.startswith("一名人员进入“东门”")
    (record,) = run.records.values()
    assert record.kind == "person"
    assert record.speed_ms == pytest.approx(16 / 12, abs=0.15)
    assert len(record.path) > 30
    assert record.t_ms == tuple(sorted(record.t_ms))


def test_nobody_no_event(make_scene: Any) -> None:
    """Noise, a burnt-in clock, light that wanders and one flash: nothing moves, nothing is told."""

    def light(t_s: float) -> float:
        return 2.5 if 12.0 <= t_s < 12.3 else 1.0 + 0.25 * math.sin(t_s / 4)

    scene = make_scene(clock=True, light=light)
    zone = _zone([(0.0, 0.0), (1, 0), (1, 1), (0, 1)], classes=EVERY_KIND)
    pipeline = Pipeline(Watch(1, "C1", scene.pose, (zone,)), SystemClock())
    run = _Run(pipeline, scene.packets(25.0))
    assert run.firings == []
    assert run.records == {}
    assert pipeline.intake.gate.counts.spared > 20, "a quiet scene costs less"


def test_a_car_is_no_person(make_scene: Any, make_thing: Any) -> None:
    car = make_thing((-25, 20), (25, 20), 4, 9, width_m=1.8, length_m=4.4, height_m=1.5)
    scene = make_scene([car])
    everywhere = [(0.0, 0.0), (1, 0), (1, 1), (0, 1)]
    zones = (_zone(everywhere), _zone(everywhere, id=2, classes=("vehicle",)))
    run = _Run(Pipeline(Watch(1, "C1", scene.pose, zones), SystemClock()), scene.packets(10.0))
    assert [(f.zone.id, f.track.kind) for f in run.firings] == [(2, "vehicle")]
    (record,) = run.records.values()
    assert record.speed_ms == pytest.approx(10, rel=0.15)


def test_one_who_stands_for_long_stays_one_track(make_scene: Any, make_thing: Any) -> None:
    class Waiting(make_thing):  # type: ignore[misc]
        def at(self, t_s: float) -> tuple[float, float] | None:
            if t_s < 4:
                return None
            if t_s < 10:
                return (-8 + 1.3 * (t_s - 4), 14)
            return (-0.2, 14) if t_s < 26 else (-0.2 + (t_s - 26) * 1.3, 14)

    scene = make_scene([Waiting((-8, 14), (0, 14), 4, 34)])
    zone = _zone([scene.foot(p) for p in ((-3, 18), (3, 18), (3, 11), (-3, 11))], dwell_s=12.0)
    packets = list(scene.packets(30.0))
    run = _Run(Pipeline(Watch(1, "C1", scene.pose, (zone,)), SystemClock()), packets)
    assert len(run.records) == 1
    (fired,) = run.firings
    assert 19 < _seconds(_start(packets), fired) < 21
    assert "stayed 12" in fired.why_en


def test_no_pose_no_place_but_still_an_event(make_scene: Any, make_thing: Any) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 3.0, 15.0)])
    zone = _zone([(0.2, 0), (0.8, 0), (0.8, 1), (0.2, 1)])
    packets = list(scene.packets(12.0))
    for pose in (None, replace(scene.pose, height_m=200.0)):
        pipeline = Pipeline(Watch(1, "C1", pose, (zone,)), SystemClock())
        (fired,) = _Run(pipeline, packets).firings
        assert fired.track.fix is None
        assert fired.track.nowhere == Nowhere("no_pose")
        assert "no place on the map (the camera's pose is not known)" in fired.why_en
        assert fired.track.kind == "person"
    assert pipeline.pose_problem is not None and "200 m" in pipeline.pose_problem


def test_a_camera_that_turns_is_not_taken_for_things_that_move(
    make_scene: Any, make_thing: Any
) -> None:
    """Swings for two seconds to where somebody walks: what it learned is forgotten, then the new view's zone is watched."""
    still = make_scene()
    there = make_scene(
        [make_thing((-10, 16), (6, 16), 8.0, 18.0)], pose=replace(still.pose, yaw_deg=80.0)
    )
    there._ground = np.fliplr(there._ground).copy()
    swinging = make_scene(pose=replace(still.pose, yaw_deg=55.0))
    swinging._ground = np.roll(swinging._ground, 200, axis=1)
    everywhere = _zone([(0, 0), (1, 0), (1, 1), (0, 1)])
    begin = next(iter(still.packets(0.2))).capture_at

    def packets(scene: Any, from_s: float, to_s: float) -> list[Packet]:
        return [p for p in scene.packets(to_s) if (p.capture_at - begin).total_seconds() >= from_s]

    pipeline = Pipeline(Watch(1, "C1", still.pose, (everywhere,), view_since=begin), SystemClock())
    fired = _Run(pipeline, packets(still, 0.0, 3.0)).firings
    turned_at = begin + timedelta(seconds=3)
    pipeline.reconfigure(Watch(1, "C1", None, (), away=True, moving=True, view_since=turned_at))
    run = _Run(pipeline, packets(swinging, 3.0, 5.0))
    assert not run.records and not pipeline._motion.ready
    stands_at = begin + timedelta(seconds=5)
    pipeline.reconfigure(Watch(1, "C1", there.pose, (everywhere,), view_since=stands_at))
    moment = _Run(pipeline, packets(there, 5.0, 6.4))
    assert not fired and not run.firings and not moment.firings
    assert not pipeline._motion.ready, "the pictures still on their way belong to the turn"
    (firing,) = _Run(pipeline, packets(there, 6.4, 14.0)).firings
    assert firing.track.fix is not None
    pipeline.reconfigure(
        Watch(1, "C1", None, (everywhere,), away=True, view_since=begin + timedelta(seconds=14))
    )
    again = make_scene([make_thing((-10, 16), (6, 16), 18.0, 28.0)])
    (firing,) = _Run(pipeline, packets(again, 14.0, 24.0)).firings
    assert firing.track.nowhere == Nowhere("turned_away")


def test_the_stream_begins_anew_with_another_size(make_scene: Any, make_thing: Any) -> None:
    thing = make_thing((-10, 16), (6, 16), 3.0, 15.0)
    zone = _zone([(0.2, 0), (0.8, 0), (0.8, 1), (0.2, 1)], rearm_s=0)
    pipeline = Pipeline(Watch(1, "C1", make_scene().pose, (zone,)), SystemClock())
    first = list(make_scene([thing]).packets(8.0))
    later = [
        replace(p, capture_at=p.capture_at + (first[-1].capture_at - first[0].capture_at) * 2)
        for p in make_scene([thing], width_px=480, height_px=272).packets(12.0, session=2)
    ]
    run = _Run(pipeline, first + later)
    assert len(run.firings) == 2
    assert len({f.track.uid for f in run.firings}) == 2


def test_a_zone_that_is_none_is_named_and_the_others_work(make_scene: Any, make_thing: Any) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 3.0, 13.0)])
    good = _zone([(0.2, 0), (0.8, 0), (0.8, 1), (0.2, 1)])
    crossed = _zone([(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)], id=2)
    bent = _zone([(0.1, 0.1), (0.9, 0.9), (0.9, 0.1)], id=3, rule="line_crossing")
    pipeline = Pipeline(Watch(1, "C1", scene.pose, (crossed, good, bent)), SystemClock())
    assert [p[:6] for p in pipeline.zone_problems] == ["zone 2", "zone 3"]
    assert [f.zone.id for f in _Run(pipeline, scene.packets(9.0)).firings] == [1]


def test_a_busy_start_is_over_within_5_s(make_scene: Any, make_thing: Any) -> None:
    """People are there from the first frame: one walks, one stands and leaves a hole in what was learnt."""

    class Leaving(make_thing):  # type: ignore[misc]
        def at(self, t_s: float) -> tuple[float, float] | None:
            return (-4 - 1.3 * max(0.0, t_s - 5), 13)

    scene = make_scene([make_thing((-8, 18), (9, 18), 0.0, 13.0), Leaving((0, 0), (-1, 0), 0, 60)])
    where = [scene.foot(p) for p in ((-6, 16), (-2, 16), (-2, 10.5), (-6, 10.5))]
    hole = _zone(where, dwell_s=2.5, classes=EVERY_KIND)
    passing = _zone([scene.foot(p) for p in ((1, 21), (6, 21), (6, 16), (1, 16))], id=2)
    pipeline = Pipeline(Watch(1, "C1", scene.pose, (hole, passing)), SystemClock())
    run = _Run(pipeline, scene.packets(14.0))
    assert [f.zone.id for f in run.firings] == [2], "the walker is told of, the hole is not"


def test_changed_zones_take_over_without_a_new_start(make_scene: Any, make_thing: Any) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 3.0, 15.0)])
    zone = _zone([(0.2, 0), (0.8, 0), (0.8, 1), (0.2, 1)])
    packets = list(scene.packets(10.0))
    pipeline = Pipeline(Watch(1, "C1", scene.pose, ()), SystemClock())
    for packet in packets[:40]:
        assert not pipeline.process(packet, 0.0).firings
    pipeline.reconfigure(Watch(1, "C1", scene.pose, (zone,)))
    assert len(_Run(pipeline, packets[40:]).firings) == 1


def test_the_95_percent_ellipse_holds_the_truth(make_scene: Any, make_thing: Any) -> None:
    """Cameras whose real pose differs from the believed one by its stated error, walkers all over the picture."""
    rng = np.random.default_rng(11)
    inside: list[bool] = []
    errors_m: list[float] = []
    for _ in range(4):
        believed = make_scene().pose
        real = replace(
            believed,
            yaw_deg=believed.yaw_deg + rng.normal(0, believed.sigma_deg),
            pitch_deg=believed.pitch_deg + rng.normal(0, believed.sigma_deg),
            roll_deg=rng.normal(0, believed.sigma_deg),
        )
        near, far = rng.uniform(10, 16), rng.uniform(18, 32)
        walkers = [
            make_thing((-7, near), (7, near + 2), 2.5, 10),
            make_thing((10, far), (-10, far + 3), 2.5, 13, gray=215),
        ]
        scene = make_scene(walkers, pose=real)
        pipeline = Pipeline(Watch(1, "C1", believed, ()), SystemClock(), economy=False)
        seen: list[tuple[float, Track]] = []
        locate = pipeline._locate
        first: list[datetime] = []

        def spy(
            frame: Any,
            tracked: Any,
            locate: Any = locate,
            first: list[datetime] = first,
            seen: list[tuple[float, Track]] = seen,
        ) -> list[Track]:
            tracks: list[Track] = locate(frame, tracked)
            seen.extend(((frame.at - first[0]).total_seconds(), t) for t in tracks)
            return tracks

        pipeline._locate = spy  # type: ignore[method-assign]
        packets = list(scene.packets(10.0))
        first.append(packets[0].capture_at)
        _Run(pipeline, packets)
        local = LocalFrame(believed.place)
        for t_s, track in seen:
            truths = [w.at(t_s) for w in walkers]
            if track.coasting or track.fix is None or not any(truths):
                continue
            east, north = local.to_enu(track.fix.place.lon, track.fix.place.lat)
            away = min(
                ((scene.enu(p)[0] - east, scene.enu(p)[1] - north) for p in truths if p),
                key=lambda d: math.hypot(*d),
            )
            ellipse = track.fix.ellipse
            angle = math.radians(ellipse.angle_deg)
            major = away[0] * math.sin(angle) + away[1] * math.cos(angle)
            minor = away[0] * math.cos(angle) - away[1] * math.sin(angle)
            errors_m.append(math.hypot(*away))
            inside.append((major / ellipse.major_m) ** 2 + (minor / ellipse.minor_m) ** 2 <= 1)
    print(
        f"{len(inside)} places: error {np.median(errors_m):.2f} m median, "
        f"{np.percentile(errors_m, 95):.2f} m 95th percentile; {100 * np.mean(inside):.1f} % inside"
    )
    assert len(inside) > 500
    assert np.median(errors_m) < 0.8
    assert np.mean(inside) > 0.9


LINE_ACROSS = ((0.0, 0.5), (1.0, 0.5))


def _clip(clip_packets: Callable[..., Iterator[Packet]], clip: Path, *zones: Zone) -> list[Firing]:
    return _Run(Pipeline(Watch(1, "C1", None, zones), SystemClock()), clip_packets(clip)).firings


def test_clip_four_cars_from_above(
    shared_data: Path, clip_packets: Callable[..., Iterator[Packet]]
) -> None:
    line = _zone(LINE_ACROSS, rule="line_crossing", classes=EVERY_KIND)
    fired = _clip(clip_packets, shared_data / "video" / "intel_car-detection.mp4", line)
    ways = Counter("left to right" if "left to right" in f.why_en else "other" for f in fired)
    assert ways == {"left to right": 2, "other": 2}


def test_clip_five_vehicles_one_way(
    shared_data: Path, tmp_path: Path, clip_packets: Callable[..., Iterator[Packet]]
) -> None:
    source = shared_data / "video" / "sobral_vehicle_counting.avi"
    clip = tmp_path / "sobral.mp4"
    with av.open(str(source)) as old, av.open(str(clip), "w") as new:
        stream = new.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "18"})
        first = old.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        for i, frame in enumerate(old.decode(video=0)):
            frame.pts = i
            frame.time_base = Fraction(1, 30)
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))
    upward = ((0.6, 1.0), (0.6, 0.0))
    right = _zone(upward, rule="line_crossing", classes=EVERY_KIND, direction="left_to_right")
    left = _zone(upward, rule="line_crossing", classes=EVERY_KIND, direction="right_to_left", id=2)
    assert [f.zone.id for f in _clip(clip_packets, clip, right, left)] == [1] * 5


def test_clip_six_visits(shared_data: Path, clip_packets: Callable[..., Iterator[Packet]]) -> None:
    clip = shared_data / "video" / "intel_one-by-one-person-detection.mp4"
    around_the_table = ((0.3, 0.4), (0.7, 0.4), (0.7, 1.0), (0.3, 1.0))
    zone = _zone(around_the_table, classes=EVERY_KIND, rearm_s=3.0)
    fired = _clip(clip_packets, clip, zone)
    began = [next(iter(clip_packets(clip))).capture_at]
    frames = [(f.track.at - began[0]).total_seconds() * 10 for f in fired]
    visits = [(72, 195), (232, 450), (512, 695), (752, 868), (932, 1190), (1235, 1350)]
    assert len(frames) == 6
    for frame, (start, end) in zip(frames, visits, strict=True):
        assert start - 15 <= frame <= end


def test_a_zone_on_the_map_watches_where_the_camera_sees_it(
    make_scene: Any, make_thing: Any
) -> None:
    scene = make_scene([make_thing((-10, 16), (6, 16), 1.0, 9.0)])
    local = LocalFrame(scene.pose.place)
    corners = [scene.enu(p) for p in ((-3, 20), (3, 20), (3, 13), (-3, 13))]
    ground = tuple(LonLat(*local.to_lonlat(east, north)) for east, north in corners)
    behind = tuple(LonLat(*local.to_lonlat(-east, -north)) for east, north in corners)
    zones = (
        _zone((), camera_id=None, ground=ground),
        _zone((), id=2, camera_id=None, ground=behind),
    )
    run = _Run(Pipeline(Watch(1, "C1", scene.pose, zones), SystemClock()), scene.packets(9.0))
    (fired,) = run.firings
    assert fired.zone.id == 1 and fired.zone.camera_id == 1
    assert "on the map" in fired.why_en
