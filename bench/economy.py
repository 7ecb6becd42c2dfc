"""What finding things costs: the same streams gone through by ours and by the usual designs, each in a fresh process."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.report import Figure, show
from bench.scenes import Scene, render
from bench.seeing import LEARN_S, Seen, joined, see
from bench.streams import Stream, clip, street
from demo.cameras.conditions import CONDITIONS, Condition

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WAYS = (
    ("ours", "ours"),
    ("average", "running average"),
    ("ours_all", "ours decoding everything"),
    ("mog2", "MOG2"),
)
"""As :mod:`bench.seeing` calls them, and as they are called in words."""
DEMO_CAMERAS = ("cam-people-dongmen", "cam-yard", "cam-station")
DEMO_S = 60.0
LEAST_HEIGHT, MOVES_MS = 0.05, 0.3
"""Of the picture's height, and metres a second: what is smaller or slower makes no episode in a demo scene."""
CARS = [(60, 108), (192, 234), (180, 228), (318, 348)]
VISITS = [(72, 195), (232, 450), (512, 695), (752, 868), (932, 1190), (1235, 1350)]
ROAD = [(60, 105), (108, 153), (120, 165), (198, 243), (294, 339)]
REAL = (
    ("intel_car-detection.mp4", 12.5, CARS),
    ("intel_one-by-one-person-detection.mp4", 10.0, VISITS),
    ("sobral_vehicle_counting.avi", 30.0, ROAD),
)
"""Clips with the frames in which something is in the picture, as ``events.csv`` beside them tells."""


def _makers() -> dict[str, Callable[[], Stream]]:
    """What makes each stream, by what it is called."""
    makers: dict[str, Callable[[], Stream]] = {
        "street 1920×1080": lambda: street(1920, 1080, 25, 80, 80, 2_000_000),
        "street 640×360": lambda: street(640, 360, 25, 160, 80, 512_000),
    }
    for name, fps, frames in REAL:
        if (DATA / "video" / name).exists():
            episodes = [(a / fps, b / fps) for a, b in frames]
            makers[name] = partial(clip, DATA / "video" / name, episodes)
    for code in DEMO_CAMERAS:
        for condition in CONDITIONS:
            makers[f"demo {code}, {condition}"] = partial(_rendered, code, condition)
    return makers


def _streams(words: Sequence[str]) -> Iterator[Stream]:
    """Those whose name holds one of ``words``; all where there are none."""
    for name, make in _makers().items():
        if words and not any(word in name for word in words):
            continue
        stream = make()
        # What is over before anybody has learnt what the picture looks like counts for nobody.
        counted = tuple(e for e in stream.episodes if e[1] > LEARN_S + 1)
        yield replace(stream, episodes=counted)


def _rendered(code: str, condition: Condition) -> Stream:
    return _demo(render(code, condition, DEMO_S))


def _demo(scene: Scene) -> Stream:
    """A demo camera's minute; an episode is as long as anything that moves is large enough in sight."""
    began = scene.packets[0].capture_at
    least_px = LEAST_HEIGHT * scene.height_px
    busy = [
        (frame.at - began).total_seconds()
        for frame in scene.truth
        if any(
            each.speed_ms >= MOVES_MS and each.visible >= 0.5 and each.box_px[3] >= least_px
            for each in frame.objects
        )
    ]
    return Stream(
        f"demo {scene.camera}, {scene.condition}",
        scene.packets,
        tuple(joined([(t, t + 1 / scene.fps) for t in busy])),
        len(scene.packets) / scene.fps,
    )


def economy(words: Sequence[str] = ()) -> list[Figure]:
    """Processor time of each way, in hundredths of a core, and what each found; the second-best is the cheaper of the two
    usual designs. With ``words`` only of streams whose name holds one of them."""
    figures: list[Figure] = []
    totals: dict[str, float] = {}
    for stream in _streams(words):
        seen = {way: see(way, stream) for way, _ in WAYS}
        for way, what in seen.items():
            totals[way] = totals.get(way, 0.0) + what.cpu_s
        figures += _figures(stream, seen)
    if not totals:
        return []
    ours, second = totals["ours"], min(totals["mog2"], totals["average"])
    case = "economy: all streams"
    figures += [
        Figure("analytics", case, "ours, processor time", ours, "s", second, ours / second),
        Figure("analytics", case, "second-best, processor time", second, "s"),
    ]
    return figures


def _figures(stream: Stream, seen: dict[str, Seen]) -> list[Figure]:
    def one(metric: str, value: float, unit: str, baseline: float | None = None) -> Figure:
        ratio = value / baseline if baseline else None
        return Figure("analytics", f"economy: {stream.name}", metric, value, unit, baseline, ratio)

    percent = {way: 100 * seen[way].cpu_s / stream.seconds for way, _ in WAYS}
    second = min(percent["mog2"], percent["average"])
    made = [one(name, percent[way], "%", second if way == "ours" else None) for way, name in WAYS]
    made += [
        one(f"found, {name}", seen[way].found(stream), f"of {len(stream.episodes)}")
        for way, name in WAYS
    ]
    made += [
        one(f"false spans, {name}", seen[way].false_spans(stream), "") for way, name in WAYS[:2]
    ]
    return made


def main() -> None:
    """Some streams, shown and not kept."""
    parser = argparse.ArgumentParser(description="What finding things costs on some streams.")
    parser.add_argument("words", nargs="*", help="of the streams' names; all streams without any")
    print(show(economy(parser.parse_args().words)))


if __name__ == "__main__":
    main()
