"""The portal: live views and a map of them for everybody, with a delay and an operator's off switch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse

from gis import tiles
from gis.db import Database
from gis.errors import DatabaseAway, Forbidden, NotFound
from gis.tiles import TileCache
from web import errors
from web.auth.headers import PORTAL_CSP, SecurityHeaders
from web.limits import RequestLimits
from web.metrics import Counters, Sample, render
from web.model import PortalSettings
from web.portal import hls, pages, store
from web.portal import map as view_map
from web.portal.poster import WIDTHS, Posters
from web.portal.state import Published, State
from web.portal.store import View
from web.portal.words import Words, choose
from web.version import VERSION

ASSETS = Path(__file__).parent / "assets"
NO_STORE = {"Cache-Control": "no-store"}
_HTML = "text/html; charset=utf-8"
_MAP_AGE_S = 600


class Portal:
    """The portal's parts and its answers; :func:`create_portal` hangs them on routes."""

    def __init__(self, settings: PortalSettings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url, size=8, application="wanglou portal")
        self.state = State(self.database, settings.clock, settings.hls)
        self.posters = Posters()
        self.tiles = TileCache(clock=settings.clock)
        self.maps = TileCache(size=4, keep_s=_MAP_AGE_S, clock=settings.clock)
        self.counters = Counters()

    # --- pages ---

    def page(self, code: str | None, lang: str | None, accept_language: str | None) -> Response:
        """The home page, or one view's."""
        words = choose(lang, accept_language)
        query = f"?lang={words.code}" if lang == words.code else ""
        try:
            published = self.state.published()
        except DatabaseAway:
            return _html(pages.message(words, query, words.away_title, words.away_text, False), 503)
        if not published.setting.open:
            return _html(
                pages.message(words, query, words.closed_title, words.closed_text, False), 503
            )
        if code is not None and code not in published.views:
            return _html(
                pages.message(words, query, words.missing_title, words.missing_text, True), 404
            )
        return _html(self._scene(published, words, query, code), 200)

    def _scene(self, published: Published, words: Words, query: str, code: str | None) -> str:
        seen_at = self._seen(published)
        views = list(published.views.values())
        chosen = published.views[code] if code is not None else _first(views, seen_at)
        scene = pages.Scene(
            words=words,
            query=query,
            now=self.settings.clock.now(),
            setting=published.setting,
            views=views,
            seen_at=seen_at,
            map_href=f"/map.svg?v={self._map(published).etag.strip(chr(34))}" if views else "",
            with_hls=self._hls_script().is_file(),
        )
        return pages.home(scene, chosen)

    def _seen(self, published: Published) -> dict[str, datetime]:
        newest: dict[str, datetime] = {}
        for code in published.views:
            files = self.state.files(code, published.setting.delay_s)
            if files:
                newest[code] = files[-1].start_at
        return newest

    def _map(self, published: Published) -> tiles.Tile:
        box = view_map.frame(list(published.views.values()))
        if box is None:
            raise NotFound("there is no map while no view is published")
        return self.maps.get(box, lambda: view_map.base(store.shapes(self.database, box)).encode())

    def map_svg(self, if_none_match: str | None) -> Response:
        """The drawn base map under the dots."""
        return _tagged(self._map(self._open()), "image/svg+xml", _MAP_AGE_S, if_none_match)

    def _hls_script(self) -> Path:
        return self.settings.static / "portal" / "hls.js"

    # --- data ---

    def _open(self) -> Published:
        """What is published. Raises :class:`Forbidden` while the portal is closed."""
        published = self.state.published()
        if not published.setting.open:
            raise Forbidden("the public views are closed now")
        return published

    def _view(self, code: str) -> Published:
        published = self._open()
        if code not in published.views:
            raise NotFound(f"there is no published view {code!r}")
        return published

    def cameras(self) -> list[dict[str, Any]]:
        """The published views; empty while the portal is closed."""
        published = self.state.published()
        seen_at = self._seen(published)
        return [
            {
                "code": view.code,
                "name": view.name,
                "name_en": view.name_en,
                "lon": view.lon,
                "lat": view.lat,
                "online": view.online,
                "seen_at": seen_at[view.code].isoformat() if view.code in seen_at else None,
                "playlist": f"/live/{view.code}/index.m3u8",
                "poster": f"/live/{view.code}/poster.jpg",
            }
            for view in published.views.values()
        ]

    def setting(self) -> dict[str, Any]:
        """Whether the portal is open, the delay, the notice."""
        found = self.state.published().setting
        return {
            "open": found.open,
            "delay_s": found.delay_s,
            "notice": found.notice,
            "notice_en": found.notice_en,
        }

    def playlist(self, code: str) -> Response:
        """The live playlist of one view."""
        published = self._view(code)
        files = self.state.files(code, published.setting.delay_s)
        if not files:
            raise NotFound(f"the view {code!r} has no picture old enough to show yet")
        self.counters.add("portal_playlists_total")
        return Response(
            hls.playlist(files), media_type="application/vnd.apple.mpegurl", headers=NO_STORE
        )

    def live_file(self, code: str, name: str) -> Response:
        """A media file or a still of one view, only when it is old enough."""
        published = self._view(code)
        files = self.state.files(code, published.setting.delay_s)
        if name in WIDTHS:
            if not files:
                raise NotFound(f"the view {code!r} has no picture old enough to show yet")
            jpeg = self.posters.still(self.state.folder(code), code, files[-1], name)
            return Response(
                jpeg, media_type="image/jpeg", headers={"Cache-Control": "public, max-age=5"}
            )
        path = self.state.folder(code) / name
        if not hls.allowed(files, name) or not path.is_file():
            raise NotFound(f"there is no file {name!r} of the view {code!r} to see")
        self.counters.add("portal_files_total")
        return FileResponse(
            path,
            media_type="video/mp4" if name.endswith(".mp4") else "video/iso.segment",
            headers={"Cache-Control": "public, max-age=3600, immutable"},
        )

    def tile(self, z: int, x: int, y: int, if_none_match: str | None) -> Response:
        """A tile of the public base map."""
        self._open()
        found = self.tiles.get(
            (z, x, y), lambda: tiles.base_tile(self.database, z, x, y, public=True)
        )
        return _tagged(found, "application/vnd.mapbox-vector-tile", _MAP_AGE_S, if_none_match)

    # --- probes ---

    def health(self) -> dict[str, Any]:
        """How the portal is doing."""
        try:
            published = self.state.published()
        except DatabaseAway:
            return {"state": "degraded", "version": VERSION, "database": "away"}
        return {
            "state": "ok",
            "version": VERSION,
            "database": "ok",
            "open": published.setting.open,
            "views": len(published.views),
            "views_with_picture": len(self._seen(published)),
        }

    def metrics(self) -> str:
        """This process's figures for Prometheus."""
        labels = (("process", "portal"),)
        samples = [Sample(name, labels, value) for name, value in self.counters.snapshot().items()]
        health = self.health()
        samples.append(Sample("database_up", labels, float(health["database"] == "ok")))
        for name in ("open", "views", "views_with_picture"):
            if name in health:
                samples.append(Sample(f"portal_{name}", labels, float(health[name])))
        return render(samples)


