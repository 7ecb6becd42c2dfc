"""Whose silence counts as a loss: a camera that never sent anything is given time to come up first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pulled:
    """A camera's stream that is pulled. ``stream`` is the same object as long as nothing begins anew: after a start of the
    process, when the camera is switched on, or gets another address, it is another."""

    camera_id: int
    stream: object
    sent: bool  # whether anything has come over it


class Settling:
    """Knows since when each stream is waited for."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._since: dict[int, tuple[object, float]] = {}

    def settled(self, pulled: Iterable[Pulled], now_s: float) -> list[int]:
        """The cameras that have sent something, or were waited for ``settle_s`` seconds in vain. ``pulled`` is all there
        are; ``now_s`` never goes back."""
        known, self._since = self._since, {}
        found = []
        for each in pulled:
            stream, since_s = known.get(each.camera_id, (None, now_s))
            if stream is not each.stream:
                since_s = now_s
            self._since[each.camera_id] = (each.stream, since_s)
            if each.sent or now_s - since_s >= self._settle_s:
                found.append(each.camera_id)
        return found
