"""The private database comes back when it dies, and says what it did."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import psycopg2
import pytest

from demo.running import until
from gis.cluster import Cluster
from web.keeper import DatabaseKeeper


def test_a_database_that_is_killed_is_started_again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for parent in tmp_path.parents:
        if parent == tmp_path_factory.getbasetemp().parent.parent:
            break
        parent.chmod(0o711)  # the server runs as another user where the tests run as root
    tmp_path.chmod(0o711)
    cluster = Cluster(tmp_path, fast_unsafe=True)
    said: list[str] = []
    back = threading.Event()
    cluster.start()

    def say(text: str) -> None:
        said.append(text)
        if "answers again" in text:
            back.set()

    keeper = DatabaseKeeper(cluster, say)
    keeper.start()
    try:
        assert cluster.alive()
        server = int((cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        assert back.wait(30), said
        psycopg2.connect(cluster.url()).close()
        assert "it is started again" in said[0] and str(cluster.log) in said[0]
    finally:
        keeper.stop()
        cluster.stop()
    assert not cluster.alive()
    until(lambda: not (cluster.data / "postmaster.pid").exists(), 10, "the server's end")
