"""The thread that asks the models: regions of all cameras together, answers fetched when they are ready.

Asking never waits. Of each camera only the newest question is kept; what is replaced unasked is counted. A model
that fails is counted and, after it failed several times running, put aside until another is chosen: tracks are
then told by size, speed and shape alone, as without a model.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.detect.asking import Answer, Ask
from analytics.detect.labels import Naming
from analytics.detect.model import Bgr
from analytics.detect.mosaic import Region, Seen, lay, region
from analytics.detect.onnx_file import Model, ModelFailed
from analytics.model import Box, Frame
from gis.clock import Clock
from gis.heartbeat import Facts

log = logging.getLogger(__name__)
MOST_REGIONS = 72
"""Regions taken in one go: the oldest question of any camera does not wait for all others."""
MOST_ANSWERS = 400
MOST_FAILURES = 5
LOOK_LEAST_PX = 40
_LOOK_S = 0.5


@dataclass(slots=True)
class DetectCounts:
    """What was asked and answered since the start."""

    asked: int = 0  # regions handed in
    answered: int = 0  # regions a model has looked at
    known: int = 0  # of these, with a thing the model knows
    replaced: int = 0  # regions given up for a newer picture of their camera
    runs: int = 0
    looks: int = 0
    failures: int = 0
    busy_s: float = 0.0
    worst_wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Models:
    """What is asked at the moment: a detector with its names, and a look model for persons, each None where not."""

    detector: Model | None = None
    naming: Naming | None = None
    look: Model | None = None


@dataclass(slots=True)
class _Question:
    frame: Frame
    asks: tuple[Ask, ...]
    handed_s: float


@dataclass(slots=True)
class _Due:
    """A question's regions on their way through the models."""

    question: _Question
    asks: list[Ask] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    picture: Bgr | None = None


