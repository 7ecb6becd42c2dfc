"""Falling behind costs the least important cameras first, and they come back."""

from __future__ import annotations

from analytics.model import Effort
from analytics.shed import RESTORE_AFTER_S, Shedder

IMPORTANCE = {1: 2, 2: 5, 3: 1, 4: 5}


def _efforts(shedder: Shedder) -> dict[int, Effort]:
    return {camera: shedder.effort(camera) for camera in IMPORTANCE}


def test_every_camera_gives_a_little_before_one_gives_much() -> None:
    shedder, order = Shedder(0.4), []
    for i in range(120):
        before = _efforts(shedder)
        shedder.update(0.1 * i, 0.9, IMPORTANCE)
        after = _efforts(shedder)
        order += [(c, after[c].name) for c in IMPORTANCE if after[c] != before[c]]
    assert order == [(c, "HALF") for c in (4, 2, 1, 3)] + [(c, "KEYS") for c in (4, 2, 1, 3)]


def test_the_last_step_is_taken_back_first_after_calm() -> None:
    shedder = Shedder(0.4)
    for i in range(25):
        shedder.update(0.1 * i, 0.9, IMPORTANCE)
    assert shedder.reduced == 3
    now_s = 2.5
    returned: list[tuple[float, int]] = []
    while shedder.reduced and now_s < 60:
        before = _efforts(shedder)
        shedder.update(now_s, 0.01, IMPORTANCE)
        after = _efforts(shedder)
        returned += [(now_s, c) for c in IMPORTANCE if after[c] != before[c]]
        now_s += 0.1
    assert [c for _, c in returned] == [1, 2, 4]
    assert returned[0][0] >= 2.4 + RESTORE_AFTER_S - 0.2


def test_in_between_nothing_changes_and_gone_cameras_are_forgotten() -> None:
    shedder = Shedder(0.4)
    shedder.update(0.0, 0.9, IMPORTANCE)
    for i in range(200):
        shedder.update(1 + 0.1 * i, 0.2, IMPORTANCE)
    assert shedder.effort(4) is Effort.HALF
    shedder.update(30, 0.2, {1: 2})
    assert shedder.reduced == 0


def test_cameras_near_an_open_incident_are_left_alone_to_the_last() -> None:
    shedder, order = Shedder(0.4), []
    importance = {1: 0, 2: 5, 3: 1}
    for i in range(100):
        before = {camera: shedder.effort(camera) for camera in importance}
        shedder.update(0.1 * i, 0.9, importance)
        order += [(c, shedder.effort(c).name) for c in importance if shedder.effort(c) != before[c]]
    others = [(2, "HALF"), (3, "HALF"), (2, "KEYS"), (3, "KEYS")]
    assert order == [*others, (1, "HALF"), (1, "KEYS")]
