"""What models are asked of things in doubt, and where their answers go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from analytics.detect.asking import FIRST_EVERY_S, MOST_A_FRAME, Answer, Ask
from analytics.detect.consult import MOST_DOUBTED, Consult
from analytics.detect.service import DetectService
from analytics.model import Frame, Kind
from analytics.track import Doubtful, TrackView
from tests.analytics.detect.test_asking import BOX, START, frame


class Service:
    """A service that answers when told to."""

    active = True
    wants_looks = False

    def __init__(self) -> None:
        self.asked: list[UUID] = []
        self.ready: list[Answer] = []
        self.behind = False

    def waits(self, camera_id: int) -> bool:
        return self.behind

    def submit(self, camera_id: int, frame: Frame, asks: Sequence[Ask]) -> None:
        self.asked = [ask.uid for ask in asks]

    def take(self, camera_id: int) -> list[Answer]:
        ready, self.ready = self.ready, []
        return ready

    def say(self, uid: UUID, kind: Kind | None, confidence: float = 0.9) -> None:
        self.ready.append(Answer(uid, START, kind, kind, confidence))


class Following:
    """What is followed without being confirmed."""

    def __init__(self, *uids: UUID, due: bool = True) -> None:
        self.them = [Doubtful(uid, BOX, due) for uid in uids]
        self.vouched: dict[UUID, float] = {}

    def doubtful(self) -> list[Doubtful]:
        return self.them

    def vouch(self, uid: UUID, confidence: float) -> None:
        self.vouched[uid] = confidence


class Life:
    """A track that listens."""

    confidence = 0.5

    def __init__(self) -> None:
        self.heard: list[str | None] = []

    def hear(self, answer: Answer) -> None:
        self.heard.append(answer.label)


def view(uid: UUID, doubted: UUID | None = None) -> TrackView:
    return TrackView(uid, 0.0, BOX, (0.0, 0.0), True, True, (), doubted=doubted or uid)


def consult() -> tuple[Consult, Service]:
    service = Service()
    return Consult(1, cast(DetectService, cast(Any, service))), service


def test_a_person_in_doubt_is_vouched_for_and_the_track_hears_of_it() -> None:
    asker, service = consult()
    uid, tracks = uuid4(), dict[UUID, Life]()
    following = Following(uid)
    asker.ask(frame(0), (), tracks, following)
    assert service.asked == [uid]
    service.say(uid, "person", 0.8)
    asker.hear(tracks, following)
    assert following.vouched == {uid: 0.8}
    life = Life()
    asker.meet(view(uid), life)
    assert life.heard == ["person"]
    service.say(uid, "person")
    asker.hear({uid: life}, following)
    assert life.heard == ["person", "person"]


def test_a_vehicle_in_doubt_is_named_but_not_vouched_for() -> None:
    asker, service = consult()
    uid, following = uuid4(), None
    following = Following(uid)
    asker.ask(frame(0), (), {}, following)
    service.say(uid, "vehicle")
    asker.hear({}, following)
    life = Life()
    asker.meet(view(uid), life)
    assert following.vouched == {} and life.heard == ["vehicle"]


def test_one_who_came_back_hears_what_was_said_under_its_new_name() -> None:
    asker, service = consult()
    uid, before, life = uuid4(), uuid4(), Life()
    following = Following(uid)
    asker.ask(frame(0), (), {}, following)
    service.say(uid, "person")
    asker.hear({before: life}, following)
    asker.meet(view(before, uid), life)
    assert life.heard == ["person"]


def test_what_came_to_nothing_is_forgotten_and_its_answers_reach_nobody() -> None:
    asker, service = consult()
    uid = uuid4()
    asker.ask(frame(0), (), {}, Following(uid))
    asker.ask(frame(1), (), {}, Following())
    gone = Following()
    service.say(uid, "person")
    asker.hear({}, gone)
    assert gone.vouched == {}
    assert not asker._doubted and not asker._asking._asked


def test_those_in_doubt_come_last_few_and_only_when_their_turn_is() -> None:
    asker, service = consult()
    known, new = [uuid4() for _ in range(MOST_A_FRAME - 2)], [uuid4() for _ in range(9)]
    lives = {uid: Life() for uid in known}
    following = Following(*new)
    asker.ask(frame(0), [view(uid) for uid in known], lives, following)
    assert service.asked == known + new[:2]
    asker.ask(frame(0.1), (), lives, following)
    assert service.asked == new[2 : 2 + MOST_DOUBTED]
    service.behind = True
    asker.ask(frame(0.2), (), lives, following)
    assert service.asked == [], "they would replace what still waits"
    service.behind = False
    asker.ask(frame(0.1 + FIRST_EVERY_S), (), lives, Following(*new, due=False))
    assert service.asked == []
