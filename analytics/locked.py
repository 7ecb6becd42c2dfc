"""A row that is about to be changed: locked, and of the version that the change was made on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from gis.errors import NotFound, StaleVersion

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """Rows of a table with an ``id`` and a ``version``: the query that locks one, how it is read, what people call it."""

    name: str
    lock: str
    read: Callable[[Any], Row]
    missing: Callable[[int], NotFound]

    def locked(
        self, cursor: Any, row_id: int, expected_version: int, sent: Mapping[str, Any]
    ) -> Row:
        """The row, locked until the transaction ends. Raises :class:`NotFound`, and :class:`StaleVersion` with the row
        as it is and the change that was ``sent``."""
        cursor.execute(self.lock, {"id": row_id})
        row = cursor.fetchone()
        if row is None:
            raise self.missing(row_id)
        if row.version != expected_version:
            raise StaleVersion(
                f"{self.name} {row_id} is at version {row.version}, the change was made on {expected_version}",
                current=asdict(self.read(row)),  # type: ignore[call-overload]
                sent={**sent, "expected_version": expected_version},
            )
        return self.read(row)
