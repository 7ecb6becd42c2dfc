"""What holds for every rule about tracks, whatever moves: tried on scenes that nobody thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Firing, Scene, Track, Zone
from analytics.rules import make
from tests.support.zones import START, track, zone

FPS = 4
SECONDS = 15
SHORT: dict[str, dict[str, Any]] = {
    "intrusion": {},
    "line_crossing": {"points": ((0.5021, 0.9), (0.5021, 0.1))},
    "wrong_way": {"arrow": ((0.4, 0.5), (0.6, 0.45)), "threshold": 2.0, "dwell_s": 0.5},
    "loitering": {"threshold": 1.0, "dwell_s": 4.0},
    "people_count": {"threshold": 2.0, "dwell_s": 1.0},
    "crowd_density": {"threshold": 0.1, "dwell_s": 1.0},
    "fast_motion": {"threshold": 1.5},
    "stopped_vehicle": {"dwell_s": 3.0},
    "congestion": {"threshold": 2.0, "dwell_s": 3.0},
}
AREA = ((0.2013, 0.2017), (0.7981, 0.2019), (0.7979, 0.8023), (0.2011, 0.8021))
"""Edges where no example places a foot exactly: which side the edge itself belongs to is not the matter here."""
RULES = pytest.mark.parametrize("rule", SHORT)

place = st.tuples(st.floats(0.05, 0.95), st.floats(0.15, 0.95))
thing = st.tuples(
    st.lists(place, min_size=2, max_size=4), st.integers(0, 30), st.sampled_from(["person", "vehicle"])
)  # fmt: skip
things = st.lists(thing, min_size=1, max_size=4)


def zone_of(rule: str, **changes: Any) -> Zone:
    values = {"rule": rule, "points": AREA, "classes": ("person", "vehicle"), "rearm_s": 5.0}
    return zone(**(values | SHORT[rule] | changes))


def scenes(moving: list[Any]) -> list[Scene]:
    """Each thing goes along its places at an even pace, from its first frame to the last of all."""
    frames = []
    for i in range(SECONDS * FPS):
        here: list[Track] = []
        for number, (places, first, kind) in enumerate(moving):
            if i < first:
                continue
            share = (i - first) / max(1, SECONDS * FPS - 1 - first) * (len(places) - 1)
            leg = min(int(share), len(places) - 2)
            a, b = np.array(places[leg]), np.array(places[leg + 1])
            foot = a + (b - a) * (share - leg)
            changes = {"kind": kind, "first_at": START + timedelta(seconds=first / FPS)}
            here.append(track(number + 1, i / FPS, (float(foot[0]), float(foot[1])), **changes))
        frames.append(Scene(START + timedelta(seconds=i / FPS), tuple(here)))
    return frames


def told(zone: Zone, frames: list[Scene]) -> list[tuple[int, Firing]]:
    rule = make(zone)
    return [(i, firing) for i, scene in enumerate(frames) for firing in rule.update(scene)]


def when(fired: list[tuple[int, Firing]]) -> list[tuple[int, Any]]:
    return [(i, f.track.uid if f.track else None) for i, f in fired]


@RULES
@settings(max_examples=8, deadline=None)
@given(things, st.integers(-5_000_000, 5_000_000))
def test_a_shift_in_time_changes_nothing(rule: str, moving: list[Any], shift_s: int) -> None:
    shift = timedelta(seconds=shift_s)
    frames = scenes(moving)
    later = [
        Scene(
            f.at + shift,
            tuple(replace(t, at=t.at + shift, first_at=t.first_at + shift) for t in f.tracks),
        )
        for f in frames
    ]
    assert when(told(zone_of(rule), frames)) == when(told(zone_of(rule), later))


@RULES
@settings(max_examples=8, deadline=None)
@given(things)
def test_a_mirrored_scene_fires_the_same(rule: str, moving: list[Any]) -> None:
    def flipped(point: tuple[float, float]) -> tuple[float, float]:
        return 1.0 - point[0], point[1]

    drawn = zone_of(rule)
    arrow = drawn.arrow and (flipped(drawn.arrow[0]), flipped(drawn.arrow[1]))
    mirrored = replace(drawn, points=tuple(flipped(p) for p in drawn.points), arrow=arrow)
    frames = scenes(moving)
    mirror = [
        Scene(
            f.at,
            tuple(
                replace(
                    t,
                    foot=flipped(t.foot),
                    box=(1.0 - t.box[0] - t.box[2], t.box[1], t.box[2], t.box[3]),
                )
                for t in f.tracks
            ),
        )
        for f in frames
    ]
    assert when(told(drawn, frames)) == when(told(mirrored, mirror))


@RULES
@settings(max_examples=8, deadline=None)
@given(things, st.randoms(use_true_random=False))
def test_the_order_of_tracks_changes_nothing(rule: str, moving: list[Any], random: Any) -> None:
    frames = scenes(moving)
    shuffled = [replace(f, tracks=tuple(random.sample(f.tracks, len(f.tracks)))) for f in frames]
    one, other = told(zone_of(rule), frames), told(zone_of(rule), shuffled)
    assert [i for i, _ in one] == [i for i, _ in other]


@RULES
@settings(max_examples=8, deadline=None)
@given(things)
def test_outside_its_schedule_nothing_fires(rule: str, moving: list[Any]) -> None:
    # START is a Monday, 08:00 UTC: minute 480 of the week.
    assert not told(zone_of(rule, schedule=((600, 700),)), scenes(moving))
    always = told(zone_of(rule), scenes(moving))
    assert when(told(zone_of(rule, schedule=((400, 700),)), scenes(moving))) == when(always)


@pytest.mark.parametrize("rule", ["intrusion", "line_crossing", "loitering"])
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0005, 0.0055), st.floats(0.25, 0.75))
def test_jitter_at_an_edge_never_fires_twice(
    rule: str, seed: int, jitter: float, along: float
) -> None:
    rng = np.random.default_rng(seed)
    edge_x = AREA[0][0] if rule != "line_crossing" else 0.5021
    frames = []
    for i in range(240):
        x, y = rng.normal(edge_x, jitter / 2), rng.normal(along, jitter / 2)
        x = min(max(x, edge_x - jitter), edge_x + jitter)
        frames.append(
            Scene(START + timedelta(seconds=i / 4), (track(1, i / 4, (float(x), float(y))),))
        )
    assert len(told(zone_of(rule, rearm_s=0.0), frames)) <= 1
