"""Accounts and the audit log, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from web import audit_store, user_store, users
from web.deps import DatabaseDep, address, require
from web.model import CurrentUser
from web.schemas.people import AuditOut, UserIn, UserOut, UserPatch

router = APIRouter(tags=["accounts"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/users")
def list_users(admin: Admin, database: DatabaseDep) -> list[UserOut]:
    """Everybody with an account."""
    return [UserOut.model_validate(row) for row in user_store.everybody(database)]


@router.post("/users", status_code=201)
def create_user(body: UserIn, request: Request, admin: Admin, database: DatabaseDep) -> UserOut:
    """Makes an account."""
    return users.create_user(
        database,
        body.name,
        body.display_name,
        body.password,
        body.roles,
        body.camera_ids,
        body.unit_id,
        body.language,
        actor=admin.name,
        address=address(request),
    )


@router.patch("/users/{user_id}")
def change_user(
    user_id: int, body: UserPatch, request: Request, admin: Admin, database: DatabaseDep
) -> UserOut:
    """Changes an account; its sessions end when its rights or its password changed."""
    return users.change_user(database, user_id, body, admin.name, address(request))


@router.get("/audit")
def list_audit(
    admin: Admin,
    database: DatabaseDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    actor: str | None = None,
    subject: str | None = None,
) -> list[AuditOut]:
    """Who did and viewed what, newest first; ``before`` is the last id of the page before."""
    rows = audit_store.page(database, before, limit, actor, subject)
    return [AuditOut.model_validate(row) for row in rows]
