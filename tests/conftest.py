"""What every test may use: a real PostGIS, one fresh database per test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from gis.clock import ManualClock
from gis.cluster import OWNER_ROLE, Cluster
from gis.db import Database
from gis.migrate import migrate
from tests.support.s3 import TestStore, s3_store

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
_numbers = itertools.count()
# A busy machine may take its time over an example; what is slow for good shows in pytest's durations.
hypothesis.settings.register_profile("wanglou", deadline=None)
hypothesis.settings.load_profile("wanglou")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A private PostgreSQL server with a migrated template database."""
    folder = tmp_path_factory.mktemp("cluster")
    for parent in (folder, *folder.parents):
        if parent.name.startswith("pytest-"):
            parent.chmod(0o711)  # the server runs as another user where the tests run as root
    server = Cluster(folder, fast_unsafe=True)
    server.start()
    with_admin = Database(server.url("postgres", "postgres"))
    connection = with_admin.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE fresh OWNER {OWNER_ROLE}")
    connection.close()
    template = Database(server.url(database="fresh"))
    migrate(template)
    template.close()
    yield server
    server.stop()


@pytest.fixture
def empty_database_url(cluster: Cluster) -> Iterator[str]:
    """The address of a database with nothing in it."""
    with fresh_database(cluster, "template1") as url:
        yield url


@pytest.fixture
def database_url(cluster: Cluster) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    with fresh_database(cluster) as url:
        yield url


@contextmanager
def fresh_database(cluster: Cluster, template: str = "fresh") -> Iterator[str]:
    """The address of a database of one's own, migrated unless another template is named; dropped at the end."""
    name = f"t{next(_numbers)}"
    admin = Database(cluster.url("postgres", "postgres")).connect()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER_ROLE} STRATEGY FILE_COPY"
        )
    yield cluster.url(database=name)
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A pool on a fresh, migrated database."""
    pool = Database(database_url)
    yield pool
    pool.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until the test moves it."""
    return ManualClock()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real footage, networks and frames; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestStore]:
    """A real S3 store, for the tests that move footage there."""
    with s3_store(tmp_path_factory.mktemp("s3")) as store:
        yield store
