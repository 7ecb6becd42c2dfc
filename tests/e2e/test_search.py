"""Searching and the review queue in a real browser: an area is drawn on a recorded picture, a find plays with its box, and
the queue is walked by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, expect

from analytics import motion_store
from analytics.motion_index import MotionMinute, pack
from demo.running import ROOT, until
from gis.cluster import Cluster
from gis.db import Database
from gis.model import LonLat
from tests.conftest import fresh_database
from tests.e2e import pages
from tests.support.console import PASSWORD, Server
from tests.support.footage import Archive
from web import users
from web.app import create_console
from web.model import ConsoleSettings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]

LENGTH_S = 180
MOVED_S = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A console over one camera's recording, with what analytics saw in it."""

    url: str
    database: Database
    camera_id: int
    moved_at: datetime
    events: tuple[int, ...]


@pytest.fixture(scope="module")
def seen(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    if not (ROOT / "web" / "static" / "index.html").exists():
        pytest.fail("the web interface is not built: ./run ui")
    folder: Path = tmp_path_factory.mktemp("seen")
    with fresh_database(cluster) as url:
        database = Database(url)
        archive = Archive(database, folder / "recordings")
        archive.recordings.mkdir()
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=LENGTH_S + 60)
        camera = archive.camera(
            "cam-yard", "仓库院落", "Depot yard", LonLat(120.98, 31.38), created_at=start
        )
        archive.record(camera, start, LENGTH_S)
        moved_at = start + timedelta(seconds=MOVED_S)
        minute_at = moved_at.replace(second=0)
        grid = np.zeros((9, 16), np.bool_)
        grid[1:3, 12:14] = True
        moved = (moved_at.second, min(59, moved_at.second + 1))
        part = MotionMinute(
            camera.id,
            minute_at,
            tuple(sorted(set(moved))),
            pack(grid) * len(set(moved)),
            ((0, 60),),
        )
        assert motion_store.write(database, part)
        events = tuple(
            int(row.id)
            for n in range(3)
            for row in database.rows(
                "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en) VALUES "
                "(gen_random_uuid(), %s, 'intrusion', 'person', 2, 0.9, %s, '{0.3,0.3,0.2,0.3}', '因', %s) RETURNING id",
                (camera.id, start + timedelta(seconds=30 + 30 * n), f"A person entered, number {n}"),
            )
        )  # fmt: skip
        users.create_user(database, "rita", "Rita", PASSWORD, ["reviewer"])
        settings = ConsoleSettings(
            database_url=url,
            var=folder,
            recordings=archive.recordings,
            ingest_socket=folder / "ingest.sock",
            camera_key=Fernet.generate_key(),
            static=ROOT / "web" / "static",
        )
        with Server(create_console(settings)) as server:
            yield Seen(server.url, database, camera.id, moved_at, events)
        database.close()


@pytest.fixture
def page(seen: Seen, browser: Browser) -> Iterator[Page]:
    """The review of the camera, in English and UTC."""
    for page in pages.reviewer(seen.url, browser, PASSWORD):
        at = seen.moved_at.isoformat().replace("+00:00", "Z")
        page.goto(f"/review?camera={seen.camera_id}&at={at}")
        yield page


def _moment(page: Page) -> datetime:
    text = page.get_by_test_id("review-moment").get_attribute("datetime")
    assert text is not None
    return datetime.fromisoformat(text)


