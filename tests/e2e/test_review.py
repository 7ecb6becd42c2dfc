"""Review in a real browser over real recordings: exact pictures, steps, step with one another, gaps, packages, locks.

The pictures carry their own number, which is read back from the screen's pixels: what is shown is known to the frame.
"""

from __future__ import annotations

import contextlib
import math
import re
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, expect

from analytics.mask import make_mask
from demo.running import ROOT, NotInTime, until
from gis.clock import SystemClock
from gis.cluster import Cluster
from gis.db import Database
from gis.model import LonLat
from ingest.evidence import store as evidence_store
from ingest.evidence.main import Exporter
from ingest.evidence.settings import ExporterSettings
from ingest.model import Camera
from ingest.record.storage import Storage
from tests.conftest import fresh_database
from tests.e2e import pages
from tests.support.console import PASSWORD, Server
from tests.support.footage import CLIP_FRAMES, FPS, GOP_S, READ_NUMBER, Archive
from web import users
from web.app import create_console
from web.model import ConsoleSettings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]

LENGTH_S = 120
LONG_S = 400  # a busy machine takes its time, and what plays must not end meanwhile
GAP_FROM_S, GAP_TO_S = 50, 74
SEEKS = 20
SEEK_P95_MS = 500
ROUNDS = 3
QUIET_FETCH_MS = 12


@dataclass(frozen=True, slots=True)
class Footage:
    """A console over recordings that began at ``start``."""

    url: str
    database: Database
    start: datetime
    yard: Camera
    square: Camera
    bridge: Camera
    cold: Camera
    lake: Camera

    def number(self, at: datetime) -> int:
        """The number of the picture that was there at a moment."""
        return math.floor((at - self.start).total_seconds() * FPS + 1e-6) % CLIP_FRAMES

    def link(self, *cameras: Camera, after_s: float) -> str:
        """The address of the review of some cameras at so many seconds after the beginning."""
        at = (self.start + timedelta(seconds=after_s)).isoformat().replace("+00:00", "Z")
        return "/review?" + "&".join(f"camera={c.id}" for c in cameras) + f"&at={at}"


@pytest.fixture(scope="module")
def footage(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footage]:
    """Cameras with recordings, one with a gap, one in H.265, one with sound; a console and an exporter over them."""
    if not (ROOT / "web" / "static" / "index.html").exists():
        pytest.fail("the web interface is not built: ./run ui")
    folder = tmp_path_factory.mktemp("footage")
    with fresh_database(cluster) as url:
        database = Database(url)
        archive = Archive(database, folder / "recordings")
        archive.recordings.mkdir()
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=LONG_S + 60)
        cameras = [
            archive.camera(code, name, name_en, LonLat(120.98 + n / 1000, 31.38), created_at=start)
            for n, (code, name, name_en) in enumerate(
                [
                    ("cam-yard", "仓库院落", "Depot yard"),
                    ("cam-square", "市民广场", "Citizens' Square"),
                    ("cam-bridge", "东门大桥", "East Gate Bridge"),
                    ("cam-cold", "冷库通道", "Cold store"),
                    ("cam-lake", "青湖栈道", "Lake boardwalk"),
                ]
            )
        ]
        yard, square, bridge, cold, lake = cameras
        archive.record(yard, start, LONG_S, audio="pcma", segment_s=40)
        for camera, tint in ((bridge, 60), (lake, 90)):
            archive.record(camera, start, LONG_S, tint=tint)
        archive.record(square, start, GAP_FROM_S, tint=30)
        archive.record(
            square, start + timedelta(seconds=GAP_TO_S), LENGTH_S - GAP_TO_S, session=2, tint=30
        )
        archive.record(cold, start, 24, codec="hevc")
        archive.missing(
            square,
            start + timedelta(seconds=GAP_FROM_S),
            start + timedelta(seconds=GAP_TO_S),
            "unreachable",
            "connection refused",
        )
        for name, role in (("rita", "reviewer"), ("carl", "commander")):
            users.create_user(database, name, name.title(), PASSWORD, [role])
        settings = ConsoleSettings(
            database_url=url,
            var=folder,
            recordings=archive.recordings,
            ingest_socket=folder / "ingest.sock",
            camera_key=Fernet.generate_key(),
            static=ROOT / "web" / "static",
        )
        with Server(create_console(settings)) as server, _exporter(settings, database):
            yield Footage(server.url, database, start, yard, square, bridge, cold, lake)
        database.close()


