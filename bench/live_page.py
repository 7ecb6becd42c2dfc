"""The product's live player on an empty page of a running console, in real Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from demo.running import ROOT

UI = ROOT / "web" / "ui"
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@lru_cache(maxsize=1)
def player_script() -> str:
    """``web/ui/src/live/harness.ts`` and what it imports, as one script."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "live.js"
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            [
                str(UI / "node_modules" / ".bin" / "rolldown"),
                str(UI / "src" / "live" / "harness.ts"),
                "--format", "iife", "--file", str(out),
            ],
            cwd=UI, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the player could not be bundled:\n{done.stdout}{done.stderr}")
        return out.read_text()


class LivePage:
    """A page on which pictures are opened and closed.

    ``console`` is its address, ``cookie`` the session's, ``csrf`` the word that changes must carry. ``scripts`` run
    before the player, ``readClock`` for example.
    """

    def __init__(
        self, browser: Browser, console: str, cookie: str, csrf: str, scripts: tuple[str, ...] = ()
    ) -> None:
        self._csrf = csrf
        self._context = browser.new_context(bypass_csp=True)
        self._context.add_cookies([{"name": "wanglou_session", "value": cookie, "url": console}])
        self.page: Page = self._context.new_page()
        # A page that really comes from the console: one made up here may not open sockets to it.
        self.page.goto(f"{console}/healthz")
        self.page.evaluate("() => document.body.replaceChildren()")
        for script in (*scripts, player_script()):
            self.page.evaluate(script)

    def open(self, camera_id: int, stream: str = "main") -> int:
        """Opens a picture; returns its number."""
        number: int = self.page.evaluate(
            "([id, stream, csrf]) => wanglouLive.watches.push(wanglouLive.open(id, stream, csrf)) - 1",
            [camera_id, stream, self._csrf],
        )
        return number

    def column(self, camera_ids: list[int]) -> None:
        """Pictures of 300 pixels below each other, each playing its small stream while it can be seen."""
        self.page.evaluate(
            "([ids, csrf]) => wanglouLive.column(ids, csrf)", [camera_ids, self._csrf]
        )

    def look(self, number: int) -> dict[str, Any]:
        """What the picture has been through: ``ways``, ``phase``, ``first_ms``, ``playing_ms``, ``frames``,
        ``delays_ms``, ``width``, ``delay_s`` (the player's own)."""
        found: dict[str, Any] = self.page.evaluate(
            """n => { const w = wanglouLive.watches[n]; return {ways: w.ways, phase: w.state?.phase, first_ms: w.first_ms,
              playing_ms: w.playing_ms, frames: w.frames, delays_ms: w.delays_ms, width: w.video.videoWidth,
              delay_s: w.state?.delay_s, error: String(w.state?.error)}; }""",
            number,
        )
        return found

    def close(self, number: int) -> None:
        """Closes one picture."""
        self.page.evaluate("n => wanglouLive.watches[n].close()", number)

    def end(self) -> None:
        """Closes the page."""
        self._context.close()
