"""What the bodies share.

Times are ISO 8601 in UTC, positions longitude first in WGS-84 degrees, lengths in metres, durations in seconds.
Every body that changes a versioned row carries ``expected_version``; a stale one is answered 409 with both values.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from gis.said import why_of

Priority = Literal[1, 2, 3, 4]
Service = Literal["police", "fire", "ambulance", "municipal"]
Sentence = Annotated[str, Field(min_length=3, max_length=500)]
Words = Annotated[str, Field(min_length=1, max_length=64)]
LonLatPair = tuple[float, float]


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is noticed.

    So is a NUL in any text: PostgreSQL holds none.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("a NUL character may not stand in a text")
        return value


class VersionIn(Body):
    expected_version: int


class Out(BaseModel):
    """A response body, built from rows."""

    model_config = ConfigDict(from_attributes=True)


class EllipseOut(Out):
    major_m: float
    minor_m: float
    angle_deg: float


class WhyOut(Out):
    """The code of the sentence beside it, and what it names, for wording it in any language."""

    code: str
    params: dict[str, str]


def why_out(sentence: str) -> WhyOut | None:
    """What stands beside a sentence; None for plain text."""
    why = why_of(sentence)
    return None if why is None else WhyOut.model_validate(why)


class FieldError(Out):
    field: str
    message: str
    why: WhyOut | None = None  # of the message


class ErrorBody(Out):
    code: str
    message: str
    why: WhyOut | None = None  # of the message; null: it has no code of its own
    fields: list[FieldError] = []
    current: dict[str, Any] | None = None
    sent: dict[str, Any] | None = None


class ErrorOut(Out):
    error: ErrorBody
