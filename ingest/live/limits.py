"""How many may watch: viewers must not take the file descriptors that cameras and recordings need."""

from __future__ import annotations

import resource

from gis.errors import WanglouError
from gis.said import say

PER_VIEWER = (
    4  # a WebRTC viewer's sockets, one per address of the machine and one more; MSE takes one
)


class TooManyViewers(WanglouError):
    """No further viewer is taken now (HTTP 503)."""


def raise_limit() -> int:
    """Lifts the process's limit of open files as far as the system lets it; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def most_viewers() -> int:
    """Viewers that together take at most half of the process's open files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, soft // 2 // PER_VIEWER)


def check(viewers: int, most: int) -> None:
    """Raises :class:`TooManyViewers` when ``viewers`` are as many as there may be."""
    if viewers >= most:
        raise TooManyViewers(
            say(
                "too_many_viewers",
                "{n_viewers} already watch and this process may not open files for more: raise the limit of open files (ulimit -n)",
                n_viewers=viewers,
            )
        )
