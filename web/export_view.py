"""Exports as the API asks for them and gives them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime

from gis.errors import InvalidInput, NotFound
from gis.said import say
from ingest.evidence import store
from ingest.evidence.job import ExportJob
from ingest.evidence.model import Mask
from web.model import CurrentUser
from web.runtime import Runtime
from web.schemas.exports import CameraEstimateOut, ExportEstimateOut, ExportOut, MaskIn, MaskOut

MAX_SPAN_S = 31 * 86400.0


def estimate(
    running: Runtime, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> ExportEstimateOut:
    """How large a package of the span would be. Raises :class:`InvalidInput` for a span that makes no sense."""
    seconds = (to_at - from_at).total_seconds()
    if not 0 < seconds <= MAX_SPAN_S:
        raise InvalidInput(
            say(
                "span_days",
                "the time from {from_at} to {to_at} is not between 0 and {days} days",
                from_at=from_at.isoformat(),
                to_at=to_at.isoformat(),
                days=f"{MAX_SPAN_S / 86400:g}",
            ),
            "to_at",
        )
    sizes = store.footage_size(running.database, camera_ids, from_at, to_at)
    cameras = [
        CameraEstimateOut(camera_id=i, bytes=sizes[i].bytes, recorded_s=sizes[i].recorded_s)
        if i in sizes
        else CameraEstimateOut(camera_id=i, bytes=0, recorded_s=0)
        for i in camera_ids
    ]
    total = sum(c.bytes for c in cameras)
    settings = running.settings
    folder = settings.exports if settings.exports.is_dir() else settings.var
    free = max(0, shutil.disk_usage(folder).free - settings.export_free_bytes)
    return ExportEstimateOut(
        bytes=total,
        recorded_s=sum(c.recorded_s for c in cameras),
        limit_bytes=settings.export_max_bytes,
        free_bytes=free,
        allowed=total <= min(settings.export_max_bytes, free),
        cameras=cameras,
    )


def refuse_too_large(found: ExportEstimateOut) -> None:
    """Raises :class:`InvalidInput` with the estimate, or :class:`NotFound` when there is nothing to pack."""
    if found.bytes == 0:
        raise NotFound(
            say("nothing_recorded", "nothing was recorded of these cameras in this time")
        )
    if found.bytes > found.limit_bytes:
        raise InvalidInput(
            say(
                "export_too_large",
                "{size} in {hours} hours of footage are more than one package may hold ({limit}): take a shorter time or fewer cameras",
                size=_size(found.bytes),
                hours=f"{found.recorded_s / 3600:.1f}",
                limit=_size(found.limit_bytes),
            ),
            "to_at",
        )
    if found.bytes > found.free_bytes:
        raise InvalidInput(
            say(
                "export_needs_room",
                "{size} are needed for this package and {free} are free: delete older packages or take a shorter time",
                size=_size(found.bytes),
                free=_size(found.free_bytes),
            ),
            "to_at",
        )


def mask(body: MaskIn | None, codes: Mapping[int, str]) -> Mask | None:
    """A mask with its regions by camera code. Raises :class:`InvalidInput` for a camera that is not exported."""
    if body is None:
        return None
    for camera_id in body.regions:
        if camera_id not in codes:
            raise InvalidInput(
                say("camera_not_exported", "camera {id} is not among those exported", id=camera_id),
                "mask.regions",
            )
    regions = {
        codes[camera_id]: tuple(tuple(polygon) for polygon in polygons)
        for camera_id, polygons in body.regions.items()
        if polygons
    }
    return Mask(body.style, body.people, regions, body.sound)


def export_out(job: ExportJob, ids: Mapping[str, int]) -> ExportOut:
    """An export as it is sent; ``ids`` are the cameras' by their codes."""
    hidden = None
    if job.mask is not None:
        hidden = MaskOut.model_validate(
            {
                "style": job.mask.style,
                "people": job.mask.people,
                "sound": job.mask.sound,
                "regions": {
                    ids[code]: [list(p) for p in polygons]
                    for code, polygons in job.mask.regions.items()
                    if code in ids
                },
            }
        )
    values = {name: getattr(job, name) for name in ExportOut.model_fields if name != "mask"}
    return ExportOut.model_validate(values | {"camera_ids": list(job.camera_ids), "mask": hidden})


def seen(user: CurrentUser, job: ExportJob) -> ExportJob:
    """The export, where ``user`` may see all of its cameras. Raises :class:`NotFound` as if there were none."""
    if not all(user.sees(camera_id) for camera_id in job.camera_ids):
        raise NotFound(say("no_export", "there is no export {id}", id=job.id))
    return job


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
