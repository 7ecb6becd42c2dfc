"""What is staged for the rules, and how what they tell of is held against it."""

from __future__ import annotations

from bench.happenings import staged, yard
from bench.rules_demo import paired
from bench.rules_figure import RuleFigure, told
from bench.scenes import render


def test_crossings_are_paired_once_each_by_time_and_direction() -> None:
    there = [(5.0, "left_to_right"), (5.5, "left_to_right"), (9.0, "right_to_left")]
    assert paired(there, [(5.2, "left_to_right")]) == [(0, 0)]
    assert paired(there, [(6.0, "left_to_right"), (5.2, "left_to_right")]) == [(0, 1), (1, 0)]
    assert not paired(there, [(9.0, "left_to_right"), (20.0, "right_to_left")])


def test_every_zone_has_points_in_the_picture_and_numbers_of_its_own() -> None:
    for scene in staged():
        assert len({zone.id for zone in scene.zones}) == len(scene.zones)
        for zone in scene.zones:
            assert len(zone.points) >= 2
            assert all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in zone.points)


def test_the_truth_of_the_yard_has_the_one_who_climbs_in() -> None:
    about = yard()
    scene = render(about.camera, "sun", about.seconds, start=about.start, fps=2)
    (happening,) = about.known(scene)
    assert 10.0 < happening.from_s < 15.0 < 30.0 < happening.until_s


def test_recall_is_reported_only_where_something_is_known_to_happen() -> None:
    nothing = told("rules", [RuleFigure("loitering", "a street", 0, 0, 1, 60.0)])
    assert [f.metric for f in nothing] == [
        "false alarms",
        "watched",
        "false alarms per camera-hour",
    ]
    assert nothing[-1].value == 60.0
    some = told("rules", [RuleFigure("loitering", "a street", 2, 1, 0, 60.0, 4.0)])
    assert (some[0].metric, some[0].value, some[0].unit) == ("found", 1, "of 2")
    assert (some[-1].metric, some[-1].value) == ("time to alarm", 4.0)
