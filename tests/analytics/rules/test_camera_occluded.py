"""Occluded: what hides the view and stands, not what passes."""

from __future__ import annotations

from tests.support.health import Change, Gray, told, watch


def covered(share: float, from_s: float = 40, to_s: float = 75) -> Change:
    def change(gray: Gray, at_s: float) -> Gray:
        if from_s <= at_s < to_s:
            gray[:, : round(gray.shape[1] * share)] = 60
        return gray

    return change


def test_a_covered_lens_is_told_with_how_much_and_its_end() -> None:
    said = watch(90, covered(0.95))
    assert told(said) == [("camera_occluded", False), ("camera_occluded", True)]
    begins = next(s for s in said if not s.over)
    assert 44 <= begins.at_s <= 48
    assert "% of the outlines that this camera shows are hidden for 5 s" in begins.why_en
    assert "被遮挡" in begins.why


def test_most_of_it_takes_longer_than_a_lorry_waits_to_turn() -> None:
    assert told(watch(90, covered(0.7, 40, 52))) == []
    said = watch(90, covered(0.7))
    assert told(said) == [("camera_occluded", False), ("camera_occluded", True)]
    assert next(s for s in said if not s.over).at_s >= 58


def test_a_part_of_the_picture_is_not_the_camera() -> None:
    assert told(watch(90, covered(0.4))) == []


def test_what_covers_for_hours_does_not_become_the_view() -> None:
    said = watch(800, covered(0.95, 40, 9999), every_s=4.0)
    assert told(said) == [("camera_occluded", False)]
