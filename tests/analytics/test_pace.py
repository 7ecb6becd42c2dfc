"""How many frames a second what moves asks for."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.model import Zone
from analytics.pace import CREDIT_GROWS, CREDIT_S, LEAST_FPS, NEW_S, Pace
from analytics.track import Tracked, TrackView

MOST_FPS = 12.5
OLD_S = NEW_S + 1.0


def _view(
    at_s: float, speed_px_s: float, age_s: float = OLD_S, resting: bool = False, seen: bool = True
) -> TrackView:
    """A thing of 40×90 pixels, 60 in size."""
    box = (100.0, 100.0, 40.0, 90.0)
    return TrackView(
        uuid4(), at_s - age_s, box, (speed_px_s, 0.0), seen, False, (), resting=resting
    )


def _tracked(*views: TrackView, tentative: int = 0) -> Tracked:
    return Tracked(views, (), (), tentative)


def _zone(rule: str, left: float) -> Zone:
    points = ((left, 0.2), (left + 0.2, 0.2), (left + 0.2, 0.6), (left, 0.6))
    return Zone(
        id=1, camera_id=1, name="区", name_en="area", rule=rule, points=points, classes=("person",),  # type: ignore[arg-type]
        dwell_s=0.0, direction="both", priority=2, rearm_s=2.0, enabled=True, version=1,
    )  # fmt: skip


def test_who_walks_and_who_stands_needs_few_frames_who_is_fast_more() -> None:
    pace = Pace(MOST_FPS)
    assert pace.after(_tracked(), 0.0) == LEAST_FPS
    assert pace.after(_tracked(_view(1.0, 0.0), _view(1.0, 90.0)), 1.0) == LEAST_FPS
    fast = pace.after(_tracked(_view(2.0, 90.0), _view(2.0, 240.0)), 2.0)
    assert LEAST_FPS + 2 < fast < MOST_FPS
    assert pace.after(_tracked(_view(3.0, 3000.0)), 3.0) == MOST_FPS
    assert pace.after(_tracked(_view(4.0, 3000.0, resting=True)), 4.0) == LEAST_FPS
    unseen = _tracked(_view(5.0, 3000.0, seen=False))
    assert pace.after(unseen, 5.0) == LEAST_FPS, "where it may be by now nobody knows"


def test_what_is_new_gets_every_frame_until_its_speed_is_known() -> None:
    pace = Pace(MOST_FPS)
    assert pace.after(_tracked(tentative=1), 0.0) == MOST_FPS
    assert pace.after(_tracked(_view(0.3, 60.0, age_s=0.3)), 0.3) == MOST_FPS
    assert pace.after(_tracked(_view(1.1, 60.0, age_s=1.1)), 1.1) == LEAST_FPS


def test_where_something_is_new_all_the_time_little_is_spent_on_it() -> None:
    pace = Pace(MOST_FPS)
    at_s, frames = 0.0, 0
    while at_s < 60.0:
        at_s += 1.0 / pace.after(_tracked(tentative=3), at_s)
        frames += 1
    spent_s = CREDIT_S + 60.0 * CREDIT_GROWS
    assert frames <= 60.0 * LEAST_FPS + 1.2 * spent_s * (MOST_FPS - LEAST_FPS)
    for i in range(5 * 20):
        pace.after(_tracked(), 60.0 + i / 5)
    assert pace.after(_tracked(tentative=1), 80.0) == MOST_FPS, "after a pause all are seen again"


@pytest.mark.parametrize(
    ("rule", "least_fps"), [("fire", 7.0), ("abnormal_motion", MOST_FPS), ("intrusion", LEAST_FPS)]
)
def test_a_rule_that_sees_how_things_move_gets_its_frames_where_they_do(
    rule: str, least_fps: float
) -> None:
    pace = Pace(MOST_FPS)
    pace.reconfigure([_zone(rule, 0.4)])
    assert pace.asked == (rule != "intrusion")
    slow = _tracked(_view(1.0, 30.0))
    assert pace.after(slow, 1.0, [(0.55, 0.5, 0.2, 0.3)]) == least_fps
    assert pace.after(slow, 2.0, [(0.7, 0.5, 0.2, 0.3)]) == LEAST_FPS, "beside the area"
    assert pace.after(slow, 3.0) == LEAST_FPS


@given(
    st.lists(
        st.tuples(
            st.floats(0.01, 5.0), st.integers(0, 4), st.floats(0.0, 1e4), st.floats(0.0, 20.0)
        ),
        max_size=40,
    )
)
def test_it_stays_within_its_limits(steps: list[tuple[float, int, float, float]]) -> None:
    pace, at_s = Pace(MOST_FPS), 0.0
    for passed_s, tentative, speed, age_s in steps:
        at_s += passed_s
        fps = pace.after(_tracked(_view(at_s, speed, age_s), tentative=tentative), at_s)
        assert LEAST_FPS <= fps <= MOST_FPS
