"""The whole way: somebody climbs into the yard, and in the end the case is closed and its recording plays."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.running import City, until
from tests.e2e.pages import CONSOLE, INTRUSION, PHONE, logged_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]


@pytest.fixture
def officer(city: City, browser: Browser) -> Iterator[Page]:
    """The console, logged in as the dispatcher, in English."""
    yield from logged_in(city, browser, "officer", CONSOLE, "/")


def _json(url: str) -> object:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def _plays(page: Page, selector: str) -> bool:
    """Whether the video has a picture whose time goes on."""
    first = page.eval_on_selector(selector, "v => v.videoWidth > 0 ? v.currentTime : -1")
    if first < 0:
        return False
    page.wait_for_timeout(300)
    return bool(page.eval_on_selector(selector, "(v, t) => v.currentTime > t", first))


def test_from_the_intrusion_to_the_closed_case(city: City, browser: Browser, officer: Page) -> None:
    expect(officer.get_by_test_id("feed-state")).to_have_attribute(
        "data-state", "live", timeout=20_000
    )
    expect(officer.locator("canvas.maplibregl-canvas").first).to_be_visible(timeout=20_000)
    until(
        lambda: '"cam-yard": "online"' in json.dumps(_json(f"{city.console}/healthz")),
        30,
        "the camera's stream",
    )

    # The intrusion appears by itself, with its place and its picture.
    assert city.wanglou("demo", "trigger", "intrusion").returncode == 0
    row = officer.get_by_test_id("alarm-row").filter(has_text=INTRUSION).first
    expect(row).to_be_visible(timeout=40_000)
    row.click()
    expect(officer.locator("img[src*='/snapshot.jpg']").first).to_be_visible(timeout=10_000)
    until(lambda: _plays(officer, "[data-testid=live-video] video"), 30, "the live picture")

    # It is opened as an incident and the nearest patrol is sent.
    officer.get_by_test_id("open-incident").first.click()
    recommended = officer.get_by_test_id("recommendation-row").first
    expect(recommended).to_be_visible(timeout=15_000)
    unit = re.search(r"\b([PFAM]-\d\d)\b", recommended.inner_text())
    assert unit is not None and unit[1].startswith("P-"), recommended.inner_text()
    officer.get_by_test_id("dispatch").first.click()
    expect(officer.get_by_text(unit[1]).first).to_be_visible()

    # The crew acknowledges, drives, arrives and clears on the phone.
    for page in logged_in(city, browser, unit[1].lower(), PHONE, "/phone"):
        expect(page.get_by_test_id("phone-incident")).to_be_visible(timeout=15_000)
        for step in ("acknowledge", "enroute", "onscene", "clear"):
            page.get_by_test_id(f"phone-{step}").click()
        expect(page.get_by_test_id("phone-clear")).to_have_count(0, timeout=15_000)

    # The officer sees it and closes the case.
    expect(officer.get_by_test_id("log-entry").filter(has_text=unit[1]).first).to_be_visible(
        timeout=15_000
    )
    expect(officer.get_by_test_id("evidence-held").first).to_be_visible()
    officer.get_by_test_id("close-incident").first.click()
    officer.get_by_test_id("close-submit").click()
    expect(officer.get_by_test_id("incident-row")).to_have_count(0, timeout=15_000)


def test_the_reviewer_finds_it_and_plays_the_recording(city: City, browser: Browser) -> None:
    for page in logged_in(city, browser, "reviewer", CONSOLE, "/review"):
        card = page.get_by_test_id("event-card").first
        expect(card).to_be_visible(timeout=20_000)
        card.click()
        until(
            lambda page=page: _plays(page, "[data-testid=recording-video] video"),
            40,
            "the recording",
        )  # type: ignore[misc]
        expect(page.get_by_test_id("recording-video")).to_have_attribute("data-phase", "playing")


def test_the_public_sees_published_cameras_late_and_nothing_when_closed(
    city: City, browser: Browser
) -> None:
    cameras = _json(f"{city.portal}/api/cameras")
    assert isinstance(cameras, list)
    assert "cam-square" in [camera["code"] for camera in cameras]
    assert "cam-yard" not in [camera["code"] for camera in cameras]
    context = browser.new_context(viewport=PHONE, base_url=city.portal)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/?lang=en")
    expect(page.get_by_text("Citizens' Square").first).to_be_visible()

    def playlist() -> str:
        try:
            with urllib.request.urlopen(
                f"{city.portal}/live/cam-square/index.m3u8", timeout=10
            ) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            return ""

    assert "#EXTINF" in until(playlist, 120, "the delayed playlist")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{city.portal}/live/cam-yard/index.m3u8", timeout=10)
    context.close()

    for admin in logged_in(city, browser, "admin", CONSOLE, "/admin"):
        admin.get_by_test_id("tab-portal").click()
        admin.get_by_test_id("portal-switch").click()
        expect(admin.get_by_text("The portal is closed")).to_be_visible()
        until(lambda: playlist() == "", 5, "the closed portal")
        admin.get_by_test_id("portal-switch").click()
        until(lambda: playlist() != "", 5, "the opened portal")


def test_doctor_finds_nothing_bad(city: City) -> None:
    done = city.wanglou("doctor", "--json")
    findings = json.loads(done.stdout)
    # Only two of the city's cameras are switched on here, so the others are reported, and nothing else is.
    bad = [f for f in findings if f["level"] == "bad" and not f["about"].startswith("camera ")]
    assert bad == []
    assert done.stderr == ""
