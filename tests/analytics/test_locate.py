"""A box's place on the ground against where the thing really stood."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.locate import FEET_HIDDEN, Located, Locator, Things, darkness, ground_speed_ms
from analytics.model import KINDS, Kind
from gis.errors import InvalidInput
from gis.ground import GroundCamera, LocalFrame
from gis.model import LonLat, Pose

POSE = Pose(LonLat(120.98, 31.38), 7.0, 30.0, -20.0, 70.0)
W, H = 960, 540


def _block(
    east: float, north: float, course: float, length: float, width: float, height: float
) -> NDArray[np.float64]:
    along = np.array([math.sin(course), math.cos(course)]) * length / 2
    across = np.array([math.cos(course), -math.sin(course)]) * width / 2
    return np.array(
        [
            [*(np.array([east, north]) + a * along + b * across), z]
            for a in (-1, 1)
            for b in (-1, 1)
            for z in (0.0, height)
        ]
    )


def _car(east: float, north: float, course: float) -> NDArray[np.float64]:
    """Wheels that stand on the ground, and a body that hangs over them before and behind."""
    wheels = _block(east, north, course, 3.3, 1.75, 0.5)
    body = _block(east, north, course, 4.5, 1.75, 1.5)
    body[body[:, 2] == 0.0, 2] = 0.28
    return np.concatenate([wheels, body])


def _box(pose: Pose, block: NDArray[np.float64]) -> tuple[float, float, float, float] | None:
    pixels, depth = GroundCamera(pose, W, H).project(block)
    if (depth < 1).any():
        return None
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    if (low < 5).any() or high[0] > W - 5 or high[1] > H - 5:
        return None
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def _at(right_m: float, ahead_m: float) -> tuple[float, float]:
    yaw = math.radians(POSE.yaw_deg)
    return (
        ahead_m * math.sin(yaw) + right_m * math.cos(yaw),
        ahead_m * math.cos(yaw) - right_m * math.sin(yaw),
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-8, 8), st.floats(12, 40))
def test_a_person_is_placed_within_30_cm_of_the_truth(right_m: float, ahead_m: float) -> None:
    east, north = _at(right_m, ahead_m)
    box = _box(POSE, _block(east, north, 0.3, 0.35, 0.5, 1.75))
    if box is None:
        return
    found = Locator(POSE, W, H).locate(box, "person")
    assert found is not None
    assert math.hypot(found.east_m - east, found.north_m - north) < 0.3
    assert found.size.height_m == pytest.approx(1.75, abs=0.25)
    assert 0.35 < found.size.width_m < 1.1, (
        "seen from its corner and from above a block looks wider"
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-12, 12), st.floats(18, 40), st.floats(0, 2 * math.pi))
def test_a_car_is_placed_at_its_middle_from_any_side(
    right_m: float, ahead_m: float, course: float
) -> None:
    east, north = _at(right_m, ahead_m)
    box = _box(POSE, _car(east, north, course))
    if box is None:
        return
    found = Locator(POSE, W, H).locate(box, "vehicle", course)
    assert found is not None
    assert math.hypot(found.east_m - east, found.north_m - north) < 0.35


def test_the_ellipse_holds_the_truth_as_often_as_it_says() -> None:
    """Poses drawn from their stated error, feet as ragged as the detector's: 93 to 98 % must be inside."""
    rng = np.random.default_rng(4)
    believed = replace(POSE, sigma_deg=0.5)
    locator, frame = Locator(believed, W, H), LocalFrame(POSE.place)
    inside = total = 0
    for _ in range(1500):
        true_pose = replace(
            POSE,
            yaw_deg=POSE.yaw_deg + rng.normal(0, 0.5),
            pitch_deg=POSE.pitch_deg + rng.normal(0, 0.5),
            roll_deg=rng.normal(0, 0.5),
            height_m=POSE.height_m + rng.normal(0, 0.15),
        )
        east, north = _at(rng.uniform(-8, 8), rng.uniform(12, 40))
        box = _box(true_pose, _block(east, north, rng.uniform(0, 6.3), 0.35, 0.5, 1.75))
        if box is None:
            continue
        x, y, w, h = box
        sigma_px = max(1.0, 0.03 * h)
        box = (x + rng.normal(0, sigma_px), y, w, h + rng.normal(0, sigma_px))
        found = locator.locate(box, "person")
        assert found is not None
        if found.fix is None:
            continue
        e, n = frame.to_enu(found.fix.place.lon, found.fix.place.lat)
        ellipse = found.fix.ellipse
        angle = math.radians(ellipse.angle_deg)
        major = (east - e) * math.sin(angle) + (north - n) * math.cos(angle)
        minor = (east - e) * math.cos(angle) - (north - n) * math.sin(angle)
        inside += (major / ellipse.major_m) ** 2 + (minor / ellipse.minor_m) ** 2 <= 1
        total += 1
    assert total > 1000
    assert 0.93 <= inside / total <= 0.98


