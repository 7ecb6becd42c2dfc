"""The chain shows every change, and its canonical form is fixed for good."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.log import GENESIS, canonical, chained, replay, verify
from command.model import LogEntry

T0 = datetime(2026, 1, 1, 4, 0, 0, 5000, tzinfo=UTC)
OPENED = {
    "type": "fire",
    "title": "火灾：人民路",
    "title_en": "Fire: Renmin Road",
    "priority": 1,
    "level": None,
    "lon": 120.98,
    "lat": 31.38,
    "place": "人民路",
    "place_en": "Renmin Road",
}


def chain(*told: tuple[str, dict[str, Any]]) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for minute, (kind, body) in enumerate(told):
        last = (entries[-1].seq, entries[-1].hash) if entries else None
        at = T0 + timedelta(minutes=minute)
        entries.append(chained(last, 1042, kind, "dora", at, at, body))
    return entries


def test_the_canonical_form_is_what_the_standard_library_alone_would_hash() -> None:
    entry = chain(("note", {"text": "火"}))[0]
    expected = (
        '{"actor":"dora","body":{"text":"火"},"incident_id":1042,"kind":"note","seq":1,'
        '"t_event":"2026-01-01T04:00:00.005000+00:00","t_recorded":"2026-01-01T04:00:00.005000+00:00"}'
    )
    assert canonical(entry).decode() == expected
    assert entry.prev_hash == GENESIS
    assert entry.hash == hashlib.sha256(("0" * 64 + expected).encode()).hexdigest()


def test_the_zone_in_which_a_time_was_written_does_not_matter() -> None:
    entry = chain(("note", {}))[0]
    there = T0.astimezone(timezone(timedelta(hours=8)))
    assert canonical(replace(entry, t_event=there)) == canonical(entry)


def test_an_unbroken_chain_verifies() -> None:
    assert (
        verify(chain(("opened", OPENED), ("note", {"text": "a"}), ("note", {"text": "b"}))) is None
    )
    assert verify([]) is None


def test_every_change_is_noticed() -> None:
    entries = chain(("opened", OPENED), ("note", {"text": "a"}), ("note", {"text": "b"}))
    first, second, third = entries
    changes: list[LogEntry] = [
        replace(second, body={"text": "A"}),
        replace(second, actor="carl"),
        replace(second, kind="closed"),
        replace(second, t_event=T0),
        replace(second, t_recorded=T0),
        replace(second, hash="f" * 64),
    ]
    for changed in changes:
        broken = verify([first, changed, third])
        assert broken is not None and "entry 2 was changed" in broken
    assert "does not follow" in str(verify([first, replace(second, prev_hash="0" * 64), third]))
    assert "entry 2 is missing" in str(verify([first, third]))
    assert "entry 2 is missing" in str(verify([first, third, second]))
    assert "belongs to incident #7" in str(verify([first, replace(second, incident_id=7)]))


def test_a_rewritten_entry_breaks_the_one_after_it() -> None:
    first, second, third = chain(
        ("opened", OPENED), ("note", {"text": "a"}), ("note", {"text": "b"})
    )
    forged = chained(
        (first.seq, first.hash), 1042, "note", "dora", second.t_event, T0, {"text": "x"}
    )
    assert verify([first, forged, third]) == "entry 3 does not follow entry 2"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6) + 0.0)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), json_values, max_size=4))
def test_a_body_that_went_through_json_still_verifies(body: dict[str, Any]) -> None:
    entry = chained(None, 1, "note", "dora", T0, T0, body)
    back = replace(entry, body=json.loads(json.dumps(body)))
    assert verify([back]) is None


def test_replay_needs_an_opening() -> None:
    with pytest.raises(ValueError, match="begins with the entry 'opened'"):
        replay(chain(("note", {"text": "a"})))


def test_replay_tells_an_incident_from_its_log() -> None:
    who = {"assignment_id": 5, "unit_id": 3, "unit_code": "F-01"}
    sent = {**who, "eta_s": 61.5, "distance_m": 800.0, "note": None, "incident_state": "assigned"}
    told = replay(
        chain(
            ("opened", OPENED),
            ("alarm_linked", {"alarm_id": 9}),
            ("dispatched", sent),
            ("acknowledged", who),
            ("no_ack", who),
            ("enroute", {**who, "incident_state": "enroute"}),
            ("undone", {**who, "step": "enroute", "incident_state": "assigned"}),
            (
                "edited",
                {"changes": {"priority": {"from": 1, "to": 2}, "lon": {"from": 1, "to": 121.0}}},
            ),
            ("recalled", {**who, "incident_state": "open"}),
            (
                "closed",
                {"outcome": "false_alarm", "note": "smoke", "incident_state": "false_alarm"},
            ),
        )
    )
    assert told.alarm_ids == {9}
    assert (told.facts.state, told.facts.priority, told.facts.where.lon) == (
        "false_alarm",
        2,
        121.0,
    )
    assert told.facts.closed_at == T0 + timedelta(minutes=9)
    assert told.facts.close_note == "smoke"
    (assignment,) = told.assignments
    assert assignment.acknowledged_at == T0 + timedelta(minutes=3)
    assert assignment.enroute_at is None
    assert assignment.recalled_at == T0 + timedelta(minutes=8)
    assert assignment.no_ack_at == T0 + timedelta(minutes=4)
    assert assignment.version == 5
