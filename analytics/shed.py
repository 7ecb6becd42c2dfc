"""When the process falls behind: which cameras are worked on less, the least important first. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.model import Effort

STEP_S = 1.0
RESTORE_AFTER_S = 5.0
CALM_SHARE = 0.25
LAST = 0
"""The importance of cameras near open incidents: all others go down to key frames first."""


class Shedder:
    """Watches the age of the oldest waiting packet and takes one step at a time.

    ``behind_s`` is the age beyond which one more camera is worked on less: first every camera goes down to every
    second frame, then to key frames; cameras of :data:`LAST` are left alone until then. After :data:`RESTORE_AFTER_S` well under it the last step is taken back.
    """

    def __init__(self, behind_s: float) -> None:
        self._behind_s = behind_s
        self._steps: list[int] = []
        self._changed_s = -1e9
        self._calm_since_s: float | None = None

    def effort(self, camera_id: int) -> Effort:
        """What a camera gets now."""
        return Effort(self._steps.count(camera_id))

    @property
    def reduced(self) -> int:
        """How many cameras get less than everything."""
        return len(set(self._steps))

    def update(self, now_s: float, oldest_age_s: float, importance: Mapping[int, int]) -> None:
        """``importance`` by camera: 0 is the most important. Call about every 100 ms or with every packet."""
        self._steps = [camera for camera in self._steps if camera in importance]
        calm = oldest_age_s < CALM_SHARE * self._behind_s
        if not calm:
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = now_s
        if oldest_age_s > self._behind_s and now_s - self._changed_s >= STEP_S:
            able = [camera for camera in importance if self.effort(camera) < Effort.KEYS]
            if able:
                # Of equals the newest camera goes first, so that the order is the same each time.
                self._steps.append(
                    max(
                        able,
                        key=lambda c: (importance[c] > LAST, -self.effort(c), importance[c], c),
                    )
                )
                self._changed_s = now_s
        elif (
            self._steps
            and self._calm_since_s is not None
            and now_s - max(self._calm_since_s, self._changed_s) >= RESTORE_AFTER_S
        ):
            self._steps.pop()
            self._changed_s = now_s