def test_the_ellipse_grows_with_distance_until_there_is_no_fix() -> None:
    locator = Locator(POSE, W, H)
    majors: list[float | None] = []
    for ahead_m in (15, 25, 40, 60, 400):
        pixels, _ = GroundCamera(POSE, W, H).project(np.array([[*_at(0, ahead_m), 0.0]]))
        found = locator.locate((float(pixels[0, 0]) - 4, float(pixels[0, 1]) - 16, 8, 16), "person")
        majors.append(found.fix.ellipse.major_m if found and found.fix else None)
    near = [m for m in majors if m is not None]
    assert near == sorted(near) and len(near) == 4
    assert majors[-1] is None
    assert found is not None and found.nowhere is not None and found.nowhere.code == "too_far"
    assert found.nowhere.major_m is not None and found.nowhere.major_m > 25.0


def test_many_are_placed_as_one_by_one() -> None:
    """All kinds, courses known and not, cut, tall and short, some in the sky."""
    rng = np.random.default_rng(3)
    locator = Locator(replace(POSE, pitch_deg=-5.0, k1=-0.08), W, H)
    boxes = np.column_stack(
        [rng.uniform(0, W, 60), rng.uniform(0, H, 60), *rng.uniform(5, 200, (2, 60))]
    )
    kinds: list[Kind] = [KINDS[i % 3] for i in range(60)]
    courses = [None if i % 4 == 0 else float(rng.uniform(0, 6.3)) for i in range(60)]
    together = locator.locate_many(Things.sure(boxes, kinds, courses))
    for i, found in enumerate(together):
        alone = locator.locate((*(float(v) for v in boxes[i]),), kinds[i], courses[i])  # type: ignore[arg-type]
        assert (alone is None) == (found is None)
        if alone is None or found is None:
            continue
        assert (found.east_m, found.north_m) == pytest.approx((alone.east_m, alone.north_m))
        assert found.nowhere == alone.nowhere
        if alone.fix is not None and found.fix is not None:
            assert found.fix.ellipse.major_m == pytest.approx(alone.fix.ellipse.major_m)
    codes = {f.nowhere.code if f.nowhere else "placed" for f in together if f}
    assert codes == {"placed", "too_far", "feet_hidden"} and None in together
    assert locator.locate_many(Things.sure(np.empty((0, 4)), [], [])) == []


def test_above_the_horizon_there_is_nothing() -> None:
    level = replace(POSE, pitch_deg=-5.0)
    assert Locator(level, W, H).locate((400, 100, 20, 60), "person") is None


def test_a_foot_below_the_picture_is_no_place() -> None:
    found = Locator(POSE, W, H).locate((400, 300, 80, 240), "person")
    assert found is not None and found.fix is None and found.nowhere == FEET_HIDDEN


def test_hidden_feet_are_allowed_for() -> None:
    """Behind a fence 0.7 m high only the upper body shows: the ellipse must reach where the feet are."""
    east, north = _at(2.0, 25.0)
    block = _block(east, north, 0.3, 0.35, 0.5, 1.75)
    block[block[:, 2] == 0.0, 2] = 0.7
    box = _box(POSE, block)
    assert box is not None
    found = Locator(POSE, W, H).locate(box, "person")
    assert found is not None and found.fix is not None
    away_m = math.hypot(found.east_m - east, found.north_m - north)
    assert 0.5 < away_m < found.fix.ellipse.major_m


