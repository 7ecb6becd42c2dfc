"""A console on a real database, with people of every kind, and browsers that log in."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from fastapi import FastAPI

from gis.db import Database
from web import users
from web.app import create_console
from web.auth import passwords
from web.model import ConsoleSettings

PASSWORD = "correct horse 7"
PEOPLE = {
    "root-1": ["admin"],
    "dora": ["dispatcher"],
    "carl": ["commander"],
    "rita": ["reviewer"],
    "resi": ["responder"],
    "scoped": ["dispatcher", "reviewer"],
}


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Argon2id with little memory: the real one is slow on purpose, and its parameters have their own test."""
    with pytest.MonkeyPatch.context() as patch:
        light = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
        patch.setattr(passwords, "_hasher", light)
        yield


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> ConsoleSettings:
    """A console's settings in an empty folder, nothing else running."""
    return ConsoleSettings(
        database_url=database_url,
        var=tmp_path,
        recordings=tmp_path / "recordings",
        ingest_socket=tmp_path / "ingest.sock",
        camera_key=Fernet.generate_key(),
        static=tmp_path / "static",
    )


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """One account of every role; ``scoped`` sees camera 1 alone."""
    return {
        name: users.create_user(
            database,
            name,
            name.title(),
            PASSWORD,
            roles,
            camera_ids=[1] if name == "scoped" else None,
        ).id
        for name, roles in PEOPLE.items()
    }


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
            app, log_config=None, timeout_graceful_shutdown=1, ws_max_size=1 << 20
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


Serve = Callable[..., Any]


@pytest.fixture
def serve(settings: ConsoleSettings, people: dict[str, int]) -> Serve:
    """Serves a console whose settings may be changed by keyword."""

    @contextmanager
    def with_changes(**changes: Any) -> Iterator[Server]:
        with Server(create_console(replace(settings, **changes))) as server:
            yield server

    return with_changes


@pytest.fixture
def console(serve: Serve) -> Iterator[Server]:
    """A running console."""
    with serve() as server:
        yield server


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
