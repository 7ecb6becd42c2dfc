"""What analytics costs and how well it sees: every part beside a baseline in the same run, and ``docs/accuracy.md``.

``./run bench analytics`` runs all parts; ``python -m bench.analytics PART …`` some of them, whose figures then replace
only their own. ``--document`` measures nothing and writes the document from the figures there are. Parts that need the real
clips leave out those that are not there.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import (
    accuracy,
    accuracy_text,
    crowds,
    detect,
    economy,
    ground,
    links,
    rules_demo,
    rules_picture,
    rules_tracks,
    search,
    tracking,
)
from bench.accuracy_text import Section
from bench.analytics_live import OVER_S, crowd
from bench.pixels import pixel_f1
from bench.report import Figure, keep, show
from bench.rules_figure import told
from bench.streams import street

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MAIN_CAMERAS, SUB_CAMERAS = 40, 100


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the measurement and its section of ``docs/accuracy.md``."""

    section: Section
    run: Callable[[], list[Figure]]

    @property
    def name(self) -> str:
        """As it is asked for."""
        return self.section.name


def measure() -> list[Figure]:
    """Every part; writes the figures that stay and their document."""
    return measure_parts([part.name for part in PARTS])


def measure_parts(names: Sequence[str]) -> list[Figure]:
    """The named parts' figures, each kept as soon as it is there."""
    figures: list[Figure] = []
    for part in PARTS:
        if part.name in names:
            found = part.run()
            figures += found
            if found:
                _keep(part.name, accuracy.taken_now(found))
    return figures


def _keep(name: str, taken: accuracy.Taken) -> None:
    there = accuracy.read() | {name: taken}
    accuracy.write({p.name: there[p.name] for p in PARTS if p.name in there})
    write_document()


def write_document() -> None:
    """``docs/accuracy.md`` anew from the figures that stay."""
    text = accuracy_text.document([part.section for part in PARTS], accuracy.read())
    accuracy_text.DOCUMENT.write_text(text, encoding="utf-8")


def capacity() -> list[Figure]:
    """The whole analytics process with a crowd of quiet cameras."""
    figures: list[Figure] = []
    cases = (
        (street(1920, 1080, 25, 60, None, 2_000_000), MAIN_CAMERAS, 40.0),
        (street(640, 360, 25, 60, None, 512_000), SUB_CAMERAS, 100.0),
        (street(1920, 1080, 25, 60, 30, 2_000_000), MAIN_CAMERAS, None),
    )
    with tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        for number, (stream, cameras, aim) in enumerate(cases):
            took = crowd(stream, cameras, root / str(number))
            case = f"{cameras} cameras, {stream.name}, {OVER_S:g} s"
            figures += [
                _figure("capacity", case, "cameras per core", 1 / took.core_per_camera, "cameras", aim),
                _figure("capacity", case, "peak memory", took.cost.peak_rss_mb, "MB"),
                _figure("capacity", case, "frames shed for lack of time", float(took.facts.get("frames_shed", 0)), "frames"),
                _figure("capacity", case, "tracks written", took.tracks, "tracks"),
            ]  # fmt: skip
    return figures


def pixels() -> list[Figure]:
    """The background model on clips with a truth for every pixel."""
    figures: list[Figure] = []
    for name, scores in pixel_f1(DATA / "video").items():
        others = {other: scores[other] for other in ("MOG2", "KNN")}
        figures.append(_figure("pixels", name, "F1", scores["ours"], "", max(others.values())))
        figures += [_figure("pixels", name, f"F1 of {o}", f1, "") for o, f1 in others.items()]
    return figures


def _figure(
    part: str, case: str, metric: str, value: float, unit: str, baseline: float | None = None
) -> Figure:
    ratio = value / baseline if baseline else None
    return Figure("analytics", f"{part}: {case}", metric, value, unit, baseline, ratio)


def _of(part: str, run: Callable[[], Sequence[Figure]]) -> Callable[[], list[Figure]]:
    """Another module's figures under this bench's name and the part's."""

    def figures() -> list[Figure]:
        return [
            Figure("analytics", f"{part}: {f.case}", f.metric, f.value, f.unit, f.baseline, f.ratio)
            for f in run()
        ]

    return figures


