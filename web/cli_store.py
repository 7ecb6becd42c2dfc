"""What the command line asks the database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound

_SQL = load_queries(Path(__file__).parent / "sql")


def camera_by_code(database: Database, code: str) -> Any:
    """A camera's address and encrypted password. Raises :class:`NotFound`."""
    row = database.row(_SQL["cli_camera_by_code"], {"code": code})
    if row is None:
        raise NotFound(f"there is no camera {code!r}; see wanglou camera list")
    return row


def camera_ids(database: Database, codes: Sequence[str]) -> list[int]:
    """Ids of the cameras named. Raises :class:`InvalidInput` for a code that is not there."""
    found = {
        row.code: row.id for row in database.rows(_SQL["cli_camera_ids"], {"codes": list(codes)})
    }
    for code in codes:
        if code not in found:
            raise InvalidInput(f"there is no camera {code!r}; see wanglou camera list", "camera")
    return [found[code] for code in codes]


def camera_codes(database: Database) -> list[Any]:
    """Id and code of every camera."""
    return database.rows(_SQL["cli_camera_codes"])


def unit_id(database: Database, code: str) -> int:
    """A unit's id. Raises :class:`InvalidInput` for a call sign that is not there."""
    row = database.row(_SQL["cli_unit_by_code"], {"code": code})
    if row is None:
        raise InvalidInput(f"there is no unit {code!r}", "unit")
    found: int = row.id
    return found


def units_of_service(database: Database, service: str) -> list[Any]:
    """Units of one service by call sign."""
    return database.rows(_SQL["cli_units_of_service"], {"service": service})


def anybody_can_log_in(database: Database) -> bool:
    """Whether there is an account yet."""
    row = database.row(_SQL["cli_any_user"])
    return bool(row and row.found)


def versions(database: Database) -> Any:
    """``server``, ``postgis`` and schema ``step``."""
    return database.row(_SQL["cli_versions"])


def processes(database: Database) -> list[Any]:
    """Each process's last beat: ``name, pid, age_s, facts``."""
    return database.rows(_SQL["cli_processes"])


def quarantine(database: Database) -> list[Any]:
    """The last day's unusable frames: ``source, reason, count, last_at``."""
    return database.rows(_SQL["cli_quarantine"])


def silent_devices(database: Database) -> list[Any]:
    """Devices not heard for ten minutes."""
    return database.rows(_SQL["cli_silent_devices"])
