"""Structured logs: one event per line, ``key=value``; a flood of equal events folds into one line a second."""

from __future__ import annotations

import logging
import sys
import threading
import time


def setup(process: str, level: int = logging.INFO) -> None:
    """Sends every log of this process to stderr as ``time level process event key=value``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(process))
    handler.addFilter(Fold())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "aioice", "aiortc", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__(
            f"%(asctime)s.%(msecs)03dZ %(levelname)s {process} %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime


class Fold(logging.Filter):
    """Lets one record of the same logger, level and template through per ``every_s``; counts the rest."""

    def __init__(self, every_s: float = 1.0) -> None:
        super().__init__()
        self._every_s = every_s
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}
        self._guard = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        key = (record.name, record.levelno, str(record.msg))
        now = time.monotonic()
        with self._guard:
            last, folded = self._seen.get(key, (-1e9, 0))
            if now - last < self._every_s:
                self._seen[key] = (last, folded + 1)
                return False
            if len(self._seen) > 1000:
                self._seen.clear()
            self._seen[key] = (now, 0)
        if folded:
            record.msg = f"{record.msg} (and {folded} more like it)"
        return True
