"""How well the rules about things and crowds tell on real clips whose truth is known.

Called by ``bench/analytics.py``; alone: ``python -m bench.rules_tracks``. Recall is of what is known to happen; false alarms
are what fires where nothing is known to, per camera-hour of footage. Clips are short: one false alarm in two minutes reads
as thirty an hour, so the seconds judged stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext

from analytics.model import Firing, Point, RuleName, Watch, Zone
from analytics.pipeline import Pipeline
from bench import abnormal
from bench.happenings import zone
from bench.rules_figure import RuleFigure
from gis.clock import SystemClock
from gis.model import Pose
from ingest.model import Packet

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "video"
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
EVERY_KIND = ("person", "vehicle", "other")


def rule_accuracy(data: Path = DATA) -> list[RuleFigure]:
    """Every figure there is footage for; none of the real clips where ``data`` is absent."""
    return list(_figures(data))


def _figures(data: Path) -> Iterator[RuleFigure]:
    if data.exists():
        yield from _lines(data)
        yield _visits(data)
        yield from abnormal.figures(data)
        yield from _quiet(data)


def main() -> None:
    """Prints the figures as a table."""
    print(f"{'rule':17}{'on':44}{'known':>6}{'found':>6}{'false':>6}{'seconds':>9}{'false/h':>9}")
    for f in _figures(DATA):
        print(
            f"{f.rule:17}{f.on:44}{f.known:6}{f.found:6}{f.false:6}{f.seconds:9.0f}{f.false_per_hour:9.1f}",
            flush=True,
        )


def _lines(data: Path) -> Iterator[RuleFigure]:
    across = zone(1, "line_crossing", ((0.0, 0.5), (1.0, 0.5)), classes=EVERY_KIND)
    fired, seconds = _watched(_packets(data / "intel_car-detection.mp4"), [across])
    ways = [("left to right" in f.why_en) for f in fired]
    found = min(2, sum(ways)) + min(2, len(ways) - sum(ways))
    yield RuleFigure(
        "line_crossing", "car park from above: 2 up, 2 down", 4, found, len(fired) - found, seconds
    )
    up = ((0.6, 1.0), (0.6, 0.0))
    right = zone(1, "line_crossing", up, classes=EVERY_KIND, direction="left_to_right")
    left = zone(2, "line_crossing", up, classes=EVERY_KIND, direction="right_to_left")
    fired, seconds = _watched(_packets(data / "sobral_vehicle_counting.avi"), [right, left])
    found = min(5, sum(1 for f in fired if f.zone and f.zone.id == 1))
    yield RuleFigure(
        "line_crossing", "one-way road: 5 left to right", 5, found, len(fired) - found, seconds
    )


def _visits(data: Path) -> RuleFigure:
    table = zone(
        1,
        "intrusion",
        ((0.3, 0.4), (0.7, 0.4), (0.7, 1.0), (0.3, 1.0)),
        classes=EVERY_KIND,
        rearm_s=3.0,
    )
    fired, seconds = _watched(_packets(data / "intel_one-by-one-person-detection.mp4"), [table])
    visits = [(72, 195), (232, 450), (512, 695), (752, 868), (932, 1190), (1235, 1350)]
    frames = [(f.track.at - START).total_seconds() * 10 for f in fired if f.track is not None]
    found = sum(any(start - 15 <= n <= end for n in frames) for start, end in visits)
    return RuleFigure("intrusion", "table: 6 visits", 6, found, len(fired) - found, seconds)


def _quiet(data: Path) -> Iterator[RuleFigure]:
    """Ordinary footage, on which none of these is known to happen."""
    rules: tuple[RuleName, ...] = (
        "abnormal_motion",
        "loitering",
        "stopped_vehicle",
        "crowd_density",
        "fast_motion",
    )
    zones = [zone(i, rule, WHOLE) for i, rule in enumerate(rules, 1)]
    for name, on in (
        ("vtest_480x360.avi", "pedestrians on a crossing"),
        ("cdnet_fall_801_1600.mp4", "road behind a tree that never rests"),
        ("cdnet_highway.mp4", "motorway"),
    ):
        fired, seconds = _watched(_packets(data / name), zones)
        for rule in rules:
            if rule == "fast_motion" and "highway" in name:
                continue  # nobody knows how fast they are
            on_new = f"{on}, new camera" if rule == "abnormal_motion" else on
            yield RuleFigure(rule, on_new, 0, 0, sum(f.rule == rule for f in fired), seconds)


def _watched(
    packets: Sequence[Packet] | Iterator[Packet], zones: Sequence[Zone], pose: Pose | None = None
) -> tuple[list[Firing], float]:
    """What fires on some footage, and how long that is."""
    pipeline = Pipeline(Watch(1, "BENCH", pose, tuple(zones)), SystemClock())
    fired: list[Firing] = []
    first = last = START
    for number, packet in enumerate(packets):
        first = packet.capture_at if number == 0 else first
        last = packet.capture_at
        fired += [f for f, _ in pipeline.process(packet, 0.0).firings if f.zone is not None]
    return fired, (last - first).total_seconds()


def _packets(path: Path) -> Iterator[Packet]:
    """A clip as a camera would send it: H.264 without B-frames, a key frame every second."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        codec = av.CodecContext.create("libx264", "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height, codec.pix_fmt = (
            stream.width // 2 * 2,
            stream.height // 2 * 2,
            "yuv420p",
        )
        codec.time_base = Fraction(1, 90_000)
        codec.framerate = Fraction(round(fps * 1000), 1000)
        codec.gop_size, codec.max_b_frames, codec.thread_count = round(fps), 0, 1
        codec.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "crf": "20",
            "x264-params": "repeat-headers=1:annexb=1",
        }
        for number, decoded in enumerate(container.decode(stream)):
            picture = decoded.reformat(codec.width, codec.height, "yuv420p")
            at_s = number / fps
            picture.pts, picture.time_base = round(at_s * 90_000), Fraction(1, 90_000)
            picture.pict_type = av.video.frame.PictureType.NONE
            for packet in codec.encode(picture):
                yield Packet(
                    camera_id=1, session=1, data=bytes(packet), pts_90k=round(at_s * 90_000),
                    dts_90k=round(at_s * 90_000), duration_90k=round(90_000 / fps), key=packet.is_keyframe,
                    capture_at=START + timedelta(seconds=at_s), codec="h264",
                    width_px=codec.width, height_px=codec.height,
                )  # fmt: skip


if __name__ == "__main__":
    main()
