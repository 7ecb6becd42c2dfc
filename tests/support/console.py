"""A served application, a browser that logs in, and rows to start from."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from gis.db import Database

PASSWORD = "correct horse 7"


class Browser(httpx.Client):
    """A client that keeps cookies and sends its session's CSRF token with every change."""

    def login(self, name: str, password: str = PASSWORD) -> Browser:
        answer = self.post("/api/v1/login", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        self.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return self


class Server:
    """An application served by a real uvicorn on loopback."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app,
            ws_per_message_deflate=False,
            log_config=None,
            timeout_graceful_shutdown=1,
            ws_max_size=1 << 20,
        )
        self._server = uvicorn.Server(config)
        self._listener = listener
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    def __enter__(self) -> Server:
        self._thread.start()
        deadline = threading.Event()
        for _ in range(1000):
            if self._server.started:
                return self
            deadline.wait(0.01)
        raise AssertionError("the server did not start")

    def __exit__(self, *_: Any) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=15)
        self._listener.close()

    def browser(self) -> Browser:
        """A new browser without a session."""
        return Browser(base_url=self.url, trust_env=False, timeout=20)


def add_camera(database: Database, code: str, **values: Any) -> int:
    """A camera's row; returns its id."""
    columns = {
        "code": code,
        "name": f"相机{code}",
        "url": "rtsp://127.0.0.1:1/x",
        "height_m": 8.0,
        "yaw_deg": 90.0,
        "pitch_deg": -20.0,
        "hfov_deg": 60.0,
    } | values
    names = ", ".join(columns)
    marks = ", ".join(f"%({name})s" for name in columns)
    row = database.row(
        f"INSERT INTO camera ({names}, geom) VALUES ({marks}, ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) "
        "RETURNING id",
        columns,
    )
    assert row is not None
    found: int = row.id
    return found
