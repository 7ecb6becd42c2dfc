"""What a measurement runs apart from everything else: a database server of its own, and one of the system's processes as the
supervisor starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.cluster import Cluster
from gis.db import Database
from gis.migrate import migrate

_ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def own_database(folder: Path, fast_unsafe: bool = False) -> Iterator[Database]:
    """A migrated database of a server in ``folder``, which is made readable for it; both end with the block."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    cluster = Cluster(folder, fast_unsafe=fast_unsafe)
    cluster.start()
    try:
        database = Database(cluster.url())
        migrate(database)
        yield database
        database.close()
    finally:
        cluster.stop()


@contextmanager
def own_process(var: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process ``name`` on the data in ``var``; told to end with the block."""
    environment = {**os.environ, "WANGLOU_VAR": str(var)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "web.cli", "process", name]
    with subprocess.Popen(command, cwd=_ROOT, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
