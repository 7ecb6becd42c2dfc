"""Zones drawn on the picture and on the map, and an alarm that was wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demo.running import City, until
from tests.e2e.pages import CONSOLE, INTRUSION, logged_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]


def get(page: Page, path: str) -> Any:
    """What the API answers to the person who is logged in on the page."""
    return page.evaluate(f"fetch('/api/v1{path}').then((answer) => answer.json())")


def click(page: Page, canvas: Locator, *places: tuple[float, float]) -> None:
    """Clicks one place after another, as shares of the canvas."""
    for x, y in places:
        box = canvas.bounding_box()  # what stands below it may have moved it
        assert box is not None
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(100)


def drag(page: Page, canvas: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place to another, as shares of the canvas."""
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=5)
    page.mouse.up()


@pytest.fixture
def admin(city: City, browser: Browser) -> Iterator[Page]:
    """Administration, in English."""
    yield from logged_in(city, browser, "admin", CONSOLE, "/admin?tab=zones")


def the_yard(page: Page) -> Any:
    """The yard's camera."""
    return next(camera for camera in get(page, "/cameras") if camera["code"] == "cam-yard")


def test_a_zone_is_drawn_on_the_picture_changed_and_removed(admin: Page) -> None:
    page = admin
    yard = the_yard(page)
    page.goto(f"/admin?tab=zones&camera={yard['id']}")
    page.get_by_test_id("zone-new").click()
    page.get_by_test_id("rule-loitering").click()
    canvas = page.get_by_test_id("picture-canvas")
    expect(canvas).to_be_visible(timeout=20_000)

    # An outline that crosses itself says so and cannot be saved.
    click(page, canvas, (0.3, 0.3), (0.6, 0.6), (0.6, 0.3), (0.3, 0.6), (0.3, 0.3))
    page.get_by_test_id("zone-name").fill("后院徘徊")
    expect(page.get_by_test_id("picture-hint")).to_contain_text("crosses itself")
    expect(page.get_by_test_id("zone-save")).to_be_disabled()
    page.get_by_role("button", name="Clear and draw again").click()
    click(page, canvas, (0.3, 0.4), (0.6, 0.4), (0.6, 0.7), (0.3, 0.7), (0.3, 0.4))
    expect(page.get_by_test_id("zone-save")).to_be_enabled()
    page.get_by_test_id("zone-save").click()

    # It is tried at once on what was seen before.
    expect(page.get_by_test_id("try-count")).to_be_visible(timeout=60_000)
    drawn = [zone for zone in get(page, "/zones") if zone["rule"] == "loitering"]
    made = max(drawn, key=lambda zone: int(zone["id"]))
    assert (made["camera_id"], made["version"], len(made["points"])) == (yard["id"], 1, 4)
    assert made["points"][0] == pytest.approx([0.3, 0.4], abs=0.02)

    # A corner is dragged, another put into an edge; undo takes the second back.
    drag(page, canvas, (0.6, 0.7), (0.7, 0.8))
    drag(page, canvas, (0.45, 0.4), (0.45, 0.3))
    expect(page.locator(".shape-corner")).to_have_count(5)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".shape-corner")).to_have_count(4)
    dwell = page.get_by_test_id("zone-dwell")
    dwell.fill("25")
    page.get_by_test_id("zone-save").click()

    def version(number: int) -> Any:
        mine = (z for z in get(page, "/zones") if z["id"] == made["id"])
        return next((z for z in mine if z["version"] == number), None)

    changed = until(lambda: version(2), 15, "the changed zone")
    assert changed["dwell_s"] == 25
    assert changed["points"][2] == pytest.approx([0.7, 0.8], abs=0.02)

    # A field that is emptied shows the rule's own number in grey, and that number holds again.
    dwell.fill("")
    expect(dwell).to_have_attribute("placeholder", f"{made['dwell_s']:g}")
    page.get_by_test_id("zone-save").click()
    assert until(lambda: version(3), 15, "the zone as before")["dwell_s"] == made["dwell_s"]

    page.get_by_role("button", name="Close").last.click()
    row = page.locator(f"[data-zone-id='{made['id']}']")
    expect(row).to_contain_text("后院徘徊")
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name=re.compile("Remove")).click()
    expect(row).to_have_count(0, timeout=15_000)


