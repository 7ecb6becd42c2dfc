"""One camera's side of asking the models: its tracks' questions out, the answers to their tracks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from analytics.detect.asking import MOST_A_FRAME, Answer, Asking
from analytics.detect.service import DetectService
from analytics.model import Frame
from analytics.track import Doubtful, TrackView

MOST_DOUBTED = 4
"""So many in doubt are asked about at a frame, after all others; none while the last question still waits, which they
would replace."""


class Hearing(Protocol):
    """What takes answers as evidence: a track's trajectory."""

    confidence: float

    def hear(self, answer: Answer) -> None: ...


class Doubting(Protocol):
    """What follows things, also those not confirmed yet: the tracker."""

    def doubtful(self) -> Sequence[Doubtful]: ...

    def vouch(self, uid: UUID, confidence: float) -> None: ...


class Consult:
    """Asks the models about one camera's tracks, those in doubt among them. Does nothing while there is no model."""

    def __init__(self, camera_id: int, service: DetectService) -> None:
        self._camera_id = camera_id
        self._service = service
        self._asking = Asking()
        self._doubted: dict[UUID, list[Answer]] = {}  # those in doubt that were asked about

    def hear(self, tracks: Mapping[UUID, Hearing], tracker: Doubting | None) -> None:
        """Hands the ready answers to their tracks, keeps those of things in doubt, and tells the tracker who is a person;
        those of tracks that ended meanwhile are of no use."""
        for answer in self._service.take(self._camera_id):
            track, early = tracks.get(answer.uid), self._doubted.get(answer.uid)
            if track is not None:
                track.hear(answer)
            elif early is not None:
                early.append(answer)
            else:
                continue
            if answer.kind == "person" and tracker is not None:
                tracker.vouch(answer.uid, answer.confidence)
            self._asking.answered(answer)

    def meet(self, view: TrackView, track: Hearing) -> None:
        """One was confirmed: ``track`` hears what was said of it while it was in doubt."""
        for answer in self._doubted.pop(view.doubted, ()):
            track.hear(answer)
        if view.uid != view.doubted:
            self._asking.forget(view.doubted)

    def ask(
        self,
        frame: Frame,
        views: Iterable[TrackView],
        tracks: Mapping[UUID, Hearing],
        tracker: Doubting,
    ) -> None:
        """Asks about those of the tracks seen in ``frame`` whose turn it is, and about a few of those in doubt."""
        if not self._service.active:
            return
        doubtful = tracker.doubtful()
        for uid in self._doubted.keys() - {one.uid for one in doubtful}:
            self._asking.forget(uid)
            del self._doubted[uid]
        looks = self._service.wants_looks
        seen = [(v.uid, v.box_px, tracks[v.uid].confidence) for v in views if v.seen]
        asks = self._asking.choose(frame, seen, looks)
        if not self._service.waits(self._camera_id):
            due = [(one.uid, one.box_px, 0.0) for one in doubtful if one.due]
            most = min(MOST_DOUBTED, MOST_A_FRAME - len(asks))
            more = self._asking.choose(frame, due, False, most)
            for ask in more:
                self._doubted.setdefault(ask.uid, [])
            asks += more
        self._service.submit(self._camera_id, frame, asks)

    def forget(self, uids: Iterable[UUID]) -> None:
        """These tracks ended."""
        for uid in uids:
            self._asking.forget(uid)
