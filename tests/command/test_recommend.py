"""The ranking is by road time, and says why."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from command.model import IncidentType, Service, UnitStatus
from command.recommend import Candidate, rank

NEAR = Candidate(1, "P-01", "police", "available", None, 185.0, 2340.0, True, 4.0)


def order(*candidates: Candidate, kind: IncidentType = "intrusion") -> list[int]:
    return [item.unit_id for item in rank(candidates, kind, 1042)]


def test_the_nearest_by_road_comes_first_and_alone_is_recommended() -> None:
    far = replace(NEAR, unit_id=2, code="P-02", eta_s=400.0)
    ranked = rank([far, NEAR], "intrusion", 1042)
    assert [(r.unit_id, r.recommended) for r in ranked] == [(1, True), (2, False)]
    assert ranked[0].why.zh == "空闲，公安，沿道路 3:05，2.3 km"
    assert ranked[0].why.en == "free, police, 3:05 by road, 2.3 km"


def test_a_stale_position_costs_half_its_age() -> None:
    stale = replace(NEAR, unit_id=2, code="P-02", eta_s=100.0, position_age_s=230.0)
    assert order(stale, NEAR) == [1, 2]  # 100 + 100 against 185
    assert order(replace(stale, position_age_s=190.0), NEAR) == [2, 1]
    ranked = rank([stale], "intrusion", 1042)
    assert ranked[0].why.en.endswith("position is 3:50 old")
    assert ranked[0].why.zh.endswith("定位已过时 3:50")


def test_a_unit_that_never_reported_is_taken_to_be_at_its_station() -> None:
    silent = replace(NEAR, unit_id=2, code="P-02", eta_s=10.0, position_age_s=None)
    ranked = rank([silent, NEAR], "intrusion", 1042)
    assert [r.unit_id for r in ranked] == [1, 2]
    assert "taken to be at its station" in ranked[1].why.en


def test_the_service_for_it_goes_before_one_that_can_help_before_any_other() -> None:
    ambulance = replace(NEAR, unit_id=2, code="A-01", service="ambulance", eta_s=60.0)
    fire = replace(NEAR, unit_id=3, code="F-01", service="fire", eta_s=200.0)
    municipal = replace(NEAR, unit_id=4, code="M-01", service="municipal", eta_s=5.0)
    assert order(ambulance, fire, municipal, kind="fire") == [3, 2, 4]
    ranked = rank([municipal], "fire", 1042)
    assert not ranked[0].recommended
    assert ranked[0].why.en.startswith("free, municipal (not its kind of incident)")


def test_busy_units_follow_and_those_already_there_after_them() -> None:
    busy = replace(NEAR, unit_id=2, code="P-02", status="enroute", incident_id=1040, eta_s=5.0)
    there = replace(NEAR, unit_id=3, code="P-03", status="onscene", incident_id=1042, eta_s=0.0)
    off = replace(NEAR, unit_id=4, code="P-04", status="out_of_service", eta_s=0.0)
    ranked = rank([off, there, busy, NEAR], "intrusion", 1042)
    assert [r.unit_id for r in ranked] == [1, 2, 3, 4]
    assert "en route for #1040" in ranked[1].why.en
    assert "途中，正处置 #1040" in ranked[1].why.zh
    assert "already on this incident (on scene)" in ranked[2].why.en
    assert "out of service" in ranked[3].why.en
    assert not any(r.recommended for r in rank([there, busy, off], "intrusion", 1042))


def test_no_road_is_said() -> None:
    island = replace(NEAR, by_road=False, eta_s=468.0)
    why = rank([island], "intrusion", 1042)[0].why
    assert "no road leads there, 2.3 km straight, about 7:48" in why.en
    assert "无道路可达" in why.zh


candidates = st.builds(
    Candidate,
    unit_id=st.integers(1, 99),
    code=st.text("ABC123", min_size=1, max_size=4),
    service=st.sampled_from(get_args(Service)),
    status=st.sampled_from(get_args(UnitStatus)),
    incident_id=st.none() | st.sampled_from([1042, 1040]),
    eta_s=st.floats(0, 7200),
    distance_m=st.floats(0, 1e5),
    by_road=st.booleans(),
    position_age_s=st.none() | st.floats(0, 1e6),
)


@settings(max_examples=100)
@given(st.lists(candidates, max_size=8), st.sampled_from(get_args(IncidentType)))
def test_every_unit_is_ranked_once_with_a_reason(
    units: list[Candidate], kind: IncidentType
) -> None:
    ranked = rank(units, kind, 1042)
    assert sorted(r.unit_id for r in ranked) == sorted(c.unit_id for c in units)
    assert sum(r.recommended for r in ranked) <= 1
    assert all(r.why.zh and r.why.en for r in ranked)
    for item in ranked:
        if item.recommended:
            assert any(
                c.unit_id == item.unit_id and c.status == "available" and c.incident_id is None
                for c in units
            )