def _holds(found: Located | None, east: float, north: float) -> bool:
    """Whether its ellipse holds a spot."""
    assert found is not None and found.fix is not None
    ellipse = found.fix.ellipse
    angle = math.radians(ellipse.angle_deg)
    de, dn = east - found.east_m, north - found.north_m
    major, minor = (
        de * math.sin(angle) + dn * math.cos(angle),
        de * math.cos(angle) - dn * math.sin(angle),
    )
    return (major / ellipse.major_m) ** 2 + (minor / ellipse.minor_m) ** 2 <= 1


def _major_m(found: Located | None) -> float:
    assert found is not None and found.fix is not None
    return found.fix.ellipse.major_m


@pytest.mark.parametrize("mirrored", [0.2, 0.4])
def test_a_person_that_wet_ground_mirrors_stands_at_the_feet(mirrored: float) -> None:
    """The box reaches into the mirror image: nobody is as tall as that, so the feet are higher up."""
    east, north = _at(1.0, 22.0)
    box = _box(POSE, _block(east, north, 0.3, 0.35, 0.5, 1.72))
    assert box is not None
    x, y, w, h = box
    camera, wet = GroundCamera(POSE, W, H), (x, y, w, h * (1 + mirrored))
    ray = camera.rays(np.array([[x + w / 2, y + wet[3]]]))[0]
    raw = POSE.height_m * ray[:2] / -ray[2]
    found = Locator(POSE, W, H).locate(wet, "person")
    assert found is not None
    off_m = math.hypot(found.east_m - east, found.north_m - north)
    assert off_m < 0.7 * math.hypot(*(raw - (east, north)))
    assert _holds(found, east, north)
    assert _major_m(found) > _major_m(Locator(POSE, W, H).locate(box, "person"))


def test_a_shadow_beside_a_car_is_in_its_ellipse_and_not_in_every_car_s() -> None:
    east, north = _at(-2.0, 24.0)
    course = math.radians(POSE.yaw_deg)  # it drives away, so its box is as wide as it
    box = _box(POSE, _car(east, north, course))
    assert box is not None
    x, y, w, h = box
    locator = Locator(POSE, W, H)
    clean = locator.locate(box, "vehicle", course)
    shadowed = locator.locate((x - 0.9 * w, y, 1.9 * w, h), "vehicle", course)
    assert _holds(clean, east, north) and _holds(shadowed, east, north)
    assert clean is not None and clean.fix is not None and clean.fix.ellipse.minor_m < 1.0
    assert shadowed is not None and shadowed.fix is not None
    assert shadowed.fix.ellipse.minor_m > 1.5 * clean.fix.ellipse.minor_m


@pytest.mark.parametrize("turned", [0.0, 0.6, 1.2])
def test_a_bus_is_placed_deeper_than_a_car(turned: float) -> None:
    """Its nearest corner is where a car's would be, its middle three metres farther behind it."""
    east, north = _at(0.0, 30.0)
    course = math.radians(POSE.yaw_deg) + turned
    wheels = _block(east, north, course, 7.2, 2.5, 0.5)
    body = _block(east, north, course, 11.1, 2.5, 3.1)
    body[body[:, 2] == 0.0, 2] = 0.3
    box = _box(POSE, np.concatenate([wheels, body]))
    assert box is not None
    found = Locator(POSE, W, H).locate(box, "vehicle", course)
    assert found is not None
    assert math.hypot(found.east_m - east, found.north_m - north) < 1.8
    assert _holds(found, east, north)


def test_a_kind_in_doubt_is_placed_between_and_its_ellipse_holds_both() -> None:
    box, locator = (430.0, 240.0, 40.0, 42.0), Locator(POSE, W, H)
    boxes, course = np.array([box] * 4), np.full(4, math.radians(POSE.yaw_deg))
    odds = np.array([[1.0, 0, 0], [0, 1.0, 0], [0.5, 0.5, 0], [0.99, 0.01, 0]])
    person, vehicle, either, sure = locator.locate_many(
        Things(boxes, odds, course, np.zeros((4, 2)), np.zeros(4))
    )
    assert person and vehicle and either and sure
    assert person.distance_m + 0.5 < either.distance_m < vehicle.distance_m - 0.5
    assert _holds(either, person.east_m, person.north_m)
    assert _holds(either, vehicle.east_m, vehicle.north_m)
    assert _major_m(either) > max(_major_m(person), _major_m(vehicle))
    assert sure == person, "what is hardly possible is left out"


