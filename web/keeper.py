"""Starts the private database again when it dies under the running system."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gis.cluster import Cluster
from gis.errors import SetupError

LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 30.0


class DatabaseKeeper:
    """Looks after ``cluster`` from :meth:`start` to :meth:`stop`. ``say`` is told what it did.

    The other processes wait for the database and go on by themselves, so nobody restarts them.
    """

    def __init__(self, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._say = say
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="database-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the watch; a start of the server that is under way is waited for."""
        self._stop.set()
        self._thread.join()

    def _loop(self) -> None:
        pause_s = LOOK_EVERY_S
        while not self._stop.wait(pause_s):
            if self._cluster.alive():
                pause_s = LOOK_EVERY_S
                continue
            self._say(f"the database ended; it is started again (its log: {self._cluster.log})")
            try:
                self._cluster.start()
            except SetupError as error:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                self._say(f"{error}\nthe next try is in {pause_s:.0f} s")
            else:
                self._say("the database answers again")
