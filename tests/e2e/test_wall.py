"""The video wall and the administration of cameras, in front of the running city."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.cameras import TURNING
from demo.running import City, until
from tests.e2e.pages import CONSOLE, logged_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]
TILES = 16


@pytest.fixture(scope="module")
def crowd(city: City, browser: Browser) -> Iterator[list[str]]:
    """Fourteen more cameras on the yard's stream, of them one at an address where nothing is; gone afterwards."""
    for admin in logged_in(city, browser, "admin", CONSOLE, "/admin"):
        codes = admin.evaluate(
            """async (password) => {
                const headers = {'content-type': 'application/json'};
                headers['x-csrf-token'] = (await (await fetch('/api/v1/session')).json()).csrf;
                const cameras = await (await fetch('/api/v1/cameras')).json();
                const yard = cameras.find((camera) => camera.code === 'cam-yard');
                const made = [];
                for (let i = 1; i <= 14; i += 1) {
                    const code = `a-wall-${String(i).padStart(2, '0')}`;
                    const url = i === 14 ? yard.url.replace('cam-yard', 'nothing-here') : yard.url;
                    const body = {code, name: code, url, username: yard.username, password, lon: yard.lon, lat: yard.lat,
                                  recorded: false, analysed: false};
                    const answer = await fetch('/api/v1/cameras', {method: 'POST', headers, body: JSON.stringify(body)});
                    if (!answer.ok) throw new Error(await answer.text());
                    made.push(code);
                }
                return made;
            }""",
            city.secret("demo-rtsp"),
        )
        yield codes
        admin.evaluate(
            """async (codes) => {
                const headers = {'content-type': 'application/json'};
                headers['x-csrf-token'] = (await (await fetch('/api/v1/session')).json()).csrf;
                for (const camera of await (await fetch('/api/v1/cameras')).json()) {
                    if (!codes.includes(camera.code)) continue;
                    const body = JSON.stringify({expected_version: camera.version, enabled: false});
                    await fetch(`/api/v1/cameras/${camera.id}`, {method: 'PATCH', headers, body});
                }
            }""",
            codes,
        )


def _playing(page: Page) -> list[int]:
    """The numbers of the tiles whose picture plays."""
    return list(
        page.get_by_test_id("wall-tile").evaluate_all(
            """tiles => tiles.filter((tile) => tile.querySelector('figure')?.dataset.phase === 'playing')
                             .map((tile) => Number(tile.dataset.number))"""
        )
    )


def test_a_wall_of_sixteen_plays_what_can_be_seen(
    city: City, browser: Browser, crowd: list[str]
) -> None:
    # In a low window the wall of sixteen is taller than what can be seen of it.
    for page in logged_in(city, browser, "officer", {"width": 700, "height": 520}, "/wall"):
        _look_at_the_wall(page, crowd.index("a-wall-14"))


def _look_at_the_wall(page: Page, lost: int) -> None:
    tiles = page.get_by_test_id("wall-tile")
    page.get_by_test_id("grid-16").click()
    expect(tiles).to_have_count(TILES)
    until(lambda: len(_playing(page)) >= 3, 60, "the first live pictures")
    below = tiles.evaluate_all(
        """tiles => tiles.filter((tile) => tile.getBoundingClientRect().top > innerHeight)
                         .map((tile) => Number(tile.dataset.number))"""
    )
    assert below, "every tile fits the window, so that nothing is out of sight"
    assert not set(_playing(page)) & set(below)

    # What is scrolled into sight plays; the camera that is not there says what it is, why, and since when.
    gone = tiles.nth(lost)
    gone.scroll_into_view_if_needed()
    expect(gone.get_by_text("Unreachable")).to_be_visible(timeout=30_000)
    expect(gone).to_contain_text("404")
    expect(gone.locator("time")).to_have_text(re.compile(r"^\d+:\d\d"))

    # Enlarged it plays alone; back on the wall the others go on.
    first = tiles.first
    first.scroll_into_view_if_needed()
    first.dblclick()
    expect(first).to_have_attribute("data-enlarged", "true")
    until(lambda: _playing(page) == [1], 40, "the enlarged picture alone")
    page.keyboard.press("Escape")
    until(lambda: len(_playing(page)) >= 3, 40, "the other pictures again")

    # The tour goes over the whole city, stands still when told, and a touch of its own button is not taken for one.
    page.get_by_test_id("tour").click()
    hold = page.get_by_test_id("tour-hold")
    expect(hold).to_contain_text("1/2")
    hold.click()
    expect(hold).to_contain_text("held")
    hold.click()
    expect(hold).not_to_contain_text("held")
    tiles.nth(1).click()
    expect(hold).to_contain_text("held")


def test_a_camera_is_found_on_the_network_and_added(city: City, browser: Browser) -> None:
    """The demo's turning camera is an ONVIF device, reached here by its address."""
    until(lambda: _online(city, TURNING), 120, "the turning camera on the air")
    for admin in logged_in(city, browser, "admin", CONSOLE, "/admin"):
        admin.get_by_role("button", name="Add a camera").click()
        admin.get_by_test_id("camera-username").fill("wanglou")
        admin.get_by_test_id("camera-password").fill(city.secret("demo-rtsp"))
        admin.get_by_test_id("camera-onvif_url").fill(
            f"http://127.0.0.1:{city.environment['WANGLOU_DEMO_ONVIF_PORT']}/onvif/device_service"
        )
        admin.get_by_test_id("onvif-read").click()
        expect(admin.get_by_test_id("onvif-described")).to_have_attribute(
            "data-ok", "true", timeout=30_000
        )
        expect(admin.get_by_test_id("camera-url")).to_have_value(f"{_rtsp(city)}/{TURNING}")
        expect(admin.get_by_test_id("camera-sub_url")).to_have_value(f"{_rtsp(city)}/{TURNING}-sub")

        # Each stream is tried; what is wrong stands at its field.
        admin.get_by_test_id("stream-test").nth(1).get_by_role("button").click()
        expect(admin.get_by_test_id("stream-test").nth(1)).to_have_attribute(
            "data-ok", "true", timeout=60_000
        )
        admin.get_by_test_id("camera-code").fill("z-found")
        admin.get_by_test_id("camera-name").fill("找到的")
        admin.get_by_test_id("camera-lon").fill("500")
        admin.get_by_test_id("camera-lat").fill("31.38")
        admin.get_by_test_id("camera-analyse_stream").select_option("sub")
        admin.get_by_test_id("camera-save").click()
        expect(
            admin.locator("label", has=admin.get_by_test_id("camera-lon")).get_by_role("alert")
        ).to_be_visible()
        admin.get_by_test_id("camera-lon").fill("120.98")
        admin.get_by_test_id("camera-save").click()
        row = admin.get_by_role("row").filter(has_text="z-found")
        expect(row).to_contain_text("second stream")
        expect(row).to_contain_text("Online", timeout=60_000)


def _online(city: City, code: str) -> bool:
    with urllib.request.urlopen(f"{city.console}/healthz", timeout=10) as answer:
        return bool(json.load(answer)["cameras"].get(code) == "online")


def _rtsp(city: City) -> str:
    return f"rtsp://127.0.0.1:{city.environment['WANGLOU_DEMO_RTSP_PORT']}"
