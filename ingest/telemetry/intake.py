"""From decoded items to batches of rows: believe or quarantine, watch, count. No I/O; one lock, two threads."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from ingest.telemetry.model import (
    FLAG_SOS,
    Batch,
    CodeGiven,
    CodeRow,
    Counted,
    EventRow,
    Fix,
    Heard,
    Item,
    PositionRow,
    QuarantineRow,
    ReadingRow,
    Refused,
    Sample,
    SeenRow,
    to_us,
)
from ingest.telemetry.validate import (
    Duplicate,
    FixFilter,
    Limits,
    NoFix,
    Refusal,
    sample_reason,
)
from ingest.telemetry.watch import SosLatch, Threshold, ThresholdWatch

SEEN_EVERY_S = 5.0
QUARANTINE_PER_S = (
    100  # above this rows are only counted, so that a hostile sender cannot fill the disk
)
SOS_CLOCK_LIMIT_S = 3600.0


class Intake:
    """Collects what the connections decode. :meth:`add` is called by the event loop, :meth:`take` by the writer."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._filters: dict[int, FixFilter] = {}
        self._sos: dict[int, SosLatch] = {}
        self._start: dict[int, tuple[int, int]] = {}
        self._watch = ThresholdWatch()
        self._seen: dict[int, int] = {}
        self._seen_taken_s = 0.0
        self._quarantine_second = -1
        self._quarantine_counts: Counter[str] = Counter()
        self._positions: list[PositionRow] = []
        self._readings: list[ReadingRow] = []
        self._events: list[EventRow] = []
        self._quarantine: list[QuarantineRow] = []
        self._codes: list[CodeRow] = []
        self.counts: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        """Rows that wait to be taken."""
        return (
            len(self._positions) + len(self._readings) + len(self._events) + len(self._quarantine)
        )

    @property
    def urgent(self) -> bool:
        """Whether an event waits: it should not wait for its batch to fill."""
        return bool(self._events)

    def known_thresholds(self) -> frozenset[int]:
        """Ids of the thresholds whose state is known."""
        with self._lock:
            return self._watch.known()

    def know(self, thresholds: list[Threshold], newest: dict[int, tuple[int, int]]) -> None:
        """Takes the thresholds, and per device the time (µs) and flags of its newest stored position.

        A device heard already keeps what this process knows of it.
        """
        with self._lock:
            self._watch.replace(thresholds)
            self._start = newest

    def sos_stored(self, device_id: int) -> bool:
        """Whether the panic call that is going on is safe."""
        latch = self._sos.get(device_id)
        return latch is not None and latch.stored

    def add(self, items: Iterable[Item], now: datetime) -> None:
        """Takes what one connection decoded."""
        received_us = to_us(now)
        with self._lock:
            for item in items:
                if isinstance(item, Fix):
                    self._fix(item, now, received_us)
                elif isinstance(item, Heard):
                    self._seen[item.device.id] = received_us
                elif isinstance(item, Sample):
                    self._sample(item, now, received_us)
                elif isinstance(item, Refused):
                    self._refuse(item.protocol, item.key, item.reason, item.raw, received_us)
                elif isinstance(item, CodeGiven):
                    self._codes.append(CodeRow(item.device.id, item.code))
                elif isinstance(item, Counted):
                    self.counts[item.what] += item.number

    def take(self, now_s: float, everything: bool = False) -> Batch | None:
        """What has come since the last call, None if nothing. Times of hearing go along every few seconds."""
        with self._lock:
            seen: dict[int, int] = {}
            if self._seen and (everything or now_s - self._seen_taken_s >= SEEN_EVERY_S):
                seen, self._seen, self._seen_taken_s = self._seen, {}, now_s
            batch = Batch(
                str(uuid.uuid4()),
                tuple(self._positions),
                tuple(self._readings),
                tuple(self._events),
                tuple(self._quarantine),
                tuple(self._codes),
                tuple(SeenRow(device, us) for device, us in sorted(seen.items())),
            )
            self._positions, self._readings, self._events = [], [], []
            self._quarantine, self._codes = [], []
        return batch if batch.rows else None

    def stored(self, batch: Batch) -> None:
        """The batch is safe, in the database or on disk: its panic calls may be confirmed to the terminals."""
        with self._lock:
            for event in batch.events:
                if event.kind == "sos" and event.device_id in self._sos:
                    self._sos[event.device_id].stored = True

    def _fix(self, fix: Fix, now: datetime, received_us: int) -> None:
        device = fix.device.id
        judge = self._filters.get(device)
        if judge is None:
            newest, flags = self._start.get(device, (None, 0))
            judge = self._filters[device] = FixFilter(newest)
            self._sos[device] = SosLatch(bool(flags & FLAG_SOS))
        result = judge.judge(fix, now, received_us, self._limits)
        row: PositionRow | None = None
        if isinstance(result, PositionRow):
            row = result
            self._positions.append(row)
            self.counts["positions"] += 1
            if not row.fresh:
                self.counts["positions_late"] += 1
        elif isinstance(result, Refusal):
            self._refuse(fix.device.protocol, fix.device.key, result.reason, fix.raw, received_us)
        elif isinstance(result, Duplicate):
            self.counts["duplicates"] += 1
        elif isinstance(result, NoFix):
            self.counts["no_fix"] += 1
        # A panic call counts even where the fix cannot be believed, but not with a clock that cannot.
        if abs((fix.at - now).total_seconds()) <= SOS_CLOCK_LIMIT_S:
            event = self._sos[device].judge(fix, row)
            if event is not None:
                self._events.append(event)
                self.counts["sos"] += 1

    def _sample(self, sample: Sample, now: datetime, received_us: int) -> None:
        reason = sample_reason(sample, now, self._limits)
        if reason is not None:
            raw = f"{sample.quantity}={sample.value!r} {sample.unit}".encode()
            self._refuse(sample.device.protocol, sample.device.key, reason, raw, received_us)
            return
        row = ReadingRow(
            sample.device.id,
            sample.quantity,
            to_us(sample.at),
            sample.value,
            sample.unit,
            sample.flag,
            received_us,
        )
        self._readings.append(row)
        self.counts["readings"] += 1
        for event in self._watch.judge(row):
            self._events.append(event)
            self.counts["thresholds"] += 1

    def _refuse(
        self, protocol: str, key: str | None, reason: str, raw: bytes, received_us: int
    ) -> None:
        self.counts["quarantined"] += 1
        second = received_us // 1_000_000
        if second != self._quarantine_second:
            self._quarantine_second = second
            self._quarantine_counts.clear()
        self._quarantine_counts[protocol] += 1  # noise on one port hides nothing of the others
        if self._quarantine_counts[protocol] > QUARANTINE_PER_S:
            self.counts["quarantine_dropped"] += 1
            return
        # PostgreSQL's text holds no NUL, and a device's key may be anything a broken frame says.
        clean_key = None if key is None else key.replace("\x00", "")
        self._quarantine.append(
            QuarantineRow(
                protocol, clean_key, reason.replace("\x00", ""), raw[:2048].hex(), received_us
            )
        )
