"""When the process falls behind: which cameras go down to key frames, the least important first. Pure."""

from __future__ import annotations

from collections.abc import Mapping

STEP_S = 1.0
RESTORE_AFTER_S = 5.0
CALM_SHARE = 0.25


class Shedder:
    """Watches the age of the oldest waiting packet and moves one camera at a time.

    ``behind_s`` is the age beyond which one more camera goes down; after :data:`RESTORE_AFTER_S` well under it the
    most important of them comes back.
    """

    def __init__(self, behind_s: float) -> None:
        self._behind_s = behind_s
        self._shed: list[int] = []
        self._changed_s = -1e9
        self._calm_since_s: float | None = None

    @property
    def shed(self) -> frozenset[int]:
        """The cameras of which only key frames are decoded."""
        return frozenset(self._shed)

    def update(self, now_s: float, oldest_age_s: float, importance: Mapping[int, int]) -> None:
        """``importance`` by camera: 1 is the most important. Call about every 100 ms or with every packet."""
        self._shed = [camera for camera in self._shed if camera in importance]
        calm = oldest_age_s < CALM_SHARE * self._behind_s
        self._calm_since_s = (self._calm_since_s or now_s) if calm else None
        if oldest_age_s > self._behind_s and now_s - self._changed_s >= STEP_S:
            left = [camera for camera in importance if camera not in self._shed]
            if left:
                # Of equals the newest camera goes first, so that the order is the same each time.
                self._shed.append(max(left, key=lambda camera: (importance[camera], camera)))
                self._changed_s = now_s
        elif (
            self._shed
            and self._calm_since_s is not None
            and now_s - max(self._calm_since_s, self._changed_s) >= RESTORE_AFTER_S
        ):
            self._shed.pop()
            self._changed_s = now_s