def test_without_a_foot_of_its_own_the_ellipse_grows() -> None:
    boxes, odds = np.array([(430.0, 240.0, 25.0, 60.0)] * 3), np.array([[1.0, 0.0, 0.0]] * 3)
    found = Locator(POSE, W, H).locate_many(
        Things(boxes, odds, np.full(3, math.nan), np.zeros((3, 2)), np.array([0.0, 0.3, 2.0]))
    )
    own, lately, long = (_major_m(each) for each in found)
    assert own < lately < long
    assert long > 2.0 * 2.0, "two seconds at a metre a second, at 95 %"


def test_where_detection_and_track_differ_the_ellipse_says_so() -> None:
    boxes, odds = np.array([(430.0, 240.0, 25.0, 60.0)] * 3), np.array([[1.0, 0.0, 0.0]] * 3)
    off_px = np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])
    same, beside, below = Locator(POSE, W, H).locate_many(
        Things(boxes, odds, np.full(3, math.nan), off_px, np.zeros(3))
    )
    assert same and same.fix and beside and beside.fix and below and below.fix
    assert beside.fix.ellipse.minor_m > 1.2 * same.fix.ellipse.minor_m
    assert below.fix.ellipse.major_m > 1.2 * same.fix.ellipse.major_m


def test_a_picture_analysed_small_places_less_finely() -> None:
    """A foot is not known finer than the pixels that were looked at."""
    camera = GroundCamera(POSE, W, H)
    pixels, _ = camera.project(np.array([[*_at(0, 45.0), 0.0]]))
    box = (float(pixels[0, 0]) - 4, float(pixels[0, 1]) - 16, 8.0, 16.0)
    pose = replace(POSE, sigma_deg=0.1)
    fine, coarse = (
        _major_m(Locator(pose, W, H, grain_px).locate(box, "person")) for grain_px in (1.0, 6.0)
    )
    assert coarse > 1.2 * fine


@pytest.mark.parametrize(
    ("pose", "message"),
    [
        (replace(POSE, height_m=200.0), "200 m above the ground"),
        (replace(POSE, pitch_deg=60.0), "only sky"),
        (replace(POSE, height_m=-3.0), "sees no ground"),
    ],
)
def test_a_pose_that_cannot_be_is_refused(pose: Pose, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Locator(pose, W, H)


def test_speed_is_the_median_and_needs_time() -> None:
    t = np.arange(0, 5, 0.1)
    jitter = np.random.default_rng(2).normal(0, 0.05, (2, len(t)))
    assert ground_speed_ms(t, 1.4 * t + jitter[0], jitter[1]) == pytest.approx(1.4, abs=0.05)
    assert ground_speed_ms(t[:5], t[:5], t[:5]) is None


def test_opencv_agrees_on_the_projection() -> None:
    """The same block through OpenCV's own pinhole, so that the truth here is not our own camera's opinion."""
    camera = GroundCamera(POSE, W, H)
    block = _block(*_at(2, 20), 0.4, 4.4, 1.8, 1.5)
    matrix = np.array([[camera.focal_px, 0, W / 2], [0, camera.focal_px, H / 2], [0, 0, 1]])
    shift = -camera.rotation @ np.array([0, 0, POSE.height_m])
    theirs, _ = cv2.projectPoints(block, cv2.Rodrigues(camera.rotation)[0], shift, matrix, None)
    ours, _ = camera.project(block)
    assert np.allclose(theirs.reshape(-1, 2), ours, atol=1e-6)


def test_the_dark_is_told_by_the_picture_and_widens_ellipses() -> None:
    levels = (120, 95, 72, 55)
    day, rain, dusk, night = (darkness(np.full((270, 480), level, np.uint8)) for level in levels)
    assert day == rain == 0.0 < dusk < night == 1.0
    boxes, odds = np.array([(430.0, 240.0, 80.0, 60.0)]), np.array([[0.0, 1.0, 0.0]])
    by_day, by_night = (
        Locator(POSE, W, H).locate_many(
            Things(boxes, odds, np.array([0.5]), np.zeros((1, 2)), np.zeros(1), dark)
        )[0]
        for dark in (0.0, 1.0)
    )
    assert by_day and by_night
    assert by_night.distance_m < by_day.distance_m, "its lower edge is not seen"
    assert _major_m(by_night) > 1.1 * _major_m(by_day)
