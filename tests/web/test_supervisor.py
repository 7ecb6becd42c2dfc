"""The supervisor restarts what dies and leaves nothing running."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from web.supervisor import Service, Supervisor, tail

SLEEPER = "import signal,sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"


def _service(name: str, code: str) -> Service:
    return Service(name, [sys.executable, "-c", code], {})


def _until(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        threading.Event().wait(0.02)


def _supervise(supervisor: Supervisor) -> threading.Thread:
    supervisor.start()
    thread = threading.Thread(target=supervisor.watch)
    thread.start()
    return thread


def test_a_process_that_dies_is_started_again_and_its_last_words_are_shown(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor([_service("fragile", SLEEPER)], tmp_path, said.append)
    # PDEATHSIG follows the starting thread, so the watcher must outlive the child; here it does.
    thread = _supervise(supervisor)
    _until(lambda: "up" in tail(tmp_path / "fragile.log", 1))
    first = supervisor.pids()["fragile"]
    psutil.Process(first).kill()
    _until(lambda: bool(said))
    assert "fragile ended (status -9)" in said[0]
    assert "up" in said[0]
    _until(lambda: supervisor.pids().get("fragile", first) != first)
    second = supervisor.pids()["fragile"]
    supervisor.stop.set()
    thread.join(timeout=10)
    supervisor.shut_down()
    assert not psutil.pid_exists(second)


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(
        [_service("deaf", DEAF), _service("good", SLEEPER)], tmp_path, said.append
    )
    supervisor.start()
    _until(lambda: all("up" in tail(tmp_path / f"{n}.log", 1) for n in ("deaf", "good")))
    pids = supervisor.pids()
    import web.supervisor as module

    before, module.STOP_AFTER_S = module.STOP_AFTER_S, 0.5
    try:
        supervisor.shut_down()
    finally:
        module.STOP_AFTER_S = before
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert said == ["deaf did not end within 0.5 s and was killed"]


def test_a_command_that_cannot_run_is_reported_not_hidden(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(
        [_service("broken", "raise SystemExit('no such setting')")], tmp_path, said.append
    )
    thread = _supervise(supervisor)
    _until(lambda: bool(said))
    supervisor.stop.set()
    thread.join(timeout=10)
    supervisor.shut_down()
    assert "no such setting" in said[0]
