"""What one analysed frame costs by step, and what a camera holds in memory: processor time of one thread.

``python -m bench.frame_cost [FOLDER]``. With a folder of an older checkout the same streams go through that one as well,
by turns with this one, and its figures stand beside.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import cv2
import numpy as np

from analytics.model import Watch
from analytics.pipeline import STAGES, Pipeline
from bench.scenes import render
from bench.streams import Stream, street
from demo.cameras.conditions import Condition
from gis.clock import SystemClock

HERE = Path(__file__).resolve().parent.parent
DEMO: tuple[tuple[str, Condition], ...] = (("cam-yard", "sun"), ("cam-people-dongmen", "rain"))
ROUNDS = 3
SECONDS = 30.0


class _ProcessorClock(SystemClock):
    """Its seconds are those that this thread has worked."""

    def monotonic_s(self) -> float:
        return time.thread_time()


def measure(stream: Stream) -> dict[str, float]:
    """Milliseconds a frame by step, frames, per cent of a core, and megabytes of planes that the pipeline keeps."""
    pipeline = Pipeline(Watch(1, "bench", None, ()), _ProcessorClock())
    began_s = time.thread_time()
    for packet in stream.packets:
        pipeline.process(packet, 0.0)
    took_s = time.thread_time() - began_s
    frames = max(1, pipeline.times.frames)
    found = {stage: 1000 * pipeline.times.seconds[stage] / frames for stage in STAGES}
    return {
        **found,
        "frames": float(pipeline.times.frames),
        "of a core, %": 100 * took_s / stream.seconds,
        "planes, MB": _planes_bytes(pipeline, set()) / 1e6,
    }


def _planes_bytes(thing: object, seen: set[int]) -> int:
    """The bytes of all arrays that are reached from ``thing`` through the attributes of analytics' own objects."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return thing.nbytes if thing.base is None else _planes_bytes(thing.base, seen)
    if isinstance(thing, dict):
        return sum(_planes_bytes(value, seen) for value in thing.values())
    if isinstance(thing, list | tuple | deque):
        return sum(_planes_bytes(value, seen) for value in thing)
    if not type(thing).__module__.startswith("analytics."):
        return 0
    names = {*getattr(thing, "__dict__", ())}
    for kind in type(thing).__mro__:
        names |= {*getattr(kind, "__slots__", ())}
    return sum(_planes_bytes(getattr(thing, name, None), seen) for name in names)


def _streams() -> list[Stream]:
    made = [
        street(1920, 1080, 25, SECONDS, None, 2_000_000),
        street(640, 360, 25, SECONDS, None, 512_000),
    ]
    for camera, condition in DEMO:
        scene = render(camera, condition, SECONDS)
        name = f"demo {camera}, {condition}"
        made.append(Stream(name, scene.packets, (), SECONDS))
    return made


def _in(folder: Path, stream: Stream) -> dict[str, float]:
    """The same measurement with the modules of another checkout."""
    done = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).resolve()), "--one"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        input=pickle.dumps(stream),
        capture_output=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Prints a table: of each figure the least of :data:`ROUNDS` rounds."""
    parser = argparse.ArgumentParser(description="What an analysed frame costs by step.")
    parser.add_argument("older", nargs="?", type=Path, help="another checkout to measure beside")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        cv2.setNumThreads(1)
        # What it reads was pickled by its own parent, alone.
        print(json.dumps(measure(pickle.load(sys.stdin.buffer))))
        return
    folders = [HERE] if chosen.older is None else [chosen.older.resolve(), HERE]
    for stream in _streams():
        rounds = [[_in(folder, stream) for folder in folders] for _ in range(ROUNDS)]
        print(stream.name)
        for name in rounds[0][0]:
            least = [min(found[k][name] for found in rounds) for k in range(len(folders))]
            print(f"  {name:14}", "  ".join(f"{value:9.2f}" for value in least))


if __name__ == "__main__":
    main()
