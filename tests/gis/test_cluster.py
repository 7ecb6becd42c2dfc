"""The private cluster: made-up passwords, a Unix socket only, and a second start that changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg2
import pytest

from gis.cluster import PORTAL_ROLE, Cluster


def test_roles_have_their_own_made_up_passwords(cluster: Cluster) -> None:
    owner, portal = cluster.password("wanglou"), cluster.password(PORTAL_ROLE)
    assert len(owner) >= 24 and owner != portal
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(cluster.url(PORTAL_ROLE).replace(portal.replace("+", "%2B"), "wrong"))


def test_secrets_are_readable_by_their_owner_only(cluster: Cluster) -> None:
    cluster.password("anything")
    assert stat.S_IMODE(cluster._secrets.stat().st_mode) == 0o600


def test_it_listens_on_no_network(cluster: Cluster) -> None:
    with (
        psycopg2.connect(cluster.url("postgres", "postgres")) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)


def test_starting_twice_changes_nothing(cluster: Cluster) -> None:
    before = cluster.url()
    again = Cluster(cluster._secrets.parent, fast_unsafe=True)
    again.start()
    assert again.url() == before


def test_a_long_path_gets_a_short_socket_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(str(Cluster(deep).socket_dir)) < 100
