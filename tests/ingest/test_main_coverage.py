"""The whole process and its ledger: every second of every camera is on record or a gap with the right reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gis.db import Database
from ingest import secret
from ingest.record.coverage import Coverage
from ingest.record.covered import coverage
from ingest.settings import IngestSettings
from tests.ingest.streams import until
from tests.ingest.test_main import (
    KEY,
    add,
    cameras,
    reaches,
    recorded_s,
    running,
    settings,
    state_of,
)
from tests.support.rtsp import TestCameras

__all__ = ["cameras", "settings"]  # fixtures


def covered(database: Database, camera_id: int, start: datetime, end: datetime) -> Coverage:
    """The coverage as it will be known a minute later."""
    (found,) = coverage(database, [camera_id], [(start, end)], end + timedelta(minutes=1))
    return found.parts[0]


def reasons(part: Coverage) -> list[str]:
    return [gap.reason for gap in part.gaps]


def test_gaps_of_the_whole_process_have_their_reasons(
    settings: IngestSettings, database: Database, cameras: TestCameras
) -> None:
    good = add(database, cameras, "cam-0")
    wrong = add(database, cameras, "cam-1", password_enc=secret.encrypt(KEY, "not the password"))
    idle = add(database, cameras, "cam-2", recorded=False)
    database.run("UPDATE camera SET created_at = now() - interval '1 minute'")
    begun = datetime.now(UTC)
    with running(settings):
        reaches(database, good, "online")
        reaches(database, wrong, "refused")
        reaches(database, idle, "online")
        until(lambda: recorded_s(database, good) >= 3, "three seconds on record", 30)
    stopped = datetime.now(UTC)
    whole_s = recorded_s(database, good)
    until(
        lambda: datetime.now(UTC) - stopped > timedelta(seconds=2), "two seconds without a process"
    )
    with running(settings):
        reaches(database, good, "online")
        until(lambda: recorded_s(database, good) >= whole_s + 2, "two seconds more", 30)
        # Recording is switched off for a moment while the stream goes on, then on again.
        database.run("UPDATE camera SET recorded = false WHERE id = %s", (good,))
        until(lambda: not state_of(database, good).recording, "recording to end")
        off = datetime.now(UTC)
        database.run("UPDATE camera SET recorded = true WHERE id = %s", (idle,))
        until(lambda: datetime.now(UTC) - off > timedelta(seconds=2), "two seconds switched off")
        database.run("UPDATE camera SET recorded = true WHERE id = %s", (good,))
        until(lambda: state_of(database, good).recording, "recording to begin again")
        until(lambda: recorded_s(database, idle) > 0, "the other camera to be recorded", 30)
        ended = datetime.now(UTC)

    part = covered(database, good, begun - timedelta(seconds=9), ended)
    assert part.window is not None
    assert part.recorded_s + sum(g.seconds for g in part.gaps) == pytest.approx(part.due_s)
    # Nothing is known of the time before the first process; then the camera had to be connected. Between the
    # processes nobody recorded; afterwards somebody switched it off.
    found = [r for r in reasons(part) if r != "unknown"]
    assert found == ["process_stopped", "switched_off"], part.gaps
    (between,) = [g for g in part.gaps if g.reason == "process_stopped"]
    assert between.start_at <= stopped + timedelta(seconds=1)
    assert between.seconds > 1
    assert 4 < part.recorded_s < (ended - begun).total_seconds() - 3

    refused = covered(database, wrong, begun, ended)
    assert refused.recorded_s == 0
    assert [r for r in reasons(refused) if r != "unknown"] == [
        "refused",
        "process_stopped",
        "refused",
    ]
    assert "authenticate" in refused.gaps[-1].detail

    late = covered(database, idle, begun, ended)
    assert "switched_off" in reasons(late)
    assert late.recorded_s > 0
    runs = database.rows("SELECT * FROM ingest_run ORDER BY started_at")
    assert len(runs) == 2
    assert all(run.ended_at is not None for run in runs)
