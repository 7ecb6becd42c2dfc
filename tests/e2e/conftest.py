"""The whole system, started as a person starts it, and real Chromium in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.running import CHROMIUM_ARGUMENTS, ROOT, City, chromium, running_city


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
    settings = {"WANGLOU_DEMO_CAMERAS": "cam-yard,cam-square", "WANGLOU_SEGMENT_S": "20"}
    with running_city(var, settings) as running:
        yield running
    print((var / "demo.out").read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium from the system's package. No longer than a module: Playwright's event loop runs in this
    thread all the while, and a test of another module could not run its own."""
    if not Path(chromium()).exists():
        pytest.fail(f"{chromium()} is not there: apt-get install chromium, or set WANGLOU_CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=list(CHROMIUM_ARGUMENTS)
        )
        yield running
        running.close()
