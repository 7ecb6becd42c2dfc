"""The skeleton's figures: how soon the second start shows a picture, how soon an event is on the screen, what it costs.

Nothing is mocked: ``wanglou demo`` with all its cameras, its own database, and headless Chromium in front of it.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import av
import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from bench.cost import cpu_s, pss_mb
from bench.report import Figure, percentile
from demo.running import CHROMIUM_ARGUMENTS, City, chromium, running_city, until
from gis.cluster import Cluster

SAMPLES = 20
SAMPLES_WITHIN_S = 420.0
COST_OVER_S = 60.0
CAMERA = "cam-yard"

# Notes every alarm's frame time and the moment its row stood on the screen; both are of this machine's clock.
_WATCH = """
() => {
  const seen = new Map();
  window.wanglouDelays = seen;
  const look = () => {
    for (const row of document.querySelectorAll('[data-testid=alarm-row]')) {
      const id = row.dataset.alarmId;
      if (!seen.has(id)) seen.set(id, [Date.parse(row.dataset.captureAt), Number(row.dataset.shownAt) || Date.now()]);
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""


def measure() -> list[Figure]:
    """Starts the city twice and measures at the second."""
    with tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder:
        var = Path(folder)
        var.chmod(0o711)
        with running_city(var) as first:
            until(partial(_all_online, first), 120, "every camera of the first start", every_s=0.5)
        with running_city(var) as city:
            return [*_first_picture(city), *_with_browser(city)]


def _all_online(city: City) -> bool:
    cameras = httpx.get(f"{city.console}/healthz", timeout=10).json()["cameras"]
    return bool(cameras) and set(cameras.values()) == {"online"}


@contextmanager
def _log_in(city: City, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{city.console}/api/v1", timeout=10) as client:
        answer = client.post("/login", json={"name": name, "password": city.password})
        answer.raise_for_status()
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


def _first_picture(city: City) -> list[Figure]:
    """Seconds from the start of the process to the first picture that a viewer decodes, over MSE."""
    ready_s = time.monotonic() - city.started_s
    with _log_in(city, "officer") as client:
        cameras = {row["code"]: row["id"] for row in client.get("/cameras").json()}
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = f"ws://{urlsplit(city.console).netloc}/api/v1/cameras/{cameras[CAMERA]}/mse"

        def picture() -> bool:
            try:
                with connect(
                    address, additional_headers={"Cookie": cookie}, origin=Origin(city.console)
                ) as socket:
                    data = io.BytesIO()
                    while data.tell() < 8_000_000:
                        message = socket.recv(timeout=5)
                        if isinstance(message, bytes):
                            data.write(message)
                            if _decodes(data.getvalue()):
                                return True
            except (OSError, EOFError, WebSocketException):
                pass  # ingest is still starting; the next try comes at once
            return False

        until(picture, 60, "the first live picture")
    return [
        Figure("skeleton", "second start", "console and portal answer", ready_s, "s"),
        Figure(
            "skeleton", "second start", "first live picture", time.monotonic() - city.started_s, "s"
        ),
    ]


def _decodes(data: bytes) -> bool:
    try:
        with av.open(io.BytesIO(data), mode="r", format="mp4") as container:
            return next(container.decode(video=0), None) is not None
    except (av.error.FFmpegError, StopIteration):
        return False


def _with_browser(city: City) -> list[Figure]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=list(CHROMIUM_ARGUMENTS)
        )
        page = _open_console(browser, city)
        delays = _delays(city, page)
        browser.close()
    costs = _costs(city)  # without the browser, which is not part of the system
    return [
        Figure("skeleton", "event to screen", "samples", len(delays), "1"),
        Figure("skeleton", "event to screen", "p50", percentile(delays, 0.5), "s"),
        Figure("skeleton", "event to screen", "p95", percentile(delays, 0.95), "s"),
        *costs,
    ]


def _open_console(browser: Browser, city: City) -> Page:
    page = browser.new_page(base_url=city.console, viewport={"width": 1920, "height": 1080})
    page.goto("/login")
    page.get_by_test_id("login-name").fill("officer")
    page.get_by_test_id("login-password").fill(city.password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_selector("[data-testid=feed-state][data-state=live]", timeout=30_000)
    return page


def _delays(city: City, page: Page) -> list[float]:
    """Seconds from an event's frame to its alarm on the screen, for about :data:`SAMPLES` alarms."""
    with _log_in(city, "admin") as admin, _log_in(city, "officer") as officer:
        for zone in admin.get("/zones").json():
            body = {"expected_version": zone["version"], "rearm_s": 0}
            admin.patch(f"/zones/{zone['id']}", json=body).raise_for_status()
        _dismiss_all(officer)
        page.evaluate(_WATCH)
        before = len(_seen(page))
        deadline = time.monotonic() + SAMPLES_WITHIN_S
        found: list[list[float]] = []
        while len(found) < SAMPLES and time.monotonic() < deadline:
            city.wanglou("demo", "trigger", "intrusion")
            wanted = before + len(found)
            until(partial(_more_than, page, wanted), 60, "an alarm")
            _dismiss_all(officer)
            found = _seen(page)[before:]
    return [(shown - captured) / 1000 for captured, shown in found]


def _seen(page: Page) -> list[list[float]]:
    """Frame time and shown time of every alarm so far, ms since 1970."""
    pairs: list[list[float]] = page.evaluate("() => [...window.wanglouDelays.values()]")
    return pairs


def _more_than(page: Page, count: int) -> bool:
    return len(_seen(page)) > count


def _dismiss_all(officer: httpx.Client) -> None:
    """Handles every open alarm, so that the next event raises a new one instead of a count."""
    for alarm in officer.get("/alarms", params={"state": "open"}).json():
        body = {"expected_version": alarm["version"], "reason": "measurement"}
        officer.post(f"/alarms/{alarm['id']}/dismiss", json=body)


def _costs(city: City) -> list[Figure]:
    """CPU (share of one core) and memory (resident, proportional) of each process over a minute."""
    names = _processes(city)
    before = {pid: cpu_s(pid) for pid in names}
    started_s = time.monotonic()
    until(
        lambda: time.monotonic() - started_s > COST_OVER_S,
        COST_OVER_S + 10,
        "a minute",
        every_s=1.0,
    )
    elapsed_s = time.monotonic() - started_s
    cpu: dict[str, float] = {}
    memory: dict[str, float] = {}
    for pid, name in names.items():
        cpu[name] = cpu.get(name, 0.0) + (cpu_s(pid) - before[pid]) / elapsed_s
        memory[name] = memory.get(name, 0.0) + pss_mb(pid)
    figures: list[Figure] = []
    for name in sorted(cpu):
        figures.append(Figure("skeleton", name, "cpu, one core = 1", cpu[name], "1"))
        figures.append(Figure("skeleton", name, "memory", memory[name], "MB"))
    system = [name for name in cpu if not name.startswith("demo")]
    figures.append(
        Figure(
            "skeleton",
            "all without the demo",
            "cpu, one core = 1",
            sum(cpu[n] for n in system),
            "1",
        )
    )
    figures.append(
        Figure("skeleton", "all without the demo", "memory", sum(memory[n] for n in system), "MB")
    )
    return figures


def _processes(city: City) -> dict[int, str]:
    """Every process of the city by pid, named as the supervisor names it; the database is one name."""
    found: dict[int, str] = {city.process.pid: "supervisor"}
    for child in psutil.Process(city.process.pid).children():
        line = child.cmdline()
        name = line[line.index("process") + 1] if "process" in line else child.name()
        for each in (child, *child.children(recursive=True)):
            found[each.pid] = name
    postmaster = int((Cluster(city.var).data / "postmaster.pid").read_text().split()[0])
    for each in (psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)):
        found[each.pid] = "postgresql"
    return found
