"""Pan, tilt and zoom: who has the camera, and what they do with it. Taking is audited, single moves are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from gis.errors import InvalidInput
from gis.said import say
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Vector
from web import poses
from web.deps import Audit, AuditDep, RuntimeDep, must_see, require
from web.model import CurrentUser
from web.ptz import lock, store
from web.ptz.store import Turnable
from web.runtime import Runtime
from web.schemas.common import why_out
from web.schemas.ptz import PtzAbilitiesOut, PtzGotoIn, PtzMoveIn, PtzOut, PtzPresetIn, PtzPresetOut

router = APIRouter(tags=["ptz"])
Turner = Annotated[CurrentUser, Depends(require(*lock.PRIORITY))]


@router.get("/cameras/{camera_id}/ptz")
async def state(camera_id: int, user: Turner, running: RuntimeDep) -> PtzOut:
    """Who turns the camera now, and what the device offers. A device that does not answer leaves the lock readable."""
    camera = await _camera(running, user, camera_id)
    return await _with_facts(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/take")
async def take(camera_id: int, user: Turner, running: RuntimeDep, audit: AuditDep) -> PtzOut:
    """Takes the camera, from a holder of lower priority too. 409 ``ptz_held`` says who has it until when."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    await _use(running, user, audit, camera, moved=False)
    return await _with_facts(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/release")
async def release(camera_id: int, user: Turner, running: RuntimeDep, audit: AuditDep) -> PtzOut:
    """Gives the camera back; what moves is stopped. Nothing happens where it is not the person's."""
    camera = await _camera(running, user, camera_id)
    now = running.settings.clock.now()
    note = _note(audit, camera)
    freed = await run_in_threadpool(store.release, running.database, camera_id, user.id, now, note)
    if freed:
        await running.heads.halt_moving(camera)
    return await _out(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/move")
async def move(
    camera_id: int, body: PtzMoveIn, user: Turner, running: RuntimeDep, audit: AuditDep
) -> PtzOut:
    """Moves the camera, taking it first where it is free."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    await _use(running, user, audit, camera, moved=True)
    vector = Vector(body.pan, body.tilt, body.zoom)
    if body.kind == "continuous":
        await running.heads.move(camera, vector, body.timeout_s)
    elif body.kind == "relative":
        await running.heads.step(camera, vector)
    else:
        await running.heads.go(camera, vector)
    return await _out(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/stop")
async def stop(camera_id: int, user: Turner, running: RuntimeDep, audit: AuditDep) -> PtzOut:
    """Stops the camera."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    await _use(running, user, audit, camera, moved=True)
    await running.heads.halt(camera)
    return await _out(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/goto")
async def goto(
    camera_id: int, body: PtzGotoIn, user: Turner, running: RuntimeDep, audit: AuditDep
) -> PtzOut:
    """Turns the camera to a preset."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    await _use(running, user, audit, camera, moved=True)
    await running.heads.goto(camera, body.token)
    return await _out(running, user, camera)


@router.post("/cameras/{camera_id}/ptz/presets", status_code=201)
async def set_preset(
    camera_id: int, body: PtzPresetIn, user: Turner, running: RuntimeDep, audit: AuditDep
) -> PtzPresetOut:
    """Makes the device remember where it stands, as a new preset or in place of one."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    await _use(running, user, audit, camera, moved=False)
    made = await running.heads.set_preset(camera, body.name, body.token)
    await run_in_threadpool(poses.forget_preset, running.database, camera_id, made.token)
    detail = {"token": made.token, "name": made.name}
    await run_in_threadpool(audit, "ptz_preset_set", f"camera:{camera_id}", detail)
    return PtzPresetOut.model_validate(made)


@router.delete("/cameras/{camera_id}/ptz/presets/{token:path}")
async def remove_preset(
    camera_id: int, token: str, user: Turner, running: RuntimeDep, audit: AuditDep
) -> PtzOut:
    """Makes the device forget a preset."""
    camera = await _camera(running, user, camera_id)
    running.heads.check(camera)
    if token == camera.ptz_home:
        raise InvalidInput(
            say(
                "preset_is_home",
                "preset '{token}' is where camera {code} returns to: an administrator gives it another home first",
                token=token,
                code=camera.code,
            ),
            "token",
        )
    await _use(running, user, audit, camera, moved=False)
    await running.heads.remove_preset(camera, token)
    await run_in_threadpool(poses.forget_preset, running.database, camera_id, token)
    await run_in_threadpool(audit, "ptz_preset_remove", f"camera:{camera_id}", {"token": token})
    return await _out(running, user, camera)


async def _camera(running: Runtime, user: CurrentUser, camera_id: int) -> Turnable:
    must_see(user, camera_id)
    return await run_in_threadpool(
        store.camera, running.database, camera_id, running.settings.camera_key
    )


async def _use(
    running: Runtime, user: CurrentUser, audit: Audit, camera: Turnable, moved: bool
) -> None:
    rank, now, note = lock.priority(user.roles), running.settings.clock.now(), _note(audit, camera)
    await run_in_threadpool(store.use, running.database, camera.id, user.id, rank, now, note, moved)


def _note(audit: Audit, camera: Turnable) -> Callable[[Any, str, dict[str, Any]], None]:
    def note(cursor: Any, action: str, detail: dict[str, Any]) -> None:
        audit(action, f"camera:{camera.id}", detail, cursor)

    return note


async def _with_facts(running: Runtime, user: CurrentUser, camera: Turnable) -> PtzOut:
    message = None
    if camera.ptz:
        try:
            await running.heads.facts(camera)
        except DeviceFailed as error:
            message = error.said
    out = await _out(running, user, camera)
    out.message, out.why = message, None if message is None else why_out(message)
    return out


async def _out(running: Runtime, user: CurrentUser, camera: Turnable) -> PtzOut:
    shown = await run_in_threadpool(
        store.shown, running.database, camera.id, running.settings.clock.now()
    )
    presets, abilities = running.heads.known(camera.id)
    return PtzOut(
        camera_id=camera.id,
        holder=shown.holder,
        priority=shown.hold.priority if shown.hold else None,
        until=shown.hold.until if shown.hold else None,
        mine=shown.hold is not None and shown.hold.user_id == user.id,
        taken_from=shown.loser,
        my_priority=lock.priority(user.roles),
        home=camera.ptz_home,
        presets=None if presets is None else [PtzPresetOut.model_validate(p) for p in presets],
        abilities=None if abilities is None else PtzAbilitiesOut.model_validate(abilities),
    )
