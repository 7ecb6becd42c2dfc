"""``./run bench [NAME]``: runs one measurement, or all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from bench import analytics, detect, ground, links, live, playback, record, search, skeleton
from bench.report import Figure, keep, show

BENCHES: dict[str, Callable[[], Sequence[Figure]]] = {
    "analytics": analytics.measure,
    "detect": detect.measure,
    "ground": ground.ground_error,
    "links": links.measure,
    "live": live.measure,
    "playback": playback.measure,
    "record": record.measure,
    "search": search.measure,
    "skeleton": skeleton.measure,
}
PARTS_OF_ANALYTICS = ("detect", "ground", "links", "search")
"""Run with the whole of ``analytics``; by themselves only when asked for."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run bench", description="Measurements; results in bench/results.json."
    )
    parser.add_argument("name", nargs="?", choices=sorted(BENCHES), help="all when absent")
    chosen = parser.parse_args().name
    for name in [chosen] if chosen else BENCHES.keys() - set(PARTS_OF_ANALYTICS):
        figures = BENCHES[name]()
        keep(figures)
        print(show(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
