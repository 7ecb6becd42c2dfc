"""What a camera sees of a zone on the map, and one event of a thing that two cameras see."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from analytics.map_zones import Together, in_picture, near
from analytics.model import Firing, Scene, Zone
from analytics.rules import make
from analytics.zone import inside, signed_distance
from gis.ground import GroundCamera, LocalFrame
from gis.model import Ellipse, GroundFix, LonLat, Pose
from tests.support.zones import START, track, zone

HERE = LonLat(120.98, 31.38)
FRAME = LocalFrame(HERE)
NORTH = Pose(place=HERE, height_m=7.0, yaw_deg=0.0, pitch_deg=-20.0, hfov_deg=70.0)
CAMERA = GroundCamera(NORTH, 1280, 720)


def lonlat(east: float, north: float) -> LonLat:
    return LonLat(*FRAME.to_lonlat(east, north))


def drawn(*metres: tuple[float, float], **changes: object) -> Zone:
    ground = tuple(lonlat(e, n) for e, n in metres)
    return zone(camera_id=None, points=(), ground=ground, **changes)


def foot(camera: GroundCamera, east: float, north: float) -> tuple[float, float]:
    e, n = camera.frame.to_enu(*FRAME.to_lonlat(east, north))
    pixels, _ = camera.project(np.array([[e, n, 0.0]]))
    return float(pixels[0, 0]) / camera.width_px, float(pixels[0, 1]) / camera.height_px


BOX = drawn((-4, 14), (4, 14), (4, 22), (-4, 22))


def test_corners_lie_where_the_camera_sees_them() -> None:
    seen = in_picture(BOX, 5, CAMERA)
    assert seen is not None
    assert (seen.id, seen.camera_id, seen.ground) == (BOX.id, 5, BOX.ground)
    for corner in ((-4, 14), (4, 14), (4, 22), (-4, 22)):
        assert min(math.dist(p, foot(CAMERA, *corner)) for p in seen.points) < 0.003


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-60, 60), st.floats(-30, 100), st.floats(3, 30), st.floats(0, 360), st.floats(-35, -8)
)
def test_what_is_inside_on_the_map_is_inside_in_the_picture(
    east: float, north: float, size: float, yaw: float, pitch: float
) -> None:
    camera = GroundCamera(replace(NORTH, yaw_deg=yaw, pitch_deg=pitch), 1280, 720)
    corners = [
        (east, north),
        (east + size, north),
        (east + size, north + size),
        (east, north + size),
    ]
    seen = in_picture(drawn(*corners), 1, camera)
    shape = Polygon(corners)
    if seen is None:
        return
    assert all(0 <= x <= 1 and 0 <= y <= 1 for p in seen.points for x, y in [p])
    rng = np.random.default_rng(3)
    for _ in range(20):
        spot = (east - 2 + rng.uniform(0, size + 4), north - 2 + rng.uniform(0, size + 4))
        e, n = camera.frame.to_enu(*FRAME.to_lonlat(*spot))
        pixels, depth = camera.project(np.array([[e, n, 0.0]]))
        x, y = float(pixels[0, 0]) / 1280, float(pixels[0, 1]) / 720
        in_view = depth[0] > 0.5 and 0.01 < x < 0.99 and 0.01 < y < 0.99
        if not in_view or math.hypot(e, n) > 115 or shape.exterior.distance(Point(spot)) < 0.4:
            continue
        if Polygon(seen.points).exterior.distance(Point(x, y)) < 0.004:
            continue
        assert inside(seen.points, (x, y)) == shape.contains(Point(spot))


def test_behind_the_lens_or_too_far_is_not_seen() -> None:
    assert in_picture(drawn((-4, -22), (4, -22), (4, -14), (-4, -14)), 1, CAMERA) is None
    assert in_picture(drawn((-4, 300), (4, 300), (4, 320), (-4, 320)), 1, CAMERA) is None
    around = in_picture(drawn((-50, -50), (50, -50), (50, 50), (-50, 50)), 1, CAMERA)
    assert around is not None and Polygon(around.points).is_valid
    assert near([BOX], lonlat(0, -90)) == (BOX,)
    assert near([BOX], lonlat(0, -150)) == ()


@pytest.mark.parametrize("yaw_deg", [0.0, 90.0, 200.0])
def test_left_on_the_map_is_left_in_the_picture(yaw_deg: float) -> None:
    away = math.radians(yaw_deg)
    ahead = np.array([math.sin(away), math.cos(away)]) * 18
    camera = GroundCamera(replace(NORTH, yaw_deg=yaw_deg), 1280, 720)
    for turn in (0.3, 1.4, 2.9, 4.4):
        step = np.array([math.sin(turn), math.cos(turn)])
        line = drawn(tuple(ahead - 3 * step), tuple(ahead + 3 * step), rule="line_crossing")
        seen = in_picture(line, 1, camera)
        assert seen is not None
        left = ahead + 2 * np.array([-step[1], step[0]])
        assert signed_distance(seen.points, foot(camera, *left)) > 0


def test_an_arrow_keeps_its_direction() -> None:
    ends = tuple((p.lon, p.lat) for p in (lonlat(0, 10), lonlat(0, 90)))
    seen = in_picture(replace(BOX, rule="wrong_way", arrow=ends), 1, CAMERA)
    assert seen is not None and seen.arrow is not None
    (x0, y0), (x1, y1) = seen.arrow
    assert x0 == pytest.approx(x1, abs=0.01) and y1 < y0


def test_a_place_on_the_ground_is_better_than_a_foot_that_is_hidden() -> None:
    seen = in_picture(BOX, 1, CAMERA)
    assert seen is not None
    fix = GroundFix(lonlat(0, 18), Ellipse(1.0, 0.5, 0.0))
    knee_high = foot(CAMERA, 0, 24)  # a wall hides the feet: the box ends beyond the area
    rule = make(seen)
    assert not rule.update(Scene(START, (track(1, 0, knee_high),)))
    (fired,) = rule.update(Scene(START, (track(2, 0, knee_high, fix=fix),)))
    assert "on the map" in fired.why_en


def event(place: LonLat, **changes: object) -> Firing:
    seen = replace(BOX, camera_id=1, points=((0, 0), (1, 0), (1, 1)))
    fix = GroundFix(place, Ellipse(1.5, 1.0, 0.0))
    values = {"kind": "person", "fix": fix} | changes
    return Firing.of(seen, track(1, 0, (0.5, 0.5), **values), "", "")


def test_one_thing_seen_by_two_cameras_is_one_event() -> None:
    together = Together()
    assert together.admit(event(lonlat(0, 18)), 1, START)
    later = START + timedelta(seconds=1.0)
    assert not together.admit(event(lonlat(1, 19)), 2, later)
    assert together.admit(event(lonlat(1, 19)), 2, later), "the second camera sees a second one"
    assert not together.admit(event(lonlat(0, 18)), 1, later), "and the first camera that one, too"
    assert together.admit(event(lonlat(0, 18)), 1, later), "a third is a third"
    assert together.admit(event(lonlat(0, 60)), 3, later), "too far away"
    assert together.admit(event(lonlat(0, 18), fix=None), 4, later), "nobody knows where"


def test_what_has_no_track_is_one_for_the_zone_within_rearm() -> None:
    together = Together()
    seen = replace(BOX, camera_id=1, points=((0, 0), (1, 0), (1, 1)), rearm_s=60.0)
    crowd = Firing.of_scene(seen, "person", 0.8, (0, 0, 1, 1), "", "", 12.0)
    assert together.admit(crowd, 1, START)
    assert not together.admit(crowd, 2, START + timedelta(seconds=50))
    assert together.admit(crowd, 3, START + timedelta(seconds=70))
