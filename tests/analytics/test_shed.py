"""Falling behind costs the least important cameras first, and they come back."""

from __future__ import annotations

from analytics.shed import RESTORE_AFTER_S, Shedder

IMPORTANCE = {1: 2, 2: 5, 3: 1, 4: 5}


def test_least_important_first_one_at_a_time() -> None:
    shedder, order = Shedder(0.4), []
    for i in range(60):
        before = shedder.shed
        shedder.update(0.1 * i, 0.9, IMPORTANCE)
        order += sorted(shedder.shed - before)
    assert order == [4, 2, 1, 3]


def test_the_most_important_comes_back_first_after_calm() -> None:
    shedder = Shedder(0.4)
    for i in range(25):
        shedder.update(0.1 * i, 0.9, IMPORTANCE)
    assert shedder.shed == {4, 2, 1}
    now_s = 2.5
    returned: list[tuple[float, int]] = []
    while shedder.shed and now_s < 60:
        before = shedder.shed
        shedder.update(now_s, 0.01, IMPORTANCE)
        returned += [(now_s, c) for c in before - shedder.shed]
        now_s += 0.1
    assert [c for _, c in returned] == [1, 2, 4]
    assert returned[0][0] >= 2.4 + RESTORE_AFTER_S - 0.2


def test_in_between_nothing_changes_and_gone_cameras_are_forgotten() -> None:
    shedder = Shedder(0.4)
    shedder.update(0.0, 0.9, IMPORTANCE)
    for i in range(200):
        shedder.update(1 + 0.1 * i, 0.2, IMPORTANCE)
    assert shedder.shed == {4}
    shedder.update(30, 0.2, {1: 2})
    assert shedder.shed == frozenset()
