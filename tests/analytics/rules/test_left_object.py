"""Things left and things taken: ghosts told from things, people from both, light from all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics import rules
from analytics.model import Box, Firing, Frame, Kind, RuleName, Track
from analytics.model import Scene as Seen
from gis.ground import GroundCamera
from tests.analytics.conftest import POSE
from tests.support.health import Unseen, street
from tests.support.zones import zone as make_zone

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Gray = NDArray[np.uint8]
AREA = ((0.1, 0.2), (0.9, 0.2), (0.9, 0.98), (0.1, 0.98))
BAG = (200, 180, 14, 16)


def ground() -> Gray:
    """Paving with a little texture, and a dark bin that has always stood there."""
    rng = np.random.default_rng(9)
    coarse = rng.integers(100, 150, (18, 32)).astype(np.uint8)
    picture = cv2.resize(coarse, (480, 270), interpolation=cv2.INTER_CUBIC)
    cv2.rectangle(picture, (320, 150), (340, 176), 40, -1)
    return np.asarray(picture, np.uint8)


def bag(picture: Gray) -> None:
    x, y, w, h = BAG
    cv2.rectangle(picture, (x, y), (x + w, y + h), 45, -1)
    cv2.rectangle(picture, (x + 3, y + 3), (x + w - 3, y + 7), 90, -1)


def person(picture: Gray, x: int) -> None:
    cv2.rectangle(picture, (x, 140), (x + 16, 196), 60, -1)
    cv2.circle(picture, (x + 8, 136), 6, 150, -1)


def _track(box: Box, at: datetime, number: int, kind: Kind, sure: float, first_x: float) -> Track:
    foot = (box[0] + box[2] / 2, box[1] + box[3])
    trail = ((at, (first_x, foot[1])),)
    return Track(UUID(int=number), 1, kind, sure, START, at, box, foot, False, trail)


def _box(x: int, kind: Kind) -> Box:
    if kind == "other":
        return x / 480, BAG[1] / 270, BAG[2] / 480, BAG[3] / 270
    return x / 480, 130 / 270, 16 / 480, 66 / 270


def run(
    rule: RuleName,
    paint: Callable[[Gray, float], list[tuple[int, Kind, float]]],
    seconds: float = 80.0,
    every_s: float = 0.5,
    classes: tuple[Kind, ...] = ("person", "vehicle", "other"),
    dwell_s: float = 20.0,
    min_size_m: float = 0.0,
    pose: bool = False,
    handed: tuple[Kind, float] = ("other", 0.9),
) -> list[Firing]:
    """``paint`` draws into the picture and says which walkers are there: x, kind, where it began. One of kind "other" is
    of the bag's size and height, and said to be ``handed``."""
    made = rules.make(
        make_zone(rule=rule, points=AREA, classes=classes, dwell_s=dwell_s, min_size_m=min_size_m)
    )
    rng = np.random.default_rng(3)
    camera = GroundCamera(POSE, 960, 540) if pose else None
    still = ground()
    fired: list[Firing] = []
    for number in range(round(seconds / every_s)):
        at_s = number * every_s
        at = START + timedelta(seconds=at_s)
        picture = still.copy()
        walkers = paint(picture, at_s)
        gray = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
        tracks = tuple(
            _track(_box(x, kind), at, n + 1, *(handed if kind == "other" else (kind, 0.9)), first)
            for n, (x, kind, first) in enumerate(walkers)
        )
        frame = Frame(1, 1, at, gray, 960, 540, 0.0, Unseen())
        fired += made.update(Seen(at, tracks, frame, ground=camera))
    return fired


