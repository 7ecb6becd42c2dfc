"""A gateway and device rows for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis.db import Database
from ingest.telemetry.model import ProtocolName
from ingest.telemetry.settings import GatewaySettings
from tests.support.gateway import Running


@pytest.fixture
def start_gateway(database: Database, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts gateways on the test's database; ``settings`` override the test's defaults."""
    running: list[Running] = []

    def start(**settings: object) -> Running:
        values: dict[str, object] = {
            "database_url": database.url,
            "var": tmp_path,
            "jt808_port": 0,
            "hj212_port": 0,
            "sl651_port": 0,
            "batch_s": 0.05,
            "directory_s": 0.2,
        }
        values.update(settings)
        gateway = Running(GatewaySettings(**values))  # type: ignore[arg-type]
        running.append(gateway)
        return gateway.start()

    yield start
    for gateway in running:
        gateway.stop()


@pytest.fixture
def add_device(database: Database) -> Callable[..., int]:
    """Makes a device row and returns its id."""

    def add(protocol: ProtocolName, key: str, kind: str = "vehicle", **columns: object) -> int:
        names = ", ".join(["protocol", "key", "kind", "name", *columns])
        marks = ", ".join(["%s"] * (4 + len(columns)))
        row = database.row(
            f"INSERT INTO device ({names}) VALUES ({marks}) RETURNING id",
            [protocol, key, kind, f"{kind} {key}", *columns.values()],
        )
        assert row is not None
        return int(row.id)

    return add
