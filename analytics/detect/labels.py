"""What a model's classes mean here: a label, one of our kinds, or nothing that moves by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.detect.model import COCO, kind_of
from analytics.detect.mosaic import Seen
from analytics.model import KINDS, Kind

_MOVING_COCO = frozenset(COCO[:9]) | frozenset(COCO[14:24])
"""Persons, vehicles and animals. A suitcase that drives is a car seen from above, a mobile phone too."""


@dataclass(frozen=True, slots=True)
class Named:
    """A class as it is told: what the model calls it, and our kind."""

    label: str
    kind: Kind


class Naming:
    """A model's class names. Of the COCO classes only those that move by themselves count.

    >>> Naming(COCO).of(Seen(2, 0.9, (0, 0, 1, 1)))
    Named(label='car', kind='vehicle')
    >>> Naming(COCO).of(Seen(COCO.index("cell phone"), 0.9, (0, 0, 1, 1))) is None
    True
    """

    def __init__(self, classes: Sequence[str]) -> None:
        known = set(COCO)
        whole = known <= set(classes)
        self._named = [
            Named(name, kind_of(name))
            if not whole or name not in known or name in _MOVING_COCO
            else None
            for name in classes
        ]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Persons and vehicles, as far as the model knows them."""
        known = {named.kind for named in self._named if named is not None}
        return tuple(kind for kind in KINDS if kind in known and kind != "other")

    def of(self, seen: Seen | None) -> Named | None:
        """What was seen, None for nothing."""
        if seen is None or not 0 <= seen.index < len(self._named):
            return None
        return self._named[seen.index]

    def person(self, seen: Seen | None) -> bool:
        """Whether it was a person."""
        named = self.of(seen)
        return named is not None and named.kind == "person"
