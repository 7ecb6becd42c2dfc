"""Export packages and their masks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from web.schemas.common import Body, Out, WhyOut
from web.times import UtcTime

ExportState = Literal["waiting", "running", "done", "failed", "cancelled", "expired"]
MaskStyle = Literal["pixelate", "blur"]
Thousandth = Annotated[int, Field(ge=0, le=1000)]
PolygonIn = Annotated[list[tuple[Thousandth, Thousandth]], Field(min_length=3, max_length=64)]


class MaskIn(Body):
    """What to make unrecognisable. ``regions``: polygons by camera id, [x, y] in thousandths of the picture."""

    style: MaskStyle = "pixelate"
    people: bool = False
    regions: dict[int, Annotated[list[PolygonIn], Field(max_length=32)]] = Field(
        default_factory=dict
    )
    sound: bool = False

    @model_validator(mode="after")
    def _hides_something(self) -> MaskIn:
        if not self.people and not any(self.regions.values()):
            raise ValueError("the mask hides nothing: mark regions, or people")
        return self


class ExportIn(Body):
    """An export to make. ``reason`` stands in the package's manifest and in the audit log."""

    camera_ids: list[int] = Field(min_length=1, max_length=32)
    from_at: UtcTime
    to_at: UtcTime
    reason: str = Field(min_length=3, max_length=500)
    mask: MaskIn | None = None


class CameraEstimateOut(Out):
    camera_id: int
    bytes: int
    recorded_s: int


class ExportEstimateOut(Out):
    """How large a package would be. ``allowed`` is false above ``limit_bytes`` or where the disk has no room."""

    bytes: int
    recorded_s: int
    limit_bytes: int
    free_bytes: int
    allowed: bool
    cameras: list[CameraEstimateOut]


class MaskOut(Out):
    style: MaskStyle
    people: bool
    regions: dict[int, list[list[tuple[int, int]]]]
    sound: bool


class ExportOut(Out):
    """An export. ``progress`` goes from 0 to 1; ``message`` says what is wrong, or what to know of the package.

    ``altered`` counts fragments that are not what was recorded, ``unavailable`` stretches that could not be read.
    """

    id: int
    camera_ids: list[int]
    from_at: datetime
    to_at: datetime
    reason: str
    mask: MaskOut | None
    created_by: str
    created_at: datetime
    state: ExportState
    progress: float
    expected_bytes: int
    read_bytes: int
    message: str
    why: WhyOut | None  # of the message
    cancelled_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    file_name: str | None
    bytes: int | None
    manifest_sha256: str | None
    fragments: int | None
    altered: int | None
    unavailable: int | None


class EvidenceKeyOut(Out):
    """The key that packages are signed with: SHA-256 of its DER form, and itself as PEM."""

    fingerprint: str
    pem: str
