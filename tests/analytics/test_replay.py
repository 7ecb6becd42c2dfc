"""Stored tracks gone through a rule again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from analytics import replay
from analytics.locate import Locator
from gis.model import LonLat, Pose
from tests.support.noise import START, walk
from tests.support.zones import zone as a_zone

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def test_a_zone_fires_once_for_each_that_walks_in() -> None:
    zone = a_zone(points=LEFT, dwell_s=1.0, rearm_s=0.0)
    records = [
        walk(0.9, 0.1),
        walk(0.9, 0.7, start=START + timedelta(seconds=20)),
        walk(0.9, 0.1, start=START + timedelta(seconds=40)),
    ]
    fired = replay.replay(zone, records, None, 1920, 1080)
    assert len(fired) == 2
    assert fired[0].at == START + timedelta(seconds=3)  # in after two seconds, and one of dwell
    assert fired[0].firing.track is not None and fired[0].firing.track.uid == records[0].uid
    assert fired[1].at - fired[0].at == timedelta(seconds=40)


def test_what_the_zone_ignores_and_other_classes_do_not_fire() -> None:
    zone = a_zone(points=LEFT)
    assert replay.replay(zone, [walk(0.9, 0.1, kind="vehicle")], None, 1920, 1080) == []
    whole = replace(zone, ignored=(LEFT,))
    assert replay.replay(whole, [walk(0.9, 0.1)], None, 1920, 1080) == []


def test_tracks_side_by_side_are_one_scene_each_moment() -> None:
    first, second = walk(0.1, 0.9), walk(0.9, 0.1, start=START + timedelta(seconds=2))
    scenes = list(replay.scenes([first, second], None, 1920, 1080))
    assert len(scenes) == 31
    assert [len(scene.tracks) for scene in (scenes[0], scenes[15], scenes[30])] == [1, 2, 1]
    assert scenes[15].at == START + timedelta(seconds=3)


def test_at_most_so_many() -> None:
    zone = a_zone(points=LEFT, rearm_s=0.0)
    records = [walk(0.9, 0.1, start=START + timedelta(seconds=60 * i)) for i in range(5)]
    assert len(replay.replay(zone, records, None, 1920, 1080, most=3)) == 3


def test_how_long_it_stayed_and_how_large_it_is() -> None:
    record = walk(0.9, 0.1, seconds=8.0)
    assert replay.stay_s(record, LEFT) == pytest.approx(4.0, abs=0.3)
    assert replay.stay_s(walk(0.9, 0.7), LEFT) == 0.0
    pose = Pose(LonLat(120.98, 31.38), 6.0, 0.0, -25.0, 60.0, 0.0, 0.5)
    locator = Locator(pose, 1920, 1080)
    low, high = walk(0.4, 0.6), walk(0.4, 0.6)
    high = replace(high, boxes=tuple((x, 0.4, w, 0.4) for x, _, w, _ in high.boxes))
    small, large = (replay.size_m(r, locator, 1920, 1080) for r in (low, high))
    assert small is not None and large is not None and 0.5 < small < large < 6.0


def test_only_rules_over_tracks_can_be_tried() -> None:
    assert replay.can_replay("intrusion") and not replay.can_replay("smoke")
