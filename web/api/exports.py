"""Exports: evidence packages asked for, watched, stopped and fetched. Each of it is audited."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import FileResponse

from gis.errors import Forbidden, InvalidInput, NotFound, WrongState
from gis.said import say
from ingest.evidence import job as states
from ingest.evidence import store
from ingest.evidence.job import ExportJob, mask_to_json
from ingest.evidence.signature import signing_key
from web import camera_store, export_view
from web.api.binary import binary
from web.deps import AuditDep, RuntimeDep, must_see, require
from web.model import CurrentUser
from web.runtime import Runtime
from web.schemas.exports import EvidenceKeyOut, ExportEstimateOut, ExportIn, ExportOut
from web.times import UtcTime

router = APIRouter(tags=["exports"])
Exporter = Annotated[CurrentUser, Depends(require("reviewer", "commander", "admin"))]
_IDS = r"^\d{1,9}(,\d{1,9}){0,31}$"


@router.get("/exports/estimate")
def export_estimate(
    user: Exporter,
    running: RuntimeDep,
    camera_ids: Annotated[str, Query(pattern=_IDS)],
    from_at: Annotated[UtcTime, Query(alias="from")],
    to_at: Annotated[UtcTime, Query(alias="to")],
) -> ExportEstimateOut:
    """How large a package of up to 32 cameras (``1,2,3``) would be."""
    ids = list(dict.fromkeys(int(part) for part in camera_ids.split(",")))
    for camera_id in ids:
        must_see(user, camera_id)
    return export_view.estimate(running, ids, from_at, to_at)


@router.get("/exports/key")
def evidence_key(user: Exporter, running: RuntimeDep) -> EvidenceKeyOut:
    """The public key that packages are signed with, to be given to whoever checks them."""
    key = signing_key(running.settings.var).public
    return EvidenceKeyOut(fingerprint=key.fingerprint, pem=key.pem.decode())


@router.post("/exports", status_code=201)
def create_export(
    body: ExportIn, user: Exporter, running: RuntimeDep, audit: AuditDep
) -> ExportOut:
    """Asks for a package; the exporter makes one after another."""
    ids = list(dict.fromkeys(body.camera_ids))
    for camera_id in ids:
        must_see(user, camera_id)
    codes = _codes(running)
    for camera_id in ids:
        if camera_id not in codes:
            raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    if body.to_at > running.settings.clock.now():
        raise InvalidInput(
            say("not_yet", "{at} has not come yet", at=body.to_at.isoformat()), "to_at"
        )
    found = export_view.estimate(running, ids, body.from_at, body.to_at)
    export_view.refuse_too_large(found)
    mask = export_view.mask(body.mask, {i: codes[i] for i in ids})
    reason = body.reason.strip()
    if not reason:
        raise InvalidInput(say("export_needs_reason", "say why the footage is exported"), "reason")
    with running.database.transaction() as cursor:
        job = store.add(cursor, ids, body.from_at, body.to_at, reason, mask, user.name, found.bytes)
        audit("export", f"export:{job.id}", _detail(job), cursor)
    return _out(running, job)


@router.get("/exports")
def exports(
    user: Exporter,
    running: RuntimeDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[ExportOut]:
    """Exports, newest first; ``before`` an id, for the next page. Only those all of whose cameras one may see."""
    scope = sorted(user.camera_ids) if user.camera_ids is not None else None
    ids = _ids(running)
    return [
        export_view.export_out(job, ids)
        for job in store.jobs(running.database, scope, before, limit)
    ]


@router.get("/exports/{export_id}")
def export(export_id: int, user: Exporter, running: RuntimeDep) -> ExportOut:
    """One export and how far it is."""
    return _out(running, export_view.seen(user, store.job(running.database, export_id)))


@router.post("/exports/{export_id}/cancel")
def cancel_export(
    export_id: int, user: Exporter, running: RuntimeDep, audit: AuditDep
) -> ExportOut:
    """Stops an export of one's own; commanders and administrators stop any."""
    job = export_view.seen(user, store.job(running.database, export_id))
    if job.created_by != user.name and not user.has("commander", "admin"):
        raise Forbidden(
            say(
                "export_of_other",
                "export {id} was asked for by {by}",
                id=export_id,
                by=job.created_by,
            )
        )
    with running.database.transaction() as cursor:
        job = store.cancel(cursor, export_id, user.name, running.settings.clock.now())
        audit("cancel_export", f"export:{export_id}", {}, cursor)
    return _out(running, job)


@router.get(
    "/exports/{export_id}/download",
    response_class=Response,
    responses=binary("application/zip"),
)
def download_export(
    export_id: int, request: Request, user: Exporter, running: RuntimeDep, audit: AuditDep
) -> Response:
    """The package; ``Range`` is honoured, so that a broken download goes on."""
    job = export_view.seen(user, store.job(running.database, export_id))
    if job.state != states.DONE or job.file_name is None:
        raise WrongState(
            say(
                "export_no_package",
                "export {id} has no package now: it is {state}",
                id=export_id,
                state=job.state,
            )
        )
    path = running.settings.exports / job.file_name
    if not path.is_file():
        raise NotFound(
            say(
                "export_package_gone",
                "the package of export {id} is not there: '{file}'",
                id=export_id,
                file=job.file_name,
            )
        )
    begins = request.headers.get("range", "bytes=0-").replace(" ", "").startswith("bytes=0-")
    if begins:  # what goes on is one download
        audit("download_export", f"export:{job.id}", {"manifest_sha256": job.manifest_sha256})
    name = f"wanglou-{job.id}-{job.from_at:%Y%m%dT%H%M%SZ}.zip"
    return FileResponse(
        path, media_type="application/zip", filename=name, headers={"Cache-Control": "private, no-cache"}
    )  # fmt: skip


def _detail(job: ExportJob) -> dict[str, Any]:
    return {
        "camera_ids": list(job.camera_ids),
        "from": job.from_at.isoformat(),
        "to": job.to_at.isoformat(),
        "reason": job.reason,
        "mask": mask_to_json(job.mask) if job.mask is not None else None,
    }


def _codes(running: Runtime) -> dict[int, str]:
    return {row.id: row.code for row in camera_store.cameras(running.database)}


def _ids(running: Runtime) -> dict[str, int]:
    return {code: camera_id for camera_id, code in _codes(running).items()}


def _out(running: Runtime, job: ExportJob) -> ExportOut:
    return export_view.export_out(job, _ids(running) if job.mask is not None else {})
