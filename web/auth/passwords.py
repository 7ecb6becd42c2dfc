"""Password rules and Argon2id hashes."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gis.errors import InvalidInput
from gis.said import say

MIN_LENGTH = 10


def make_hasher() -> PasswordHasher:
    """Argon2id by RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes."""
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)


_hasher = make_hasher()
# Each check takes 64 MiB; a burst of logins must not take the machine's memory.
_room = threading.BoundedSemaphore(2)
_nobody = ""


def check_rules(name: str, password: str) -> None:
    """Raises :class:`InvalidInput` (field ``password``) when the password is too easy to guess."""
    if len(password) < MIN_LENGTH:
        raise InvalidInput(
            say(
                "password_short",
                "the password has {length} characters, at least {least} are needed",
                length=len(password),
                least=MIN_LENGTH,
            ),
            "password",
        )
    if name.lower() in password.lower():
        raise InvalidInput(
            say("password_holds_name", "the password may not contain the login name"), "password"
        )
    if len(set(password)) < 4:
        raise InvalidInput(
            say("password_too_plain", "the password needs at least four different characters"),
            "password",
        )


def hash_password(password: str) -> str:
    """An Argon2id hash in PHC format, with its parameters and a fresh salt."""
    with _room:
        return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether ``password`` fits. ``None`` (no such user) takes as long as a wrong password and is False."""
    with _room:
        try:
            _hasher.verify(stored if stored is not None else _dummy(), password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _dummy() -> str:
    global _nobody
    if not _nobody:
        _nobody = _hasher.hash("nobody knows this, and it opens nothing")
    return _nobody