def brings_a_bag(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
    walkers: list[tuple[int, Kind, float]] = []
    if at_s >= 14:
        bag(picture)
    if 8 <= at_s < 20:
        x = round(100 + (at_s - 8) * 17)
        person(picture, x)
        walkers.append((x, "person", 100 / 480))
    return walkers


def test_a_bag_is_told_once_after_its_dwell_with_who_was_beside_it() -> None:
    (fired,) = run("left_object", brings_a_bag)
    assert fired.rule == "left_object" and fired.kind == "other" and not fired.over
    x, y, w, h = fired.box
    assert abs(x - 200 / 480) < 0.02 and abs(y - 180 / 270) < 0.03 and w < 0.06 and h < 0.1
    assert "has been lying" in fired.why_en and "somebody was beside it" in fired.why_en
    assert "遗留物品" in fired.why


def test_with_a_pose_it_has_a_place_and_a_size() -> None:
    (fired,) = run("left_object", brings_a_bag, pose=True)
    assert fired.fix is not None and fired.value is not None and 0.1 < fired.value < 3.0
    assert "m large" in fired.why_en
    assert run("left_object", brings_a_bag, pose=True, min_size_m=5.0) == []


def test_a_bag_that_is_taken_away_again_is_over_and_leaves_no_gap() -> None:
    def taken(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if 14 <= at_s < 50:
            bag(picture)
        return []

    assert [f.over for f in run("left_object", taken)] == [False, True]
    assert run("removed_object", taken) == []


def test_something_missing_is_told_as_removed_and_not_as_left() -> None:
    def taken(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if at_s >= 14:
            picture[150:177, 320:341] = picture[110:137, 320:341]
        return []

    (fired,) = run("removed_object", taken)
    assert "has been missing for" in fired.why_en and "不见" in fired.why
    assert abs(fired.box[0] - 320 / 480) < 0.02
    assert run("left_object", taken) == []


def test_who_stood_there_when_the_camera_first_looked_is_not_missing_when_gone() -> None:
    def leaves(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if at_s < 8:
            person(picture, 200)
        return []

    assert run("removed_object", leaves, seconds=60.0) == []


def test_one_who_stands_still_is_no_object() -> None:
    def waits(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if at_s < 8:
            return []
        x = min(200, round(100 + (at_s - 8) * 20))
        person(picture, x)
        return [(x, "person", 100 / 480)]

    assert run("left_object", waits) == []


def test_a_bag_that_keeps_the_track_of_who_brought_it_is_told_of() -> None:
    def hands_over(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        there = brings_a_bag(picture, at_s)
        return there or ([(BAG[0], "other", 100 / 480)] if at_s >= 20 else [])

    assert len(run("left_object", hands_over)) == 1
    assert len(run("left_object", hands_over, handed=("person", 0.4))) == 1
    assert run("left_object", hands_over, handed=("person", 0.6)) == []


def test_a_parked_car_counts_only_where_vehicles_do() -> None:
    def parks(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if at_s < 8:
            return []
        x = min(200, round(100 + (at_s - 8) * 30))
        cv2.rectangle(picture, (x, 140), (x + 16, 190), 220, -1)
        return [(x, "vehicle", 100 / 480)]

    assert run("left_object", parks, classes=("person", "other")) == []
    assert len(run("left_object", parks, classes=("vehicle",))) == 1


def test_light_shadow_and_passing_people_are_none() -> None:
    def light(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        if at_s >= 14:  # a soft patch of sun, and the whole a little darker
            glow = np.zeros(picture.shape, np.float32)
            cv2.circle(glow, (220, 190), 25, 40.0, -1)
            picture[:] = np.clip(picture * 0.9 + cv2.GaussianBlur(glow, (0, 0), 12), 0, 255)
        if 20 <= at_s < 40:
            x = round(60 + (at_s - 20) * 15)
            person(picture, x)
            return [(x, "person", 60 / 480)]
        return []

    for rule in ("left_object", "removed_object"):
        assert run(rule, light) == []  # type: ignore[arg-type]


def test_a_shadow_on_texture_is_none() -> None:
    def shadow(picture: Gray, at_s: float) -> list[tuple[int, Kind, float]]:
        picture[:] = street()
        if at_s >= 14:
            picture[150:200, 180:240] = (picture[150:200, 180:240] * 0.6).astype(np.uint8)
        return []

    assert run("left_object", shadow) == [] and run("removed_object", shadow) == []


def test_key_frames_alone_are_enough() -> None:
    assert len(run("left_object", brings_a_bag, seconds=120, every_s=2.0)) == 1
