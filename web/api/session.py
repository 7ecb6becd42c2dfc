"""Logging in and out, the language, the own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from web import user_store, users
from web.auth import sessions
from web.deps import (
    AuditDep,
    DatabaseDep,
    address,
    current_session,
    runtime,
)
from web.model import Session
from web.schemas.people import LanguageIn, LoginIn, PasswordIn, SessionOut, UserOut

router = APIRouter(tags=["session"])
SessionDep = Annotated[Session, Depends(current_session)]


def _out(request: Request, session: Session) -> SessionOut:
    row = user_store.by_id(runtime(request).database, session.user.id)
    return SessionOut(
        user=UserOut.model_validate(row),
        csrf=session.csrf,
        expires_at=session.expires_at,
        server_time=runtime(request).settings.clock.now(),
    )


@router.post("/login")
def login(body: LoginIn, request: Request, response: Response) -> SessionOut:
    """Opens a session and sets its cookie. 401 when the name or password is wrong, 429 when it must wait."""
    running = runtime(request)
    opened = sessions.login(
        running,
        body.name,
        body.password,
        address(request),
        request.headers.get("user-agent", ""),
    )
    response.set_cookie(
        sessions.COOKIE,
        opened.cookie,
        max_age=int(running.settings.session_absolute_s),
        httponly=True,
        samesite="strict",
        secure=running.settings.secure_cookies,
    )
    return _out(request, opened.session)


@router.post("/logout", status_code=204)
def logout(
    request: Request,
    response: Response,
    session: SessionDep,
    database: DatabaseDep,
    audit: AuditDep,
) -> None:
    """Ends this session."""
    user_store.close_session(database, session.token_hash)
    audit("logout", f"user:{session.user.id}")
    response.delete_cookie(sessions.COOKIE, httponly=True, samesite="strict")


@router.get("/session")
def session_now(request: Request, session: SessionDep) -> SessionOut:
    """Who is logged in, and the token that changes must carry."""
    return _out(request, session)


@router.patch("/session")
def change_language(
    body: LanguageIn, request: Request, session: SessionDep, database: DatabaseDep, audit: AuditDep
) -> SessionOut:
    """Keeps the language a person chose."""
    user_store.set_language(database, session.user.id, body.language)
    audit("set_language", f"user:{session.user.id}", {"language": body.language})
    return _out(request, session)


@router.post("/session/password")
def change_password(
    body: PasswordIn, request: Request, session: SessionDep, database: DatabaseDep
) -> SessionOut:
    """Changes the own password and ends the person's other sessions."""
    users.change_own_password(
        database, session.user.name, body.old, body.new, session.token_hash, address(request)
    )
    return _out(request, session)
