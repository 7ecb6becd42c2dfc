"""Coverage over the API, in the timeline and on the command line, against a real database."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis.db import Database
from tests.support.console import Server, add_camera
from web.cli import main
from web.cli.coverage import window

DAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # midnight in China


def add_segment(
    database: Database, camera_id: int, start_h: float, end_h: float, hole: str
) -> None:
    """A file with a hole of some seconds, as the recorder indexes it."""
    database.run(
        "INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, "
        "height_px, frag_offset, frag_length, frag_start_90k, frag_duration_90k, hole_start_90k, hole_end_90k) "
        "VALUES (%s, %s, %s, %s, 10, 100, 10, 'avc1', 640, 360, '{10}', '{90}', '{0}', '{900000}', %s, %s)",
        [
            camera_id, f"{camera_id}-{start_h}.mp4", DAY + timedelta(hours=start_h),
            DAY + timedelta(hours=end_h), "{90000}" if hole else "{}", hole or "{}",
        ],
    )  # fmt: skip


@pytest.fixture
def two(database: Database) -> tuple[int, int]:
    """``mine`` was recorded for the first 18 hours of a day and half of the next, ``other`` never."""
    mine, other = add_camera(database, "mine"), add_camera(database, "other")
    database.run("UPDATE camera SET created_at = %s", [DAY - timedelta(days=9)])
    add_segment(database, mine, 0, 18, "{990000}")
    add_segment(database, mine, 24, 36, "")
    database.run(
        "INSERT INTO ingest_run (uid, started_at, seen_at) VALUES (gen_random_uuid(), %s, %s)",
        [DAY - timedelta(days=5), DAY + timedelta(days=5)],
    )
    for hour, state, reason, detail in (
        (-50, "recording", None, ""),
        (18.001, "missing", "unreachable", "connect: nobody answers"),
        (24, "recording", None, ""),
        (36, "missing", "switched_off", ""),
    ):
        database.run(
            "INSERT INTO camera_state_log (camera_id, at, state, reason, detail) VALUES (%s, %s, %s, %s, %s)",
            [mine, DAY + timedelta(hours=hour), state, reason, detail],
        )
    return mine, other


SPAN = {"from": DAY.isoformat(), "to": (DAY + timedelta(days=2)).isoformat()}


def test_coverage_by_day_with_reasons(
    console: Server, database: Database, two: tuple[int, int]
) -> None:
    admin = console.browser().login("root-1")
    found = admin.get("/api/v1/coverage", params=SPAN).json()
    assert [c["code"] for c in found["cameras"]] == ["mine", "other"]
    first, second = found["cameras"][0]["days"]
    assert (first["day"], second["day"]) == ("2026-03-02", "2026-03-03")
    assert (first["due_s"], first["recorded_s"]) == (86400, 18 * 3600 - 10)
    assert first["percent"] == 74.988
    assert [(g["reason"], g["detail"]) for g in first["gaps"]] == [
        ("unknown", ""),
        ("unreachable", "connect: nobody answers"),
    ]
    assert [g["reason"] for g in second["gaps"]] == ["switched_off"]
    assert second["percent"] == 50
    nothing = found["cameras"][1]
    assert (nothing["percent"], nothing["recorded_s"], nothing["due_s"]) == (0, 0, 2 * 86400)
    assert found["recorded_s"] == 30 * 3600 - 10
    # Midnight is another one in another zone.
    days = admin.get("/api/v1/coverage", params=SPAN | {"utc_offset_min": "0"}).json()["cameras"][0]
    assert [d["day"] for d in days["days"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_a_gap_says_its_sentence_by_a_code_where_it_has_one(
    console: Server, database: Database, two: tuple[int, int]
) -> None:
    admin = console.browser().login("root-1")

    def whys() -> list[dict[str, object] | None]:
        days = admin.get("/api/v1/coverage", params=SPAN).json()["cameras"][0]["days"]
        return [gap["why"] for day in days for gap in day["gaps"]]

    assert whys() == [None, None, None], "rows of earlier versions have the sentence alone"
    database.run(
        """UPDATE camera_state_log SET why = '{"code": "refuses_connections", "params": {"place": "10.0.0.7:554"}}'
        WHERE reason = 'unreachable'"""
    )
    assert {"code": "refuses_connections", "params": {"place": "10.0.0.7:554"}} in whys()


def test_coverage_keeps_to_the_cameras_one_may_see(
    console: Server, database: Database, two: tuple[int, int]
) -> None:
    mine, other = two
    assert mine == 1
    scoped = console.browser().login("scoped")
    every = scoped.get("/api/v1/coverage", params=SPAN).json()
    assert [c["camera_id"] for c in every["cameras"]] == [mine]
    assert scoped.get(f"/api/v1/coverage?camera_ids={mine},{other}").status_code == 404
    for bad in ({"camera_ids": "1;2"}, {"from": DAY.isoformat()}, {"utc_offset_min": "9999"}):
        assert scoped.get("/api/v1/coverage", params=bad).status_code == 422, bad


def test_timeline_says_why_there_is_nothing(
    console: Server, database: Database, two: tuple[int, int]
) -> None:
    admin = console.browser().login("root-1")
    asked = {"camera_ids": f"{two[0]},{two[1]}"} | SPAN
    mine, other = admin.get("/api/v1/recordings/timeline", params=asked).json()["cameras"]
    reasons = [g["reason"] for g in mine["gaps"]]
    assert reasons[1:] == ["unreachable", "switched_off"]
    assert [g["reason"] for g in other["gaps"]] == ["unknown"]
    # What is recorded and what is not follow each other.
    edges = sorted((p["start_at"], p["end_at"]) for p in mine["recorded"] + mine["gaps"])
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))
    assert len(mine["recorded"]) == 3


def test_coverage_on_the_command_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    database: Database,
    database_url: str,
    two: tuple[int, int],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WANGLOU_VAR", str(tmp_path))
    assert main(["coverage", "--camera", "mine", "--day", "2026-03-02"]) == 0
    text = capsys.readouterr().out
    assert "mine    2026-03-02  17:59:50  24:00:00  74.988 %" in text
    assert "unreachable" in text and "connect: nobody answers" in text
    assert main(["coverage", "--json", "--from", SPAN["from"], "--to", SPAN["to"]]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [c["code"] for c in found["cameras"]] == ["mine", "other"]
    for arguments, message in (
        (["--day", "yesterday"], "is no day"),
        (["--day", "2026-03-01", "--to", SPAN["to"]], "either --day or"),
        (["--from", "2026-03-01T00:00:00"], "no time with a zone"),
        (["--from", "2020-01-01T00:00:00Z"], "not between 0 and 366 days"),
        (["--camera", "nowhere"], "there is no camera 'nowhere'"),
    ):
        assert main(["coverage", *arguments]) == 1
        assert message in capsys.readouterr().err


def test_the_last_day_is_shown_unless_said_otherwise() -> None:
    assert window(None, None, None, DAY) == (DAY - timedelta(days=1), DAY)
    assert window("2026-03-02", None, None, DAY) == (DAY, DAY + timedelta(days=1))
