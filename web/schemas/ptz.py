"""Turning cameras."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from web.schemas.common import Body, Out, WhyOut

_Axis = Annotated[float, Field(ge=-1, le=1)]


class PtzMoveIn(Body):
    """``continuous`` moves at a speed until stopped or for ``timeout_s``, so that a held key sends it again before
    that; ``relative`` moves a step; ``absolute`` to a position. Pan right, tilt up, zoom in are positive; as a speed
    or step ±1 is the most the device does, as a position the end of its range (zoom 0…1). An axis left out stays."""

    kind: Literal["continuous", "relative", "absolute"] = "continuous"
    pan: _Axis | None = None
    tilt: _Axis | None = None
    zoom: _Axis | None = None
    timeout_s: float = Field(default=1.0, ge=0.2, le=10)

    @model_validator(mode="after")
    def _some_axis(self) -> PtzMoveIn:
        if self.pan is None and self.tilt is None and self.zoom is None:
            raise ValueError("give pan, tilt or zoom")
        return self


class PtzGotoIn(Body):
    token: str = Field(min_length=1, max_length=100)


class PtzPresetIn(Body):
    name: str = Field(min_length=1, max_length=64)
    token: str | None = Field(default=None, min_length=1, max_length=100)  # replace this one


class PtzPresetOut(Out):
    token: str
    name: str


class PtzAbilitiesOut(Out):
    pan_tilt: bool
    zoom: bool
    absolute: bool
    relative: bool
    presets: int


class PtzOut(Out):
    camera_id: int
    holder: str | None  # display name of who turns it now
    priority: int | None  # theirs: commander 3, dispatcher 2, admin 1
    until: datetime | None  # when their hold ends unless they use it again
    mine: bool
    taken_from: str | None  # whose hold this one ended
    my_priority: int
    home: str | None  # token of the preset it returns to
    presets: list[PtzPresetOut] | None  # null: not asked yet, or the device does not answer
    abilities: PtzAbilitiesOut | None
    message: str | None = None  # why presets and abilities are missing
    why: WhyOut | None = None  # of the message
