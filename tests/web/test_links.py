"""Links across cameras: reckoned from stored tracks, shown to those who may see both cameras, decided with an audit."""

from __future__ import annotations

import math
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from analytics import link_store, track_store
from analytics.linker import LOOKS_BACK_S, Linker
from analytics.model import TrackRecord
from gis.clock import ManualClock
from gis.db import Database
from gis.ground import LocalFrame
from gis.model import LonLat
from tests.support.console import Browser, Server, add_camera

FRAME = LocalFrame(LonLat(120.98, 31.38))


def camera(database: Database, code: str, east_m: float) -> int:
    """A camera on a 6 m pole that looks east."""
    made = add_camera(database, code)
    lon, lat = FRAME.to_lonlat(east_m, 0.0)
    database.run(
        "UPDATE camera SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326), height_m = 6, yaw_deg = 90, pitch_deg = -25,"
        " hfov_deg = 60 WHERE id = %s",
        (lon, lat, made),
    )
    return made


def walk(
    database: Database,
    camera_id: int,
    start_m: float,
    end_m: float,
    start_at: datetime,
    speed_ms: float = 1.4,
) -> TrackRecord:
    """A stored walk along the east axis."""
    steps = 20
    seconds = abs(end_m - start_m) / speed_ms
    places = [
        FRAME.to_lonlat(start_m + (end_m - start_m) * i / (steps - 1), 0) for i in range(steps)
    ]
    record = TrackRecord(
        uid=uuid4(),
        camera_id=camera_id,
        kind="person",
        confidence=0.9,
        start_at=start_at,
        end_at=start_at + timedelta(seconds=seconds),
        t_ms=tuple(round(1000 * seconds * i / (steps - 1)) for i in range(steps)),
        boxes=((0.1, 0.1, 0.1, 0.2),) * steps,
        speed_ms=speed_ms,
        path=tuple(LonLat(*p) for p in places),
        colour="red",
    )
    assert track_store.write(database, record)
    return record


@pytest.fixture
def walked(database: Database, clock: ManualClock) -> tuple[TrackRecord, TrackRecord]:
    """One who left the first camera's ground and came into the second's."""
    one, two = camera(database, "west", 0), camera(database, "east", 50)
    now = clock.now()
    left = walk(database, one, 8, 25, now - timedelta(seconds=70))
    came = walk(database, two, 58, 75, left.end_at + timedelta(seconds=33 / 1.4))
    return left, came


def linker(database: Database, clock: ManualClock) -> Linker:
    return Linker(database, clock, threading.Event())


def links(database: Database, uid: UUID) -> list[link_store.SeenElsewhere]:
    return link_store.of_track(database, uid)


def test_a_pass_writes_the_proposal_from_both_sides(
    database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, came = walked
    pass_ = linker(database, clock)
    assert len(pass_.link()) == 1
    (after,) = links(database, left.uid)
    (before,) = links(database, came.uid)
    assert (after.before, after.uid, before.before, before.uid) == (False, came.uid, True, left.uid)
    assert after.probability > 0.7 and math.isclose(after.distance_m, 33, abs_tol=0.5)
    assert pass_.proposed == 1
    pass_.link()
    assert len(links(database, left.uid)) == 1


def test_what_becomes_unlikely_is_withdrawn_what_is_decided_stays(
    database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, came = walked
    pass_ = linker(database, clock)
    pass_.link()
    (proposal,) = links(database, left.uid)
    # Three more come in beside it: now it could be any of them.
    for _ in range(3):
        walk(database, came.camera_id, 58, 75, came.start_at)
    clock.advance(8)
    pass_.link()
    assert links(database, left.uid) == []
    clock.advance(8)
    database.run(
        "DELETE FROM track WHERE camera_id = %s AND uid <> %s", (came.camera_id, str(came.uid))
    )
    pass_.link()
    (again,) = links(database, left.uid)
    with database.transaction() as cursor:
        link_store.decide(cursor, again.id, "confirmed", "dora", clock.now())
    for _ in range(3):
        walk(database, came.camera_id, 58, 75, came.start_at)
    clock.advance(8)
    pass_.link()
    (kept,) = links(database, left.uid)
    assert kept.decision == "confirmed" and kept.decided_by == "dora"
    assert kept.probability == proposal.probability


def test_old_proposals_stay_when_their_tracks_leave_the_window(
    database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, _ = walked
    pass_ = linker(database, clock)
    pass_.link()
    for _ in range(5):
        clock.advance(LOOKS_BACK_S / 4)
        pass_.link()
    assert len(links(database, left.uid)) == 1


def test_without_poses_nothing_is_linked(database: Database, clock: ManualClock) -> None:
    add_camera(database, "nowhere")
    assert linker(database, clock).link() == ()


def test_the_api_shows_and_decides(
    console: Server, database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, came = walked
    linker(database, clock).link()
    dora = console.browser().login("dora")
    (shown,) = ask(dora, left.uid)
    assert shown["uid"] == str(came.uid) and shown["before"] is False
    assert shown["decision"] is None and shown["snapshot_url"] is None
    said = dora.post(f"/api/v1/track-links/{shown['id']}/decision", json={"decision": "rejected"})
    assert said.status_code == 204, said.text
    (after,) = ask(dora, came.uid)
    assert (after["decision"], after["decided_by"]) == ("rejected", "dora")
    (entry,) = database.rows("SELECT actor, detail FROM audit WHERE action = 'decide_track_link'")
    assert entry.actor == "dora" and entry.detail["decision"] == "rejected"
    back = dora.post(f"/api/v1/track-links/{shown['id']}/decision", json={"decision": None})
    assert back.status_code == 204 and ask(dora, left.uid)[0]["decided_at"] is None
    assert dora.post("/api/v1/track-links/999/decision", json={"decision": None}).status_code == 404
    assert dora.get(f"/api/v1/tracks/{uuid4()}/links").status_code == 404


def test_nobody_learns_of_cameras_out_of_sight(
    console: Server, database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, came = walked
    linker(database, clock).link()
    (link,) = links(database, left.uid)
    database.run(
        "UPDATE app_user SET camera_ids = ARRAY[%s::integer] WHERE name = 'scoped'",
        (left.camera_id,),
    )
    scoped = console.browser().login("scoped")
    assert ask(scoped, left.uid) == []
    assert scoped.get(f"/api/v1/tracks/{came.uid}/links").status_code == 404
    refused = scoped.post(f"/api/v1/track-links/{link.id}/decision", json={"decision": "confirmed"})
    assert refused.status_code == 404


def ask(browser: Browser, uid: UUID) -> list[dict[str, Any]]:
    answer = browser.get(f"/api/v1/tracks/{uid}/links")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_sure_links_teach_the_time_a_way_takes(
    database: Database, clock: ManualClock, walked: tuple[TrackRecord, TrackRecord]
) -> None:
    left, came = walked
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for i in range(8):
        one = walk(database, left.camera_id, 8, 25, start + timedelta(minutes=10 * i))
        two = walk(database, came.camera_id, 58, 75, one.end_at + timedelta(seconds=47))
        with database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO track_link (from_uid, to_uid, probability, gap_s, distance_m, why, why_en, made_at, decision,"
                " decided_by, decided_at) VALUES (%s, %s, 0.6, 47, 33, 'x', 'x', now(), 'confirmed', 'dora', now())",
                (str(one.uid), str(two.uid)),
            )
    learned = link_store.transits(database)[left.camera_id, came.camera_id, "person"]
    assert learned.factor == pytest.approx(47 / (33 / 1.4), abs=0.01)
