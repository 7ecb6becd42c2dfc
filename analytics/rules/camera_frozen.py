"""Frozen: the same pictures come again and again, to the last level of gray."""

from __future__ import annotations

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import begins, ends

KEYS = 3
"""So many key frames must repeat: between two of them an encoder copies what stands, noise and all."""


class CameraFrozen:
    """Fires when no picture has been new for the dwell. A camera that sees an empty yard is not frozen: its sensor's noise
    makes every key frame another one. A running clock in the picture is something new as well, a standing one is not."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._on = False
        self._sure = False

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        look = scene.health
        if look is None:
            return []
        frozen = look.same_s >= self.zone.dwell_s and look.same_keys >= KEYS
        if frozen and not self._on:
            self._on = self._sure = True
            return begins(
                self.zone,
                f"{look.same_s:.0f} 秒以来画面完全相同（{look.same_keys} 个关键帧一致）。",
                f"The picture has been the very same for {look.same_s:.0f} s, over {look.same_keys} key frames.",
                round(look.same_s, 1),
            )
        if look.same_keys == 0 and (self._on or not self._sure):
            self._on, self._sure = False, True
            return ends(self.zone, "画面重新更新。", "The picture is changing again.")
        return []
