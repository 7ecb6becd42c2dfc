"""When a track is asked about, and what answers are worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np

from analytics.detect.asking import (
    BLIND_AFTER,
    BLIND_EVERY_S,
    FIRST_EVERY_S,
    MOST_A_FRAME,
    SURE_EVERY_S,
    Answer,
    Asking,
    Opinion,
)
from analytics.model import Box, Frame, Kind

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BOX: Box = (10.0, 10.0, 20.0, 40.0)


class Nothing:
    def bgr(self) -> np.ndarray:  # type: ignore[type-arg]
        raise AssertionError("choosing looks at no picture")


def frame(at_s: float) -> Frame:
    at = START + timedelta(seconds=at_s)
    return Frame(1, 1, at, np.zeros((90, 160), np.uint8), 160, 90, 0.0, Nothing())


def answer(
    uid: UUID, kind: Kind | None, confidence: float = 0.8, label: str | None = None
) -> Answer:
    return Answer(uid, START, label or kind, kind, confidence)


def times_asked(
    asking: Asking, uid: UUID, until_s: float, confidence: float, kind: Kind | None
) -> int:
    """How often a track is asked about when it is seen ten times a second, each time answered alike."""
    asked = 0
    for i in range(round(until_s * 10)):
        for ask in asking.choose(frame(i / 10), [(uid, BOX, confidence)], False):
            asked += 1
            asking.answered(answer(ask.uid, kind))
    return asked


def test_a_sure_track_is_asked_about_rarely() -> None:
    uid = uuid4()
    asking = Asking()
    assert times_asked(asking, uid, 60, 0.99, "person") <= 2 + 60 / SURE_EVERY_S
    doubtful = times_asked(Asking(), uid, 3, 0.6, "person")
    assert 3 <= doubtful <= 3 / FIRST_EVERY_S


def test_a_blind_model_is_asked_seldom() -> None:
    assert times_asked(Asking(), uuid4(), 60, 0.6, None) <= BLIND_AFTER + 2 + 60 / BLIND_EVERY_S


def test_new_tracks_come_first_and_not_all_at_once() -> None:
    asking = Asking()
    old = [(uuid4(), BOX, 0.5) for _ in range(MOST_A_FRAME)]
    assert len(asking.choose(frame(0), old, False)) == MOST_A_FRAME
    new = (uuid4(), BOX, 0.5)
    asked = asking.choose(frame(10), [*old, new], False)
    assert asked[0].uid == new[0] and len(asked) == MOST_A_FRAME
    speck = (uuid4(), (0.0, 0.0, 5.0, 8.0), 0.5)
    assert asking.choose(frame(10), [speck], False) == ()


def test_a_look_is_asked_for_until_there_is_one() -> None:
    asking, uid = Asking(), uuid4()
    assert asking.choose(frame(0), [(uid, BOX, 0.5)], True)[0].wants_look
    asking.answered(answer(uid, "person"))
    assert asking.choose(frame(9), [(uid, BOX, 0.5)], True)[0].wants_look
    asking.answered(Answer(uid, START, "person", "person", 0.8, (1.0, 0.0)))
    assert not asking.choose(frame(18), [(uid, BOX, 0.5)], True)[0].wants_look


def test_answers_overrule_what_size_only_suggests() -> None:
    """A stroller looks like a car by its size alone; a model that says person twice settles it."""
    opinion = Opinion()
    assert opinion.weigh("vehicle", 0.7) == ("vehicle", 0.7)
    for _ in range(2):
        opinion.hear(answer(uuid4(), "person", 0.7))
    kind, confidence = opinion.weigh("vehicle", 0.7)
    assert kind == "person" and confidence > 0.8
    # Size that leaves no doubt is not overruled by one weak answer.
    weak = Opinion()
    weak.hear(answer(uuid4(), "person", 0.3))
    assert weak.weigh("vehicle", 0.97)[0] == "vehicle"


def test_agreeing_answers_make_sure_and_never_certain() -> None:
    opinion = Opinion()
    for _ in range(50):
        opinion.hear(answer(uuid4(), "vehicle", 0.9, "bus"))
    kind, confidence = opinion.weigh("vehicle", 0.6)
    assert kind == "vehicle" and 0.95 < confidence <= 0.99
    assert opinion.label == "bus"
    # Fifty equal answers, all wrong, are not stronger than a few: another name still can win.
    for _ in range(8):
        opinion.hear(answer(uuid4(), "person", 0.9))
    assert opinion.weigh("person", 0.6)[0] == "person"


def test_what_no_model_knows_becomes_doubtful_but_never_vanishes() -> None:
    """A waving bush that size takes for a person; and a car from above that models do not see."""
    opinion = Opinion()
    for _ in range(30):
        opinion.hear(answer(uuid4(), None))
    kind, confidence = opinion.weigh("person", 0.5)
    assert confidence < 0.5
    kind, confidence = opinion.weigh("vehicle", 0.95)
    assert kind == "vehicle" and 0.8 < confidence < 0.95


def test_a_model_of_persons_alone_says_nothing_against_a_car() -> None:
    opinion = Opinion()
    for _ in range(10):
        opinion.hear(Answer(uuid4(), START, None, None, 0.0, None, ("person",)))
    assert opinion.weigh("vehicle", 0.8)[1] >= 0.8
