"""What goes over the wire about privacy masks. Conventions as in :mod:`web.schemas.common`."""

from __future__ import annotations

from pydantic import Field

from web.schemas.common import Body, Out

Outline = list[tuple[float, float]]


class PrivacyMaskIn(Body):
    """A region that analytics must not see, normalised 0..1. ``preset``: the token of the preset it was drawn at, of a
    camera that turns; null: it holds wherever the camera looks."""

    camera_id: int
    name: str = Field(min_length=1, max_length=100)
    points: Outline = Field(min_length=3, max_length=64)
    preset: str | None = Field(default=None, min_length=1, max_length=64)


class PrivacyMaskPatch(Body):
    """What to change of a mask; a null ``preset`` makes it hold always, elsewhere null leaves the value alone."""

    expected_version: int
    name: str | None = Field(default=None, min_length=1, max_length=100)
    points: Outline | None = Field(default=None, min_length=3, max_length=64)
    preset: str | None = Field(default=None, min_length=1, max_length=64)
    enabled: bool | None = None  # false: it hides nothing; the audit log says who switched it off


class PrivacyMaskOut(Out):
    """A privacy mask."""

    id: int
    camera_id: int
    name: str
    points: Outline
    preset: str | None
    version: int
    enabled: bool
