"""What the portal knows at a moment: never older than a second, so that the operator's switch acts at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway
from web.portal import hls, store
from web.portal.hls import LiveFile
from web.portal.store import Setting, View

MAX_AGE_S = 1.0


@dataclass(frozen=True, slots=True)
class Published:
    """The switch and the views behind it."""

    setting: Setting
    views: dict[str, View]


class State:
    """Reads the setting, the views and the index files, each at most :data:`MAX_AGE_S` old.

    While the database is away nothing is shown: nobody could say whether the portal is still open.
    """

    def __init__(self, database: Database, clock: Clock, folder: Path) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder.resolve()
        self._lock = threading.Lock()
        self._published: tuple[float, Published] | None = None
        self._files: dict[str, tuple[float, list[LiveFile]]] = {}

    def published(self) -> Published:
        """The switch and the views. Raises :class:`DatabaseAway`."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._published is not None and now_s - self._published[0] < MAX_AGE_S:
                return self._published[1]
            self._published = None
            setting = store.setting(self._database)
            views = (
                {view.code: view for view in store.views(self._database)} if setting.open else {}
            )
            published = Published(setting, views)
            self._published = (now_s, published)
            return published

    def folder(self, code: str) -> Path:
        """The folder of a published view's files."""
        return self._folder / code

    def files(self, code: str, delay_s: float) -> list[LiveFile]:
        """The files of a published view that are old enough; none where there is no index or a broken one."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            kept = self._files.get(code)
            if kept is None or now_s - kept[0] >= MAX_AGE_S / 2:
                kept = (now_s, self._read(code))
                self._files[code] = kept
        return hls.visible(kept[1], self._clock.now(), delay_s)

    def _read(self, code: str) -> list[LiveFile]:
        try:
            return hls.parse_index((self.folder(code) / "index.json").read_text("utf-8"))
        except (OSError, ValueError):
            return []  # no camera behind it yet, or one file in the wrong shape: no picture

    def away(self) -> bool:
        """Whether the database is away."""
        try:
            self.published()
        except DatabaseAway:
            return True
        return False
