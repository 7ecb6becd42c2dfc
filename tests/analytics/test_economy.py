"""Decoding little must find what decoding everything finds: event by event, for all kinds of streams."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.model import Effort, Watch, Zone
from analytics.pipeline import Pipeline
from gis.clock import SystemClock
from ingest.model import Packet

FPS = 10
SECONDS = 27
Gray = NDArray[np.uint8]
KINDS = ("person", "vehicle", "other")


def _zone(number: int, rule: str, points: Sequence[tuple[float, float]]) -> Zone:
    return Zone(
        id=number,
        camera_id=1,
        name="区",
        name_en="area",
        rule=rule,  # type: ignore[arg-type]
        points=tuple(points),
        classes=KINDS,  # type: ignore[arg-type]
        dwell_s=0.0,
        direction="both",
        priority=2,
        rearm_s=2.0,
        enabled=True,
        version=1,
    )


EVERYWHERE = _zone(1, "intrusion", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
MIDDLE = _zone(2, "line_crossing", [(0.5, 1.0), (0.5, 0.0)])


@dataclass
class _Found:
    """What a run told of."""

    pipeline: Pipeline
    events: list[tuple[int, float]]
    tracks: int
    most_parked_bytes: int = 0

    def near(self, other: _Found, within_s: float = 0.6) -> bool:
        """Whether both tell of the same, at nearly the same time."""
        mine, theirs = sorted(self.events), sorted(other.events)
        return len(mine) == len(theirs) and all(
            a[0] == b[0] and abs(a[1] - b[1]) <= within_s for a, b in zip(mine, theirs, strict=True)
        )


def _run(packets: Sequence[Packet], economy: bool, pose: Any = None, *zones: Zone) -> _Found:
    watch = Watch(1, "C1", pose, zones or (EVERYWHERE, MIDDLE))
    pipeline = Pipeline(watch, SystemClock(), economy=economy)
    begin = min(p.capture_at for p in packets)
    found = _Found(pipeline, [], 0)
    records = set()
    for packet in packets:
        outcome = pipeline.process(packet, 0.0)
        for firing, _ in outcome.firings:
            if firing.zone is not None and firing.track is not None:
                found.events.append((firing.zone.id, _seconds(begin, firing.track.at)))
        records |= {record.uid for record in outcome.records}
        found.most_parked_bytes = max(found.most_parked_bytes, pipeline.intake.gate.parked_bytes)
    found.tracks = len(records | {record.uid for record in pipeline.finish()})
    return found


def _seconds(begin: datetime, at: datetime) -> float:
    return (at - begin).total_seconds()


@pytest.fixture(scope="module")
def street(make_scene: Any, make_thing: Any) -> tuple[Any, list[Gray]]:
    """Quiet; a walker from 9 s to 15 s; quiet; a car that is there for 1.1 s only; quiet."""
    walker = make_thing((-9, 15), (9, 15), 9.0, 15.0)
    car = make_thing((-9, 20), (9, 20), 21.15, 22.25, width_m=1.8, length_m=4.2, height_m=1.5)
    scene = make_scene([walker, car], width_px=480, height_px=272)
    return scene, [scene.gray(i / FPS) for i in range(SECONDS * FPS)]


@pytest.mark.parametrize(
    ("codec", "gop", "b_frames"),
    [
        ("libx264", 10, 0),
        ("libx264", 20, 0),
        ("libx264", 600, 0),
        ("libx264", 1, 0),
        ("libx264", 20, 2),
        ("libx265", 20, 0),
        ("mjpeg", 1, 0),
    ],
)
def test_the_same_events_with_a_part_of_the_frames(
    street: tuple[Any, list[Gray]],
    encode: Callable[..., Iterator[Packet]],
    codec: str,
    gop: int,
    b_frames: int,
) -> None:
    scene, pictures = street
    packets = list(encode(pictures, FPS, gop=gop, b_frames=b_frames, codec=codec))
    full = _run(packets, False, scene.pose)
    gated = _run(packets, True, scene.pose)
    assert len(full.events) == 4, "the walker and the car, each in the area and over the line"
    assert gated.near(full), (full.events, gated.events)
    assert gated.tracks == full.tracks
    decoded, all_decoded = (
        gated.pipeline.decoder.counts.decoded,
        full.pipeline.decoder.counts.decoded,
    )
    assert all_decoded >= len(packets) - b_frames - 1
    counts = gated.pipeline.intake.gate.counts
    print(codec, gop, b_frames, counts, f"{decoded} of {all_decoded} decoded")
    if gop < 100:
        assert counts.spared >= 28
        assert decoded < 0.88 * all_decoded
    assert not gated.pipeline.intake.gate.awake, "it is quiet again"


def test_a_thing_between_two_key_frames_is_found_by_the_sizes_of_frames(
    street: tuple[Any, list[Gray]], encode: Callable[..., Iterator[Packet]]
) -> None:
    """Key frames at 20 s and 24 s, the car from 21.2 s to 22.2 s: no key frame shows it."""
    scene, pictures = street
    packets = list(encode(pictures[160:], FPS, gop=40))
    gated = _run(packets, True, scene.pose)
    assert len(gated.events) == 2
    assert gated.pipeline.intake.gate.counts.woken_by_size >= 1


def test_a_long_gop_waits_in_bounded_memory(
    make_scene: Any, encode: Callable[..., Iterator[Packet]]
) -> None:
    scene = make_scene(width_px=320, height_px=180)
    pictures = [scene.gray(i / FPS) for i in range(60)]
    packets = list(encode(pictures * 5, FPS, gop=600))
    pipeline = Pipeline(Watch(1, "C1", None, ()), SystemClock())
    pipeline.intake.gate.keep_bytes = 60_000
    most = 0
    for packet in packets:
        pipeline.process(packet, 0.0)
        most = max(most, pipeline.intake.gate.parked_bytes)
    largest = max(len(p.data) for p in packets)
    assert 0 < most <= 60_000 + largest
    assert not pipeline.intake.gate.awake


def _follow(packets: Sequence[Packet], pipeline: Pipeline, end: datetime) -> list[float]:
    """The times at which it was awake, after ``end`` of what disturbed it."""
    awake = []
    for packet in packets:
        pipeline.process(packet, 0.0)
        if pipeline.intake.gate.awake and packet.capture_at > end:
            awake.append(_seconds(end, packet.capture_at))
    return awake


@pytest.mark.parametrize("gop", [10, 600])
def test_it_recovers_from_a_flash_and_a_moved_camera_within_5_s(
    make_scene: Any, make_thing: Any, encode: Callable[..., Iterator[Packet]], gop: int
) -> None:
    """A flash at 9 s, another view from 14 s, one who walks from 20 s on."""
    walker = make_thing((-9, 15), (9, 15), 19.0, 25.0)
    here = make_scene(width_px=480, height_px=272)
    there = make_scene([walker], width_px=480, height_px=272)
    there._ground = np.ascontiguousarray(np.roll(there._ground[::-1], 97, axis=1))
    pictures = [here.gray(i / FPS) for i in range(140)]
    for i in (90, 91, 92):
        pictures[i] = np.full_like(pictures[i], 250)
    pictures += [there.gray(i / FPS) for i in range(140, 260)]
    packets = list(encode(pictures, FPS, gop=gop))
    pipeline = Pipeline(Watch(1, "C1", here.pose, (MIDDLE,)), SystemClock())
    begin = packets[0].capture_at
    awake_after_flash = _follow(packets[:139], pipeline, begin + timedelta(seconds=9.3))
    assert max(awake_after_flash, default=0.0) <= 5.0
    awake_after_move = _follow(packets[139:190], pipeline, begin + timedelta(seconds=14))
    assert max(awake_after_move, default=0.0) <= 6.6, "it may be awake, if only it sees"
    found = [
        (f.zone.id, _seconds(begin, f.track.at))
        for packet in packets[190:]
        for f, _ in pipeline.process(packet, 0.0).firings
        if f.zone and f.track
    ]
    assert [zone for zone, _ in found] == [2], "5 s after the move one who walks is told of"


def test_black_gray_green_and_frozen_pictures_blind_it_for_moments_only(
    make_scene: Any, make_thing: Any, encode: Callable[..., Iterator[Packet]]
) -> None:
    walker = make_thing((-9, 15), (9, 15), 20.0, 26.0)
    scene = make_scene([walker], width_px=480, height_px=272)
    pictures = [scene.gray(i / FPS) for i in range(280)]
    pictures[60:90] = [np.zeros_like(pictures[0])] * 30  # black for 3 s
    pictures[110:130] = [pictures[110]] * 20  # frozen for 2 s
    for i in (140, 141):
        pictures[i] = pictures[i].copy()
        pictures[i][150:] = 120  # what is left where packets were lost
    packets = list(encode(pictures, FPS, gop=20))
    broken = list(packets)
    broken[55] = replace(packets[55], data=packets[55].data[:60])
    del broken[161:164]
    gated = _run(broken, True, scene.pose, MIDDLE)
    full = _run(broken, False, scene.pose, MIDDLE)
    assert len(full.events) == 1
    assert gated.near(full)


def test_a_busy_start_is_over_within_5_s(
    make_scene: Any, make_thing: Any, encode: Callable[..., Iterator[Packet]]
) -> None:
    crowd = [
        make_thing((-8 + 2 * i, 12 + i), (8 - 2 * i, 12 + 2 * i), -4.0, 6.0, gray=30 + 25 * i)
        for i in range(6)
    ]
    late = make_thing((-9, 15), (9, 15), 13.5, 19.5)
    scene = make_scene([*crowd, late], width_px=480, height_px=272)
    packets = list(encode([scene.gray(i / FPS) for i in range(200)], FPS, gop=10))
    gated = _run(packets, True, scene.pose, MIDDLE)
    full = _run(packets, False, scene.pose, MIDDLE)
    late_events = [[e for e in found.events if e[1] > 13] for found in (full, gated)]
    assert [len(events) for events in late_events] == [1, 1]
    assert late_events[0][0][1] == pytest.approx(late_events[1][0][1], abs=0.6)
    counts = gated.pipeline.intake.gate.counts
    assert counts.woken_by_size + counts.woken_by_look >= 1, "it had fallen asleep before"


def test_one_who_stands_is_kept_by_looks_alone(
    make_scene: Any, make_thing: Any, encode: Callable[..., Iterator[Packet]]
) -> None:
    class Waiting(make_thing):  # type: ignore[misc]
        def at(self, t_s: float) -> tuple[float, float] | None:
            if t_s < 4:
                return None
            place = -8 + 1.3 * (t_s - 4) if t_s < 10 else -0.2
            return (place if t_s < 24 else -0.2 + (t_s - 24) * 1.3, 14)

    scene = make_scene([Waiting((-8, 14), (0, 14), 4, 34)], width_px=480, height_px=272)
    packets = list(encode([scene.gray(i / FPS) for i in range(280)], FPS, gop=10))
    gated = _run(packets, True, scene.pose, EVERYWHERE)
    assert gated.tracks == 1
    assert len(gated.events) == 1
    assert gated.pipeline.intake.gate.counts.spared > 60


def test_pressed_for_time_key_frames_alone_and_back(
    street: tuple[Any, list[Gray]], encode: Callable[..., Iterator[Packet]]
) -> None:
    scene, pictures = street
    packets = list(encode(pictures[:170], FPS, gop=10))
    pipeline = Pipeline(Watch(1, "C1", scene.pose, (MIDDLE,)), SystemClock())
    for packet in packets[:50]:
        pipeline.process(packet, 0.0, Effort.KEYS)
    assert pipeline.decoder.counts.decoded == 3
    assert pipeline.intake.gate.counts.shed == 47
    events = [f for p in packets[50:] for f, _ in pipeline.process(p, 0.0).firings]
    assert len(events) == 1
    assert pipeline.decoder.counts.waiting == 0


@pytest.mark.parametrize(
    ("name", "seconds", "quiet"),
    [("intel_one-by-one-person-detection.mp4", 55, True), ("vtest_480x360.avi", 20, False)],
)
def test_real_clips_tell_of_the_same(
    shared_data: Path,
    encode: Callable[..., Iterator[Packet]],
    name: str,
    seconds: int,
    quiet: bool,
) -> None:
    video = cv2.VideoCapture(str(shared_data / "video" / name))
    pictures: list[Gray] = []
    while len(pictures) < seconds * FPS:
        more, picture = video.read()
        assert more
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        pictures.append(np.asarray(cv2.resize(gray, (480, 272)), np.uint8))
    packets = list(encode(pictures, FPS, gop=20))
    full, gated = _run(packets, False), _run(packets, True)
    print(name, full.events, gated.events, gated.pipeline.intake.gate.counts)
    assert full.events
    assert len(gated.events) == len(full.events) or not quiet
    assert math.isclose(gated.tracks, full.tracks, rel_tol=0.15, abs_tol=1)
