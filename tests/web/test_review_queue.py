"""The review queue: everyone's own, with marks that all share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gis.db import Database
from tests.support.console import Browser, Server
from tests.support.console import add_camera as camera_row


@pytest.fixture
def cameras(database: Database) -> list[int]:
    return [camera_row(database, "C-1"), camera_row(database, "C-2")]


def _event(database: Database, camera_id: int, ago_s: float = 60, rule: str = "intrusion") -> int:
    row = database.row(
        "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en) VALUES "
        "(gen_random_uuid(), %s, %s, 'person', 2, 0.9, %s, '{0.1,0.1,0.2,0.2}', '因', 'why') RETURNING id",
        (camera_id, rule, datetime.now(UTC) - timedelta(seconds=ago_s)),
    )
    assert row is not None
    return int(row.id)


def _queue(browser: Browser, **params: Any) -> list[int]:
    answer = browser.get("/api/v1/review/queue", params=params)
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.json()["events"]]


def _unseen(browser: Browser) -> int:
    total: int = browser.get("/api/v1/review/unseen").json()["total"]
    return total


def _see(browser: Browser, **body: Any) -> int:
    answer = browser.post("/api/v1/review/seen", json=body)
    assert answer.status_code == 200, answer.text
    changed: int = answer.json()["changed"]
    return changed


def test_everyone_has_their_own_queue(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita, dora = console.browser().login("rita"), console.browser().login("dora")
    old, new = _event(database, cameras[0], 300), _event(database, cameras[0], 30)
    _event(database, cameras[0], 8 * 86400)  # nobody's queue any more
    assert _queue(rita) == [new, old]
    assert _see(rita, event_ids=[new]) == 1
    assert _see(rita, event_ids=[new]) == 0
    assert (_queue(rita), _unseen(rita)) == ([old], 1)
    assert (_queue(dora), _unseen(dora)) == ([new, old], 2)
    assert _queue(rita, show="all") == [new, old]
    assert _see(rita, event_ids=[new], seen=False) == 1
    assert _queue(rita) == [new, old]


def test_the_queue_is_filtered_and_paged(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    ids = [
        _event(database, cameras[i % 2], 100 - i, "intrusion" if i < 3 else "loitering")
        for i in range(6)
    ]
    assert _queue(rita, camera_id=cameras[1]) == [ids[5], ids[3], ids[1]]
    assert _queue(rita, rule="loitering") == [ids[5], ids[4], ids[3]]
    page = rita.get("/api/v1/review/queue", params={"limit": 4}).json()
    assert [e["id"] for e in page["events"]] == ids[:1:-1]
    # What was looked at meanwhile does not shift the next page.
    _see(rita, event_ids=ids[2:4])
    assert _queue(rita, limit=4, before=page["next"]) == ids[1::-1]
    counts = rita.get("/api/v1/review/unseen").json()
    assert {(p["camera_id"], p["rule"]): p["count"] for p in counts["parts"]} == {
        (cameras[0], "intrusion"): 1,
        (cameras[1], "intrusion"): 1,
        (cameras[0], "loitering"): 1,
        (cameras[1], "loitering"): 1,
    }


def test_all_of_a_camera_or_a_rule_is_seen_at_once_up_to_a_moment(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    ids = [_event(database, cameras[i % 2], 100 - i) for i in range(4)]
    until = (datetime.now(UTC) - timedelta(seconds=97.5)).isoformat()
    assert _see(rita, until=until, camera_id=cameras[0]) == 2
    assert _queue(rita) == [ids[3], ids[1]]
    now = datetime.now(UTC).isoformat()
    assert _see(rita, until=now, rule="loitering") == 0
    assert _see(rita, until=now, rule="intrusion") == 2
    actions = [
        r.detail for r in database.rows("SELECT detail FROM audit WHERE action = 'review_seen'")
    ]
    assert [d["changed"] for d in actions] == [2, 0, 2]


def test_a_dismissed_alarm_takes_its_events_out_of_every_queue(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    event = _event(database, cameras[0])
    row = database.row(
        "INSERT INTO alarm (state, priority, kind, cause, event_id, camera_id, first_at, last_at, title, title_en, "
        "dismiss_reason) VALUES ('dismissed', 2, 'intrusion', 'zone:1', %s, %s, now(), now(), 't', 't', 'tree') "
        "RETURNING id",
        (event, cameras[0]),
    )
    assert _queue(rita) == [event]
    database.run("INSERT INTO alarm_event (alarm_id, event_id) VALUES (%s, %s)", (row.id, event))
    assert (_queue(rita), _unseen(rita)) == ([], 0)
    assert _queue(rita, show="all") == [event]


def test_marks_are_shared_and_two_people_at_once_do_not_overwrite_each_other(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita, dora = console.browser().login("rita"), console.browser().login("dora")
    event = _event(database, cameras[0])
    url = f"/api/v1/events/{event}/mark"
    said = rita.put(
        url, json={"expected_version": 0, "mark": "false", "reason": "tree", "note": " wind "}
    )
    assert said.status_code == 200, said.text
    assert (said.json()["marked_by"], said.json()["note"], said.json()["version"]) == (
        "rita",
        "wind",
        1,
    )
    assert _queue(rita) == [] and _queue(dora) == [event]  # whoever marks has looked
    (shown,) = dora.get("/api/v1/review/queue").json()["events"]
    assert (shown["mark"]["mark"], shown["mark"]["reason"]) == ("false", "tree")
    late = dora.put(url, json={"expected_version": 0, "mark": "important"})
    assert late.status_code == 409 and late.json()["error"]["current"]["marked_by"] == "rita"
    again = dora.put(url, json={"expected_version": 1, "mark": "important"})
    assert (again.json()["marked_by"], again.json()["reason"], again.json()["version"]) == (
        "dora",
        None,
        2,
    )
    assert _queue(rita, show="important") == [event] and _queue(rita, show="false") == []
    row = database.row(
        "SELECT actor, subject FROM audit WHERE action = 'mark_event' ORDER BY id DESC"
    )
    assert (row.actor, row.subject) == ("dora", f"event:{event}")


def test_a_scoped_person_has_nothing_of_other_cameras(
    console: Server, database: Database, cameras: list[int]
) -> None:
    scoped = console.browser().login("scoped")
    mine, other = _event(database, cameras[0]), _event(database, cameras[1])
    assert (_queue(scoped), _unseen(scoped)) == ([mine], 1)
    assert scoped.get(f"/api/v1/review/queue?camera_id={cameras[1]}").status_code == 404
    body = {"expected_version": 0, "mark": "important"}
    assert scoped.put(f"/api/v1/events/{other}/mark", json=body).status_code == 404
    assert _see(scoped, event_ids=[other]) == 0
    assert _see(scoped, until=datetime.now(UTC).isoformat()) == 1
    crew = console.browser().login("resi")
    assert crew.get("/api/v1/review/queue").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"expected_version": 0, "mark": "false"},
        {"expected_version": 0, "mark": "important", "reason": "tree"},
        {"expected_version": 0, "mark": "boring"},
    ],
)
def test_a_mark_that_makes_no_sense_is_told(
    console: Server, database: Database, cameras: list[int], body: dict[str, Any]
) -> None:
    rita = console.browser().login("rita")
    event = _event(database, cameras[0])
    assert rita.put(f"/api/v1/events/{event}/mark", json=body).status_code == 422
