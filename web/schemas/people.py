"""Accounts, sessions and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from web.schemas.common import Body, Out

Role = Literal["admin", "dispatcher", "commander", "reviewer", "responder"]
Language = Literal["zh-CN", "en"]


class LoginIn(Body):
    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)


class UserOut(Out):
    id: int
    name: str
    display_name: str
    roles: list[Role]
    camera_ids: list[int] | None
    unit_id: int | None
    language: Language
    active: bool
    version: int


class SessionOut(Out):
    user: UserOut
    csrf: str
    expires_at: datetime
    server_time: datetime


class LanguageIn(Body):
    language: Language


class PasswordIn(Body):
    old: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=10, max_length=200)


class UserIn(Body):
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{2,32}$")
    display_name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=10, max_length=200)
    roles: list[Role] = Field(min_length=1)
    camera_ids: list[int] | None = None
    unit_id: int | None = None
    language: Language = "zh-CN"


class UserPatch(Body):
    expected_version: int
    display_name: str | None = Field(default=None, min_length=1, max_length=64)
    password: str | None = Field(default=None, min_length=10, max_length=200)
    roles: list[Role] | None = Field(default=None, min_length=1)
    camera_ids: list[int] | None = None
    all_cameras: bool | None = None
    unit_id: int | None = None
    active: bool | None = None


class AuditOut(Out):
    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    address: str | None
