"""Fights against calm: made up, and on real clips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.model import Firing, Frame, Scene, Watch
from analytics.pipeline import Pipeline
from analytics.rules import abnormal_motion, make
from analytics.rules.abnormal_motion import AbnormalMotion
from gis.clock import SystemClock
from tests.support.zones import START, zone

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
FPS = 12
Gray = NDArray[np.uint8]
Draw = Callable[[float], Gray]


def rule(**changes: Any) -> AbnormalMotion:
    values = {"rule": "abnormal_motion", "points": WHOLE, "dwell_s": 0.6}
    return AbnormalMotion(zone(**(values | changes)))


def scene(t_s: float, gray: Gray) -> Scene:
    at = START + timedelta(seconds=t_s)
    height, width = gray.shape
    return Scene(at, (), Frame(1, 1, at, gray, width, height, 0.0, None))  # type: ignore[arg-type]


def shown(
    watching: Any, seconds: float, draw: Draw, from_s: float = 0.0
) -> list[tuple[float, Firing]]:
    times = [from_s + i / FPS for i in range(int(seconds * FPS))]
    return [
        (t, firing)
        for t in times
        for firing in watching.update(scene(t, draw(t)))
        if not firing.over
    ]


def ground() -> Gray:
    rng = np.random.default_rng(1)
    coarse = rng.integers(80, 180, (18, 32)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (320, 180), interpolation=cv2.INTER_CUBIC))


def body(picture: Gray, x: float, y: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (10, 6)).astype(np.uint8)
    patch = cv2.resize(coarse, (24, 48), interpolation=cv2.INTER_CUBIC)
    left, top = int(np.clip(x, 0, 295)), int(np.clip(y, 0, 131))
    picture[top : top + 48, left : left + 24] = patch


def walking(t: float) -> Gray:
    picture = ground()
    body(picture, 20 + 40 * (t % 6), 60, 3)
    body(picture, 280 - 35 * (t % 6), 90, 4)
    return picture


def brawling(t: float) -> Gray:
    picture = ground()
    rng = np.random.default_rng(int(t * FPS))
    for number in range(4):
        dx, dy = rng.normal(0, 7, 2)
        body(picture, 120 + 18 * number + dx, 70 + dy, 10 + number)
    return picture


def test_a_brawl_fires_once_and_walking_does_not() -> None:
    assert not shown(rule(), 5, walking)
    ((at_s, firing),) = shown(rule(), 5, brawling)
    assert at_s <= 2.0
    assert firing.value is not None and firing.value >= 3.0 * abnormal_motion.NEW_TIMES
    assert "still learning what is usual here" in firing.why_en and "仍在学习" in firing.why


def test_a_new_camera_needs_more_until_it_knows_what_is_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(abnormal_motion, "NEW_TIMES", 1000.0)
    monkeypatch.setattr(abnormal_motion, "KNOWN_S", 3.0)
    assert not shown(rule(), 2, brawling)
    watching = rule()
    assert watching.learning
    shown(watching, 12, walking)
    assert not watching.learning
    ((_, firing),) = shown(watching, 4, brawling, 12.0)
    assert "usual here (limit" in firing.why_en


def test_a_camera_where_next_to_nothing_moves_does_not_learn_for_ever() -> None:
    watching, still = rule(), ground()
    for minute in range(0, 3700, 5):
        watching.update(scene(float(minute), still))
    assert not watching.learning
    assert watching.needs == 1.0


def test_what_comes_again_and_again_is_usual_however_violent() -> None:
    watching = rule()
    watching._reached_s[:] = 0.0
    watching._known_s[:] = abnormal_motion.KNOWN_S
    calm, wild = np.searchsorted(abnormal_motion.TIMES, (1.0, 6.0), side="right")
    watching._reached_s[calm], watching._reached_s[wild] = 100.0, 0.5
    assert watching.needs == 1.0, "once in a long while says nothing"
    watching._reached_s[wild] = 4.0
    assert 5.0 < watching.needs * 3.0 < 7.0


def test_still_pictures_light_and_gaps_say_nothing() -> None:
    still = ground()
    assert not shown(rule(), 3, lambda t: still)
    assert not shown(
        rule(), 3, lambda t: np.clip(still * (1 + 0.3 * np.sin(t * 20)), 0, 255).astype(np.uint8)
    )
    sparse = rule()
    fired = [f for i in range(30) for f in sparse.update(scene(i * 1.0, brawling(i)))]
    assert not fired, "frames a second apart show no motion that could be followed"


def test_what_never_rests_becomes_usual_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abnormal_motion, "NEW_TIMES", 1.0)
    monkeypatch.setattr(abnormal_motion, "LEARN_S", 20.0)
    monkeypatch.setattr(abnormal_motion, "KNOWN_S", 2.0)
    monkeypatch.setattr(abnormal_motion, "LASTS_S", 1.0)
    swaying = rule(rearm_s=0.0)
    assert shown(swaying, 5, brawling), "at first nobody knows that it is always so"
    shown(swaying, 15, brawling, 5.0)
    assert not shown(swaying, 5, brawling, 20.0)
    assert swaying._usual.max() > 3 * abnormal_motion.USUAL


def test_outside_the_schedule_it_learns_but_does_not_fire() -> None:
    resting = make(zone(rule="abnormal_motion", points=WHOLE, schedule=((0, 60),)))
    assert not shown(resting, 5, brawling)
    inner = resting._rule
    assert isinstance(inner, AbnormalMotion) and inner._known_s.max() > 1.0


def test_a_pipeline_says_how_many_of_its_zones_still_learn() -> None:
    fights = zone(rule="abnormal_motion", points=WHOLE)
    watch = Watch(1, "A", None, (fights, zone(id=2)))
    assert Pipeline(watch, SystemClock()).zones_learning == 1


def clip(path: Path) -> list[Firing]:
    """What a camera that knows an ordinary place as its usual says of a clip."""
    watching = rule()
    watching._known_s[:] = abnormal_motion.KNOWN_S
    fired: list[Firing] = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            gray = picture.to_ndarray(format="gray")
            size = (480, round(picture.height * 480 / picture.width))
            small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
            fired += watching.update(scene(float(picture.time or 0), small))
    return fired


@pytest.mark.parametrize("number", [1, 5, 8, 10])
def test_clips_of_fights_and_of_calm(shared_data: Path, number: int) -> None:
    folder = shared_data / "video" / "fight"
    assert clip(folder / f"fight_{number:03}.mp4")
    assert not clip(folder / f"calm_{number:03}.mp4")
