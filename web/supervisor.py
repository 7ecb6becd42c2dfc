"""Starts every process of one machine, keeps them running, stops them together.

A child that dies is started again with a growing pause; its last log lines are shown. Children live in their own
sessions, so Ctrl-C reaches the supervisor alone and it stops them in the reverse order of starting; the kernel stops
them (SIGTERM) should the supervisor itself be killed.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_AFTER_S = 8.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
LONG_ENOUGH_S = 60.0  # a child that ran this long starts again at once
LOG_KEEP_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Service:
    """One process: its name, command line and environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due_s: float = 0.0
    restarts: int = 0


@dataclass(slots=True)
class Supervisor:
    """Runs ``services`` in order until ``stop`` is set."""

    services: Sequence[Service]
    log_folder: Path
    say: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    _children: list[_Child] = field(default_factory=list)

    def start(self) -> None:
        """Starts every process once; it does not wait for them to be ready."""
        self.log_folder.mkdir(parents=True, exist_ok=True)
        for service in self.services:
            child = _Child(service)
            self._children.append(child)
            self._spawn(child)

    def watch(self) -> None:
        """Restarts what dies, until ``stop`` is set."""
        while not self.stop.wait(0.25):
            self.look()

    def look(self) -> None:
        """Looks at every process once: tells of those that ended, starts again those whose pause is over."""
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.due_s:
                    child.restarts += 1
                    self._spawn(child)
            elif (code := child.process.poll()) is not None:
                ran_s = now - child.started_s
                child.pause_s = (
                    FIRST_PAUSE_S
                    if ran_s > LONG_ENOUGH_S
                    else min(child.pause_s * 2, LONGEST_PAUSE_S)
                )
                child.process = None
                child.due_s = now + child.pause_s
                log = self.log_folder / f"{child.service.name}.log"
                self.say(
                    f"{child.service.name} ended (status {code}) after {ran_s:.0f} s; "
                    f"it starts again in {child.pause_s:.0f} s. The end of {log}:\n{tail(log, 5)}"
                )

    def pids(self) -> dict[str, int]:
        """Process ids of what runs now, by name."""
        return {c.service.name: c.process.pid for c in self._children if c.process is not None}

    def shut_down(self) -> None:
        """Ends every process: SIGTERM in reverse order, SIGKILL for those that do not listen."""
        self.stop.set()
        running = [c for c in reversed(self._children) if c.process is not None]
        for child in running:
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_AFTER_S
        for child in running:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(
                    f"{child.service.name} did not end within {STOP_AFTER_S:g} s and was killed"
                )
                child.process.kill()
                child.process.wait()
        self._children.clear()

    def _spawn(self, child: _Child) -> None:
        path = self.log_folder / f"{child.service.name}.log"
        if path.exists() and path.stat().st_size > LOG_KEEP_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            child.process = subprocess.Popen(
                list(child.service.command),
                env=dict(child.service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        child.started_s = time.monotonic()


def tail(path: Path, lines: int) -> str:
    """The last ``lines`` of a log file, indented."""
    if not path.exists():
        return "  (no log)"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16384))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (the log is empty)"


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
