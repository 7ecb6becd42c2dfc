"""The built interface, and the probes for machines."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse

from gis.errors import NotFound
from web import health
from web.deps import runtime
from web.paths import inside

SCREENS = ("/", "/login", "/review", "/coverage", "/phone", "/admin", "/wall")
_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>望楼 Wanglou</title>
<body style="background:#0b0f14;color:#e6edf3;font:16px/1.6 sans-serif;margin:15vh auto;max-width:40em">
<h1>界面尚未构建 · The screens are not built</h1>
<p>在程序目录运行 <code>./run ui</code>，然后刷新本页。</p>
<p lang="en">Run <code>./run ui</code> in the program's folder, then reload this page.</p></body></html>
"""


def add_screens(app: FastAPI, static: Path) -> None:
    """Serves ``index.html`` for every screen, ``/assets/`` for good, and the other built files."""
    root = static.resolve()

    def screen() -> Response:
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503, {"Cache-Control": "no-store"})
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    for path in SCREENS:
        app.add_api_route(path, screen, include_in_schema=False, response_model=None)

    def file(path: str) -> Response:
        wanted = inside(root, path)
        if wanted is None:
            raise NotFound(f"there is no page '/{path}'")
        # Names under assets/ hold a hash of what is in them.
        keep = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        return FileResponse(wanted, headers={"Cache-Control": keep})

    app.add_api_route("/{path:path}", file, include_in_schema=False, response_model=None)


def add_probes(app: FastAPI) -> None:
    """``/healthz`` and ``/metrics``: no login, and nothing in them but states and figures."""

    async def healthz(request: Request) -> Response:
        found = await run_in_threadpool(health.check, runtime(request))
        return JSONResponse(found.model_dump(mode="json"), headers={"Cache-Control": "no-store"})

    async def metrics(request: Request) -> Response:
        text = await run_in_threadpool(health.metrics, runtime(request))
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    app.add_api_route("/healthz", healthz, include_in_schema=False, response_model=None)
    app.add_api_route("/metrics", metrics, include_in_schema=False, response_model=None)
