"""Recordings as players take them, over the API of a real console, with what the recorder wrote."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import av
import pytest

from gis.db import Database
from gis.errors import Overloaded
from ingest import store
from ingest.fmp4 import to_media_90k
from ingest.record.background import Background
from tests.ingest.record.recordings import make_camera, record
from tests.ingest.streams import START, jpegs, mixed, sound, units, until
from tests.support.console import Browser, Server, add_camera
from web.model import ConsoleSettings

WINDOW = {"from": START.isoformat(), "to": (START + timedelta(seconds=60)).isoformat()}


@pytest.fixture
def rita(console: Server) -> Browser:
    return console.browser().login("rita")


def keep(database: Database, settings: ConsoleSettings, code: str, *streams: list) -> int:  # type: ignore[type-arg]
    """Records the streams of a new camera, a connection each; its id."""
    camera_id = add_camera(database, code)
    rows = record(settings.recordings, make_camera(camera_id, code), streams)
    assert store.save_segments(database, rows) == []
    return camera_id


def frames(data: bytes, kind: str = "video") -> list[float]:
    """Times of what can be decoded, seconds since the first."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        times = [float(f.pts * f.time_base) for f in container.decode(**{kind: 0})]
    return [t - to_media_90k(START) / 90_000 for t in times]


@pytest.mark.parametrize("tone", [None, "pcma", "aac"])
def test_the_playlist_plays_whatever_sound_there_is(
    console: Server, rita: Browser, database: Database, settings: ConsoleSettings, tone: str | None
) -> None:
    later = START + timedelta(seconds=20)
    streams = [units(), units(session=2, start=later)]
    both = [
        mixed(s, sound(tone, start=at)) if tone else s
        for s, at in zip(streams, (START, later), strict=True)
    ]
    camera = keep(database, settings, "gate", *both)
    url = f"{console.url}/api/v1/recordings/{camera}/playlist.m3u8"
    text = rita.get(url, params=WINDOW).text
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    cookies = "; ".join(f"{c.name}={c.value}" for c in rita.cookies.jar)
    address = str(rita.build_request("GET", url, params=WINDOW).url)
    options = {
        "headers": f"Cookie: {cookies}\r\n",
        "allowed_extensions": "ALL",
        "extension_picky": "0",
    }
    with av.open(address, options=options) as container:
        assert [s.type for s in container.streams] == ["video"]
        assert sum(1 for _ in container.decode(video=0)) == 100


def test_the_index_tells_where_every_fragment_lies(
    rita: Browser, database: Database, settings: ConsoleSettings
) -> None:
    camera = keep(database, settings, "gate", mixed(units(), sound("pcma")))
    index = rita.get(f"/api/v1/recordings/{camera}/index", params=WINDOW).json()
    (file,) = index["files"]
    assert (file["codec"], file["audio"], file["parts"]) == ("avc1.42c00b", "alaw", [])
    assert file["media_90k"] == to_media_90k(START) and len(file["fragments"]) == 5
    init = rita.get(f"/api/v1/recordings/segments/{file['id']}/init.mp4")
    assert init.headers["content-type"] == "video/mp4"
    offset, video, whole, start, lasts = file["fragments"][2]
    assert whole > video and (start, lasts) == (180_000, 90_000)
    url = f"/api/v1/recordings/segments/{file['id']}.mp4"
    part = rita.get(url, headers={"Range": f"bytes={offset}-{offset + video - 1}"}).content
    assert frames(init.content + part) == pytest.approx([2 + n / 10 for n in range(10)], abs=1e-3)
    same = rita.get(f"/api/v1/recordings/segments/{file['id']}/video/2-2.m4s")
    assert same.content == part
    two = rita.get(f"/api/v1/recordings/segments/{file['id']}/video/1-2.m4s").content
    assert two.endswith(part) and len(frames(init.content + two)) == 20
    assert rita.get(f"/api/v1/recordings/segments/{file['id']}/video/3-9.m4s").status_code == 404
    late = {"from": (START + timedelta(seconds=3.5)).isoformat(), "to": WINDOW["to"]}
    (file,) = rita.get(f"/api/v1/recordings/{camera}/index", params=late).json()["files"]
    assert [row[3] for row in file["fragments"]] == [270_000, 360_000]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_key_frames_alone_keep_their_times(
    rita: Browser, database: Database, settings: ConsoleSettings, b_frames: int
) -> None:
    later = START + timedelta(seconds=20)
    camera = keep(
        database, settings, "gate", mixed(units(b_frames=b_frames), sound("aac")),
        units(session=2, start=later, b_frames=b_frames),
    )  # fmt: skip
    url = f"/api/v1/recordings/{camera}/keys.mp4"
    answer = rita.get(url, params=WINDOW)
    wanted = [*range(5), *range(20, 25)]
    assert frames(answer.content) == pytest.approx(wanted, abs=0.001)
    assert float(answer.headers["x-footage-seconds"]) == 10
    thin = rita.get(url, params=WINDOW | {"step_s": 2})
    assert frames(thin.content) == pytest.approx([0, 2, 4, 20, 22, 24], abs=0.001)
    assert len(thin.content) < len(answer.content)


