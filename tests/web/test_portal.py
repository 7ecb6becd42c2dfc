"""The public site on its own database role, with real media files."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import psycopg2
import pytest

from gis.clock import ManualClock
from gis.cluster import PORTAL_ROLE, Cluster
from gis.db import Database
from gis.errors import SetupError
from tests.support.console import Server, add_camera
from web.model import PortalSettings
from web.portal import grants
from web.portal.app import create_portal

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
FILES = 30  # one second each, the last one ends at NOW


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds of fragmented MP4, one file a second."""
    folder = tmp_path_factory.mktemp("media")
    command = (
        "ffmpeg -v error -f lavfi -i testsrc=size=640x360:rate=10 -t 30 -c:v libx264 -preset ultrafast -g 10 "
        "-force_key_frames expr:gte(t,n_forced*1) -f hls -hls_time 1 -hls_segment_type fmp4 -hls_list_size 0 "
        "-hls_fmp4_init_filename init-1.mp4 -hls_segment_filename %d.m4s all.m3u8"
    )
    subprocess.run(command.split(), cwd=folder, check=True, stdin=subprocess.DEVNULL)
    assert len(list(folder.glob("*.m4s"))) == FILES
    return folder


def write_index(folder: Path, media: Path, last_end: datetime = NOW) -> None:
    """A camera's live folder whose newest file ends at ``last_end``."""
    folder.mkdir(parents=True, exist_ok=True)
    segments = []
    for number in range(FILES):
        for name in (f"{number}.m4s", "init-1.mp4"):
            (folder / name).write_bytes((media / name).read_bytes())
        start = last_end - timedelta(seconds=FILES - number)
        segments.append(
            {
                "file": f"{number}.m4s",
                "init": "init-1.mp4",
                "start_at": start.isoformat(),
                "duration_s": 1.0,
            }
        )
    (folder / "index.json").write_text(json.dumps({"segments": segments}))


@dataclass
class Site:
    """The running portal and what can be done to it."""

    server: Server
    database: Database
    clock: ManualClock
    hls: Path
    http: httpx.Client

    def set(self, **values: Any) -> None:
        """Changes the operator's setting, and lets the second pass that it may take."""
        for name, value in values.items():
            self.database.run(f"UPDATE portal_setting SET {name} = %s", [value])
        self.clock.advance(1.01)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)


@pytest.fixture
def portal_url(cluster: Cluster, database: Database, database_url: str) -> str:
    """The address of the test's database for the granted portal role."""
    grants.grant(database, PORTAL_ROLE)
    name = database_url.rsplit("/", 1)[1].split("?")[0]
    return cluster.url(PORTAL_ROLE, name)


@pytest.fixture
def site(portal_url: str, database: Database, media: Path, tmp_path: Path) -> Iterator[Site]:
    """A portal with two published cameras (one with pictures) and one that is not published."""
    add_camera(database, "gate", name="东门广场", name_en="East Gate Square", published=True)
    add_camera(database, "pier", name="<b>码头</b>", published=True)
    add_camera(database, "vault", name="金库", published=False)
    database.run("UPDATE portal_setting SET delay_s = 5")
    for code in ("gate", "vault"):
        write_index(tmp_path / "hls" / code, media)
    clock = ManualClock(NOW)
    settings = PortalSettings(portal_url, tmp_path, tmp_path / "static", clock=clock)
    with Server(create_portal(settings)) as server, server.browser() as http:
        yield Site(server, database, clock, tmp_path / "hls", http)


