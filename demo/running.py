"""A demo city run as a child process on ports of its own, for the end-to-end tests and the measurements."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
READY = "Ctrl-C stops everything"
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
_PORTS = (
    "CONSOLE_PORT",
    "PORTAL_PORT",
    "JT808_PORT",
    "HJ212_PORT",
    "SL651_PORT",
    "DEMO_RTSP_PORT",
    "DEMO_ONVIF_PORT",
)
T = TypeVar("T")


class NotInTime(AssertionError):
    """What was waited for did not happen."""


def until(condition: Callable[[], T], within_s: float, what: str, every_s: float = 0.05) -> T:
    """The first truthy value of ``condition``. Raises :class:`NotInTime` after ``within_s`` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NotInTime(f"{what} did not happen within {within_s:g} s")
        threading.Event().wait(every_s)


def chromium() -> str:
    """The browser's path: ``WANGLOU_CHROMIUM``, else where Debian's package puts it."""
    return os.environ.get("WANGLOU_CHROMIUM", "/usr/bin/chromium")


@dataclass(frozen=True, slots=True)
class City:
    """A running demo city. ``started_s`` is the monotonic time at which its process was started."""

    console: str
    portal: str
    var: Path
    password: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    started_s: float

    def secret(self, name: str) -> str:
        """One of the passwords that were made up for this city."""
        return str(json.loads((self.var / "secrets.json").read_text())[name])

    def wanglou(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one verb of the command line against this city."""
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=60,
        )


def free_ports(count: int) -> list[int]:
    """TCP ports that nobody listens on now, below the range that outgoing connections take theirs from."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


@contextmanager
def running_city(
    var: Path, settings: Mapping[str, str] | None = None, verb: str = "demo"
) -> Iterator[City]:
    """Starts ``wanglou demo`` in ``var``, waits until it says it is ready, and stops it as Ctrl-C does.

    ``settings`` are further environment variables; ``verb`` is ``up`` for a city without anything in it, whose
    password is that of ``admin``. Raises :class:`NotInTime`, or RuntimeError with the city's own
    words when it ends by itself.
    """
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORTAL_DATABASE_URL")},
        **{f"WANGLOU_{name}": str(port) for name, port in ports.items()},
        "WANGLOU_VAR": str(var),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **(settings or {}),
    }
    log = var / "demo.out"
    started_s = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", verb],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:

        def ready() -> bool:
            if process.poll() is not None:
                raise RuntimeError(
                    f"the demo ended with status {process.returncode}:\n{log.read_text()}"
                )
            return READY in log.read_text()

        until(ready, 120, "the demo's start")
        found = re.search(r"password\s+(\S+)", log.read_text())
        if found is None:
            raise RuntimeError(f"the demo printed no password:\n{log.read_text()}")
        yield City(
            f"http://127.0.0.1:{ports['CONSOLE_PORT']}",
            f"http://127.0.0.1:{ports['PORTAL_PORT']}",
            var,
            found[1],
            environment,
            process,
            started_s,
        )
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