def test_a_mask_is_switched_off_and_the_audit_log_says_by_whom(admin: Page) -> None:
    page = admin
    yard = the_yard(page)
    page.goto(f"/admin?tab=masks&camera={yard['id']}")
    page.get_by_test_id("mask-new").click()
    canvas = page.get_by_test_id("picture-canvas")
    expect(canvas).to_be_visible(timeout=20_000)
    click(page, canvas, (0.02, 0.02), (0.08, 0.02), (0.08, 0.08), (0.02, 0.08), (0.02, 0.02))
    page.get_by_test_id("mask-name").fill("邻居窗户")
    page.get_by_test_id("mask-save").click()
    row = page.locator("[data-mask-id]").filter(has_text="邻居窗户")
    switch = row.get_by_role("checkbox")
    expect(switch).to_be_checked(timeout=15_000)
    page.on("dialog", lambda dialog: dialog.accept())
    switch.click()
    expect(row).to_contain_text("Off")
    expect(switch).not_to_be_checked()
    subject = f"privacy_mask:{row.get_attribute('data-mask-id')}"
    entry = get(page, f"/audit?subject={subject}")[0]
    assert (entry["actor"], entry["action"]) == ("admin", "privacy_mask_off")
    row.get_by_role("button", name=re.compile("Remove")).click()
    expect(row).to_have_count(0, timeout=15_000)


def test_a_zone_on_the_map_holds_for_the_cameras_that_see_it(admin: Page) -> None:
    page = admin
    yard = the_yard(page)
    ring = yard["field_of_view"][:-1]
    lon = sum(spot[0] for spot in ring) / len(ring)
    lat = sum(spot[1] for spot in ring) / len(ring)
    view = json.dumps({"center": [lon, lat], "zoom": 18})
    page.evaluate(f"localStorage.setItem('wanglou.map.zones', {json.dumps(view)})")
    page.reload()
    page.get_by_test_id("zone-place").select_option("map")
    page.get_by_test_id("zone-new").click()
    page.get_by_test_id("rule-intrusion").click()
    canvas = page.get_by_test_id("map")
    # The pointer is a cross once the map takes clicks.
    expect(canvas.locator("canvas.maplibregl-canvas")).to_have_css(
        "cursor", "crosshair", timeout=20_000
    )
    click(page, canvas, (0.49, 0.48), (0.51, 0.48), (0.51, 0.52), (0.49, 0.52), (0.49, 0.48))
    expect(page.get_by_test_id("seen-by")).to_contain_text("cam-yard", timeout=15_000)
    page.get_by_test_id("zone-name").fill("后院地图区")
    page.get_by_test_id("zone-save").click()
    zone = until(
        lambda: next((z for z in get(page, "/zones") if z["name"] == "后院地图区"), None),
        15,
        "the zone on the map",
    )
    seen = [(row["zone_id"], row["camera_id"]) for row in get(page, "/zones/outlines")]
    assert (zone["id"], yard["id"]) in seen
    assert len(zone["ground"]) == 4 and zone["points"] == []


def test_a_wrong_alarm_is_dismissed_with_its_reason_and_counted(
    city: City, browser: Browser
) -> None:
    assert city.wanglou("demo", "trigger", "intrusion").returncode == 0
    for page in logged_in(city, browser, "officer", CONSOLE, "/"):
        page.get_by_role("tab", name=re.compile("Alarms")).click()
        row = page.get_by_test_id("alarm-row").filter(has_text=INTRUSION).first
        expect(row).to_be_visible(timeout=60_000)
        number = row.get_attribute("data-alarm-id")
        row.click()
        page.get_by_test_id("dismiss").first.click()
        page.get_by_test_id("dismiss-reason").fill("猫")
        page.get_by_test_id("dismiss-animal").click()
        expect(page.locator(f"[data-testid=alarm-row][data-alarm-id='{number}']")).to_have_count(
            0, timeout=15_000
        )
    for page in logged_in(city, browser, "admin", CONSOLE, "/admin?tab=noise"):
        found = page.get_by_test_id("noise-row").first
        expect(found).to_be_visible(timeout=15_000)
        assert int(found.get_attribute("data-false") or 0) >= 1
        found.get_by_test_id("noise-open").click()
        expect(page.get_by_test_id("proposals")).to_be_visible(timeout=15_000)
