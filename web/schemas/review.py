"""Wire schemas of the review queue: what a person has not looked at yet, and what people said of events."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from analytics.model import EventKind, RuleName
from web.schemas.common import Body, Out
from web.schemas.events import EventOut
from web.times import UtcTime

Mark = Literal["important", "false"]
FalseReason = Literal[
    "light", "weather", "tree", "animal", "reflection", "wrong_kind", "allowed", "other"
]


class MarkOut(Out):
    """What was said last of an event, by whom and when. ``mark`` null: taken back, or a note only."""

    event_id: int
    mark: Mark | None
    reason: str | None
    note: str
    marked_by: str
    marked_at: datetime
    version: int


class MarkIn(Body):
    """What to say of an event. ``expected_version`` is 0 where nothing was said yet."""

    expected_version: int = Field(ge=0)
    mark: Mark | None
    reason: FalseReason | None = None
    note: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _false_with_reason(self) -> MarkIn:
        if (self.mark == "false") != (self.reason is not None):
            raise ValueError("a false alarm needs its reason, and only a false alarm has one")
        return self


class QueueEventOut(EventOut):
    """An event in the queue."""

    seen: bool
    mark: MarkOut | None


class QueueOut(Out):
    """A page of the queue, newest first. ``next`` is where the next page begins."""

    events: list[QueueEventOut]
    next: str | None


class UnseenOut(Out):
    """How many events of one camera and rule a person has not looked at."""

    camera_id: int
    rule: str
    count: int


class UnseenTotalOut(Out):
    """All of them; at least so many where not ``exact``."""

    total: int
    exact: bool
    parts: list[UnseenOut]


class SeenIn(Body):
    """Events looked at, or with ``seen`` false not looked at after all: some by their ids, or all in the queue of a camera,
    a rule, or both, up to a moment."""

    event_ids: list[int] = Field(default_factory=list, max_length=500)
    camera_id: int | None = None
    rule: RuleName | None = None
    kind: EventKind | None = None
    until: UtcTime | None = None
    seen: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> SeenIn:
        if bool(self.event_ids) == (self.until is not None):
            raise ValueError("send event_ids, or until with a camera, a rule or neither")
        if self.until is not None and not self.seen:
            raise ValueError("only single events become unseen again: send event_ids")
        return self


class SeenOut(Out):
    """How many events changed."""

    changed: int
