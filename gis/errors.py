"""The project's errors. Every class says whose fault it is; ``web`` maps each to one HTTP status.

Messages name the thing, quote the value, and say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.said import said_by


class WanglouError(Exception):
    """Root of every error this project raises on purpose."""

    @property
    def said(self) -> str:
        """The message; a :class:`gis.said.Said` where it was raised with one."""
        return said_by(self)


class InvalidInput(WanglouError):
    """A value that does not fit; ``field`` names it (dotted path), for HTTP 422."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(WanglouError):
    """The thing asked for does not exist (HTTP 404)."""


class Forbidden(WanglouError):
    """The person may not do this (HTTP 403)."""


class StaleVersion(WanglouError):
    """Somebody else changed the row first (HTTP 409): ``current`` is the row as it is, ``sent`` the change refused."""

    def __init__(self, message: str, current: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = dict(current)
        self.sent = dict(sent)


class WrongState(WanglouError):
    """The thing exists but its state does not allow this step (HTTP 409)."""


class DatabaseAway(WanglouError):
    """The database cannot be reached now; try again (HTTP 503)."""


class StorageAway(WanglouError):
    """A place where recordings lie does not answer or refuses (HTTP 503); the message says which and why."""


class Overloaded(WanglouError):
    """As much of this as the machine can bear is going on already (HTTP 503); wait a moment and try again."""


class SetupError(WanglouError):
    """Something about this machine is missing or in the way; the message says what to do."""