@pytest.mark.parametrize("what", ["hevc", "mjpeg"])
def test_other_pictures_are_made_while_they_are_sent(
    rita: Browser, database: Database, settings: ConsoleSettings, what: str
) -> None:
    stream = units(codec="hevc") if what == "hevc" else jpegs(20)
    camera = keep(database, settings, "gate", stream)
    with rita.stream("GET", f"/api/v1/recordings/{camera}/transcoded.mp4", params=WINDOW) as answer:
        assert answer.status_code == 200
        length_s = float(answer.headers["x-footage-seconds"])
        data = answer.read()
    times = frames(data)
    assert len(times) == len(stream) and length_s == pytest.approx(len(stream) / 10, abs=0.1)
    assert times == pytest.approx([n / 10 for n in range(len(stream))], abs=0.001)
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        assert container.streams.video[0].codec_context.name == "h264"
    long = WINDOW | {"to": (START + timedelta(hours=2)).isoformat()}
    assert rita.get(f"/api/v1/recordings/{camera}/transcoded.mp4", params=long).status_code == 422


@pytest.mark.parametrize(
    ("tone", "codec"), [("aac", "aac"), ("opus", "opus"), ("pcma", "aac"), ("pcmu", "aac")]
)
def test_sound_comes_by_itself(
    rita: Browser, database: Database, settings: ConsoleSettings, tone: str, codec: str
) -> None:
    later = START + timedelta(seconds=20)
    camera = keep(
        database, settings, "gate", mixed(units(), sound(tone)),
        mixed(units(session=2, start=later), sound(tone, session=2, start=later)),
    )  # fmt: skip
    answer = rita.get(f"/api/v1/recordings/{camera}/audio.mp4", params=WINDOW)
    assert answer.status_code == 200
    wanted = "opus" if codec == "opus" else "mp4a.40.2"
    assert answer.headers["content-type"] == f'audio/mp4; codecs="{wanted}"'
    with av.open(io.BytesIO(answer.content), "r", format="mp4") as container:
        assert [s.codec_context.name for s in container.streams] == [codec]
        heard = list(container.decode(audio=0))
    base = to_media_90k(START) / 90_000
    begins = [float(f.pts * f.time_base) - base for f in heard]
    assert begins[0] == pytest.approx(0, abs=0.15)
    lasts_s = sum(f.samples / f.sample_rate for f in heard)
    assert lasts_s == pytest.approx(10, abs=0.6)
    second = [t for t in begins if t > 15]
    assert second[0] == pytest.approx(20, abs=0.15)