PARTS = (
    Part(
        Section(
            "economy",
            "Cost at the same events found",
            "Each stream is gone through by each way in a process of its own, decoding on one thread; the figure is that "
            "process's processor time in hundredths of the stream's length. *MOG2* decodes everything and runs OpenCV's "
            "MOG2 at full size; *running average* decodes everything and looks at five pictures a second; the *ratio* is "
            "ours over the cheaper of these two. *Found* are events of those that happened, *false spans* what was told "
            "while nothing happened. Aim: a ratio of 0.2 at the same events found.",
            "stream",
        ),
        economy.economy,
    ),
    Part(
        Section(
            "capacity",
            "Cameras per core",
            "The whole analytics process, fed over the tap at the cameras' own pace.",
            "cameras",
            "aim",
        ),
        capacity,
    ),
    Part(
        Section(
            "pixels",
            "Moving pixels",
            "Pixel F1 as CDnet 2014 counts it, every second picture; the ratio is to the better of the two others.",
            "clip",
        ),
        pixels,
    ),
    Part(
        Section(
            "detect",
            "Detection by models",
            "Moving things of the real clips shown to models in different ways: kind right, wrong or none, and runs of the "
            "model.",
            "model, way",
        ),
        _of("detect", detect.measure),
    ),
    Part(
        Section(
            "tracker",
            "The tracker's time",
            "Processor time a frame; *at best* is the quickest frame. Aims: 0.4 ms at 1 and at 10 objects, 5 ms at 200.",
            "objects, plane",
        ),
        _of("tracker", tracking.tracker_cost),
    ),
    Part(
        Section(
            "identities",
            "Who is who",
            "IDF1 and MOTA by py-motmetrics beside a plain SORT on the same detections. The detector of tud_campus is asked about "
            "what was seen as the pipeline asks a model: how sure it was of a box counts from the next frame on.",
            "clip",
            "SORT",
        ),
        _of("identities", tracking.identities),
    ),
    Part(
        Section(
            "links",
            "One thing in two cameras",
            "Simulated walks through a city of cameras with known truth; they follow the model's own assumptions, so real "
            "streets will do worse.",
            "traffic",
        ),
        _of("links", links.measure),
    ),
    Part(
        Section(
            "ground",
            "Places on the ground",
            "The demo's cameras against their own truth, each with 120 errors of its pose: error, ellipse, and how often the "
            "95 % ellipse holds the truth (aim: 93 to 97 %). Held out are the cameras that nothing was fitted on.",
            "distance or scene",
        ),
        _of("ground", ground.ground_error),
    ),
    Part(
        Section(
            "rules",
            "Rules over tracks",
            "What happens and is told of, and false alarms per camera-hour, on real clips, most with a rule over the whole "
            "picture and without a pose. Footage is short: one false alarm in a minute reads as sixty an hour.",
            "rule, footage",
        ),
        lambda: told("rules", rules_tracks.rule_accuracy(DATA / "video")),
    ),
    Part(
        Section(
            "happenings",
            "Rules over tracks, staged in the demo's scenes",
            "What is staged with known truth at four of the demo's cameras, five pictures a second, and false alarms of all "
            "zones of the rule there: a car that breaks down for minutes, one that comes the wrong way, one that races, a "
            "queue that creeps, somebody who stays about, sixteen who gather, people who walk into a bed of flowers, one "
            "over the fence; every crossing of two counting lines by direction.",
            "rule, weather",
        ),
        lambda: told("happenings", rules_demo.rule_accuracy()),
    ),
    Part(
        Section(
            "crowds",
            "People in crowds",
            "Up to sixteen come one by one, stand about and change places, on the demo's square and in its yard; at a crossing hardly "
            "anybody does, and vehicles pass. Mean absolute error of the number of people in the area, every picture of five a "
            "second, beside that of counting tracks; *within* is how often the truth is within twice the stated uncertainty; *cost* is the "
            "rule's processor time a picture, over the whole scene.",
            "scene, weather, people there",
            "tracks",
        ),
        _of("crowds", crowds.measure),
    ),
    Part(
        Section(
            "picture",
            "Rules over the picture",
            "What happens and is told of, and false alarms per camera-hour. In the demo's scenes a camera's mishaps are put into "
            "three cameras' key frames; a bag is put down, and later taken; smoke, flames and water are painted. On real clips "
            "the whole picture is the area, up to 30 s of each.",
            "rule, footage",
        ),
        rules_picture.rule_accuracy,
    ),
    Part(
        Section(
            "search",
            "Search",
            "A camera-month of generated tracks, events and motion in a real PostgreSQL. Aim: under a second.",
            "search",
        ),
        _of("search", search.search_speed),
    ),
)


def main() -> None:
    """Some parts, or all."""
    parser = argparse.ArgumentParser(
        description="Parts of the analytics bench; figures of other parts stay as they are."
    )
    known = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", help=f"all when absent; of {', '.join(known)}")
    parser.add_argument(
        "--document", action="store_true", help="measure nothing, write docs/accuracy.md anew"
    )
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(known):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if asked.document:
        write_document()
        return
    figures = measure_parts(asked.parts or known)
    everything = [f for taken in accuracy.read().values() for f in taken.figures]
    keep(everything or figures)
    print(show(figures))


if __name__ == "__main__":
    main()
