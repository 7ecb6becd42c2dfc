"""However it ends, nothing stays behind that the next start would stumble over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from demo.running import READY, ROOT, free_ports, until
from gis.cluster import Cluster

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(180)]
PORTS = ("CONSOLE_PORT", "PORTAL_PORT", "JT808_PORT", "HJ212_PORT", "SL651_PORT")


def start(var: Path) -> subprocess.Popen[bytes]:
    """``wanglou up`` in ``var``, ready."""
    ports = zip(PORTS, free_ports(len(PORTS)), strict=True)
    log = var / "up.out"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "up"],
            cwd=ROOT,
            env={
                **{k: v for k, v in os.environ.items() if not k.endswith("DATABASE_URL")},
                **{f"WANGLOU_{name}": str(port) for name, port in ports},
                "WANGLOU_VAR": str(var),
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        return READY in log.read_text()

    until(ready, 90, "the start")
    return process


def living(pids: list[int]) -> list[int]:
    return [
        pid
        for pid in pids
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def children(process: subprocess.Popen[bytes]) -> list[int]:
    return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "the terminal closed"]
)
def test_a_killed_supervisor_leaves_no_process_and_the_next_start_ends_clean(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    var = tmp_path_factory.mktemp("up")
    for parent in (var, *var.parents):
        if parent.name.startswith("pytest-"):
            parent.chmod(0o711)  # the database server may run as another user
    cluster = Cluster(var)
    running = [start(var)]
    try:
        orphans = children(running[0])
        assert len(orphans) >= 6
        running[0].kill()
        running[0].wait(10)
        until(lambda: not living(orphans), 20, "the end of the supervisor's children")
        os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

        # Its lock, its sockets and the database's process file still lie there.
        running.append(start(var))
        pids = children(running[1])
        running[1].send_signal(number)
        assert running[1].wait(40) == 0, (var / "up.out").read_text()
        assert living(pids) == []
        assert not cluster.alive()
        assert [path.name for path in (var / "run").iterdir()] == ["supervisor.lock"]
        assert list(cluster.socket_dir.iterdir()) == []
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait(10)
        cluster.stop()
