"""One camera's side of asking the models: its tracks' questions out, the answers to their tracks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol
from uuid import UUID

from analytics.detect.asking import Answer, Asking
from analytics.detect.service import DetectService
from analytics.model import Frame
from analytics.track import TrackView


class Hearing(Protocol):
    """What takes answers as evidence: a track's trajectory."""

    confidence: float

    def hear(self, answer: Answer) -> None: ...


class Consult:
    """Asks the models about one camera's tracks. Does nothing while there is no model."""

    def __init__(self, camera_id: int, service: DetectService) -> None:
        self._camera_id = camera_id
        self._service = service
        self._asking = Asking()

    def hear(self, tracks: Mapping[UUID, Hearing]) -> None:
        """Hands the ready answers to their tracks; those of tracks that ended meanwhile are of no use."""
        for answer in self._service.take(self._camera_id):
            track = tracks.get(answer.uid)
            if track is not None:
                track.hear(answer)
                self._asking.answered(answer)

    def ask(self, frame: Frame, views: Iterable[TrackView], tracks: Mapping[UUID, Hearing]) -> None:
        """Asks about those of the tracks seen in ``frame`` whose turn it is."""
        if not self._service.active:
            return
        seen = [(v.uid, v.box_px, tracks[v.uid].confidence) for v in views if v.seen]
        asks = self._asking.choose(frame, seen, self._service.wants_looks)
        self._service.submit(self._camera_id, frame, asks)

    def forget(self, uids: Iterable[UUID]) -> None:
        """These tracks ended."""
        for uid in uids:
            self._asking.forget(uid)
