"""Motions are continuous, keep their speed's promise and stop where they should."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.cameras.actors import Act, Actor, Cast, Motion, Script, Steady, StopAndGo
from demo.cameras.path import Path

speeds = st.floats(1.0, 15.0)


def steps_fit_speed(motion: Motion, dt_s: float = 0.05) -> None:
    before = motion.at(0.0)
    for t in np.arange(dt_s, motion.lasts_s, dt_s):
        now = motion.at(float(t))
        mean = (now.speed_ms + before.speed_ms) / 2
        gone = now.station_m - before.station_m
        # Within one step the speed changes by at most the largest acceleration times the step.
        assert abs(gone - mean * dt_s) < 0.02, (t, gone, mean)
        before = now


@settings(max_examples=25, deadline=None)
@given(speeds, st.floats(60.0, 120.0), st.floats(0.5, 30.0))
def test_a_stop_is_reached_and_left_without_a_jump(v: float, stop_m: float, wait_s: float) -> None:
    motion = StopAndGo(v, stop_m + 60.0, stop_m, wait_s)
    steps_fit_speed(motion)
    standing = motion.at(motion.arrives_s + wait_s / 2)
    assert standing.speed_ms == 0.0
    assert math.isclose(standing.station_m, stop_m)
    assert math.isclose(motion.at(motion.lasts_s).station_m, stop_m + 60.0, abs_tol=0.05)


def test_a_script_goes_through_its_acts_in_order() -> None:
    script = Script(
        [Act(2.0, 3.0, 0.0, "walk"), Act(1.0, 0.2, 1.5, "climb"), Act(1.0, 0.2, 0.0, "climb")]
    )
    assert script.lasts_s == 4.0
    assert script.at(1.0).station_m == 1.5
    top = script.at(3.0)
    assert (top.pose, top.up_m) == ("climb", 1.5)
    assert math.isclose(top.station_m, 3.2)
    assert math.isclose(script.at(9.0).station_m, 3.4)


def test_an_actor_is_there_once_a_period() -> None:
    path = Path([(0.0, 0.0), (0.0, 30.0)])
    actor = Actor("a", "sedan", 1, path, Steady(10.0, 30.0), 60.0, 50.0)
    assert actor.at(49.9) is None
    there = actor.at(50.0 + 60.0 * 1000 + 1.0)
    assert there is not None
    assert math.isclose(there.north_m, 10.0, abs_tol=1e-6)
    assert actor.at(53.5) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 59.9), speeds), max_size=8), st.floats(0.0, 500.0))
def test_a_cast_finds_the_same_as_asking_everybody(
    entries: list[tuple[float, float]], t: float
) -> None:
    path = Path([(0.0, 0.0), (100.0, 0.0)])
    actors = [
        Actor(str(n), "sedan", n, path, Steady(v, 100.0), 60.0, phase)
        for n, (phase, v) in enumerate(entries)
    ]
    asked = [p for p in (actor.at(t) for actor in actors) if p is not None]
    found = Cast(actors, 60.0).at(t)
    assert sorted(p.id for p in found) == sorted(p.id for p in asked)


@settings(max_examples=30, deadline=None)
@given(st.floats(-20.0, 120.0), st.floats(-5.0, 5.0))
def test_a_path_finds_back_the_station_of_a_point_beside_it(station: float, aside: float) -> None:
    path = Path([(0.0, 0.0), (0.0, 40.0), (3.0, 100.0)])
    x, y, _ = path.at(station, aside)
    back, away = path.project(x, y)
    inside = min(max(station, 0.0), path.length_m)
    assert abs(back - inside) < 0.5 + abs(aside) * 0.05
    if 0.0 < station < path.length_m:
        assert abs(away - abs(aside)) < 0.1