def test_what_there_is_not_is_said(
    console: Server, rita: Browser, database: Database, settings: ConsoleSettings
) -> None:
    camera = keep(database, settings, "gate", units())
    assert rita.get(f"/api/v1/recordings/{camera}/audio.mp4", params=WINDOW).status_code == 404
    other = keep(database, settings, "yard", units(camera_id=2))
    scoped = console.browser().login("scoped")  # sees camera 1 alone
    number = database.rows("SELECT id FROM segment WHERE camera_id = %s", [other])[0].id
    for path in (
        f"{other}/index", f"{other}/keys.mp4", f"{other}/transcoded.mp4", f"{other}/audio.mp4",
        f"segments/{number}/init.mp4", f"segments/{number}/video/0-0.m4s",
    ):  # fmt: skip
        assert scoped.get(f"/api/v1/recordings/{path}", params=WINDOW).status_code == 404, path
        resi = console.browser().login("resi").get(f"/api/v1/recordings/{path}", params=WINDOW)
        assert resi.status_code == 403, path
    row = database.row("SELECT path FROM segment WHERE camera_id = %s", [camera])
    assert row is not None
    (settings.recordings / row.path).unlink()
    gone = rita.get(f"/api/v1/recordings/{camera}/keys.mp4", params=WINDOW)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")
    assert "can be read" in gone.json()["error"]["message"]
    empty = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-01T01:00:00Z"}
    assert rita.get(f"/api/v1/recordings/{camera}/index", params=empty).status_code == 404


def views(console: Server) -> list[dict[str, Any]]:
    params = {"actor": "rita"}
    entries = console.browser().login("root-1").get("/api/v1/audit", params=params).json()
    return [e for e in entries if e["action"] == "view_recording"]


def test_viewing_is_written_down_once_a_sitting(
    console: Server, rita: Browser, database: Database, settings: ConsoleSettings
) -> None:
    camera = keep(database, settings, "gate", units())
    rita.get(f"/api/v1/recordings/{camera}/index", params=WINDOW)
    rita.get(f"/api/v1/recordings/{camera}/keys.mp4", params=WINDOW)
    rita.get("/api/v1/recordings/segments/1/init.mp4")
    entries = views(console)
    assert len(entries) == 1
    assert datetime.fromisoformat(entries[0]["detail"]["from"]) == START
    went_on = {"from": WINDOW["from"], "to": (START + timedelta(seconds=90)).isoformat()}
    rita.get(f"/api/v1/recordings/{camera}/index", params=went_on)
    assert len(views(console)) == 1
    jumped = {"from": (START - timedelta(seconds=30)).isoformat(), "to": WINDOW["to"]}
    rita.get(f"/api/v1/recordings/{camera}/index", params=jumped)
    assert len(views(console)) == 2


def test_no_more_than_a_few_are_made_at_once() -> None:
    go = threading.Event()
    work = Background(1, "things")

    def slowly() -> Iterator[bytes]:
        yield b"a"
        go.wait(10)
        yield b"b"

    stream = work.stream(slowly)
    assert next(stream) == b"a"
    with pytest.raises(Overloaded, match="1 things are being made already"):
        work.stream(slowly)
    go.set()
    assert list(stream) == [b"b"]
    stream.join(5)
    again = work.stream(slowly)
    assert list(again) == [b"a", b"b"]


def test_work_that_nobody_reads_ends_and_a_failure_reaches_the_reader() -> None:
    made = []

    def endless() -> Iterator[bytes]:
        while True:
            made.append(1)
            yield b"x"

    work = Background(1, "things")
    stream = work.stream(endless)
    assert next(stream) == b"x"
    stream.close()
    stream.join(5)
    count = len(made)
    assert count < 12

    def failing() -> Iterator[bytes]:
        yield b"a"
        raise ValueError("odd")

    until(lambda: work._slots.acquire(blocking=False), "the slot")
    work._slots.release()
    bad = work.stream(failing)
    assert next(bad) == b"a"
    with pytest.raises(ValueError, match="odd"):
        next(bad)
