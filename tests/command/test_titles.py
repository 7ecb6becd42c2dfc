"""Every alarm and every incident says in both languages what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from command.model import Cause, IncidentType, Words
from command.titles import alarm_title, incident_title, quantity

YARD = Cause(
    key="zone:7",
    kind="intrusion",
    event_id=1,
    device_event_id=None,
    camera_id=1,
    device_id=None,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    priority=2,
    where=None,
    place=None,
    subject=Words("重点院落", "guarded yard"),
    thing="person",
)
PLACE = Words("北门水厂西侧", "west of North Gate waterworks")


@pytest.mark.parametrize(
    ("kind", "thing", "zh", "en"),
    [
        ("intrusion", "person", "重点院落有人闯入", "Person in guarded yard"),
        ("intrusion", "vehicle", "重点院落有车闯入", "Vehicle in guarded yard"),
        ("line_crossing", "other", "重点院落有物体越线", "Object crossed guarded yard"),
        ("crowd", "person", "重点院落有人触发 crowd", "crowd: Person at guarded yard"),
        ("sos", "", "重点院落紧急求助", "Panic button of guarded yard"),
    ],
)
def test_what_and_where(kind: str, thing: str, zh: str, en: str) -> None:
    cause = replace(YARD, kind=kind, thing=thing)
    assert alarm_title(cause, None) == Words(zh, en)
    with_place = Words(f"{zh}：北门水厂西侧", f"{en}: west of North Gate waterworks")
    assert alarm_title(cause, PLACE) == with_place


@pytest.mark.parametrize(
    ("value", "limit", "zh", "en"),
    [
        (3.42, 3.4, "河 1水位 3.42 m，高于限值 3.4 m", "Water level at River 1 3.42 m, above its limit 3.4 m"),
        (0.2, 0.5, "河 1水位 0.2 m，低于限值 0.5 m", "Water level at River 1 0.2 m, below its limit 0.5 m"),
        (1.0, None, "河 1水位 1 m 越限", "Water level at River 1 1 m, outside its limit"),
        (None, None, "河 1水位越限", "Water level at River 1 over its limit"),
    ],
)  # fmt: skip
def test_a_threshold_says_both_numbers(
    value: float | None, limit: float | None, zh: str, en: str
) -> None:
    cause = replace(
        YARD,
        kind="threshold",
        subject=Words("河 1", "River 1"),
        thing="water_level_m",
        value=value,
        limit_value=limit,
        unit="m",
    )
    assert alarm_title(cause, None) == Words(zh, en)


def test_incidents_and_quantities() -> None:
    for kind in get_args(IncidentType):
        title = incident_title(kind, PLACE)
        assert title.zh.endswith("：北门水厂西侧") and title.en.endswith(": " + PLACE.en)
    assert incident_title("fire", None) == Words("火灾", "Fire")
    assert quantity("w21003") == Words("氨氮", "Ammonia nitrogen")
    assert quantity("x99") == Words("x99", "x99")
