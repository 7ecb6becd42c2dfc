"""Removed object: something that stood in an area is missing."""

from __future__ import annotations

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import ends
from analytics.rules.things import Things, words


class RemovedObject:
    """Fires once for each place where something stood as long as the camera has watched, and has been missing for the dwell.

    A thing that was left and taken again is none: it never became a part of the scene."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._things = Things(zone, "gap")

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        found, back = self._things.update(scene)
        fired = []
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        for each in found:
            gone_s = each.standing.stands_s(scene.at)
            zh, en = words(each, scene.at)
            fired.append(
                self._things.firing(
                    each,
                    f"“{name}”内原有物品不见已 {gone_s:.0f} 秒{zh}。",
                    f"Something that stood in “{name_en}” has been missing for {gone_s:.0f} s{en}.",
                )
            )
        for _ in back:
            fired += ends(
                self.zone,
                f"“{name}”内物品已回到原处。",
                f"What was missing in “{name_en}” is back.",
            )
        return fired
