"""An export as its row says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.errors import InvalidInput
from gis.said import say, why_of
from ingest.evidence.model import Mask, Order, Polygon

WAITING, RUNNING, DONE = "waiting", "running", "done"
FAILED, CANCELLED, EXPIRED = "failed", "cancelled", "expired"
STYLES = ("pixelate", "blur")


@dataclass(frozen=True, slots=True)
class ExportJob:
    """A row of ``export_job``, by its columns."""

    id: int
    camera_ids: tuple[int, ...]
    from_at: datetime
    to_at: datetime
    reason: str
    mask: Mask | None
    created_by: str
    created_at: datetime
    state: str
    expected_bytes: int
    read_bytes: int
    message: str
    cancelled_by: str | None
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    file_name: str | None
    bytes: int | None
    manifest_sha256: str | None
    fragments: int | None
    altered: int | None
    unavailable: int | None

    @property
    def why(self) -> dict[str, Any] | None:
        """The message's code and what it names, see :func:`gis.said.why_of`."""
        return why_of(self.message)

    @property
    def progress(self) -> float:
        """0 to 1."""
        if self.state in (DONE, EXPIRED):
            return 1.0
        return min(1.0, self.read_bytes / self.expected_bytes) if self.expected_bytes else 0.0

    @property
    def order(self) -> Order:
        """What is to be packed."""
        return Order(self.from_at, self.to_at, self.created_by, self.reason, self.mask, self.id)


def mask_to_json(mask: Mask) -> dict[str, Any]:
    """A mask as its column holds it."""
    return {
        "style": mask.style,
        "people": mask.people,
        "sound": mask.sound,
        "regions": {code: [list(map(list, p)) for p in ps] for code, ps in mask.regions.items()},
    }


def mask_from_json(value: Mapping[str, Any]) -> Mask:
    """A mask from JSON. Raises :class:`InvalidInput` that names what does not fit."""
    unknown = set(value) - {"style", "people", "sound", "regions"}
    if unknown:
        raise InvalidInput(f"a mask has no {sorted(unknown)[0]!r}", "mask")
    style = value.get("style", "pixelate")
    if style not in STYLES:
        raise InvalidInput(f"mask style {style!r} is none of {', '.join(STYLES)}", "mask.style")
    regions = value.get("regions") or {}
    if not isinstance(regions, Mapping):
        raise InvalidInput("mask regions are polygons by camera code", "mask.regions")
    read = {str(code): tuple(_polygon(p) for p in polygons) for code, polygons in regions.items()}
    mask = Mask(style, bool(value.get("people", False)), read, bool(value.get("sound", False)))
    if not mask.people and not any(mask.regions.values()):
        raise InvalidInput(
            say("mask_hides_nothing", "the mask hides nothing: mark regions, or people"), "mask"
        )
    return mask


def _polygon(value: Any) -> Polygon:
    try:
        points = tuple((int(x), int(y)) for x, y in value)
    except (TypeError, ValueError):
        raise InvalidInput(
            f"{value!r} is no polygon: a list of [x, y] in thousandths of the picture",
            "mask.regions",
        ) from None
    if len(points) < 3 or not all(0 <= n <= 1000 for p in points for n in p):
        raise InvalidInput(
            f"a polygon has three points or more between 0 and 1000, not {value!r}", "mask.regions"
        )
    return points
