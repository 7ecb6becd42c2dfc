"""The whole system, started as a person starts it, and real Chromium in front of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = os.environ.get("WANGLOU_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)
T = TypeVar("T")


def until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The first truthy value of ``condition``; fails after ``within_s`` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not happen within {within_s:g} s"
        threading.Event().wait(0.05)


@dataclass(frozen=True, slots=True)
class City:
    """A running demo city."""

    console: str
    portal: str
    var: Path
    password: str
    environment: dict[str, str]
    process: subprocess.Popen[str]

    def wanglou(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one verb of the command line against this city."""
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """``wanglou demo`` with two cameras on free ports; stopped by SIGINT at the end."""
    if not (ROOT / "web" / "static" / "index.html").exists():
        pytest.fail("the web interface is not built: ./run ui")
    var = tmp_path_factory.mktemp("city")
    for parent in (var, *var.parents):
        if parent.name.startswith("pytest-"):
            parent.chmod(
                0o711
            )  # the database server runs as another user where the tests run as root
    ports = _free_ports(6)
    names = (
        "CONSOLE_PORT",
        "PORTAL_PORT",
        "JT808_PORT",
        "HJ212_PORT",
        "SL651_PORT",
        "DEMO_RTSP_PORT",
    )
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORTAL_DATABASE_URL")
    }
    environment |= {f"WANGLOU_{name}": str(port) for name, port in zip(names, ports, strict=True)}
    environment |= {
        "WANGLOU_VAR": str(var),
        "WANGLOU_DEMO_CAMERAS": "cam-yard,cam-square",
        "WANGLOU_SEGMENT_S": "20",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    log = var / "demo.out"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "demo"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:

        def ready() -> bool:
            assert process.poll() is None, f"the demo ended:\n{log.read_text()}"
            return "Ctrl-C stops everything" in log.read_text()

        until(ready, 90, "the demo's start")
        found = re.search(r"password\s+(\S+)", log.read_text())
        assert found is not None, log.read_text()
        yield City(
            f"http://127.0.0.1:{ports[0]}",
            f"http://127.0.0.1:{ports[1]}",
            var,
            found[1],
            environment,
            process,
        )
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        print(log.read_text())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium from the system's package."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is not there: apt-get install chromium, or set WANGLOU_CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(CHROMIUM_ARGUMENTS)
        )
        yield running
        running.close()
