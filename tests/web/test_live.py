"""The live proxy against a stand-in for ingest's socket, where faults can be injected: slowness, absence, an end."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from gis.db import Database
from tests.support.console import Browser, Server, add_camera
from web.model import ConsoleSettings

FRAGMENT = bytes(range(256)) * 2048  # half a megabyte


class StandIn:
    """Ingest's control socket as the design note describes it."""

    def __init__(self, path: Path) -> None:
        self.ended: list[str] = []
        self.sent_fragments = 0
        self.received: list[str] = []
        self.fragments = 3
        app = FastAPI()

        self.streams: list[str] = []
        self.mosaics: list[Any] = []

        def still(request: Request) -> Response:
            headers = {"ETag": '"p1"'}
            if request.headers.get("if-none-match") == '"p1"':
                return Response(status_code=304, headers=headers)
            return Response(b"\xff\xd8\xff", media_type="image/jpeg", headers=headers)

        @app.get("/snapshot/{name}")
        def snapshot(name: str, request: Request, stream: str = "none") -> Response:
            self.streams.append(stream)
            if name == "2.jpg":
                return Response('{"error": {"message": "camera 2 has sent no key frame"}}', 404)
            return still(request)

        @app.post("/mosaic.jpg")
        async def mosaic(request: Request) -> Response:
            self.mosaics.append(await request.json())
            if self.mosaics[-1]["columns"] > 9:
                return Response('{"error": {"message": "too many columns"}}', 422)
            return still(request)

        @app.post("/test")
        async def test(request: Request) -> dict[str, Any]:
            asked = await request.json()
            return {
                "ok": False, "step": "authenticate", "message": f"{asked['url']} refuses the password",
                "codec": None, "width_px": None, "height_px": None, "fps": None, "first_picture_s": None,
            }  # fmt: skip

        @app.post("/whep/{camera_id}")
        async def whep(camera_id: int, request: Request, stream: str = "none") -> Response:
            self.streams.append(stream)
            offer = (await request.body()).decode()
            if "bad" in offer:
                return Response('{"error": "the offer has no video"}', 400)
            return Response(
                f"answer to {offer}",
                201,
                {"Location": f"/whep/session/s{camera_id}"},
                "application/sdp",
            )

        @app.delete("/whep/session/{session}")
        def end(session: str) -> Response:
            self.ended.append(session)
            return Response(status_code=204)

        @app.websocket("/mse/{camera_id}")
        async def mse(websocket: WebSocket, camera_id: int, stream: str = "none") -> None:
            self.streams.append(stream)
            await websocket.accept()
            await websocket.send_text('{"mime": "video/mp4; codecs=\\"avc1.42c01f\\""}')
            try:
                for _ in range(self.fragments):
                    await websocket.send_bytes(FRAGMENT)
                    self.sent_fragments += 1
                self.received.append(await websocket.receive_text())
                await websocket.close(4410, "the camera went away")
            except WebSocketDisconnect:
                self.ended.append(f"mse{camera_id}")

        config = uvicorn.Config(app, uds=str(path), log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve()), daemon=True
        )

    def __enter__(self) -> StandIn:
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)


