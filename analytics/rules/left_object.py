"""Left object: something stands in an area after whoever brought it has gone."""

from __future__ import annotations

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import ends
from analytics.rules.things import Things, words


class LeftObject:
    """Fires once for each thing that has lain there for the dwell and that nobody stands over. Who stands still is no thing,
    nor is a patch of light; a parked vehicle is one only where vehicles are among the zone's classes."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._things = Things(zone, "thing")

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        found, gone = self._things.update(scene)
        fired = []
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        for each in found:
            lain_s = each.standing.stands_s(scene.at)
            zh, en = words(each, scene.at)
            fired.append(
                self._things.firing(
                    each,
                    f"“{name}”内遗留物品已 {lain_s:.0f} 秒{zh}。",
                    f"Something has been lying in “{name_en}” for {lain_s:.0f} s{en}.",
                )
            )
        for _ in gone:
            fired += ends(
                self.zone, f"“{name}”内遗留物品已不在。", f"What lay in “{name_en}” has gone."
            )
        return fired
