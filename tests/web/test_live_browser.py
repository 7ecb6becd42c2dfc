"""The product's player in real Chromium, from a real console with its database, to ingest's real control server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from bench.live_page import BROWSER_ARGUMENTS, LivePage
from gis.db import Database
from ingest.live.hub import LiveHub
from tests.ingest.streams import until
from tests.support.console import Server, add_camera
from tests.support.live import Feeder, control
from web.model import ConsoleSettings


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(BROWSER_ARGUMENTS)
        )
        yield browser
        browser.close()


@pytest.fixture
def hub(settings: ConsoleSettings) -> Iterator[LiveHub]:
    hub = LiveHub()
    with control(settings.var, hub):
        yield hub


@pytest.fixture
def camera(database: Database) -> int:
    return add_camera(database, "gate")


@pytest.fixture
def live(chromium: Chromium, console: Server, hub: LiveHub) -> Iterator[LivePage]:
    login = console.browser().login("dora")
    page = LivePage(
        chromium, console.url, login.cookies["wanglou_session"], login.headers["X-CSRF-Token"]
    )
    yield page
    page.end()


def plays(page: LivePage, number: int, pictures: int = 20) -> dict[str, Any]:
    """Waits until so many pictures were shown."""
    deadline = time.monotonic() + 40
    while (seen := page.look(number))["frames"] < pictures or seen["phase"] != "playing":
        assert time.monotonic() < deadline, f"{pictures} pictures did not come: {seen}"
        page.page.wait_for_timeout(50)
    return seen


def test_h264_plays_by_whep_and_leaves_when_closed(
    live: LivePage, hub: LiveHub, camera: int
) -> None:
    feeder = Feeder(hub, camera_id=camera)
    number = live.open(camera)
    seen = plays(live, number)
    assert seen["ways"] == ["whep"]
    assert seen["width"] == 320
    live.close(number)
    until(lambda: hub.viewers() == 0, "the viewer to be gone")
    feeder.end()


def test_the_small_stream_is_shown_where_there_is_one(
    live: LivePage, hub: LiveHub, camera: int, database: Database
) -> None:
    without = add_camera(database, "yard")
    with ExitStack() as feeders:
        for camera_id, stream, height_px in (
            (camera, "main", 180), (camera, "sub", 90), (without, "main", 180),
        ):  # fmt: skip
            feeders.callback(
                Feeder(hub, camera_id=camera_id, stream=stream, height_px=height_px).end
            )
        large, small, other = live.open(camera), live.open(camera, "sub"), live.open(without, "sub")
        assert [plays(live, n)["width"] for n in (large, small, other)] == [320, 160, 320]


@pytest.mark.parametrize(
    ("codec", "b_frames", "ways"),
    [
        ("h264", 2, ["whep", "mse"]),
        ("mjpeg", 0, ["whep", "mse"]),
        ("hevc", 0, ["whep", "mse", "stills"]),  # this Chromium does not play H.265 by MSE
    ],
)
def test_what_webrtc_cannot_carry_falls_to_what_the_browser_can_show(
    live: LivePage, hub: LiveHub, camera: int, codec: str, b_frames: int, ways: list[str]
) -> None:
    if codec == "hevc" and live.page.evaluate(
        "() => MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L60.B0\"')"
    ):
        ways = ["whep", "mse"]
    feeder = Feeder(hub, codec, b_frames=b_frames, camera_id=camera)
    number = live.open(camera)
    seen = plays(live, number, pictures=3 if ways[-1] == "stills" else 20)
    assert seen["ways"] == ways
    assert seen["width"] == 320
    live.close(number)
    # What was found out is remembered in this page.
    again = live.open(camera)
    assert plays(live, again, pictures=1)["ways"][-1] == ways[-1]
    assert "whep" not in live.look(again)["ways"]
    feeder.end()


def test_a_stream_that_turns_to_b_frames_goes_on_by_mse(
    live: LivePage, hub: LiveHub, camera: int
) -> None:
    feeder = Feeder(hub, camera_id=camera)
    number = live.open(camera)
    assert plays(live, number)["ways"] == ["whep"]
    feeder.end()
    other = Feeder(hub, b_frames=2, camera_id=camera)
    other.session = 2
    until(lambda: live.look(number)["ways"] == ["whep", "mse"], "the other way", 30)
    frames = live.look(number)["frames"]
    plays(live, number, frames + 20)
    other.end()


def test_mse_stays_close_to_now(live: LivePage, hub: LiveHub, camera: int) -> None:
    feeder = Feeder(hub, b_frames=2, camera_id=camera)
    number = live.open(camera)
    plays(live, number, 40)
    until(lambda: (live.look(number)["delay_s"] or 9) < 1, "less than a second in the player", 20)
    feeder.end()


def test_of_sixteen_pictures_only_those_in_sight_are_sent(
    live: LivePage, hub: LiveHub, camera: int
) -> None:
    feeder = Feeder(hub, camera_id=camera, height_px=90)
    live.page.set_viewport_size({"width": 1000, "height": 620})  # two whole pictures and a strip
    live.column([camera] * 16)

    def wait(viewers: int, what: str) -> None:
        deadline = time.monotonic() + 30
        while hub.viewers() != viewers:
            assert time.monotonic() < deadline, f"{hub.viewers()} are sent, not {viewers}, {what}"
            live.page.wait_for_timeout(50)

    wait(3, "at the top")
    # A picture that only touches the edge counts as seen, so the edge lies inside one.
    live.page.evaluate("() => window.scrollTo(0, 2410)")
    wait(3, "in the middle")
    live.page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    wait(3, "at the end")
    live.page.evaluate("() => document.body.firstElementChild.style.display = 'none'")
    wait(0, "out of sight")
    feeder.end()
