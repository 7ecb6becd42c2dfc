"""Intrusion: a thing stands in an area for as long as the zone asks."""

from __future__ import annotations

from analytics import wording
from analytics.model import Firing, Scene, Zone
from analytics.rules.stays import Stays


class Intrusion:
    """Fires once per visit of a track.

    A track that left may fire again after the zone's ``rearm_s``; for what counts as the same cause within that time
    see :class:`analytics.rules.cause.Cause`.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[None] = Stays(zone, lambda: None)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        fired: list[Firing] = []
        for track, stay in self._stays.follow(scene):
            if stay.told or stay.since is None:
                continue
            inside_s = (track.at - stay.since).total_seconds()
            if inside_s >= self.zone.dwell_s and self._stays.tell(stay, scene.at):
                fired.append(
                    Firing.of(self.zone, track, *wording.intrusion(self.zone, track, inside_s))
                )
        return fired
