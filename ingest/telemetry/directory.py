"""Devices and thresholds in memory, read again every few seconds; sessions ask here and never the database."""

from __future__ import annotations

import secrets
import threading

from ingest.telemetry.intake import Intake
from ingest.telemetry.model import Device, ProtocolName
from ingest.telemetry.store import TelemetryStore


def device_key(protocol: ProtocolName, key: str) -> str:
    """The form keys are compared in: fillers in front of phone numbers do not count."""
    return key.lstrip("0") or "0" if protocol == "jt808" else key


class Directory:
    """What the sessions' :class:`Platform` is made of."""

    def __init__(self, store: TelemetryStore, intake: Intake, auto_register: bool) -> None:
        self._store = store
        self._intake = intake
        self._auto_register = auto_register
        self._by_key: dict[tuple[str, str], Device] = {}
        self._refreshing = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_key)

    def refresh(self) -> None:
        """Reads devices, thresholds and newest positions. Raises :class:`gis.errors.DatabaseAway`."""
        with self._refreshing:
            devices = self._store.devices()
            newest = self._store.newest()
            thresholds = self._store.thresholds(self._intake.known_thresholds())
            self._intake.know(thresholds, newest)
            self._by_key = {(d.protocol, device_key(d.protocol, d.key)): d for d in devices}

    def find(self, protocol: ProtocolName, key: str) -> Device | None:
        return self._by_key.get((protocol, device_key(protocol, key)))

    def sos_stored(self, device_id: int) -> bool:
        return self._intake.sos_stored(device_id)

    def auto_register(self) -> bool:
        return self._auto_register

    def make_code(self) -> str:
        return secrets.token_urlsafe(12)