@contextlib.contextmanager
def _exporter(console: ConsoleSettings, database: Database) -> Iterator[None]:
    console.exports.mkdir(exist_ok=True)
    clock = SystemClock()
    settings = ExporterSettings(
        console.database_url, console.var, console.recordings, console.exports, console.camera_key,
        "test", "test",
    )  # fmt: skip
    stop = threading.Event()
    storage = Storage(database, console.recordings, console.camera_key, clock)
    exporter = Exporter(
        settings, database, evidence_store.opener(storage), evidence_store.gaps(database, clock), make_mask,
        clock, stop,
    )  # fmt: skip
    thread = threading.Thread(target=exporter.loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


@pytest.fixture
def reviewer(footage: Footage, browser: Browser) -> Iterator[Page]:
    """Logged in as the reviewer, in English, in UTC, so that the screen's times are the recordings' own."""
    yield from pages.reviewer(footage.url, browser, PASSWORD)


class Screen:
    """The players of a review screen, by the order in which they stand."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.players = page.get_by_test_id("recording-video")

    def numbers(self) -> list[int | None]:
        """What all pictures show, read in one go."""
        found: list[int | None] = self.page.eval_on_selector_all(
            "[data-testid=recording-video] video", f"all => all.map({READ_NUMBER})"
        )
        return found

    def moment(self) -> datetime:
        moment = self.page.get_by_test_id("review-moment")
        text = until(lambda: moment.get_attribute("datetime"), 10, "the moment on the screen")
        assert text is not None
        return datetime.fromisoformat(text)

    def phase(self, index: int = 0) -> str | None:
        return self.players.nth(index).get_attribute("data-phase")

    def shows(self, footage: Footage) -> bool:
        """Whether every picture is the one of the moment."""
        wanted, numbers = footage.number(self.moment()), self.numbers()
        return bool(numbers) and all(number == wanted for number in numbers)

    def until_shown(self, footage: Footage, what: str) -> None:
        try:
            until(lambda: self.shows(footage), 30, f"{what}: the pictures of the moment")
        except NotInTime as error:
            phases = [self.phase(n) for n in range(self.players.count())]
            seen = f"{self.numbers()} at {self.moment().isoformat()}, {phases}"
            raise AssertionError(
                f"{error}: {footage.number(self.moment())} was due, seen {seen}"
            ) from error

    def settled(self) -> bool:
        """Whether all pictures have been running for a second."""
        for _ in range(5):
            phases = {self.phase(n) for n in range(self.players.count())}
            running = self.page.eval_on_selector_all(
                "[data-testid=recording-video] video", "all => all.every(v => !v.paused)"
            )
            if phases != {"playing"} or not running:
                return False
            self.page.wait_for_timeout(200)
        return True

    def step(self, key: str) -> int | None:
        """Presses a key that shows one other frame, and gives its number."""
        before = self.numbers()[0]
        self.page.keyboard.press(key)
        until(lambda: self.numbers()[0] not in (before, None), 10, f"another picture after {key!r}")
        return self.numbers()[0]

    def seek_ms(self, footage: Footage, after_s: float) -> float:
        """Clicks on the timeline; milliseconds until the picture of that moment was there."""
        axis = self.page.get_by_test_id("timeline")
        box = axis.bounding_box()
        assert box is not None
        first_s, last_s = (
            float(axis.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max")
        )
        share = (footage.start.timestamp() + after_s - first_s) / (last_s - first_s)
        assert 0 < share < 1, "the axis does not show that moment"
        before = int(self.players.first.get_attribute("data-jump") or -1)
        self.page.mouse.click(box["x"] + box["width"] * share, box["y"] + 4)

        def arrived() -> str | None:
            jump, ms = self.players.first.evaluate("p => [p.dataset.jump, p.dataset.seekMs]")
            return str(ms) if int(jump) > before and ms else None

        return float(until(arrived, 20, "the picture") or "nan")


def test_it_shows_the_very_frame_steps_by_one_and_seeks_quickly(
    footage: Footage, reviewer: Page
) -> None:
    reviewer.goto(footage.link(footage.yard, after_s=37.35))
    screen = Screen(reviewer)
    screen.until_shown(footage, "opened at a moment")
    first = screen.numbers()[0]
    assert first == 173

    # Over the border of GOPs (at 180) and of files (at 200, where numbers begin anew), and back.
    forward = [screen.step(".") for _ in range(30)]
    assert forward == [(173 + n) % CLIP_FRAMES for n in range(1, 31)]
    back = [screen.step(",") for _ in range(30)]
    assert back == [*reversed(forward[:-1]), first]

    # On a quiet machine a fetch takes some milliseconds. Where it takes many times as long, so may a seek.
    fetch_ms = reviewer.evaluate(
        """async () => {
          const times = [];
          for (let i = 0; i < 15; i++) {
            const before = performance.now();
            await (await fetch('/api/v1/session')).text();
            times.push(performance.now() - before);
          }
          return times.sort((a, b) => a - b)[7];
        }"""
    )
    limit_ms = SEEK_P95_MS * max(1.0, fetch_ms / QUIET_FETCH_MS)
    rounds: list[float] = []
    for _ in range(ROUNDS):  # a neighbour may spoil a round; it cannot make one better
        times = [screen.seek_ms(footage, 5 + (n * 47) % (LENGTH_S - 10)) for n in range(SEEKS)]
        screen.until_shown(footage, "after seeking")
        rounds.append(statistics.quantiles(times, n=20)[-1])
        if rounds[-1] < limit_ms:
            break
    print(
        f"seek to picture, p95 of {SEEKS}: {[round(ms) for ms in rounds]} ms, a fetch {fetch_ms:.0f} ms"
    )
    assert min(rounds) < limit_ms


#: Keeps the media time of the frame that each video has put on the screen.
WATCH_FRAMES = """all => all.forEach(video => {
  const shown = (_, frame) => {
    video.shown_s = frame.mediaTime;
    video.requestVideoFrameCallback(shown);
  };
  video.requestVideoFrameCallback(shown);
})"""


def _apart(page: Page, videos: str) -> tuple[float, float]:
    """How far clocks and frames on the screen are apart, seconds: medians over a second and a half."""
    clocks_s: list[float] = []
    frames_s: list[float] = []
    for _ in range(15):
        page.wait_for_timeout(100)
        pairs = page.eval_on_selector_all(videos, "all => all.map(v => [v.currentTime, v.shown_s])")
        clocks, frames = zip(*pairs, strict=True)
        clocks_s.append(max(clocks) - min(clocks))
        frames_s.append(max(frames) - min(frames))
    return statistics.median(clocks_s), statistics.median(frames_s)


def test_three_cameras_stay_in_step(footage: Footage, reviewer: Page) -> None:
    reviewer.goto(footage.link(footage.yard, footage.lake, footage.bridge, after_s=6))
    screen = Screen(reviewer)
    screen.until_shown(footage, "three cameras")
    videos = "[data-testid=recording-video] video"
    reviewer.eval_on_selector_all(videos, WATCH_FRAMES)
    for rate in ("1", "4"):
        reviewer.get_by_test_id("review-rate").select_option(rate)
        reviewer.keyboard.press(" ")
        until(screen.settled, 60, f"three cameras playing at {rate}x")
        for _ in range(ROUNDS):
            drift_s, apart_s = _apart(reviewer, videos)
            # Where the machine cannot decode as fast as that, the screen says so and shows key frames.
            strained = reviewer.get_by_text("This computer cannot keep up").count() > 0
            frames = apart_s * FPS
            print(f"{rate}x: clocks {drift_s * 1000:.0f} ms apart, frames {frames:.1f} apart")
            in_step = frames < 1.5 * max(1.0, float(rate) / 2) or (strained and rate != "1")
            if drift_s < 1 / FPS and in_step:
                break
        else:
            pytest.fail(f"the cameras do not stay in step at {rate}x")
        reviewer.keyboard.press(" ")
        screen.until_shown(footage, "stopped")


def test_a_gap_is_said_with_its_reason_and_jumped_over(footage: Footage, reviewer: Page) -> None:
    reviewer.goto(footage.link(footage.square, after_s=GAP_FROM_S - 1))
    screen = Screen(reviewer)
    screen.until_shown(footage, "before the gap")
    reviewer.keyboard.press(" ")
    gap = reviewer.get_by_test_id("gap")
    expect(gap).to_be_visible(timeout=15_000)
    expect(gap).to_have_attribute("data-reason", "unreachable", timeout=15_000)
    expect(gap).to_contain_text("The camera could not be reached")
    expect(gap).to_contain_text("24 s")
    reviewer.keyboard.press(" ")
    reviewer.get_by_test_id("gap-next").click()
    until(lambda: screen.numbers() == [0], 30, "the first picture after the gap")
    assert (screen.moment() - footage.start).total_seconds() == pytest.approx(GAP_TO_S, abs=0.05)


def test_backward_and_fast_play_show_key_frames(footage: Footage, reviewer: Page) -> None:
    reviewer.goto(footage.link(footage.bridge, after_s=200))
    screen = Screen(reviewer)
    screen.until_shown(footage, "opened")
    for key, rate, sign in (("b", "-2", -1), (" ", "16", 1)):
        reviewer.get_by_test_id("review-rate").select_option(rate)
        reviewer.keyboard.press(key)
        expect(screen.players.first).to_have_attribute("data-keys", "true", timeout=20_000)
        before = screen.moment()
        until(
            lambda before=before, sign=sign: (screen.moment() - before).total_seconds() * sign > 6,  # type: ignore[misc]
            20,
            f"{rate} times the speed",
        )
        seen = [n for _ in range(8) if (n := screen.numbers()[0]) is not None]
        assert seen and all(n % (GOP_S * FPS) == 0 for n in seen)
        reviewer.keyboard.press(key)
        screen.until_shown(footage, "stopped")


def test_h265_is_converted_where_the_browser_cannot_play_it(
    footage: Footage, reviewer: Page
) -> None:
    supported = reviewer.evaluate(
        "MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L93.B0\"')"
    )
    reviewer.goto(footage.link(footage.cold, after_s=5.05))
    screen = Screen(reviewer)
    until(lambda: screen.phase() in ("converting", "playing"), 20, "the conversion's beginning")
    screen.until_shown(footage, "H.265" if supported else "H.265, converted")
    assert screen.step(".") == 51


def test_sound_is_made_for_the_browser(footage: Footage, reviewer: Page) -> None:
    reviewer.goto(footage.link(footage.yard, after_s=20))
    screen = Screen(reviewer)
    screen.until_shown(footage, "opened")
    reviewer.keyboard.press("m")
    reviewer.keyboard.press(" ")
    sound = "[data-testid=sound]"
    until(
        lambda: reviewer.eval_on_selector(
            sound, "a => !a.paused && a.readyState > 2 && a.webkitAudioDecodedByteCount > 0"
        ),
        20,
        "the sound",
    )
    drift = f"document.querySelector('{sound}').currentTime - document.querySelector('[data-testid=recording-video] video').currentTime"
    until(lambda: abs(reviewer.evaluate(drift)) < 0.5, 20, "the sound beside its picture")


def test_an_export_is_made_fetched_and_verified(
    footage: Footage, reviewer: Page, tmp_path: Path
) -> None:
    reviewer.goto(footage.link(footage.yard, footage.square, after_s=40))
    screen = Screen(reviewer)
    screen.until_shown(footage, "opened")
    reviewer.keyboard.press("[")
    reviewer.keyboard.press("Shift+ArrowRight")
    reviewer.keyboard.press("]")
    expect(reviewer.get_by_test_id("chosen")).to_contain_text("1 min")
    reviewer.keyboard.press("e")
    expect(reviewer.get_by_test_id("export-estimate")).to_contain_text("of footage", timeout=10_000)
    expect(reviewer.get_by_test_id("export-start")).to_be_disabled()
    reviewer.get_by_test_id("export-reason").fill("asked for by the police, case 2026-118")
    reviewer.get_by_test_id("export-start").click()
    job = reviewer.get_by_test_id("export-job").first
    expect(job).to_have_attribute("data-state", "done", timeout=60_000)
    with reviewer.expect_download() as started:
        reviewer.get_by_test_id("export-download").first.click()
    package = tmp_path / started.value.suggested_filename
    started.value.save_as(package)
    command = reviewer.get_by_test_id("verify-command").inner_text()
    key = re.search(r"--key (\S+)", command)
    assert key is not None, command
    checked = subprocess.run(
        [sys.executable, "-m", "web.cli", "verify", str(package), "--key", key[1]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with package.open("r+b") as file:  # one byte of a picture
        file.seek(package.stat().st_size // 3)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    spoiled = subprocess.run(
        [sys.executable, "-m", "web.cli", "verify", str(package)],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
    )
    assert spoiled.returncode != 0


def test_footage_is_locked_listed_and_let_go(footage: Footage, reviewer: Page) -> None:
    reviewer.goto(footage.link(footage.bridge, after_s=30))
    screen = Screen(reviewer)
    screen.until_shown(footage, "opened")
    reviewer.keyboard.press("l")
    expect(reviewer.get_by_test_id("lock-submit")).to_be_disabled()
    reviewer.get_by_test_id("lock-reason").fill("a complaint is looked into")
    reviewer.get_by_test_id("lock-submit").click()
    expect(reviewer.locator(".rv-axis .held").first).to_be_visible(timeout=15_000)
    reviewer.get_by_test_id("open-holds").click()
    hold = reviewer.get_by_test_id("hold").filter(has_text="a complaint is looked into")
    expect(hold).to_have_attribute("data-standing", "dated")
    hold.get_by_test_id("release").click()
    hold.get_by_test_id("release-reason").fill("the complaint was settled")
    hold.get_by_test_id("release-submit").click()
    expect(hold).to_have_count(0, timeout=10_000)
    expect(reviewer.locator(".rv-axis .held")).to_have_count(0, timeout=15_000)


def test_coverage_leads_from_a_day_to_its_gap(footage: Footage, reviewer: Page) -> None:
    reviewer.goto("/coverage")
    row = reviewer.get_by_role("row").filter(has_text="Citizens' Square")
    cells = row.get_by_test_id("coverage-cell")
    expect(cells.last).to_be_visible(timeout=15_000)
    days_ago = (datetime.now(UTC).date() - footage.start.date()).days  # midnight may have passed
    cell = cells.nth(cells.count() - 1 - days_ago)
    expect(cell).not_to_have_attribute("data-shape", "whole", timeout=15_000)
    cell.click()
    gap = reviewer.get_by_test_id("coverage-gap").filter(has_text="The camera could not be reached")
    expect(gap).to_contain_text("24 s")
    gap.get_by_role("link").click()
    screen = Screen(reviewer)
    until(lambda: screen.phase() in ("playing", "gap"), 20, "the review")
    assert abs((screen.moment() - footage.start).total_seconds() - GAP_FROM_S) < 10
