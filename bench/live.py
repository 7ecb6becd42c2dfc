"""Live views: what a viewer costs the serving process, how soon the first picture shows, how late pictures are.

Costs are CPU time of the whole serving process, viewers' own CPU left out; beside them the way before, aiortc's own
sender, in the same run. Delays are those of the product's player in headless Chromium, over the whole way: an encoder
that draws its clock into 1080p pictures, RTSP, ingest with recording, the console, WebRTC or MSE, the page's canvas.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import psutil
from playwright.sync_api import Browser, Route, sync_playwright

from bench.clock_picture import read_script
from bench.live_city import Setting, clock_city
from bench.live_page import BROWSER_ARGUMENTS, LivePage
from bench.live_server import (
    CAMERA,
    FPS,
    GOP_FRAMES,
    WIDTH_PX,
    clip,
)  # fmt: skip
from bench.report import Figure, percentile
from demo.running import chromium, until
from gis.clock import ManualClock
from ingest.live.hub import LiveHub
from ingest.live.mosaic import TILE_EVERY_S, Mosaics, Tile

COST_OVER_S = 10.0
SHARED_VIEWERS, AIORTC_VIEWERS, MSE_VIEWERS = 60, 30, 60
RECORDED_VIEWERS = 100
VIEWER_MBPS = 2.0
JOINS = 40
SAMPLES, LEAST_SAMPLES = 200, 50


def measure() -> list[Figure]:
    """Everything; about five minutes."""
    return [*_costs(), *_city()]


# --- costs ----------------------------------------------------------------------------------------------------


def _costs() -> list[Figure]:
    shared, aiortc, mse = (
        _viewers_per_core(sender, kind, viewers)
        for sender, kind, viewers in (
            ("shared", "whep", SHARED_VIEWERS),
            ("aiortc", "whep", AIORTC_VIEWERS),
            ("shared", "mse", MSE_VIEWERS),
        )
    )
    case = f"1080p, {FPS} fps"
    return [
        Figure(
            "live", f"WHEP, {case}", "viewers per core at 2 Mbit/s", shared.per_core, "1",
            aiortc.per_core, shared.per_core / aiortc.per_core,
        ),
        Figure("live", f"WHEP, {case}", "received per viewer", shared.mbps, "Mbit/s", aiortc.mbps),
        Figure("live", f"MSE at ingest, {case}", "viewers per core at 2 Mbit/s", mse.per_core, "1"),
        Figure("live", f"MSE at ingest, {case}", "received per viewer", mse.mbps, "Mbit/s"),
        Figure("live", "mosaic of 16, 1080p", "cpu per renewed picture", _mosaic_ms(), "ms"),
    ]  # fmt: skip


def _mosaic_ms() -> float:
    """CPU time of a mosaic whose sixteen tiles are all decoded anew."""
    hub, clock, keys = LiveHub(), ManualClock(), [u for u in clip(4 * GOP_FRAMES) if u.packet.key]
    mosaics = Mosaics(hub, clock)
    tiles = [Tile(number, f"cam-{number}") for number in range(1, 17)]
    took_s = []
    for key in keys:
        for tile in tiles:
            packet = replace(key.packet, camera_id=tile.camera_id)
            hub.unit(replace(CAMERA, id=tile.camera_id), replace(key, packet=packet))
        before_s = time.process_time()
        mosaics.take(tiles, 4, 1286)
        took_s.append(time.process_time() - before_s)
        clock.advance(TILE_EVERY_S * 2)
    return percentile(took_s, 0.5) * 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """How many viewers of 2 Mbit/s one core serves, by what they really received."""

    per_core: float
    mbps: float


class Child:
    """A Python module of the bench as a child that says ``ready`` and ends with its input."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        if self._read() != "ready":
            raise RuntimeError(f"{module} {arguments} ended with status {self._process.wait()}")

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    @property
    def cpu_s(self) -> float:
        """User and system time so far."""
        return cpu_s(self._process.pid)

    def ask(self) -> dict[str, Any]:
        """The answer to a line of input."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._read())
        return answer

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _viewers_per_core(sender: str, kind: str, viewers: int) -> Cost:
    with tempfile.TemporaryDirectory(prefix="wl-") as folder, ExitStack() as ends:
        path = f"{folder}/live.sock"
        server = Child("bench.live_server", path, sender)
        ends.callback(server.close)
        before_s, began_s = server.cpu_s, time.monotonic()
        _pause(COST_OVER_S / 2)
        idle = (server.cpu_s - before_s) / (time.monotonic() - began_s)
        clients = Child("bench.live_viewers", path, "1", str(viewers), kind)
        ends.callback(clients.close)
        _pause(2.0)  # the replays are over
        clients.ask()
        before_s, began_s = server.cpu_s, time.monotonic()
        _pause(COST_OVER_S)
        used_s, took_s = server.cpu_s - before_s, time.monotonic() - began_s
        received = clients.ask()
    mbps = received["bytes"] * 8 / took_s / 1e6
    return Cost(mbps / VIEWER_MBPS / (used_s / took_s - idle), mbps / viewers)


# --- the whole way --------------------------------------------------------------------------------------------


def _city() -> list[Figure]:
    with clock_city() as setting:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), headless=True, args=list(BROWSER_ARGUMENTS)
            )
            delays = [*_first_pictures(setting, browser), *_delays(setting, browser)]
            browser.close()
        return [*delays, *_recording(setting), *_through_the_console(setting)]


def _page(setting: Setting, browser: Browser) -> LivePage:
    clock = read_script(WIDTH_PX)
    return LivePage(browser, setting.city.console, setting.cookie, setting.csrf, (clock,))


def _seen(page: LivePage, number: int, what: str, count: int, within_s: float) -> dict[str, Any]:
    """Waits until a list or a count of the picture is as long as wished."""
    deadline = time.monotonic() + within_s
    while True:
        seen = page.look(number)
        value = seen[what]
        if value is not None and (len(value) if isinstance(value, list) else value) >= count:
            return seen
        if time.monotonic() > deadline:
            if isinstance(value, list) and len(value) >= LEAST_SAMPLES + count - SAMPLES:
                return seen  # on a busy machine; how many there were is told
            raise RuntimeError(f"no {what} within {within_s:g} s: {seen}")
        page.page.wait_for_timeout(20)


def _first_pictures(setting: Setting, browser: Browser) -> list[Figure]:
    """From opening a picture to its first frame on the page, the view closed again each time."""
    page = _page(setting, browser)
    firsts: list[float] = []
    for _ in range(JOINS):
        number = page.open(setting.camera_id)
        seen = _seen(page, number, "playing_ms", 1, 20)
        if seen["ways"] != ["whep"]:
            raise RuntimeError(f"the picture did not come by WebRTC: {seen}")
        firsts.append(max(seen["first_ms"] or 0.0, seen["playing_ms"]))
        page.close(number)
        page.page.wait_for_timeout(137)  # not always at the same place of the GOP
    page.end()
    return _spread("open to first picture, WHEP", firsts)


def _delays(setting: Setting, browser: Browser) -> list[Figure]:
    """From the encoder's clock to the page's, by both ways."""
    page = _page(setting, browser)
    number = page.open(setting.camera_id)
    whep = _seen(page, number, "delays_ms", SAMPLES + FPS, 60)
    page.end()
    page = _page(setting, browser)

    def refuse(route: Route) -> None:
        body = {"error": {"code": "wrong_state", "message": "measured by MSE", "fields": []}}
        route.fulfill(status=409, json=body)

    page.page.route("**/whep*", refuse)
    number = page.open(setting.camera_id)
    mse = _seen(page, number, "delays_ms", SAMPLES + FPS, 60)
    page.end()
    shown_ms = (mse["delay_s"] or 0.0) * 1000
    return [
        *_spread("camera to screen, WHEP", whep["delays_ms"][FPS:]),
        *_spread("camera to screen, MSE", mse["delays_ms"][FPS:]),
        # Beside it the true one at that moment, which has the encoder and RTSP in it as well.
        Figure(
            "live", "camera to screen, MSE", "age the player shows", shown_ms, "ms", mse["delays_ms"][-1]
        ),
    ]  # fmt: skip


def _spread(case: str, values_ms: list[float]) -> list[Figure]:
    return [
        Figure("live", case, "samples", len(values_ms), "1"),
        Figure("live", case, "p50", percentile(values_ms, 0.5), "ms"),
        Figure("live", case, "p95", percentile(values_ms, 0.95), "ms"),
    ]


def _through_the_console(setting: Setting) -> list[Figure]:
    """What MSE viewers cost both processes that carry them."""
    until(lambda: setting.facts()["whep_sessions"] == 0, 60, "the end of earlier views", 0.5)
    pids = [setting.pid(name) for name in ("ingest", "console")]
    before, began_s = [cpu_s(pid) for pid in pids], time.monotonic()
    _pause(COST_OVER_S / 2)
    idle = [
        (cpu_s(pid) - was) / (time.monotonic() - began_s)
        for pid, was in zip(pids, before, strict=True)
    ]
    server = f"{setting.city.console} {setting.cookie}"
    clients = Child(
        "bench.live_viewers", server, str(setting.camera_id), str(MSE_VIEWERS), "console"
    )
    _pause(2.0)
    clients.ask()
    before, began_s = [cpu_s(pid) for pid in pids], time.monotonic()
    _pause(COST_OVER_S)
    took_s = time.monotonic() - began_s
    used = [
        (cpu_s(pid) - was) / took_s - free
        for pid, was, free in zip(pids, before, idle, strict=True)
    ]
    mbps = clients.ask()["bytes"] * 8 / took_s / 1e6
    clients.close()
    case = f"MSE through the console, 1080p, {FPS} fps"
    return [
        Figure("live", case, "viewers per core at 2 Mbit/s", mbps / VIEWER_MBPS / sum(used), "1"),
        Figure("live", case, "share of the console", used[1] / sum(used), "1"),
        Figure("live", case, "received per viewer", mbps / MSE_VIEWERS, "Mbit/s"),
    ]


def _recording(setting: Setting) -> list[Figure]:
    """What a hundred viewers do to the recorder of the same process."""
    clients = Child(
        "bench.live_viewers", str(setting.socket), str(setting.camera_id), str(RECORDED_VIEWERS), "whep"
    )  # fmt: skip
    pid, before = setting.pid("ingest"), setting.facts()
    cpu, began_s, gops = cpu_s(pid), time.monotonic(), setting.camera.gops
    clients.ask()
    _pause(COST_OVER_S * 2)
    took_s, used = time.monotonic() - began_s, (cpu_s(pid) - cpu)
    received, after, sent = clients.ask(), setting.facts(), setting.camera.gops - gops
    connections = [
        c
        for c in psutil.Process(pid).net_connections("tcp")
        if c.raddr and c.raddr.port == setting.camera.server.port
    ]
    clients.close()
    case = f"recorder beside {RECORDED_VIEWERS} WHEP viewers"
    lost = after["dropped_gops_recorder"] - before["dropped_gops_recorder"]
    mbps = received["bytes"] * 8 / took_s / RECORDED_VIEWERS / 1e6
    return [
        Figure("live", case, "RTSP connections to the camera", len(connections), "1"),
        Figure("live", case, "GOPs lost", lost, "1"),
        Figure(
            "live", case, "fragments written per GOP the camera sent",
            (after["fragments"] - before["fragments"]) / sent, "1",
        ),
        Figure("live", case, "pictures the camera sent", sent * GOP_FRAMES / took_s, "1/s"),
        Figure("live", case, "cpu of ingest, one core = 1", used / took_s, "1"),
        Figure(
            "live", case, "RTP packets sent per viewer",
            (after["whep_packets"] - before["whep_packets"]) / took_s / RECORDED_VIEWERS, "1/s",
        ),
        Figure("live", case, "received per viewer", mbps, "Mbit/s"),
    ]  # fmt: skip
