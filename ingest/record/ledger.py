"""The ledger of coverage: every change of a camera's recording with its reason, and when this process lived.

Changes come from the streams and the writers and wait for nothing. They go to the database about once a second; while
it is away they lie in a file, so that a process that dies meanwhile leaves them to the next one.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gis import said
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway
from ingest import ledger_store
from ingest.record.coverage import Entry
from ingest.record.states import REASON_OF_STATE, STATES, Change, RecordingState, Run, Trouble
from ingest.sink import GAP_REASONS

log = logging.getLogger(__name__)

RUN_EVERY_S = 5.0  # the process is seen this often
RUN_SPOOLED_EVERY_S = 30.0  # and while the database is away
KEPT = timedelta(days=400)
_FORGET_EVERY_S = 3600.0


class Ledger:
    """Collects from any thread; :meth:`flush` writes, from one."""

    def __init__(self, spool: Path, clock: Clock) -> None:
        self._spool = spool
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[int, RecordingState] = {}
        now = clock.now()
        self._run = Run(str(uuid.uuid4()), now, now, None)
        self._run_at_s: float | None = None
        self._forgot_at_s: float | None = None
        self._changes: list[Change] = []
        self._flushing = threading.Lock()
        self._spooled = False  # there is a file
        self._in_spool = 0  # so many of the changes, from the first on, lie in it too
        self._runs: dict[str, Run] = {}  # earlier processes' that the database has not seen
        self._load()

    # --- what is told, from any thread ---------------------------------------------------------------------------

    def stream_state(self, camera_id: int, state: str, detail: str, at: datetime) -> None:
        """The state of the camera's recorded stream changed."""
        if state == "online":
            self._note(camera_id, lambda s: s.flows(at))
        elif state in REASON_OF_STATE:
            trouble = Trouble(REASON_OF_STATE[state], detail)
            self._note(camera_id, lambda s: s.stream_trouble(trouble, at))
        else:
            self._note(camera_id, lambda s: s.waits(at))

    def flows(self, camera_id: int, at: datetime) -> None:
        """Pictures come again."""
        self._note(camera_id, lambda s: s.flows(at))

    def ended(self, camera_id: int, why: str, at: datetime) -> None:
        """The camera's recorded stream ended, for one of the gap reasons."""
        self._note(camera_id, lambda s: s.stream_trouble(Trouble(why), at))

    def disk(self, camera_id: int, trouble: Trouble | None, at: datetime) -> None:
        """The disk refuses the camera's pictures of ``at``, or (None) took them."""
        self._note(camera_id, lambda s: s.disk(trouble, at))

    def forget(self, camera_id: int) -> None:
        """The camera was deleted."""
        with self._lock:
            self._states.pop(camera_id, None)

    def _note(self, camera_id: int, tell: Callable[[RecordingState], Entry | None]) -> None:
        with self._lock:
            entry = tell(self._states.setdefault(camera_id, RecordingState()))
            if entry is not None:
                self._changes.append(Change(camera_id, entry))

    @property
    def waiting(self) -> int:
        """Changes that the database has not seen."""
        with self._lock:
            return len(self._changes)

    # --- writing, from one thread --------------------------------------------------------------------------------

    def flush(self, database: Database) -> None:
        """Writes what waits. While the database is away it goes to the file, and :class:`DatabaseAway` is raised.

        Raises :class:`OSError` where the file cannot be written either; everything then still waits in memory.
        """
        with self._flushing:
            self._flush(database)

    def _flush(self, database: Database) -> None:
        with self._lock:
            changes = list(self._changes)
        run = self._seen()
        try:
            if changes:
                ledger_store.save_changes(database, changes)
            if run is not None or self._runs:
                ledger_store.save_runs(database, [*self._runs.values(), *([run] if run else [])])
            self._forget(database)
        except DatabaseAway:
            self._keep(changes, run)
            raise
        with self._lock:
            del self._changes[: len(changes)]
        self._runs.clear()
        if run is not None:
            self._run_at_s = self._clock.monotonic_s()
        if self._spooled:
            self._spool.unlink(missing_ok=True)
        self._spooled, self._in_spool = False, 0

    def end(self, database: Database) -> None:
        """The process ends in order. Raises as :meth:`flush` does."""
        now = max(self._clock.now(), self._run.seen_at)
        self._run = Run(self._run.uid, self._run.started_at, now, now)
        self._run_at_s = None
        self.flush(database)

    def _seen(self) -> Run | None:
        """This process's row, when it is time to write it again."""
        now_s = self._clock.monotonic_s()
        if self._run_at_s is not None and now_s - self._run_at_s < RUN_EVERY_S:
            return None
        if self._run.ended_at is None:
            seen_at = max(self._clock.now(), self._run.seen_at)
            self._run = Run(self._run.uid, self._run.started_at, seen_at, None)
        return self._run

    def _forget(self, database: Database) -> None:
        now_s = self._clock.monotonic_s()
        if self._forgot_at_s is None or now_s - self._forgot_at_s >= _FORGET_EVERY_S:
            ledger_store.forget(database, self._clock.now() - KEPT)
            self._forgot_at_s = now_s

    def _keep(self, changes: list[Change], run: Run | None) -> None:
        """Appends to the file what is not in it."""
        lines = [_change_line(change) for change in changes[self._in_spool :]]
        if run is not None:
            lines.append(_run_line(run))
            # It is written again in a while, not at every try.
            self._run_at_s = self._clock.monotonic_s() + RUN_SPOOLED_EVERY_S - RUN_EVERY_S
        if not lines:
            return
        self._spool.parent.mkdir(parents=True, exist_ok=True)
        self._spooled = True
        with self._spool.open("ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            os.fdatasync(file.fileno())
        self._in_spool = len(changes)

    def _load(self) -> None:
        """What an earlier process left. A last line that was not written whole is passed over."""
        try:
            lines = self._spool.read_bytes().splitlines()
        except FileNotFoundError:
            return
        self._spooled = True
        for line in lines:
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                log.warning("ledger-line-unreadable path=%s line=%r", self._spool, line[:200])
        self._in_spool = len(self._changes)

    def _take(self, facts: dict[str, Any]) -> None:
        if "uid" in facts:
            ended = facts["ended_at"]
            run = Run(
                facts["uid"],
                datetime.fromisoformat(facts["started_at"]),
                datetime.fromisoformat(facts["seen_at"]),
                datetime.fromisoformat(ended) if ended else None,
            )
            if run.seen_at < run.started_at:
                raise ValueError("the process was seen before it began")
            uuid.UUID(run.uid)
            self._runs[run.uid] = run
        else:
            at = datetime.fromisoformat(facts["at"])
            state, reason = facts["state"], facts["reason"]
            if (state == "missing") != (reason in GAP_REASONS) or state not in STATES:
                raise ValueError(f"'{state}' for '{reason}' is no state of a recording")
            # Files of earlier versions hold no codes.
            detail = said.read(str(facts["detail"]), facts.get("why"))
            entry = Entry(at, state, reason, detail)
            self._changes.append(Change(int(facts["camera_id"]), entry))


def _change_line(change: Change) -> str:
    entry = change.entry
    facts = {
        "camera_id": change.camera_id, "at": entry.at.isoformat(), "state": entry.state,
        "reason": entry.reason, "detail": entry.detail, "why": said.why_of(entry.detail),
    }  # fmt: skip
    return json.dumps(facts) + "\n"


def _run_line(run: Run) -> str:
    ended_at = run.ended_at.isoformat() if run.ended_at else None
    facts = {
        "uid": run.uid, "started_at": run.started_at.isoformat(),
        "seen_at": run.seen_at.isoformat(), "ended_at": ended_at,
    }  # fmt: skip
    return json.dumps(facts) + "\n"
