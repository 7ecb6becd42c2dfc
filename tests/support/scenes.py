"""The demo cameras' scenes for tests. Still pictures are kept under ``var/``, so that only a first run renders them."""

from __future__ import annotations

import socket
from pathlib import Path

from demo.cameras.scene import Scene, demo_city
from demo.city_model import City

CACHE = Path(__file__).resolve().parents[2] / "var" / "test-scenes"


def city() -> City:
    """The demo city."""
    return demo_city()


def scene(code: str) -> Scene:
    """A fresh scene of one camera."""
    camera = {c.code: c for c in city().cameras}[code]
    return Scene(city(), camera, CACHE)


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
