"""Rules over the picture on real clips: fire on the one with boxes of it; on all others every alarm is a false one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np

from analytics.model import RuleName, Watch
from analytics.pipeline import Pipeline
from bench.happenings import zone
from bench.report import Figure
from bench.rules_figure import RuleFigure, told
from bench.rules_health import HEALTH
from demo.cameras.encode import Encoder
from gis.clock import SystemClock
from ingest.model import Packet

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "data" / "video"
DAY = datetime(2026, 3, 2, tzinfo=UTC)
AREAS: tuple[RuleName, ...] = ("left_object", "removed_object", "fire", "smoke", "water_on_road")
BURNS = "furg_house6"
ANALYSED_FPS = 5.0
CLIP_S, LEAST_S = 30.0, 6.0
"""So much of a clip is looked at; one shorter than the second says nothing, for nothing is learnt so soon."""
WHOLE = ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What fired when, how long the clip lasted, and second by second whether fire was told of."""

    fired: tuple[tuple[RuleName, float, str], ...]
    lasted_s: float
    burning: tuple[tuple[float, bool], ...]


def clip_accuracy(loud: bool = False) -> list[Figure]:
    """One figure a rule over all clips, and the fire; nothing where the clips are not there."""
    false = dict.fromkeys((*AREAS, *HEALTH), 0)
    seconds = dict.fromkeys(false, 0.0)
    figures: list[Figure] = []
    for path in sorted(
        [*CLIPS.glob("*.mp4"), *CLIPS.glob("*.avi"), *CLIPS.glob("traffic_cameras/*.mp4")]
    ):
        seen = _look(path)
        if loud:
            print(
                path.name, f"{seen.lasted_s:.0f} s", *[f"\n  {f}" for f in seen.fired], flush=True
            )
        if path.stem == BURNS:
            figures += _fire(path, seen)
            continue
        if seen.lasted_s < LEAST_S:
            continue
        for rule in false:
            if rule in ("left_object", "removed_object") and "bottle" in path.stem:
                continue  # things are put down and taken there, and nobody wrote down when
            seconds[rule] += seen.lasted_s
            false[rule] += sum(name == rule for name, _, _ in seen.fired)
    if not any(seconds.values()):
        return []
    on = "real clips, the whole picture"
    return told("picture", [RuleFigure(r, on, 0, 0, n, seconds[r]) for r, n in false.items()]) + figures  # fmt: skip


def _look(path: Path) -> _Seen:
    zones = tuple(zone(number, rule, WHOLE) for number, rule in enumerate(AREAS, 1))
    pipeline = Pipeline(Watch(1, path.stem, None, zones), SystemClock(), fps=ANALYSED_FPS)
    fired: list[tuple[RuleName, float, str]] = []
    states: list[tuple[float, bool]] = []
    burning, last_s = False, 0.0
    for packet in _packets(path):
        last_s = (packet.capture_at - DAY).total_seconds()
        outcome = pipeline.process(packet, 0.0)
        for firing, frame in outcome.firings:
            fired.append((firing.rule, (frame.at - DAY).total_seconds(), firing.why_en))
            burning = burning or firing.rule == "fire"
        burning = burning and not any(f.rule == "fire" for f, _ in outcome.ended)
        if not states or last_s - states[-1][0] >= 1.0:
            states.append((last_s, burning))
    return _Seen(tuple(fired), last_s, tuple(states))


def _fire(path: Path, seen: _Seen) -> list[Figure]:
    text = path.with_suffix(".xml").read_text(encoding="utf-8")
    rate = float((re.search(r"<frameRate>(\d+)", text) or ["", "30"])[1])
    burns = {
        int(number)
        for number, inside in re.findall(
            r"<frameNumber>(\d+)</frameNumber>\s*<annotations>(.*?)</annotations>", text, re.DOTALL
        )
        if re.search(r"\d+ \d+", inside)
    }
    at = [at_s for rule, at_s, _ in seen.fired if rule == "fire"]
    delay_s = at[0] - min(burns) / rate if at else None
    on = "a burning doll's house"
    figures = told("picture", [RuleFigure("fire", on, 1, bool(at), 0, seen.lasted_s, delay_s)])
    seconds = [lit for at_s, lit in seen.burning if round(at_s * rate) in burns]
    case = f"picture: fire, {on}"
    share = 100 * sum(seconds) / max(1, len(seconds))
    return [*figures, Figure("analytics", case, "seconds with fire told of", share, "%")]


def _packets(path: Path) -> Iterator[Packet]:
    """The clip as H.264 of its own, so that any file is taken alike."""
    encoder: Encoder | None = None
    last_s = -1.0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for picture in container.decode(stream):
            at_s = float((picture.pts or 0) * (stream.time_base or 0))
            if at_s > CLIP_S:
                return
            if at_s - last_s < 1 / ANALYSED_FPS - 0.005:
                continue
            last_s = at_s
            width, height = picture.width // 2 * 2, picture.height // 2 * 2
            if encoder is None:
                encoder = Encoder(width, height, round(ANALYSED_FPS), 2_000_000)
            i420 = picture.reformat(width, height, "yuv420p").to_ndarray()
            data, key = encoder.encode(np.asarray(i420, np.uint8))
            pts_90k = round(at_s * 90000)
            at = DAY + timedelta(seconds=at_s)
            step_90k = round(90000 / ANALYSED_FPS)
            yield Packet(1, 1, data, pts_90k, pts_90k, step_90k, key, at, "h264", width, height)
