"""Playing and exporting what was recorded: playlists, seeking, packing and checking, with a real database and real files.

A playlist is timed without what a console keeps of earlier ones, with the database's own caches warm. An export is timed beside
``ffmpeg -c copy`` joining the same files into one, which proves nothing but costs the same reading and writing.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from bench.apart import own_database
from bench.replay_server import Shape, encode_pictures
from bench.report import Figure, percentile
from gis.clock import SystemClock
from gis.db import Database
from ingest import store as recordings
from ingest.evidence import store
from ingest.evidence.export import Maker, write_package
from ingest.evidence.model import Order
from ingest.evidence.signature import signing_key
from ingest.evidence.verify import verify
from ingest.fmp4 import Sample, fragment_parts, init_segment, to_media_90k
from ingest.fmp4_marks import write_seal
from ingest.fmp4_table import one_track
from ingest.record import chain, played
from ingest.record.model import Fragment, SegmentRow
from ingest.record.playlist import Playlists
from ingest.record.storage import Storage
from ingest.unit import UnitParser

START = datetime(2026, 3, 1, tzinfo=UTC)
FILE_S = 300
DAYS = 30
SEEKS = 200
REPEATS = 15
EXPORT_FILES = 12


def measure() -> list[Figure]:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder:
        root = Path(folder)
        with own_database(root) as database:
            figures = playlists(database)
            figures += seeking(database, root / "recordings")
            figures += packing(database, root)
            return figures


def playlists(database: Database) -> list[Figure]:
    """24 hours as a playlist."""
    figures: list[Figure] = []
    for case, fragment_s, audio in (
        ("86,400 fragments of 1 s", 1, None),
        ("86,400 fragments of 1 s with sound", 1, "alaw"),
        ("43,200 fragments of 2 s", 2, None),
    ):
        camera_id = _camera(database, f"list-{len(figures)}")
        _day_rows(database, camera_id, fragment_s, audio, days=3)
        cold = [_playlist_s(Playlists(database), camera_id) for _ in range(REPEATS)]
        kept = Playlists(database)
        _playlist_s(kept, camera_id)
        warm = [_playlist_s(kept, camera_id) for _ in range(REPEATS)]
        for metric, times in (("playlist of 24 h, first time", cold), ("again", warm)):
            value = statistics.median(times) * 1000
            figures.append(Figure("playback", case, f"{metric}, median", value, "ms"))
            figures.append(Figure("playback", case, f"{metric}, best", min(times) * 1000, "ms"))
    return figures


def seeking(database: Database, root: Path) -> list[Figure]:
    """From a moment anywhere in thirty days to its first picture decoded: index, init, fragment, decoder."""
    camera_id = _camera(database, "seek")
    data, row = _file(camera_id, "seek/one.mp4", START)
    (root / "seek").mkdir(parents=True)
    (root / "seek" / "one.mp4").write_bytes(data)
    rows: list[SegmentRow] = []
    for n in range(DAYS * 86400 // FILE_S):
        at = START + timedelta(seconds=n * FILE_S)
        path = f"seek/{n}.mp4"
        os.link(root / "seek" / "one.mp4", root / path)
        rows.append(_moved(row, path, at))
        if len(rows) == 100:
            recordings.save_segments(database, rows)
            rows = []
    recordings.save_segments(database, rows)
    database.run("ANALYZE segment")
    storage = Storage(database, root, b"", SystemClock())
    chance = random.Random(1)
    times: list[float] = []
    for _ in range(SEEKS):
        at = START + timedelta(seconds=chance.uniform(0, DAYS * 86400 - FILE_S))
        began_s = time.perf_counter()
        _first_picture(database, storage, camera_id, at)
        times.append((time.perf_counter() - began_s) * 1000)
    case = f"{DAYS} days, {DAYS * 86400 // 2:,} fragments of 2 s, 1080p"
    return [
        Figure("playback", case, "seek to the first decoded picture, median", statistics.median(times), "ms"),
        Figure("playback", case, "seek to the first decoded picture, p95", percentile(times, 0.95), "ms"),
    ]  # fmt: skip


def packing(database: Database, root: Path) -> list[Figure]:
    """Export and check of an hour at 2 Mbit/s."""
    camera_id = _camera(database, "export")
    folder = root / "recordings" / "export"
    folder.mkdir(parents=True)
    rows: list[SegmentRow] = []
    link = chain.FIRST
    for n in range(EXPORT_FILES):
        at = START + timedelta(seconds=n * FILE_S)
        data, row = _file(camera_id, f"export/{n}.mp4", at, link)
        link = row.chain_after or chain.FIRST
        (folder / f"{n}.mp4").write_bytes(data)
        rows.append(row)
    recordings.save_segments(database, rows)
    end = START + timedelta(seconds=EXPORT_FILES * FILE_S)
    clock = SystemClock()
    storage = Storage(database, root / "recordings", b"", clock)
    cameras = store.footage(database, [camera_id], START, end, store.gaps(database, clock))
    order = Order(START, end, "bench", "measurement")
    package = root / "package.zip"
    began_s = time.perf_counter()
    maker = Maker("bench", "bench", signing_key(root), clock.now())
    with package.open("wb") as out:
        packed = write_package(out, order, cameras, store.opener(storage), maker, lambda _: None)
        out.flush()
        os.fsync(out.fileno())
    export_s = time.perf_counter() - began_s
    listing = root / "files.txt"
    listing.write_text("".join(f"file '{folder / f'{n}.mp4'}'\n" for n in range(EXPORT_FILES)))
    joined = root / "joined.mp4"
    began_s = time.perf_counter()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", listing, "-c", "copy", joined],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    with joined.open("rb") as file:
        os.fsync(file.fileno())
    ffmpeg_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    verdict = verify(package)
    verify_s = time.perf_counter() - began_s
    if not verdict.genuine:
        raise RuntimeError(f"the package is not genuine: {verdict.findings[:3]}")
    footage_s = packed.footage_90k / 90_000
    case = f"1 hour, 1080p25, {package.stat().st_size / 1e6:.0f} MB"
    times_real = footage_s / export_s
    theirs = footage_s / ffmpeg_s
    return [
        Figure("playback", case, "export", times_real, "× real time", theirs, times_real / theirs),
        Figure("playback", case, "verify", footage_s / verify_s, "× real time"),
        Figure("playback", case, "export", package.stat().st_size / export_s / 1e6, "MB/s"),
    ]


def _playlist_s(lists: Playlists, camera_id: int) -> float:
    """How long the playlist of the second day takes."""
    began_s = time.perf_counter()
    lists.playlist(camera_id, START + timedelta(days=1), START + timedelta(days=2))
    return time.perf_counter() - began_s


def _camera(database: Database, code: str) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom, created_at) VALUES (%(code)s, %(code)s, 'rtsp://h/x', "
        "ST_SetSRID(ST_MakePoint(121, 31), 4326), %(at)s) RETURNING id",
        {"code": code, "at": START},
    )
    assert row is not None
    return int(row.id)


def _day_rows(
    database: Database, camera_id: int, fragment_s: int, audio: str | None, days: int
) -> None:
    """Index rows without files: what a playlist needs."""
    size = 250_000 * fragment_s
    count = FILE_S // fragment_s
    fragments = tuple(
        Fragment(
            1000 + n * (size + 56), size, n * fragment_s * 90_000, fragment_s * 90_000,
            size if audio is None else size - 8000, True, bytes(32),
        )
        for n in range(count)
    )  # fmt: skip
    rows: list[SegmentRow] = []
    for n in range(days * 86400 // FILE_S):
        at = START + timedelta(seconds=n * FILE_S)
        rows.append(
            SegmentRow(
                camera_id, f"list-{camera_id}/{n}.mp4", at, 1000, FILE_S * 25, "avc1.640028", 1920, 1080, fragments,
                False, "main", audio, to_media_90k(at), (), bytes(32), bytes(32),
            )
        )  # fmt: skip
        if len(rows) == 100:
            recordings.save_segments(database, rows)
            rows = []
    recordings.save_segments(database, rows)
    database.run("ANALYZE segment")


_CLIP: list[tuple[bytes, list[Sample]]] = []


def _clip() -> tuple[bytes, list[Sample]]:
    """An init segment and one GOP of 1080p25 at 2 Mbit/s."""
    if not _CLIP:
        shape = Shape()
        parser = UnitParser("h264")
        samples: list[Sample] = []
        form = None
        for units in encode_pictures(shape):
            parsed = parser.parse(units)
            if parsed is not None:
                form = parsed.format
                samples.append(Sample(parsed.sample, 90_000 // shape.fps, 0, parsed.key))
        assert form is not None
        _CLIP.append((init_segment(form), samples))
    return _CLIP[0]


def _file(
    camera_id: int, path: str, at: datetime, link: bytes = chain.FIRST
) -> tuple[bytes, SegmentRow]:
    """A recording file of :data:`FILE_S` and its row."""
    init, samples = _clip()
    lasts_90k = sum(s.duration_90k for s in samples)
    media_90k = to_media_90k(at)
    parts: list[bytes] = [init]
    fragments: list[Fragment] = []
    offset, before = len(init), link
    for n in range(FILE_S * 90_000 // lasts_90k):
        decode = media_90k + n * lasts_90k
        data = b"".join(fragment_parts(n + 1, decode, samples))
        sha = chain.digest(data)
        link = chain.link(link, sha, decode, lasts_90k)
        parts += [data, write_seal(link)]
        fragments.append(
            Fragment(offset, len(data), n * lasts_90k, lasts_90k, len(data), True, sha)
        )
        offset += len(parts[-2]) + len(parts[-1])
    row = SegmentRow(
        camera_id, path, at, len(init), FILE_S * 25, "avc1.640028", 1920, 1080, tuple(fragments), False, "main",
        None, media_90k, (), before, link,
    )  # fmt: skip
    return b"".join(parts), row


def _moved(row: SegmentRow, path: str, at: datetime) -> SegmentRow:
    return SegmentRow(
        row.camera_id, path, at, row.init_length, row.frames, row.codec, row.width_px, row.height_px,
        row.fragments, False, "main", None, to_media_90k(at), (), row.chain_before, row.chain_after,
    )  # fmt: skip


def _first_picture(
    database: Database, storage: Storage, camera_id: int, at: datetime
) -> av.VideoFrame:
    files: Sequence[tuple[played.Played, slice]] = played.played(
        database, camera_id, at, at + timedelta(minutes=10)
    )
    file, part = files[0]
    f = file.fragments
    with storage.open_segment(file.head.id) as reader:
        init = one_track(reader.read_at(0, file.head.init_bytes))
        data = reader.read_at(int(f.offset[part.start]), int(f.video_length[part.start]))
    with av.open(io.BytesIO(init + data), "r", format="mp4") as container:
        return next(container.decode(video=0))
