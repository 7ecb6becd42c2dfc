"""The console: the API and the screens for the inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI

from web import errors, runtime, version
from web.api import (
    accounts,
    alarms,
    assignments,
    cameras,
    coverage,
    events,
    exports,
    feed,
    gauges,
    holds,
    incidents,
    links,
    live,
    map,
    models,
    noise,
    onvif,
    playback,
    portal_setting,
    poses,
    privacy_masks,
    ptz,
    recordings,
    review,
    search,
    session,
    storage,
    system,
    things,
    units,
    zones,
)
from web.auth.headers import SecurityHeaders
from web.deps import guard
from web.limits import RequestLimits
from web.model import ConsoleSettings
from web.screens import add_probes, add_screens

# Every route of the API stands in one of these, so none escapes the guard against forged changes.
ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    coverage.router,
    live.router,  # before the cameras, whose /cameras/{camera_id} would take /cameras/mosaic.jpg
    cameras.router,
    poses.router,
    onvif.router,
    ptz.router,
    noise.router,  # before the zones, whose /zones/{zone_id} would take /zones/ignored
    zones.router,
    gauges.router,
    privacy_masks.router,
    links.router,
    map.router,
    models.router,
    things.router,
    events.router,
    alarms.router,
    incidents.router,
    assignments.router,
    units.router,
    search.router,
    review.router,
    recordings.router,
    playback.router,
    exports.router,
    holds.router,
    storage.router,
    portal_setting.router,
    accounts.router,
    system.router,
)


def create_console(settings: ConsoleSettings) -> FastAPI:
    """The application; its parts start with the server and stop with it."""
    running = runtime.make(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await running.start()
        try:
            yield
        finally:
            await running.stop()

    app = FastAPI(
        title="Wanglou console",
        version=version.VERSION,
        description="City video and emergency command. Errors are always an ErrorOut.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.runtime = running
    app.add_middleware(RequestLimits)
    app.add_middleware(SecurityHeaders)
    errors.install(app)
    api = APIRouter(
        prefix="/api/v1", dependencies=[Depends(guard)], responses=errors.ERROR_RESPONSES
    )
    for router in ROUTERS:
        api.include_router(router)
    app.include_router(api)
    # WebSockets check session and origin by themselves: a dependency cannot close them with a reason.
    app.include_router(live.sockets, prefix="/api/v1")
    app.include_router(feed.router, prefix="/api/v1")
    add_probes(app)
    add_screens(app, settings.static)
    return app
