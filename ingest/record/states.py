"""Whether a camera is being recorded, and what speaks against it, from what stream and disk say; and when processes lived. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.record.coverage import Entry

STATES = ("recording", "waiting", "missing")
# A stream's state (ingest/rtsp/session.py) as the reason of a gap; the others are no gap by themselves.
REASON_OF_STATE = {
    "off": "switched_off",
    "stalled": "no_packets",
    "unreachable": "unreachable",
    "refused": "refused",
    "no_key_frame": "no_key_frame",
    "unsupported": "unsupported",
    "stopped": "process_stopped",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is recorded: one of the gap reasons, and a sentence."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of ``camera_state_log``."""

    camera_id: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``ingest_run``."""

    uid: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None


class RecordingState:
    """One camera. Every call returns the entry for the ledger, None where nothing changed.

    The stream's trouble hides the disk's: without pictures there is nothing to write.
    """

    def __init__(self) -> None:
        self._flows = False
        self._stream: Trouble | None = None
        self._disk: Trouble | None = None
        self._told: tuple[str, str | None, bool] | None = None

    def flows(self, at: datetime) -> Entry | None:
        """Pictures come."""
        self._flows, self._stream = True, None
        return self._changed(at)

    def waits(self, at: datetime) -> Entry | None:
        """The stream is being connected; what spoke against it before goes on until pictures come."""
        self._flows = False
        return self._changed(at)

    def stream_trouble(self, trouble: Trouble, at: datetime) -> Entry | None:
        """No pictures come."""
        self._flows, self._stream = False, trouble
        return self._changed(at)

    def disk(self, trouble: Trouble | None, at: datetime) -> Entry | None:
        """The disk refuses the pictures, or (None) takes them again."""
        self._disk = trouble
        return self._changed(at)

    def _changed(self, at: datetime) -> Entry | None:
        trouble = self._stream or self._disk
        if trouble is not None:
            entry = Entry(at, "missing", trouble.reason, trouble.detail)
        else:
            entry = Entry(at, "recording" if self._flows else "waiting", None, "")
        told = entry.state, entry.reason, bool(entry.detail)
        if self._told in (told, (entry.state, entry.reason, True)):
            return None  # the same again, or with less to say
        self._told = told
        return entry