def create_portal(settings: PortalSettings) -> FastAPI:
    """The application. It connects as the role it is given and asks for nothing but ``public_*`` views."""
    portal = Portal(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        portal.database.close()

    app = FastAPI(
        title="Wanglou portal",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.portal = portal
    app.add_middleware(RequestLimits)
    app.add_middleware(SecurityHeaders, csp=PORTAL_CSP)
    errors.install(app)
    _add_pages(app, portal)
    _add_data(app, portal)
    return app


Lang = Annotated[str | None, Query()]  # an unknown one is as good as none
Accept = Annotated[str | None, Header()]
Match = Annotated[str | None, Header()]


def _add_pages(app: FastAPI, portal: Portal) -> None:
    @app.get("/", response_class=HTMLResponse)
    def home(lang: Lang = None, accept_language: Accept = None) -> Response:
        return portal.page(None, lang, accept_language)

    @app.get("/view/{code}", response_class=HTMLResponse)
    def view(code: str, lang: Lang = None, accept_language: Accept = None) -> Response:
        return portal.page(code, lang, accept_language)

    @app.get("/map.svg")
    def map_svg(if_none_match: Match = None) -> Response:
        return portal.map_svg(if_none_match)

    for name in (pages.STYLE, pages.SCRIPT):
        app.add_api_route(name, _asset(ASSETS / name[1:]), response_model=None)

    @app.get(pages.HLS)
    def hls_script(if_none_match: Match = None) -> Response:
        script = portal._hls_script()
        if not script.is_file():
            raise NotFound("the interface is not built: run ./run ui")
        return FileResponse(
            script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"}
        )


def _add_data(app: FastAPI, portal: Portal) -> None:
    @app.get("/api/cameras")
    def cameras() -> JSONResponse:
        return JSONResponse(portal.cameras(), headers=NO_STORE)

    @app.get("/api/setting")
    def setting() -> JSONResponse:
        return JSONResponse(portal.setting(), headers=NO_STORE)

    @app.get("/live/{code}/index.m3u8")
    def playlist(code: str) -> Response:
        return portal.playlist(code)

    @app.get("/live/{code}/{name}")
    def live_file(code: str, name: str) -> Response:
        return portal.live_file(code, name)

    @app.get("/tiles/base/{z}/{x}/{y}.mvt")
    def tile(z: int, x: int, y: int, if_none_match: Match = None) -> Response:
        return portal.tile(z, x, y, if_none_match)

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        return JSONResponse(portal.health(), headers=NO_STORE)

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(
            portal.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )


def _asset(path: Path) -> Callable[..., Response]:
    def answer() -> Response:
        return FileResponse(path, headers={"Cache-Control": "public, max-age=300"})

    return answer


def _first(views: list[View], seen_at: dict[str, datetime]) -> View | None:
    """The view to start with: one with a picture and a living camera if there is any."""
    ranked = sorted(views, key=lambda v: (v.code not in seen_at, not v.online))
    return ranked[0] if ranked else None


def _html(text: str, status: int) -> Response:
    headers = NO_STORE | {"Vary": "Accept-Language"}
    if status == 503:
        headers["Retry-After"] = "30"
    return Response(text, status, headers, _HTML)


def _tagged(tile: tiles.Tile, media_type: str, age_s: int, if_none_match: str | None) -> Response:
    headers = {"ETag": tile.etag, "Cache-Control": f"public, max-age={age_s}"}
    if if_none_match is not None and tile.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(tile.data, media_type=media_type, headers=headers)
