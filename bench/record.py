"""What recording costs beside ``ffmpeg -c copy``: the same streams, one after the other in one run, whole processes.

One server replays one clip (1080p, 25 pictures a second, 2 Mbit/s) on many addresses; its own cost is not counted.
Ours is the ingest process as the supervisor starts it, with its database; FFmpeg is one process per camera.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx

from bench import repair
from bench.apart import own_database, own_process
from bench.cost import Cost, cost
from bench.replay_server import replay_cameras
from bench.report import Figure
from demo.running import until

COUNTS = (30, 60)
SETTLE_S = 15.0
OVER_S = 60.0


def measure() -> list[Figure]:
    """CPU and memory of recording 30 and 60 cameras, ours and FFmpeg's; then the repair at start-up."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        for count in COUNTS:
            with replay_cameras(count) as cameras:
                urls = [cameras.url(index) for index in range(count)]
                theirs = _ffmpeg(urls, root / f"ffmpeg-{count}")
                ours, lost = _ingest(urls, root / f"ours-{count}")
            figures += _figures(count, ours, theirs, lost)
    return [*figures, *repair.figures()]


def _figures(count: int, ours: Cost, theirs: Cost, lost: int) -> list[Figure]:
    case = f"{count} cameras, 1080p25, 2 Mbit/s, {OVER_S:g} s"

    def one(metric: str, unit: str, value: float, baseline: float | None) -> Figure:
        ratio = value / baseline if baseline else None
        return Figure("record", case, metric, value, unit, baseline, ratio)

    share = 100 / OVER_S / count
    return [
        one("cpu per camera, percent of a core", "%", ours.cpu_s * share, theirs.cpu_s * share),
        one("cpu of all", "s", ours.cpu_s, theirs.cpu_s),
        one("memory of all, proportional", "MB", ours.pss_mb, theirs.pss_mb),
        one("peak resident memory of all", "MB", ours.peak_rss_mb, theirs.peak_rss_mb),
        one("GOPs not recorded", "1", lost, None),
    ]


def _over(pids: Sequence[int]) -> Cost:
    """CPU seconds spent in :data:`OVER_S`, memory at its end."""
    before = cost(pids)
    started_s = time.monotonic()
    until(lambda: time.monotonic() - started_s > OVER_S, OVER_S + 30, "the measured time", 0.5)
    after = cost(pids)
    scale = OVER_S / (time.monotonic() - started_s)
    return Cost((after.cpu_s - before.cpu_s) * scale, after.pss_mb, after.peak_rss_mb)


def _ffmpeg(urls: Sequence[str], folder: Path) -> Cost:
    folder.mkdir()
    with ExitStack() as stack:
        started = [
            stack.enter_context(_ffmpeg_copy(url, folder / f"{index}.mp4"))
            for index, url in enumerate(urls)
        ]
        until(
            lambda: all(_bytes(folder / f"{i}.mp4") > 100_000 for i in range(len(urls))),
            120,
            "every ffmpeg to record",
            0.5,
        )
        _settle()
        return _over([process.pid for process in started])


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _settle() -> None:
    started_s = time.monotonic()
    until(lambda: time.monotonic() - started_s > SETTLE_S, SETTLE_S + 30, "settling", 0.5)


@contextmanager
def _ffmpeg_copy(url: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        "ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url,
        "-c", "copy", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", str(path),
    ]  # fmt: skip
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def _ingest(urls: Sequence[str], var: Path) -> tuple[Cost, int]:
    """Cost of the ingest process, and how many GOPs it did not record."""
    with own_database(var) as database:
        for index, url in enumerate(urls):
            database.run(
                "INSERT INTO camera (code, name, url, geom, analysed) "
                "VALUES (%(code)s, %(code)s, %(url)s, ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), false)",
                {"code": f"bench-{index}", "url": url},
            )
        with own_process(var, "ingest") as process:
            facts = partial(_facts, var / "run" / "ingest.sock")
            until(
                lambda: facts().get("cameras_recording", 0) == len(urls),
                180,
                "every camera to be recorded",
                0.5,
            )
            _settle()
            before = int(facts()["dropped_gops_recorder"])
            measured = _over([process.pid])
            lost = int(facts()["dropped_gops_recorder"]) - before
            if facts()["cameras_recording"] != len(urls):
                raise RuntimeError(f"not every camera is recorded at the end: {facts()}")
    return measured, lost


def _facts(socket: Path) -> dict[str, float]:
    """Ingest's own figures; empty while it does not answer."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=10) as client:
            facts: dict[str, float] = client.get("http://ingest/state").json()["facts"]
            return facts
    except httpx.HTTPError:
        return {}