class DetectService:
    """Takes questions from the cameras' pipelines; see the module."""

    def __init__(self, clock: Clock) -> None:
        self.counts = DetectCounts()
        self.problem: str | None = None
        self._clock = clock
        self._models = Models()
        self._failed_running = 0
        self._waiting: dict[int, _Question] = {}
        self._answers: dict[int, list[Answer]] = {}
        self._ready = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="analytics-detect", daemon=True)

    @property
    def active(self) -> bool:
        """Whether asking is of any use: there is a model, and it works."""
        return self._models.detector is not None or self._models.look is not None

    @property
    def wants_looks(self) -> bool:
        """Whether a look model is there."""
        return self._models.look is not None

    def use(self, models: Models, problem: str | None = None) -> None:
        """Changes the models; ``problem`` says why one that is wanted is missing."""
        with self._ready:
            self._models = models
            self.problem = problem
            self._failed_running = 0
            if not self.active:
                self._waiting.clear()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the batch it is at."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        self._thread.join(timeout=5)

    def submit(self, camera_id: int, frame: Frame, asks: Sequence[Ask]) -> None:
        """Asks about things in a frame; never waits. The frame is held until it is answered or replaced."""
        if not asks:
            return
        with self._ready:
            if not self.active or self._stopping:
                return
            old = self._waiting.pop(camera_id, None)
            if old is not None:
                self.counts.replaced += len(old.asks)
            self.counts.asked += len(asks)
            self._waiting[camera_id] = _Question(frame, tuple(asks), self._clock.monotonic_s())
            self._ready.notify()

    def waits(self, camera_id: int) -> bool:
        """Whether a question of this camera was not looked at yet."""
        return camera_id in self._waiting

    def take(self, camera_id: int) -> list[Answer]:
        """The answers that are ready for a camera, oldest first."""
        if camera_id not in self._answers:  # no lock for the many frames without one
            return []
        with self._ready:
            return self._answers.pop(camera_id, [])

    def forget(self, camera_id: int) -> None:
        """A camera is no longer watched."""
        with self._ready:
            self._waiting.pop(camera_id, None)
            self._answers.pop(camera_id, None)

    def facts(self) -> Facts:
        """Figures for the heartbeat; none where no model was ever wanted."""
        models, c = self._models, self.counts
        if not self.active and self.problem is None and not c.asked:
            return {}
        facts: dict[str, float | int | str] = {
            "detect_asked": c.asked,
            "detect_answered": c.answered,
            "detect_known": c.known,
            "detect_replaced": c.replaced,
            "detect_runs": c.runs,
            "detect_looks": c.looks,
            "detect_failures": c.failures,
            "detect_run_ms": round(1000 * c.busy_s / max(1, c.runs), 2),
            "detect_regions_per_run": round(c.answered / max(1, c.runs), 2),
        }
        if models.detector is not None:
            facts["detect_family"] = models.detector.facts.family
        if self.problem:
            facts["problem_model"] = self.problem
        return facts

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting:
                    if self._stopping:
                        return
                    self._ready.wait(_LOOK_S)
                if self._stopping:
                    return
                questions = self._oldest()
                models = self._models
            try:
                answers = self._answer(questions, models)
                self._failed_running = 0
            except ModelFailed as error:
                self._blame(str(error))
                continue
            except Exception as error:
                # One camera's picture must not end the answers for all others.
                log.exception("detect-failed cameras=%s", [q.frame.camera_id for q in questions])
                self._blame(f"{type(error).__name__}: {error}")
                continue
            with self._ready:
                for camera_id, answer in answers:
                    kept = self._answers.setdefault(camera_id, [])
                    kept.append(answer)
                    del kept[:-MOST_ANSWERS]

    def _oldest(self) -> list[_Question]:
        """Questions in the order they were handed in, up to :data:`MOST_REGIONS` regions."""
        taken: list[_Question] = []
        regions = 0
        for camera_id in list(self._waiting):
            question = self._waiting[camera_id]
            if taken and regions + len(question.asks) > MOST_REGIONS:
                break
            regions += len(question.asks)
            taken.append(self._waiting.pop(camera_id))
        return taken

    def _answer(self, questions: Sequence[_Question], models: Models) -> list[tuple[int, Answer]]:
        started_s = self._clock.monotonic_s()
        dues = [_cut(q, want_picture=models.look is not None) for q in questions]
        seen: list[Seen | None] = []
        if models.detector is not None:
            facts = models.detector.facts
            canvases = lay([r for d in dues for r in d.regions], (facts.width_px, facts.height_px))
            found = models.detector.find([c.picture for c in canvases]) if canvases else []
            self.counts.runs += len(canvases)
            for canvas, within in zip(canvases, found, strict=True):
                seen += canvas.answers(within)
        else:
            seen = [None] * sum(len(d.regions) for d in dues)
        out: list[tuple[int, Answer]] = []
        place = 0
        for due in dues:
            own = seen[place : place + len(due.regions)]
            place += len(due.regions)
            looks = self._looks(due, own, models)
            for ask, what, look in zip(due.asks, own, looks, strict=True):
                out.append((due.question.frame.camera_id, _say(due, ask, what, look, models)))
            wait_s = started_s - due.question.handed_s
            self.counts.worst_wait_s = max(self.counts.worst_wait_s, wait_s)
        self.counts.answered += len(out)
        self.counts.known += sum(a.kind is not None for _, a in out)
        self.counts.busy_s += self._clock.monotonic_s() - started_s
        return out

    def _looks(
        self, due: _Due, seen: Sequence[Seen | None], models: Models
    ) -> list[tuple[float, ...] | None]:
        """The looks of those asked for, of persons the detector saw, or of all without a detector."""
        out: list[tuple[float, ...] | None] = [None] * len(due.asks)
        if models.look is None or due.picture is None:
            return out
        wanted: list[int] = []
        cuts: list[Bgr] = []
        for i, (ask, what) in enumerate(zip(due.asks, seen, strict=True)):
            if not ask.wants_look or (models.naming is not None and not models.naming.person(what)):
                continue
            cut = _within(due.picture, what.box_px if what else ask.box_px)
            if cut is not None and cut.shape[0] >= LOOK_LEAST_PX:
                wanted.append(i)
                cuts.append(cut)
        if cuts:
            vectors = models.look.looks(cuts)
            self.counts.looks += len(cuts)
            for i, vector in zip(wanted, vectors.tolist(), strict=True):
                out[i] = tuple(vector)
        return out

    def _blame(self, reason: str) -> None:
        with self._ready:
            self.counts.failures += 1
            self._failed_running += 1
            log.warning("model-failed times=%s reason=%s", self._failed_running, reason)
            if self._failed_running >= MOST_FAILURES:
                self._models = Models()
                self._waiting.clear()
                self.problem = f"the model failed {self._failed_running} times running and was put aside: {reason}"


def _cut(question: _Question, want_picture: bool) -> _Due:
    due = _Due(question)
    picture = question.frame.picture.bgr()
    if want_picture:
        due.picture = picture
    for ask in question.asks:
        part = region(picture, ask.box_px)
        if part is not None:
            due.asks.append(ask)
            due.regions.append(part)
    return due


def _within(picture: Bgr, box: Box) -> Bgr | None:
    height, width = picture.shape[:2]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, int(box[0] + box[2])), min(height, int(box[1] + box[3]))
    if right - left < 8 or bottom - top < 8:
        return None
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _say(
    due: _Due, ask: Ask, seen: Seen | None, look: tuple[float, ...] | None, models: Models
) -> Answer:
    at = due.question.frame.at
    knows = models.naming.kinds if models.naming is not None else ()
    named = models.naming.of(seen) if models.naming is not None else None
    if named is None or seen is None:
        return Answer(ask.uid, at, None, None, 0.0, look, knows)
    return Answer(ask.uid, at, named.label, named.kind, seen.confidence, look, knows)
