"""Accounts: made and changed by the command line, the demo and the administrators' screen alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from gis.db import Database
from gis.errors import InvalidInput, NotFound, WrongState
from gis.said import say
from web import audit_store, user_store
from web.auth import passwords
from web.model import LANGUAGES, ROLES
from web.schemas.people import UserOut, UserPatch


def create_user(
    database: Database,
    name: str,
    display_name: str,
    password: str,
    roles: Collection[str],
    camera_ids: Sequence[int] | None = None,
    unit_id: int | None = None,
    language: str = "zh-CN",
    actor: str = "system",
    address: str = "",
) -> UserOut:
    """Makes an account and writes it into the audit log.

    Raises :class:`InvalidInput` for a weak password, a taken name, an unknown role, language or unit.
    """
    passwords.check_rules(name, password)
    _check_roles(roles)
    if language not in LANGUAGES:
        raise InvalidInput(
            f"language {language!r} is not one of {', '.join(LANGUAGES)}", "language"
        )
    hashed = passwords.hash_password(password)
    with database.transaction() as cursor:
        row = user_store.insert(
            cursor,
            {
                "name": name,
                "display_name": display_name,
                "password_hash": hashed,
                "roles": sorted(set(roles)),
                "camera_ids": None if camera_ids is None else sorted(set(camera_ids)),
                "unit_id": unit_id,
                "language": language,
            },
        )
        detail = {"name": name, "roles": sorted(set(roles))}
        audit_store.add(cursor, actor, "create_user", f"user:{row.id}", detail, address)
    return UserOut.model_validate(row)


def set_password(
    database: Database, name: str, password: str, actor: str = "system", address: str = ""
) -> None:
    """Gives ``name`` a new password and ends every session of theirs. Raises :class:`NotFound`,
    :class:`InvalidInput`."""
    passwords.check_rules(name, password)
    row = user_store.by_name(database, name)
    if row is None:
        raise NotFound(f"there is no user {name!r}")
    _write_password(database, row.id, password, None, actor, address)


def change_own_password(
    database: Database, name: str, old: str, new: str, keep: bytes, address: str
) -> None:
    """A person changes the own password; every other session of theirs ends, ``keep`` stays.

    Raises :class:`InvalidInput` (field ``old``) when the old one is wrong.
    """
    row = user_store.by_name(database, name)
    if row is None or not passwords.verify(row.password_hash, old):
        raise InvalidInput(say("old_password_wrong", "the old password is wrong"), "old")
    try:
        passwords.check_rules(name, new)
    except InvalidInput as error:
        raise InvalidInput(str(error), "new") from None
    _write_password(database, row.id, new, keep, name, address)


def _write_password(
    database: Database, user_id: int, password: str, keep: bytes | None, actor: str, address: str
) -> None:
    hashed = passwords.hash_password(password)
    with database.transaction() as cursor:
        user_store.set_password(cursor, user_id, hashed)
        user_store.close_sessions(cursor, user_id, keep)
        audit_store.add(cursor, actor, "set_password", f"user:{user_id}", {}, address)


def change_user(
    database: Database, user_id: int, patch: UserPatch, actor: str, address: str
) -> UserOut:
    """An administrator changes an account; a change of rights or password ends the account's sessions.

    Raises :class:`NotFound`, :class:`StaleVersion`, :class:`InvalidInput`, and :class:`WrongState` when the
    last administrator would be lost.
    """
    sent = patch.model_dump(exclude_unset=True, exclude={"password", "expected_version"})
    before = user_store.by_id(database, user_id)
    hashed: str | None = None
    if patch.password is not None:
        passwords.check_rules(before.name, patch.password)
        hashed = passwords.hash_password(patch.password)
    if patch.roles is not None:
        _check_roles(patch.roles)
    with database.transaction() as cursor:
        admins = user_store.lock_admins(cursor)
        row = user_store.lock(cursor, user_id, patch.expected_version, sent)
        values = _merged(row, patch)
        if admins == [user_id] and not (values["active"] and "admin" in values["roles"]):
            raise WrongState(
                say(
                    "last_administrator",
                    "{name} is the last administrator: make another one before taking this right away",
                    name=row.name,
                )
            )
        changed = user_store.update(cursor, values)
        if hashed is not None:
            user_store.set_password(cursor, user_id, hashed)
        if hashed is not None or _rights(row) != _rights(changed):
            user_store.close_sessions(cursor, user_id)
        detail = sent | ({"password": "changed"} if hashed else {})
        audit_store.add(cursor, actor, "change_user", f"user:{user_id}", detail, address)
    return UserOut.model_validate(user_store.by_id(database, user_id))


def _merged(row: Any, patch: UserPatch) -> dict[str, Any]:
    given = patch.model_fields_set
    camera_ids = row.camera_ids
    if patch.all_cameras:
        camera_ids = None
    elif patch.camera_ids is not None:
        camera_ids = sorted(set(patch.camera_ids))
    return {
        "id": row.id,
        "display_name": patch.display_name or row.display_name,
        "roles": sorted(set(patch.roles)) if patch.roles is not None else row.roles,
        "camera_ids": camera_ids,
        "unit_id": patch.unit_id if "unit_id" in given else row.unit_id,
        "active": row.active if patch.active is None else patch.active,
    }


def _rights(row: Any) -> tuple[Any, ...]:
    return (row.roles, row.camera_ids, row.unit_id, row.active)


def _check_roles(roles: Collection[str]) -> None:
    for role in roles:
        if role not in ROLES:
            raise InvalidInput(f"role {role!r} is not one of {', '.join(ROLES)}", "roles")
    if not roles:
        raise InvalidInput(say("user_needs_role", "a user needs at least one role"), "roles")