def until(true: Any, seconds: float = 8.0) -> None:
    """Waits on a condition."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


@pytest.fixture
def ingest(settings: ConsoleSettings) -> Iterator[StandIn]:
    with StandIn(settings.ingest_socket) as stand_in:
        yield stand_in


def open_mse(server: Server, browser: Browser, camera_id: int, query: str = "") -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{server.port}/api/v1/cameras/{camera_id}/mse{query}",
        additional_headers={"Cookie": f"wanglou_session={browser.cookies['wanglou_session']}"},
        max_size=None,
        max_queue=2,
        proxy=None,
    )


def audit(server: Server, actor: str) -> list[tuple[str, str]]:
    entries = server.browser().login("root-1").get("/api/v1/audit", params={"actor": actor}).json()
    return [(e["action"], e["subject"]) for e in entries]


def test_mse_passes_both_ways_and_hands_on_the_reason_of_the_end(
    ingest: StandIn, console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    with open_mse(console, console.browser().login("dora"), camera) as live:
        assert json.loads(live.recv(timeout=5))["mime"].startswith("video/mp4")
        for _ in range(3):
            assert live.recv(timeout=5) == FRAGMENT
        live.send('{"played": 3}')
        with pytest.raises(ConnectionClosed) as closed:
            live.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4410, "the camera went away")
    assert ingest.received == ['{"played": 3}']
    assert audit(console, "dora")[0] == ("view_live", f"camera:{camera}")


def test_a_slow_browser_holds_ingest_back_and_costs_no_memory(
    ingest: StandIn, console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    ingest.fragments = 400  # 200 MB
    process = psutil.Process()
    with open_mse(console, console.browser().login("dora"), camera) as live:
        live.recv(timeout=5)
        live.recv(timeout=5)
        before = process.memory_info().rss
        last = -1
        pause = threading.Event()
        while last != ingest.sent_fragments:  # until everything stands still
            last = ingest.sent_fragments
            pause.wait(0.5)
        assert last < 60, "ingest must be held back"
        assert process.memory_info().rss - before < 60 * 1024 * 1024
        for _ in range(50):
            assert live.recv(timeout=5) == FRAGMENT
        until(lambda: ingest.sent_fragments > last)
    until(lambda: f"mse{camera}" in ingest.ended)


def test_without_ingest_there_is_a_sentence(console: Server, database: Database) -> None:
    camera = add_camera(database, "a")
    browser = console.browser().login("root-1")
    for answer in (
        browser.get(f"/api/v1/cameras/{camera}/snapshot.jpg"),
        browser.post("/api/v1/cameras/test", json={"url": "rtsp://192.0.2.1/x"}),
    ):
        assert answer.status_code == 503 and answer.json()["error"]["code"] == "ingest_away"
        assert "ingest process does not answer" in answer.json()["error"]["message"]
    with open_mse(console, browser, camera) as live, pytest.raises(ConnectionClosed) as closed:
        live.recv(timeout=8)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013 and "ingest" in closed.value.rcvd.reason


def test_mse_of_an_unknown_or_hidden_camera(
    ingest: StandIn, console: Server, database: Database
) -> None:
    add_camera(database, "mine")
    hidden = add_camera(database, "hidden")
    for name, camera in (("dora", 99), ("scoped", hidden)):
        browser = console.browser().login(name)
        with open_mse(console, browser, camera) as live, pytest.raises(ConnectionClosed) as closed:
            live.recv(timeout=5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404
    assert ingest.sent_fragments == 0


def test_a_logout_ends_the_live_picture(
    ingest: StandIn, console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    browser = console.browser().login("dora")
    browser.post(f"/api/v1/cameras/{camera}/whep", content=b"offer")
    with open_mse(console, browser, camera) as live:
        live.recv(timeout=5)
        assert browser.post("/api/v1/logout").status_code == 204
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                live.recv(timeout=8)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
    until(lambda: {f"mse{camera}", f"s{camera}"} <= set(ingest.ended))


def test_whep_is_answered_and_ended_by_its_owner(
    ingest: StandIn, console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    dora, carl = console.browser().login("dora"), console.browser().login("carl")
    sdp = {"Content-Type": "application/sdp"}
    answer = dora.post(f"/api/v1/cameras/{camera}/whep", content=b"offer", headers=sdp)
    assert answer.status_code == 201 and answer.text == "answer to offer"
    assert answer.headers["content-type"].startswith("application/sdp")
    location = answer.headers["location"]
    assert location == f"/api/v1/whep/s{camera}"
    assert carl.delete(location).status_code == 404
    assert dora.delete(location).status_code == 204
    assert dora.delete(location).status_code == 404
    assert ingest.ended == [f"s{camera}"]
    bad = dora.post(f"/api/v1/cameras/{camera}/whep", content=b"bad", headers=sdp)
    assert bad.status_code == 422 and "no video" in bad.json()["error"]["message"]
    dora.post(f"/api/v1/cameras/{camera}/whep", content=b"offer", headers=sdp)
    views = [entry for entry in audit(console, "dora") if entry[0] == "view_live"]
    assert views == [("view_live", f"camera:{camera}")]  # one sitting, one entry


def test_snapshots_and_tests_come_from_ingest(
    ingest: StandIn, console: Server, database: Database
) -> None:
    first, second = add_camera(database, "a"), add_camera(database, "b")
    admin = console.browser().login("root-1")
    still: httpx.Response = admin.get(f"/api/v1/cameras/{first}/snapshot.jpg")
    assert still.content == b"\xff\xd8\xff" and still.headers["etag"] == '"p1"'
    assert still.headers["cache-control"] == "private, no-cache"
    again = admin.get(
        f"/api/v1/cameras/{first}/snapshot.jpg", headers={"If-None-Match": still.headers["etag"]}
    )
    assert again.status_code == 304 and again.content == b""
    none = admin.get(f"/api/v1/cameras/{second}/snapshot.jpg")
    assert none.status_code == 404 and "no key frame" in none.json()["error"]["message"]
    tried = admin.post("/api/v1/cameras/test", json={"url": "rtsp://192.0.2.1/x", "password": "p"})
    assert tried.json()["step"] == "authenticate"
    assert (
        console.browser()
        .login("dora")
        .post("/api/v1/cameras/test", json={"url": "rtsp://192.0.2.1/x"})
        .status_code
        == 403
    )


def test_the_wished_stream_is_asked_of_ingest(
    ingest: StandIn, console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    dora = console.browser().login("dora")
    sdp = {"Content-Type": "application/sdp"}
    for query, stream in (("", "main"), ("?stream=sub", "sub")):
        dora.get(f"/api/v1/cameras/{camera}/snapshot.jpg{query}")
        dora.post(f"/api/v1/cameras/{camera}/whep{query}", content=b"offer", headers=sdp)
        with open_mse(console, dora, camera, query) as live:
            live.recv(timeout=5)
        assert ingest.streams == [stream] * 3
        ingest.streams.clear()
    assert dora.get(f"/api/v1/cameras/{camera}/snapshot.jpg?stream=third").status_code == 422
    assert ingest.streams == []


def test_a_mosaic_shows_only_what_the_asker_may_see_and_is_audited_like_a_snapshot(
    ingest: StandIn, console: Server, database: Database
) -> None:
    mine, hidden = add_camera(database, "mine"), add_camera(database, "hidden")
    dora, scoped = console.browser().login("dora"), console.browser().login("scoped")
    address = "/api/v1/cameras/mosaic.jpg"
    whole = dora.get(
        address, params={"ids": f"{hidden},{mine},{hidden}", "columns": 2, "width": 640}
    )
    assert whole.status_code == 200 and whole.headers["content-type"] == "image/jpeg"
    assert ingest.mosaics == [
        {
            "tiles": [{"id": hidden, "code": "hidden"}, {"id": mine, "code": "mine"}],
            "columns": 2,
            "width_px": 640,
        }
    ]
    known = {"If-None-Match": whole.headers["etag"]}
    assert dora.get(address, params={"ids": str(mine)}, headers=known).status_code == 304
    assert set(audit(console, "dora")) >= {
        ("view_live", f"camera:{mine}"),
        ("view_live", f"camera:{hidden}"),
    }
    assert scoped.get(address, params={"ids": str(mine)}).status_code == 200
    assert scoped.get(address, params={"ids": f"{mine},{hidden}"}).status_code == 404
    assert dora.get(address, params={"ids": "99"}).status_code == 404
    refused = dora.get(address, params={"ids": str(mine), "columns": 10})
    assert refused.status_code == 422 and refused.json()["error"]["message"] == "too many columns"
    for bad in ({"ids": ""}, {"ids": "1;2"}, {"ids": str(mine), "width": 5}):
        assert dora.get(address, params=bad).status_code == 422
    assert console.browser().get(address, params={"ids": str(mine)}).status_code == 401
