"""Finding cameras by ONVIF and reading what they offer. Administrators only: it makes this machine call others."""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from gis.errors import InvalidInput
from gis.said import say
from ingest.onvif import address, discovery
from ingest.onvif.errors import DeviceFailed
from web import camera_store
from web.deps import AuditDep, DatabaseDep, RuntimeDep, require
from web.model import CurrentUser
from web.ptz import store
from web.runtime import Runtime
from web.schemas.common import why_out
from web.schemas.onvif import (
    OnvifDescribeIn,
    OnvifDescribeOut,
    OnvifDiscoverIn,
    OnvifFoundOut,
    OnvifProfileOut,
)

router = APIRouter(tags=["onvif"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.post("/cameras/onvif/discover")
async def discover(
    body: OnvifDiscoverIn, admin: Admin, database: DatabaseDep
) -> list[OnvifFoundOut]:
    """The devices that answer on this machine's networks, and which of them are cameras already."""
    found = await discovery.discover(body.timeout_s)
    cameras = await run_in_threadpool(camera_store.cameras, database)
    known: dict[str, list[str]] = {}
    for camera in cameras:
        for host in {urlsplit(url).hostname for url in (camera.url, camera.onvif_url) if url}:
            known.setdefault(host or "", []).append(camera.code)
    return [
        OnvifFoundOut(
            url=device.url,
            address=device.address,
            name=device.name,
            hardware=device.hardware,
            locations=list(device.locations),
            said=list(device.said),
            camera_codes=known.get(device.address, []),
        )
        for device in found
    ]


@router.post("/cameras/onvif/describe")
async def describe(
    body: OnvifDescribeIn, admin: Admin, running: RuntimeDep, audit: AuditDep
) -> OnvifDescribeOut:
    """Who a device is and what it streams; a failure is told by its step. Only the host given is called."""
    asked = address.parse_device_url(body.url)
    username, password = await run_in_threadpool(_login, running, body, asked.hostname)
    await run_in_threadpool(audit, "describe_onvif", f"onvif:{address.place(asked)}")
    await asyncio.to_thread(
        importlib.import_module, "ingest.onvif.device"
    )  # takes most of a second
    from ingest.onvif import device

    try:
        found = await device.describe(body.url, username, password)
    except DeviceFailed as error:
        return OnvifDescribeOut(
            ok=False,
            step=error.step,
            message=error.said,
            why=why_out(error.said),
            url=asked.geturl(),
        )
    return OnvifDescribeOut(
        ok=True,
        step="done",
        message=f"{len(found.profiles)} media profiles",
        url=found.url,
        maker=found.info.maker,
        model=found.info.model,
        firmware=found.info.firmware,
        serial=found.info.serial,
        clock_ahead_s=found.clock_ahead_s,
        profiles=[OnvifProfileOut.model_validate(profile) for profile in found.profiles],
        main=found.main,
        sub=found.sub,
        ptz_profile=found.ptz_profile,
        notes=list(found.notes),
    )


def _login(
    running: Runtime, body: OnvifDescribeIn, host: str | None
) -> tuple[str | None, str | None]:
    """User and password: those given, or those kept for a camera on the same host. Nobody gets a kept password to
    sign for a host of their choice."""
    if body.camera_id is None:
        return body.username, body.password
    row = camera_store.camera(running.database, body.camera_id)
    if host not in {urlsplit(url).hostname for url in (row.url, row.onvif_url) if url}:
        raise InvalidInput(
            say(
                "camera_elsewhere",
                "camera {code} is not on '{host}': enter the device's user and password",
                code=row.code,
                host=host,
            ),
            "camera_id",
        )
    kept = store.camera(running.database, body.camera_id, running.settings.camera_key)
    return body.username or kept.username, body.password or kept.password
