"""Coming back: a thing that was hidden, or stepped out of the picture, is the same when it soon appears again.

Being wrong is worse than being late: two that leave and enter by the same gate are two. So one that left through the
picture's border must come back within seconds, there, and look the same; one that vanished inside the picture may
take longer, but must appear inside it where it can have gone, and not look another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.appearance import alike

Floats = NDArray[np.float64]
Look = NDArray[np.float32]
T = TypeVar("T")

HIDDEN_S = 8.0
LEFT_S = 4.0
REMEMBERED_S = max(HIDDEN_S, LEFT_S)
NEAR = 1.2
WANDERS = 0.7
FARTHEST = 5.0
"""In its own sizes, from the way it would have gone: at once, more with each second, and at most."""
SIZE_RATIO = 1.7
ALIKE_HIDDEN = 0.72
ALIKE_LEFT = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Vanished(Generic[T]):
    """One that is followed no longer: whose it was, when and where last, ``at``, ``speed`` and ``size`` in the
    plane's units; ``left``: at the picture's border."""

    owner: T
    last_s: float
    at: Floats
    speed: Floats
    size: float
    left: bool
    look: Look | None


@dataclass(frozen=True, slots=True, eq=False)
class Appeared:
    """A new track: when and where it was first seen; ``entered``: at the picture's border."""

    first_s: float
    at: Floats
    size: float
    entered: bool
    look: Look | None


class Memory(Generic[T]):
    """Those that vanished lately."""

    def __init__(self) -> None:
        self._vanished: list[Vanished[T]] = []

    def __len__(self) -> int:
        return len(self._vanished)

    def add(self, one: Vanished[T]) -> None:
        self._vanished.append(one)

    def forget(self, now_s: float) -> list[T]:
        """Those who will not come back any more."""
        if not self._vanished:
            return []
        old = [one.owner for one in self._vanished if now_s - one.last_s > REMEMBERED_S]
        if old:
            self._vanished = [v for v in self._vanished if now_s - v.last_s <= REMEMBERED_S]
        return old

    def recall(self, new: Appeared) -> T | None:
        """Whose return this is, most likely; None when it is nobody's. Who is recalled is remembered no more."""
        scores = [(likeness(one, new), i) for i, one in enumerate(self._vanished)]
        best, index = max(scores, default=(0.0, -1))
        if best <= 0.0:
            return None
        return self._vanished.pop(index).owner


def likeness(one: Vanished[T], new: Appeared) -> float:
    """0 when ``new`` cannot be ``one``, else up to 1: the nearer and the more alike, the more."""
    gap_s = new.first_s - one.last_s
    if not 0.0 < gap_s <= (LEFT_S if one.left else HIDDEN_S) or one.left != new.entered:
        return 0.0
    if not 1 / SIZE_RATIO < new.size / one.size < SIZE_RATIO:
        return 0.0
    # From the way between where it was and where it would be by now.
    way = one.speed * gap_s
    along = float((new.at - one.at) @ way) / max(float(way @ way), 1e-9)
    away = new.at - one.at - min(max(along, 0.0), 1.0) * way
    reach = one.size * min(NEAR + WANDERS * gap_s, FARTHEST)
    near = 1.0 - float(np.hypot(*away)) / reach
    if near <= 0.0:
        return 0.0
    if one.look is None or new.look is None:
        return 0.0 if one.left else near / 2
    same = alike(one.look, new.look)
    if same < (ALIKE_LEFT if one.left else ALIKE_HIDDEN):
        return 0.0
    return near * same
