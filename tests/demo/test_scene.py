"""The scenes: what the truth says is where the picture shows it, and nobody drives through anybody."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import Point, Polygon

from demo.cameras.actors import Placement
from demo.cameras.bodies import model
from demo.cameras.cast import cast, guarded
from demo.cameras.scene import Scene, TruthObject, truth_at
from demo.cameras.streetmap import StreetMap
from demo.cameras.traffic import PERIOD_S
from demo.cameras.view import View
from demo.cameras.walkers import INTRUSION_AT_S, INTRUSION_EVERY_S
from tests.support.scenes import CACHE, city, scene

T = 1_795_246_020.0  # a multiple of 60 s
CROSSING = "cam-people-dongmen"


@pytest.fixture(scope="module")
def crossing() -> Scene:
    return scene(CROSSING)


@pytest.fixture(scope="module")
def yard() -> Scene:
    return scene("cam-yard")


def picture(scene: Scene, t: float) -> NDArray[np.int16]:
    return scene.picture(t).astype(np.int16)


def empty(scene: Scene, t: float) -> NDArray[np.int16]:
    return scene.picture(t, []).astype(np.int16)


def at_least(objects: list[TruthObject], height_px: float) -> list[TruthObject]:
    return [o for o in objects if o.box_px[3] >= height_px and o.visible > 0.8]


def inside(shape: tuple[int, ...], o: TruthObject, grow_px: float = 0.0) -> tuple[slice, slice]:
    x, y, w, h = o.box_px
    return (
        slice(max(0, int(y - grow_px)), min(shape[0], math.ceil(y + h + grow_px))),
        slice(max(0, int(x - grow_px)), min(shape[1], math.ceil(x + w + grow_px))),
    )


def test_truth_boxes_hold_what_changed_in_the_picture(crossing: Scene) -> None:
    judged = 0
    for t in (T + 12.0, T + 27.5, T + 47.0):
        difference = np.abs(picture(crossing, t) - empty(crossing, t)).max(axis=2)
        found = crossing.seen(t)
        truth = crossing.truth(found)
        elsewhere = np.ones(difference.shape, np.uint8)
        for drawing, o in zip(found, truth, strict=True):
            elsewhere[inside(difference.shape, o, 3.0)] = 0
            # Its shadow, with the soft edge.
            outline_px = drawing.shadow.round().astype(np.int32).reshape(-1, 1, 2)
            if len(outline_px):
                cv2.fillPoly(elsewhere, [outline_px], 0)
                cv2.polylines(elsewhere, [outline_px], True, 0, 16)
        assert elsewhere.mean() > 0.4
        assert difference[elsewhere > 0].max() <= 1
        for o in at_least(truth, 14.0):
            judged += 1
            assert difference[inside(difference.shape, o)].mean() > 6.0, o
    assert judged > 20


def test_places_project_to_the_feet_of_the_boxes(crossing: Scene) -> None:
    camera = crossing.view.ground
    judged = 0
    for o in at_least(crossing.truth(crossing.seen(T + 30.0)), 12.0):
        east, north = camera.frame.to_enu(o.lon, o.lat)
        pixels, _ = camera.project(np.array([[east, north, 0.0]]))
        x, y, w, h = o.box_px
        assert x - 1 <= pixels[0, 0] <= x + w + 1
        # The foot point lies under the body's middle: low in the box, and never below it.
        assert y + h * 0.45 <= pixels[0, 1] <= y + h + 1
        judged += 1
    assert judged > 5


def test_the_lean_projection_is_the_ground_camera_s(crossing: Scene) -> None:
    view = crossing.view
    rng = np.random.default_rng(4)
    points = np.column_stack([rng.uniform(-90, 90, (400, 2)), rng.uniform(0, 20, 400)])
    pixels, depth = view.project(points)
    exact, exact_depth = view.ground.project(points)
    assert np.allclose(depth, exact_depth)
    assert np.allclose(pixels[depth > 0.5], exact[depth > 0.5])


def test_the_same_moment_is_the_same_picture_and_the_same_truth(crossing: Scene) -> None:
    again = scene(CROSSING)
    assert np.array_equal(crossing.frame(T + 5.0), again.frame(T + 5.0))
    assert crossing.truth(crossing.seen(T + 5.0)) == truth_at(CROSSING, T + 5.0, CACHE)
    assert not np.array_equal(crossing.frame(T + 5.0), again.frame(T + 6.0))


def test_a_still_thing_in_front_hides_what_is_behind_it(yard: Scene) -> None:
    hidden = 0
    for t in np.arange(T, T + 120.0, 4.0):
        truth = yard.truth(yard.seen(float(t)))
        changed = np.abs(picture(yard, float(t)) - empty(yard, float(t))).max(axis=2)
        for o in truth:
            alone = not any(overlap(o, other) for other in truth if other is not o)
            if o.visible == 0.0 and o.box_px[3] > 5 and alone:
                hidden += 1
                # An edge of a pixel may show between two samples of the outline.
                assert changed[inside(changed.shape, o)].mean() < 6.0
    assert hidden > 0


def overlap(a: TruthObject, b: TruthObject) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a.box_px, b.box_px
    reach = 4.0 + max(bw, bh)  # with b's shadow
    return (
        abs(ax + aw / 2 - bx - bw / 2) < aw / 2 + reach
        and abs(ay + ah / 2 - by - bh / 2) < ah / 2 + reach
    )


def outline(p: Placement) -> Polygon:
    if p.kind == "vehicle":
        shape = model(p.body, p.look)
        long, wide = shape.length_m, shape.width_m
    else:
        long, wide = (0.3, 0.3) if p.body == "person" else (1.6, 0.5)
    turn = math.radians(p.heading_deg)
    ahead = np.array([math.sin(turn), math.cos(turn)]) * long / 2
    right = np.array([math.cos(turn), -math.sin(turn)]) * wide / 2
    at = np.array([p.east_m, p.north_m])
    return Polygon([at - ahead - right, at + ahead - right, at + ahead + right, at - ahead + right])


@pytest.mark.parametrize("code", [CROSSING, "cam-ring-jianshe", "cam-station", "cam-river"])
def test_nobody_drives_through_anybody(code: str) -> None:
    view = View(city(), {c.code: c for c in city().cameras}[code])
    actors = cast(view, StreetMap(view))
    moved = 0
    for t in np.arange(T, T + PERIOD_S, 2.5):
        there = [p for p in actors.at(float(t)) if abs(p.east_m) < 200 and abs(p.north_m) < 200]
        outlines = [outline(p) for p in there]
        tree = STRtree(outlines)
        for i, j in zip(*tree.query(outlines, predicate="intersects"), strict=True):
            if i < j and "vehicle" in (there[i].kind, there[j].kind):
                raise AssertionError(f"{there[i].id} and {there[j].id} meet at {t - T:.1f} s")
        moved += sum(p.speed_ms > 0 for p in there)
    assert moved > 500


def test_the_intruder_comes_over_the_fence_by_the_clock(yard: Scene) -> None:
    ring = Polygon(guarded(yard.view))
    start = math.ceil(T / INTRUSION_EVERY_S) * INTRUSION_EVERY_S
    entered = None
    for t in np.arange(start, start + 60.0, 0.1):
        who = [p for p in yard.placements(float(t)) if p.id == "intruder"]
        if who and ring.contains(Point(who[0].east_m, who[0].north_m)):
            entered = float(t) - start
            break
    assert entered is not None and abs(entered - INTRUSION_AT_S) < 0.3
    inside_yard = at_least(
        [o for o in yard.truth(yard.seen(start + 30.0)) if o.id == "intruder"], 20.0
    )
    assert len(inside_yard) == 1


def test_who_is_asked_for_enters_when_it_was_said() -> None:
    yard = scene("cam-yard")
    ring = Polygon(guarded(yard.view))
    quiet = math.ceil(T / INTRUSION_EVERY_S) * INTRUSION_EVERY_S + 120.0
    enters = [yard.intrude(quiet), yard.intrude(quiet + 3.0)]
    for number, at in enumerate(enters):
        assert 0.5 < at - quiet - 3.0 * number < 6.0

        def where(t: float, number: int = number) -> Point:
            (who,) = [p for p in yard.placements(t) if p.id == f"intruder-{number}"]
            return Point(who.east_m, who.north_m)

        assert not ring.contains(where(at - 0.5))
        assert ring.contains(where(at + 0.5))


def test_only_the_guarded_yard_can_be_intruded(crossing: Scene) -> None:
    with pytest.raises(ValueError, match=CROSSING):
        crossing.intrude(T)


def test_a_walker_steps_over_the_river_edge_line() -> None:
    view = View(city(), {c.code: c for c in city().cameras}["cam-river"])
    actors = cast(view, StreetMap(view))
    zone = next(z for z in city().zones if z.camera == "cam-river")
    a, b = view.local(zone.ground)
    sides: dict[str, set[bool]] = {}
    for t in np.arange(T, T + 130.0, 0.5):
        for p in actors.at(float(t)):
            if p.body == "person":
                at = np.array([p.east_m, p.north_m])
                share = float((at - a) @ (b - a)) / float((b - a) @ (b - a))
                if 0.0 < share < 1.0:
                    left = (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]) > 0
                    sides.setdefault(p.id, set()).add(bool(left))
    crossed = [name for name, both in sides.items() if len(both) == 2]
    assert crossed == ["edge"]
    assert len(sides) > 5


def test_the_still_picture_is_sharp_and_has_no_empty_part(crossing: Scene) -> None:
    still = empty(crossing, T).astype(np.uint8)
    assert cv2.Laplacian(cv2.cvtColor(still, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var() > 100
    blocks = still.reshape(9, 60, 16, 60, 3).transpose(0, 2, 1, 3, 4).reshape(144, -1)
    assert blocks.std(axis=1).min() > 1.0
