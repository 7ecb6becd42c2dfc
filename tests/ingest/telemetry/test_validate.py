"""Which fixes are believed, and which panic calls and crossings become events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.telemetry.intake import QUARANTINE_PER_S, Intake
from ingest.telemetry.model import (
    FLAG_SOS,
    Device,
    Fix,
    PositionRow,
    ReadingRow,
    Refused,
    Sample,
    to_us,
)
from ingest.telemetry.validate import Duplicate, FixFilter, Limits, NoFix, Refusal, distance_m
from ingest.telemetry.watch import Threshold, ThresholdWatch

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CAR = Device(1, "jt808", "13800000000", "vehicle", "wgs84")
LIMITS = Limits()


def fix(
    seconds: float, lon: float = 120.98, lat: float = 31.38, flags: int = 0, located: bool = True
) -> Fix:
    at = NOW + timedelta(seconds=seconds)
    return Fix(CAR, at, lon, lat, "wgs84", 10.0, 90, 5, flags, located, b"raw")


def judge(judged: FixFilter, given: Fix) -> PositionRow | Refusal | Duplicate | NoFix:
    return judged.judge(given, NOW, to_us(NOW), LIMITS)


def test_distance() -> None:
    assert distance_m(120.0, 31.0, 120.0, 32.0) == pytest.approx(111_195, abs=5)
    assert distance_m(179.999, 0.0, -179.999, 0.0) == pytest.approx(222.4, abs=0.1)


def test_one_bad_fix_is_refused_and_the_next_good_one_taken() -> None:
    judged = FixFilter()
    assert isinstance(judge(judged, fix(-60)), PositionRow)
    jump = judge(judged, fix(-58, lon=121.2))
    assert isinstance(jump, Refusal) and jump.reason == "jump of 20885 m in 2.0 s"
    assert isinstance(judge(judged, fix(-56, lon=120.981)), PositionRow)


def test_a_new_place_is_believed_after_three_that_fit_each_other() -> None:
    judged = FixFilter()
    judge(judged, fix(-60))  # this one was the wrong one
    results = [judge(judged, fix(-50 + i, lon=121.2 + i * 1e-4)) for i in range(4)]
    assert [type(r) for r in results] == [Refusal, Refusal, PositionRow, PositionRow]
    # Bad fixes that do not fit each other never win.
    judged = FixFilter()
    judge(judged, fix(-60))
    assert all(isinstance(judge(judged, fix(-50 + i, lon=121.0 + i)), Refusal) for i in range(10))


def test_far_is_no_jump_after_a_long_time() -> None:
    judged = FixFilter()
    judge(judged, fix(-7200))
    assert isinstance(judge(judged, fix(0, lon=121.2)), PositionRow)


def test_late_fixes_are_marked_and_repeats_dropped() -> None:
    judged = FixFilter(to_us(NOW) - 30_000_000)
    late = judge(judged, fix(-31))
    assert isinstance(late, PositionRow) and not late.fresh
    newest = judge(judged, fix(-29))
    assert isinstance(newest, PositionRow) and newest.fresh
    assert isinstance(judge(judged, fix(-29)), Duplicate)
    assert isinstance(judge(judged, fix(-28, located=False)), NoFix)


def test_a_course_out_of_range_wraps() -> None:
    judged = FixFilter()
    given = fix(0)
    row = judge(
        judged, Fix(**{n: getattr(given, n) for n in Fix.__slots__} | {"course_deg": 65535})
    )
    assert isinstance(row, PositionRow) and 0 <= row.course_deg < 360


def reading(seconds: int, value: float, flag: str = "N") -> ReadingRow:
    return ReadingRow(1, "x", to_us(NOW + timedelta(seconds=seconds)), value, "", flag, to_us(NOW))


def test_falling_thresholds_and_the_state_of_known_ones() -> None:
    watch = ThresholdWatch()
    low = Threshold(5, 1, "x", False, 2.0, 0.5, 2)
    watch.replace([low])
    values = [2.5, 2.0, 1.0, 2.4, 1.9, 2.6, 1.9]
    events = [watch.judge(reading(i, v)) for i, v in enumerate(values)]
    assert [len(e) for e in events] == [0, 1, 0, 0, 0, 0, 1]
    watch.replace([low])  # read again from the table: still over
    assert watch.judge(reading(20, 1.8)) == []
    assert watch.judge(reading(5, 3.0)) == []  # late: changes nothing
    assert watch.judge(reading(21, 9.0, "D")) == [] and watch.judge(reading(22, 1.0)) == []
    # After a restart the tables say that the last event still stands.
    fresh = ThresholdWatch()
    fresh.replace([Threshold(5, 1, "x", False, 2.0, 0.5, 2, over=True)])
    assert fresh.judge(reading(0, 1.0)) == []
    assert fresh.judge(reading(1, 3.0)) == [] and len(fresh.judge(reading(2, 1.0))) == 1


def test_a_press_is_one_event_and_confirmed_only_when_it_is_safe() -> None:
    intake = Intake(LIMITS)
    intake.add([fix(-50), fix(-40, flags=FLAG_SOS), fix(-30, flags=FLAG_SOS)], NOW)
    assert not intake.sos_stored(1) and intake.urgent
    batch = intake.take(0.0)
    assert batch is not None and len(batch.events) == 1 and len(batch.positions) == 3
    intake.stored(batch)
    assert intake.sos_stored(1)
    # An old report that comes late neither ends the press nor begins another.
    intake.add([fix(-45), fix(-29, flags=FLAG_SOS)], NOW)
    assert intake.sos_stored(1)
    intake.add([fix(-20), fix(-10, flags=FLAG_SOS)], NOW)
    assert not intake.sos_stored(1)
    after = intake.take(1.0)
    assert after is not None and len(after.events) == 1
    # A gateway that starts while somebody calls does not call again.
    restarted = Intake(LIMITS)
    restarted.know([], {1: (to_us(NOW - timedelta(seconds=10)), FLAG_SOS)})
    restarted.add([fix(-5, flags=FLAG_SOS)], NOW)
    assert restarted.sos_stored(1) and not restarted.urgent


def test_a_flood_of_bad_frames_is_counted_not_kept() -> None:
    intake = Intake(LIMITS)
    refused = [Refused("jt808", "1\x00", "x\x00", b"\x00" * 9000)] * (QUARANTINE_PER_S + 50)
    intake.add(refused, NOW)
    batch = intake.take(0.0)
    assert batch is not None and len(batch.quarantine) == QUARANTINE_PER_S
    assert len(batch.quarantine[0].raw_hex) == 4096 and batch.quarantine[0].device_key == "1"
    assert intake.counts["quarantined"] == QUARANTINE_PER_S + 50
    assert intake.counts["quarantine_dropped"] == 50


def test_values_that_cannot_be_are_refused() -> None:
    intake = Intake(LIMITS)
    station = Device(2, "sl651", "1", "rain", "wgs84")
    for value, at in ((float("nan"), NOW), (1.0, NOW + timedelta(hours=1)), (1.0, NOW)):
        intake.add([Sample(station, "rain_mm", at, value, "mm")], NOW)
    batch = intake.take(0.0)
    assert batch is not None and len(batch.readings) == 1 and len(batch.quarantine) == 2
    assert "rain_mm in the future" in batch.quarantine[1].reason
