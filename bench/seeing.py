"""Three ways to find what moves in a stream, each in a process of its own so that its whole cost is known.

As a program it takes packets from its standard input (pickled :class:`bench.streams.Stream`) and prints one line of
JSON: processor seconds of the process from the first packet to the last (imports and reading left out), peak memory, and
the spans in which something was found. Every way decodes on one thread.

* ``ours``: :class:`analytics.pipeline.Pipeline` as the analytics process drives it; a span is a stored track's life.
* ``ours_all``: the same, told to decode everything.
* ``mog2``: every picture decoded, OpenCV's MOG2 at full size, median and closing.
* ``average``: every picture decoded, five a second looked at: 180 pixels high, blurred, against a running average. This is
  the usual design of open systems.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from analytics.model import TrackRecord, Watch
from analytics.opencv import cv2
from analytics.pipeline import Pipeline
from bench.streams import Stream
from gis.clock import SystemClock

Gray = NDArray[np.uint8]
Spans = list[tuple[float, float]]
LEAST_SHARE = 0.0008  # of the picture: a blob smaller than this is nothing to a gate
LOOKS = 3  # so many pictures in a row make a span
JOINED_S = 1.0
LEARN_S = 3.0  # what is found before is not counted, for none of the ways
AVERAGE_FPS = 5.0
AVERAGE_HEIGHT_PX = 180
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Seen:
    """What one way took and found. ``spans`` are seconds from the stream's start."""

    cpu_s: float
    peak_mb: float
    spans: tuple[tuple[float, float], ...]

    def found(self, stream: Stream) -> int:
        """How many of the stream's episodes it saw anything of."""
        return sum(
            any(a < to and b > since for a, b in self.spans) for since, to in stream.episodes
        )

    def false_spans(self, stream: Stream, slack_s: float = 1.5) -> int:
        """How many spans belong to no episode."""
        return sum(
            not any(a < to + slack_s and b > since - slack_s for since, to in stream.episodes)
            for a, b in self.spans
        )


def see(way: str, stream: Stream) -> Seen:
    """Runs one way over a stream in a fresh process. Raises :class:`RuntimeError` when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.seeing", way],
        cwd=_ROOT,
        input=pickle.dumps(stream),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"way '{way}' on {stream.name}: {done.stderr.decode()[-2000:]}")
    said = json.loads(done.stdout)
    return Seen(said["cpu_s"], said["peak_mb"], tuple((a, b) for a, b in said["spans"]))


def _ours(stream: Stream, economy: bool) -> Spans:
    pipeline = Pipeline(Watch(1, "bench", None, ()), SystemClock(), economy=economy)
    records: list[TrackRecord] = []
    for packet in stream.packets:
        records += pipeline.process(packet, 0.0).records
    records += pipeline.finish()
    began = stream.packets[0].capture_at
    spans = [
        ((r.start_at - began).total_seconds(), (r.end_at - began).total_seconds()) for r in records
    ]
    return joined(sorted(spans))


def _mog2(stream: Stream) -> Spans:
    model = cv2.createBackgroundSubtractorMOG2()
    kernel = np.ones((5, 5), np.uint8)

    def moving(gray: Gray) -> Gray:
        mask = np.where(model.apply(gray) == 255, 255, 0).astype(np.uint8)
        solid: Gray = cv2.morphologyEx(cv2.medianBlur(mask, 5), cv2.MORPH_CLOSE, kernel)
        return solid

    return _spans(((t, moving(gray())) for t, gray in _decoded(stream)), LEAST_SHARE)


def _average(stream: Stream) -> Spans:
    def masks() -> Iterator[tuple[float, Gray]]:
        mean: NDArray[np.float32] | None = None
        due_s = 0.0
        for t, gray in _decoded(stream):
            if t < due_s:
                continue
            due_s = t + 0.999 / AVERAGE_FPS
            picture = gray()
            width = round(picture.shape[1] * AVERAGE_HEIGHT_PX / picture.shape[0])
            small = cv2.blur(cv2.resize(picture, (width, AVERAGE_HEIGHT_PX)), (3, 3))
            if mean is None:
                mean = small.astype(np.float32)
            different = cv2.absdiff(small, cv2.convertScaleAbs(mean))
            mask = cv2.dilate(cv2.threshold(different, 25, 255, cv2.THRESH_BINARY)[1], None)
            cv2.accumulateWeighted(small, mean, 0.1)
            yield t, mask

    return _spans(masks(), LEAST_SHARE)


def _decoded(stream: Stream) -> Iterator[tuple[float, Callable[[], Gray]]]:
    """Time and full-size luma of every picture."""
    decoder = VideoCodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    for packet in stream.packets:
        raw = av.Packet(packet.data)
        raw.pts = raw.dts = packet.pts_90k
        for picture in decoder.decode(raw):
            yield (picture.pts or 0) / 90_000, partial(_luma, picture)


def _luma(picture: av.VideoFrame) -> Gray:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: picture.height, : picture.width]


def _spans(masks: Iterator[tuple[float, Gray]], least_share: float) -> Spans:
    spans: Spans = []
    began_s, looks = 0.0, 0
    for t, mask in masks:
        large = False
        if cv2.countNonZero(mask) >= least_share * mask.size:
            _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
            large = bool((stats[1:, cv2.CC_STAT_AREA] >= least_share * mask.size).any())
        if not large:
            looks = 0
            continue
        looks += 1
        if looks == 1:
            began_s = t
        if looks >= LOOKS:
            spans.append((began_s, t))
    return joined(spans)


def joined(spans: Spans) -> Spans:
    """Spans in order of their beginning, those less than :data:`JOINED_S` apart as one."""
    out: Spans = []
    for a, b in spans:
        if out and a <= out[-1][1] + JOINED_S:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out


WAYS: dict[str, Callable[[Stream], Spans]] = {
    "ours": lambda stream: _ours(stream, economy=True),
    "ours_all": lambda stream: _ours(stream, economy=False),
    "mog2": _mog2,
    "average": _average,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Finds what moves in a stream, one way.")
    parser.add_argument("way", choices=sorted(WAYS))
    way = WAYS[parser.parse_args().way]
    # What it reads was pickled by :func:`see`, its own parent, alone.
    stream: Stream = pickle.load(sys.stdin.buffer)
    cv2.setNumThreads(1)
    before = _cpu_s()
    spans = [(a, b) for a, b in way(stream) if b >= LEARN_S]
    took_s = _cpu_s() - before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu_s": took_s, "peak_mb": peak_mb, "spans": spans}))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
