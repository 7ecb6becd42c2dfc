"""A console on a real database, with people of every kind, and browsers that log in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet

from gis.db import Database
from tests.support.console import PASSWORD, Server
from web import users
from web.app import create_console
from web.auth import passwords
from web.model import ConsoleSettings

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
