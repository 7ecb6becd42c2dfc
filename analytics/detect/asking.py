"""When a model is asked about a track, and what its answers are worth. Pure: no thread, no clock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from analytics.model import KINDS, Box, Frame, Kind

FIRST_EVERY_S = 0.4
SURE_EVERY_S = 15.0
BLIND_EVERY_S = 6.0
"""How often a track is asked about: while in doubt, once it is sure, and after models had nothing to say several times."""
BLIND_AFTER = 4
SURE = 0.95
LEAST_PX = 12
MOST_A_FRAME = 12
NOTHING_WORTH = 0.25
"""Log odds against what a model knows of an answer that sees nothing: models overlook much, above all from high up."""
NOTHING_MOST = 1.0
ANSWER_MOST = 4.0
"""The most one class can gain against another by answers, in log odds, however often the same is said."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One track to be looked at. ``box_px`` left, top, width, height in the camera's picture."""

    uid: UUID
    box_px: Box
    wants_look: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of a track. ``label`` and ``kind`` are None where it saw nothing it knows."""

    uid: UUID
    at: datetime
    label: str | None
    kind: Kind | None
    confidence: float
    look: tuple[float, ...] | None = None
    knows: tuple[Kind, ...] = ("person", "vehicle")  # what the model could have seen


@dataclass(slots=True)
class Opinion:
    """What the answers so far say of one track, as log odds per kind beside what size and speed say."""

    answers: int = 0
    nothing: int = 0
    log_odds: dict[Kind, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    labels: dict[str, float] = field(default_factory=dict)

    def hear(self, answer: Answer) -> None:
        """Takes one more answer. A confidence of 0.5 says little, 0.9 much; equal answers weigh less and less."""
        if answer.kind is None or answer.label is None:
            self.nothing += 1
            if self.answers == 0:
                for kind in answer.knows:
                    self.log_odds[kind] = -min(NOTHING_WORTH * self.nothing, NOTHING_MOST)
            return
        self.answers += 1
        confidence = min(max(answer.confidence, 0.05), 0.98)
        gain = max(0.2, math.log(confidence / (1 - confidence)) + 1.5)
        if self.answers == 1:
            self.log_odds = dict.fromkeys(KINDS, 0.0)
        self.log_odds[answer.kind] = min(self.log_odds[answer.kind] + gain, ANSWER_MOST)
        for kind in KINDS:
            if kind != answer.kind:
                self.log_odds[kind] = max(self.log_odds[kind] - 0.3 * gain, -ANSWER_MOST)
        self.labels[answer.label] = self.labels.get(answer.label, 0.0) + answer.confidence

    @property
    def label(self) -> str | None:
        """What it was called most, weighed by confidence."""
        return max(self.labels, key=lambda name: self.labels[name]) if self.labels else None

    def weigh(self, kind: Kind, confidence: float) -> tuple[Kind, float]:
        """Kind and confidence when what size, speed and shape say is joined with the answers."""
        if not self.answers and not self.nothing:
            return kind, confidence
        sure = min(max(confidence, 0.34), 0.98)
        scores = {
            k: math.log(sure if k == kind else (1 - sure) / 2) + self.log_odds[k] for k in KINDS
        }
        best = max(scores, key=lambda k: scores[k])
        total = sum(math.exp(s - scores[best]) for s in scores.values())
        return best, min(1 / total, 0.99)


@dataclass(slots=True)
class _Asked:
    at_s: float
    times: int = 0
    nothing: int = 0
    answered: bool = False
    looked: bool = False


class Asking:
    """One camera's tracks and when each was asked about last."""

    def __init__(self) -> None:
        self._asked: dict[UUID, _Asked] = {}

    def choose(
        self,
        frame: Frame,
        tracks: Iterable[tuple[UUID, Box, float]],
        wants_looks: bool,
        most: int = MOST_A_FRAME,
    ) -> tuple[Ask, ...]:
        """Which of the tracks seen in ``frame`` to ask about now, ``most`` at most: ``(uid, box_px, confidence)`` each.

        Those never asked come first, then those waited longest.
        """
        now_s = frame.at.timestamp()
        due: list[tuple[int, float, Ask]] = []
        for uid, box, confidence in tracks:
            if max(box[2], box[3]) < LEAST_PX:
                continue
            known = self._asked.get(uid)
            if known is not None and now_s - known.at_s < _wait_s(known, confidence):
                continue
            wants = wants_looks and (known is None or not known.looked)
            due.append(
                (known.times if known else 0, known.at_s if known else 0.0, Ask(uid, box, wants))
            )
        due.sort(key=lambda item: item[:2])
        asks = tuple(item[2] for item in due[:most])
        for ask in asks:
            known = self._asked.setdefault(ask.uid, _Asked(now_s))
            known.at_s = now_s
            known.times += 1
        return asks

    def answered(self, answer: Answer) -> None:
        """Notes an answer, so that a sure track is asked about rarely."""
        known = self._asked.get(answer.uid)
        if known is None:
            return
        known.looked = known.looked or answer.look is not None
        if answer.kind is None:
            known.nothing += 1
        else:
            known.nothing = 0
            known.answered = True

    def forget(self, uid: UUID) -> None:
        """The track ended."""
        self._asked.pop(uid, None)


def _wait_s(asked: _Asked, confidence: float) -> float:
    if asked.answered and confidence >= SURE:
        return SURE_EVERY_S
    if asked.nothing >= BLIND_AFTER:
        return BLIND_EVERY_S
    return FIRST_EVERY_S * min(2.0 ** max(0, asked.times - 1), 8.0)