def test_the_role_reads_the_public_views_and_nothing_else(
    portal_url: str, database: Database
) -> None:
    connection = psycopg2.connect(portal_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for view in ("camera", "setting", "area", "road", "place"):
            cursor.execute(f"SELECT count(*) FROM public_{view}")
        tables = [
            (row.relname, row.writable)
            for row in database.rows(
                "SELECT c.relname, pg_relation_is_updatable(c.oid, false) > 0 AS writable FROM pg_class c WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'p', 'v', 'm') AND relname NOT LIKE 'public\\_%%' AND NOT EXISTS "
                "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
                {},
            )
        ]
        assert len(tables) > 25
        for table, writable in tables:
            # Into a view of several tables nobody can write.
            for statement in (
                f"SELECT * FROM {table} LIMIT 1",
                *(
                    (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES")
                    if writable
                    else ()
                ),
            ):
                cursor.execute("SET default_transaction_read_only = off")
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
        for statement in (
            "UPDATE public_setting SET open = true",
            "CREATE TABLE mine (x int)",
            "CREATE ROLE other",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT pg_read_file('/etc/hostname')",
        ):
            with pytest.raises(psycopg2.Error):
                cursor.execute(statement)
    connection.close()


def test_granting_twice_changes_nothing_and_new_tables_stay_closed(
    portal_url: str, database: Database
) -> None:
    database.run("CREATE TABLE later (secret text)")
    grants.grant(database, PORTAL_ROLE)
    assert grants.reachable(database, PORTAL_ROLE) == []


def test_a_role_that_can_do_more_is_refused(database: Database) -> None:
    with pytest.raises(SetupError, match="no role 'nobody_here'"):
        grants.grant(database, "nobody_here")
    with pytest.raises(SetupError, match="plain role"):
        grants.grant(database, "wanglou")
    database.run("GRANT SELECT ON app_user TO PUBLIC")
    with pytest.raises(SetupError, match="app_user"):
        grants.grant(database, PORTAL_ROLE)


def test_only_files_older_than_the_delay_are_listed_and_served(site: Site) -> None:
    answer = site.get("/live/gate/index.m3u8")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    lines = answer.text.splitlines()
    listed = [line for line in lines if line.endswith(".m4s")]
    assert listed == [f"{n}.m4s" for n in range(19, 25)]  # 25.m4s ends four seconds ago
    assert "#EXT-X-MEDIA-SEQUENCE:19" in lines
    assert '#EXT-X-MAP:URI="init-1.mp4"' in lines
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T03:59:49.000Z" in lines
    served = site.get("/live/gate/24.m4s")
    assert served.content == (site.hls / "gate" / "24.m4s").read_bytes()
    assert "immutable" in served.headers["cache-control"]
    assert site.get("/live/gate/init-1.mp4").status_code == 200
    assert site.get("/live/gate/25.m4s").status_code == 404
    site.clock.advance(1.0)
    assert site.get("/live/gate/25.m4s").status_code == 200
    site.set(delay_s=20)
    assert site.get("/live/gate/25.m4s").status_code == 404


def test_a_longer_delay_than_there_are_files_shows_nothing(site: Site) -> None:
    site.set(delay_s=600)
    assert site.get("/live/gate/index.m3u8").status_code == 404
    assert "此处暂时没有画面" in site.get("/view/gate").text


@pytest.mark.parametrize("code", ["vault", "nothing", "GATE", "%2e%2e", "gate%00"])
def test_what_is_not_published_does_not_exist(site: Site, code: str) -> None:
    for path in ("index.m3u8", "init-1.mp4", "3.m4s", "poster.jpg"):
        assert site.get(f"/live/{code}/{path}").status_code == 404
    assert site.get(f"/view/{code}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "index.json",
        "../vault/3.m4s",
        "..%2fvault%2f3.m4s",
        "%2e%2e/vault/3.m4s",
        "secret.m4s",
        "3.m4s%00",
        "-1.m4s",
    ],
)
def test_no_other_file_can_be_reached(site: Site, name: str) -> None:
    (site.hls / "gate" / "secret.m4s").write_bytes(b"not yours")
    request = httpx.Request("GET", f"{site.server.url}/live/gate/x")
    raw = f"/live/gate/{name}".encode()
    request.url = request.url.copy_with(raw_path=raw)
    assert site.http.send(request).status_code == 404


def test_the_switch_acts_within_a_second(site: Site) -> None:
    assert site.get("/live/gate/24.m4s").status_code == 200
    site.set(open=False)
    for path in ("/live/gate/index.m3u8", "/live/gate/24.m4s", "/live/gate/poster.jpg"):
        answer = site.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    page = site.get("/", **{"Accept-Language": "en"})
    assert page.status_code == 503 and "The public views are closed" in page.text
    assert "gate" not in page.text
    assert site.get("/api/cameras").json() == []
    assert site.get("/api/setting").json()["open"] is False
    assert site.get("/tiles/base/14/13697/6651.mvt").status_code == 403
    site.set(open=True)
    assert site.get("/live/gate/24.m4s").status_code == 200


def test_a_camera_that_is_unpublished_is_gone_within_a_second(site: Site) -> None:
    assert site.get("/live/gate/24.m4s").status_code == 200
    site.database.run("UPDATE camera SET published = false WHERE code = 'gate'")
    site.clock.advance(1.01)
    assert site.get("/live/gate/24.m4s").status_code == 404


def test_the_page_works_without_a_script_and_is_small(site: Site) -> None:
    page = site.get("/")
    assert page.status_code == 200
    html = page.text
    assert '<html lang="zh-CN">' in html
    assert "东门广场" in html
    assert "&lt;b&gt;码头&lt;/b&gt;" in html and "<b>码头" not in html
    assert "金库" not in html
    assert "画面摄于 6 秒前" in html
    assert "延迟 5 秒" in html
    assert "12:00:00" in html  # 04:00 UTC in China
    links = set(re.findall(r'href="(/view/[^"]+)"', html))
    assert links == {"/view/gate", "/view/pier"}
    assert html.count("<circle") == 4  # two dots with room for a finger
    drawing = re.search(r'<svg class="map".*?</svg>', html)
    assert drawing is not None
    svg = ElementTree.fromstring(drawing[0])
    assert [child.tag for child in svg] == [
        "image",
        "a",
        "a",
    ]  # the dots lie on the base, not inside it
    total = len(page.content)
    for path in re.findall(r'(?:src|href|poster)="(/[^"]+)"', html):
        if path.startswith(("/live/", "/portal", "/map", "/hls")):
            answer = site.get(path.replace("&amp;", "&"))
            assert answer.status_code == 200, path
            total += len(answer.content)
    assert total < 200_000
    assert "set-cookie" not in page.headers
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert 'style="' not in html and "onload" not in html


def test_languages(site: Site) -> None:
    assert "Seen 6 s ago" in site.get("/?lang=en").text
    assert 'href="/view/gate?lang=en"' in site.get("/?lang=en").text
    assert "East Gate Square" in site.get("/", **{"Accept-Language": "de, en;q=0.8, zh;q=0.5"}).text
    assert '<html lang="zh-CN">' in site.get("/", **{"Accept-Language": "fr"}).text
    odd = site.get('/?lang="><script>alert(1)</script>')
    assert odd.status_code == 200 and "alert(1)" not in odd.text


def test_the_notice_is_shown_in_both_languages(site: Site) -> None:
    site.set(notice="今晚有雨 <注意>", notice_en="Rain tonight")
    assert "今晚有雨 &lt;注意&gt;" in site.get("/").text
    assert "Rain tonight" in site.get("/?lang=en").text


def test_stills_are_real_pictures(site: Site) -> None:
    poster, thumb = site.get("/live/gate/poster.jpg"), site.get("/live/gate/thumb.jpg")
    assert poster.headers["content-type"] == "image/jpeg"
    assert poster.content[:3] == thumb.content[:3] == b"\xff\xd8\xff"
    assert len(thumb.content) < len(poster.content) < 80_000
    assert site.get("/live/pier/poster.jpg").status_code == 404


def test_a_broken_index_shows_no_picture_and_breaks_nothing_else(site: Site) -> None:
    for broken in ("{", '{"segments": [{"file": "../../etc/passwd"}]}', "[]"):
        (site.hls / "gate" / "index.json").write_text(broken)
        site.clock.advance(1.01)
        assert site.get("/live/gate/index.m3u8").status_code == 404
        assert site.get("/").status_code == 200


def test_api_and_probes(site: Site) -> None:
    cameras = site.get("/api/cameras").json()
    assert [c["code"] for c in cameras] == ["gate", "pier"]
    assert cameras[0]["seen_at"] == "2026-03-01T03:59:54+00:00"
    assert cameras[1]["seen_at"] is None
    health = site.get("/healthz").json()
    assert health["state"] == "ok" and health["views"] == 2 and health["views_with_picture"] == 1
    metrics = site.get("/metrics").text
    assert 'wanglou_portal_views{process="portal"} 2' in metrics


def test_tiles_come_from_the_public_views(site: Site) -> None:
    site.database.run(
        "INSERT INTO map_area (source, kind, name, geom) VALUES ('t', 'water', '娄江', "
        "ST_Multi(ST_SetSRID(ST_MakeEnvelope(120.9, 31.3, 121.0, 31.4), 4326)))"
    )
    answer = site.get("/tiles/base/12/3424/1671.mvt")
    assert answer.status_code == 200 and b"water" in answer.content
    again = site.get("/tiles/base/12/3424/1671.mvt", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_without_a_database_nothing_is_shown(site: Site) -> None:
    assert site.get("/live/gate/24.m4s").status_code == 200
    admin = Database(site.database.url).connect()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"REVOKE SELECT ON public_setting FROM {PORTAL_ROLE}")
        cursor.execute(f"ALTER ROLE {PORTAL_ROLE} NOLOGIN")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            [PORTAL_ROLE],
        )
    try:
        site.clock.advance(1.01)
        assert site.get("/live/gate/24.m4s").status_code == 503
        page = site.get("/")
        assert page.status_code == 503 and "暂时无法提供画面" in page.text
        assert site.get("/healthz").json() == {
            "state": "degraded",
            "version": site.get("/healthz").json()["version"],
            "database": "away",
        }
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {PORTAL_ROLE} LOGIN")
        admin.close()