def _draw(page: Page, corners: list[tuple[float, float]]) -> None:
    page.get_by_test_id("draw-area").click()
    canvas = page.get_by_test_id("picture-canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    for x, y in [*corners, corners[0]]:
        canvas.click(position={"x": x * box["width"], "y": y * box["height"]})
    page.get_by_test_id("draw-take").click()
    expect(page.get_by_test_id("drawn")).to_be_visible()


def test_motion_in_a_drawn_area_is_found_and_plays(seen: Seen, page: Page) -> None:
    page.get_by_test_id("mode-motion").click()
    _draw(page, [(0.1, 0.5), (0.4, 0.5), (0.4, 0.9), (0.1, 0.9)])
    page.get_by_test_id("review-search").click()
    expect(page.get_by_test_id("found")).to_have_text("0 found")
    page.get_by_label("Clear what is drawn").click()
    _draw(page, [(0.7, 0.1), (0.95, 0.1), (0.95, 0.4), (0.7, 0.4)])
    page.get_by_test_id("review-search").click()
    card = page.get_by_test_id("hit-card")
    expect(card).to_have_count(1)
    page.keyboard.press("d")
    expect(page.get_by_test_id("order-best")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("order-means")).to_contain_text("largest share of the area")
    card.click()
    player = page.get_by_test_id("recording-video")
    until(lambda: player.get_attribute("data-phase") == "playing", 30, "the find plays")
    assert abs((_moment(page) - seen.moved_at).total_seconds()) < 30
    until(
        lambda: page.get_by_test_id("marked").locator("rect").is_visible(), 30, "its box is drawn"
    )
    expect(page.get_by_test_id("motion-band")).to_have_attribute("d", re.compile("^M.*Z$"))
    row = seen.database.row("SELECT detail FROM audit WHERE action = 'search' ORDER BY id DESC")
    assert row.detail["camera_ids"] == [seen.camera_id] and len(row.detail["area"]) == 4


def test_the_queue_is_walked_with_keys(seen: Seen, page: Page) -> None:
    expect(page.get_by_test_id("unseen")).to_have_text("3")
    page.keyboard.press("q")
    cards = page.get_by_test_id("queue-card")
    expect(cards).to_have_count(3)
    page.keyboard.press("j")
    expect(cards.nth(0)).to_have_attribute("aria-pressed", "true")
    player = page.get_by_test_id("recording-video")
    until(lambda: player.get_attribute("data-phase") == "playing", 30, "the event plays")
    page.keyboard.press("v")
    expect(cards.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("unseen")).to_have_text("2")
    page.keyboard.press("x")
    page.keyboard.press("3")
    expect(cards.nth(1).get_by_test_id("said")).to_contain_text("false, Tree, flag, curtain: rita")
    expect(cards.nth(2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("y")
    expect(cards.nth(2).get_by_test_id("said")).to_contain_text("important: rita")
    expect(page.get_by_test_id("unseen")).to_have_count(0)
    page.get_by_test_id("queue-show").select_option("important")
    expect(cards).to_have_count(1)
    marks = seen.database.rows("SELECT event_id, mark, reason FROM event_mark ORDER BY event_id")
    assert [tuple(mark) for mark in marks] == [
        (seen.events[0], "important", None),
        (seen.events[1], "false", "tree"),
    ]


def test_where_else_it_was_seen_is_walked_and_decided_by_keys(seen: Seen, page: Page) -> None:
    uids = [
        row.uid
        for seconds in (40, 70)
        for row in seen.database.rows(
            "INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box) VALUES (%s, gen_random_uuid(), "
            "'person', 0.9, %s, %s, '{0,5000}', '{0.3,0.3,0.1,0.2,0.4,0.3,0.1,0.2}') RETURNING uid",
            (
                seen.camera_id,
                seen.moved_at + timedelta(seconds=seconds),
                seen.moved_at + timedelta(seconds=seconds + 5),
            ),
        )
    ]
    seen.database.run(
        "INSERT INTO track_link (from_uid, to_uid, probability, gap_s, distance_m, why, why_en, made_at) "
        "VALUES (%s, %s, 0.8, 25, 30, '因', 'as at walking pace', now())",
        (uids[0], uids[1]),
    )
    seen.database.run("UPDATE event SET track_uid = %s WHERE id = %s", (uids[0], seen.events[2]))
    page.reload()
    page.get_by_test_id("event-card").first.click()
    link = page.get_by_test_id("link")
    expect(link).to_contain_text("80% likely")
    page.keyboard.press("w")
    expect(link).to_have_attribute("aria-current", "true")
    there = seen.moved_at + timedelta(seconds=70)
    until(lambda: abs((_moment(page) - there).total_seconds()) < 20, 15, "the players go there")
    page.keyboard.press("c")
    expect(link).to_have_attribute("data-decision", "confirmed")
    row = seen.database.row("SELECT decision, decided_by FROM track_link")
    assert tuple(row) == ("confirmed", "rita")
    page.keyboard.press("c")
    expect(link).to_have_attribute("data-decision", "open")
