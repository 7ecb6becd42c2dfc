"""How long the repair at start-up takes over a long-lived recordings folder: 100,000 closed files, real rows in PostGIS.

The files are small, for nothing looks into one whose row is closed and of its size; the rows have a minute's fragments.
Then a tenth of a percent of them is left as a crash leaves it: whole recordings whose rows are open or missing.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.apart import own_database
from bench.report import Figure
from gis.db import Database
from ingest.fmp4 import Sample, fragment, init_segment, to_media_90k
from ingest.fmp4_marks import Head, write_head, write_seal
from ingest.record import chain
from ingest.record.repair import RepairReport, repair
from ingest.unit import StreamFormat

CAMERAS = 50
FILES = 2000  # per camera: a week of five-minute files
UNSETTLED = 2  # of each camera: one with an open row, one without a row
_FILE_BYTES = 100
_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
_EVERY = timedelta(minutes=5)

_ROWS = """
INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, height_px,
                     frag_offset, frag_length, frag_start_90k, frag_duration_90k, frag_video_length, frag_key,
                     frag_sha256)
SELECT c.id, c.code || '/' || to_char(t AT TIME ZONE 'UTC', 'YYYY/MM/DD/HH24MISS') || '-1.mp4', t,
       t + interval '5 minutes', 1000, %(bytes)s, 1500, 'avc1.42c01f', 1920, 1080,
       a.n, a.n, a.n, a.n, a.n, array_fill(true, ARRAY[60]), decode(repeat(md5(c.code || t::text), 120), 'hex')
FROM camera c
CROSS JOIN generate_series(%(first)s::timestamptz, %(last)s, '5 minutes') AS t
CROSS JOIN (SELECT array_agg(i * 90000) AS n FROM generate_series(1, 60) AS i) AS a
"""


def figures() -> list[Figure]:
    """Seconds for a settled folder, and for one after a crash."""
    with (
        tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder,
        own_database(Path(folder)) as database,
    ):
        return _measured(database, Path(folder) / "recordings")


def _measured(database: Database, root: Path) -> list[Figure]:
    ids = {f"bench-{n}": _add_camera(database, f"bench-{n}") for n in range(CAMERAS)}
    for code in ids:
        for number in range(FILES):
            path = root / _path(code, number)
            if number % 288 == 0:
                path.parent.mkdir(parents=True)
            path.write_bytes(bytes(_FILE_BYTES))
    last = _FIRST + _EVERY * (FILES - 1)
    database.run(_ROWS, {"bytes": _FILE_BYTES, "first": _FIRST, "last": last})
    database.run("ANALYZE segment")
    count = CAMERAS * FILES
    found: list[tuple[float, float]] = []
    for _ in range(3):
        started_s, worked_s = time.monotonic(), time.process_time()
        report = repair(root, database, ids)
        found.append((time.monotonic() - started_s, time.process_time() - worked_s))
        if report != RepairReport():
            raise RuntimeError(f"a settled folder was repaired: {report}")
    _crash(database, root, ids)
    started_s = time.monotonic()
    report = repair(root, database, ids)
    after_s = time.monotonic() - started_s
    if report != RepairReport(indexed=CAMERAS * UNSETTLED):
        raise RuntimeError(f"not every file was settled: {report}")
    settled = f"start-up, {count} files settled"
    middle = sorted(found)[1]
    crashed = f"start-up, {count} files, {CAMERAS * UNSETTLED} left by a crash"
    return [
        Figure("record", settled, "repair, median of 3", middle[0], "s"),
        Figure("record", settled, "of it cpu of this process", middle[1], "s"),
        Figure("record", crashed, "repair", after_s, "s"),
    ]


def _add_camera(database: Database, code: str) -> int:
    rows = database.rows(
        "INSERT INTO camera (code, name, url, geom) VALUES (%(code)s, %(code)s, 'rtsp://192.0.2.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) RETURNING id",
        {"code": code},
    )
    return int(rows[0].id)


def _path(code: str, number: int) -> str:
    at = _FIRST + _EVERY * number
    return f"{code}/{at:%Y/%m/%d/%H%M%S}-1.mp4"


def _crash(database: Database, root: Path, ids: dict[str, int]) -> None:
    """The last two files of each camera are whole recordings of 20 s; one row is open, the other one missing."""
    for code in ids:
        for number in (FILES - 2, FILES - 1):
            at = _FIRST + _EVERY * number
            (root / _path(code, number)).write_bytes(_recording(code, at))
    database.run(
        "UPDATE segment SET open = true, frag_offset = '{}', frag_length = '{}', frag_start_90k = '{}', "
        "frag_duration_90k = '{}', frag_video_length = '{}', frag_key = '{}', frag_sha256 = '' WHERE start_at = %s",
        [_FIRST + _EVERY * (FILES - 2)],
    )
    database.run("DELETE FROM segment WHERE start_at = %s", [_FIRST + _EVERY * (FILES - 1)])


def _recording(code: str, at: datetime) -> bytes:
    """Twenty fragments of a second and 250 kB, as the recorder writes them."""
    form = StreamFormat("mjpeg", (), 1920, 1080, "mp4v.6C", 0)
    parts = [init_segment(form, None, write_head(Head(code, "main", 1, chain.FIRST)))]
    link, start_90k = chain.FIRST, to_media_90k(at)
    samples = [Sample(bytes(10_000), 3600, 0, True) for _ in range(25)]
    for number in range(20):
        decode_90k = start_90k + number * 90_000
        data = fragment(number + 1, decode_90k, samples)
        link = chain.link(link, chain.digest(data), decode_90k, 90_000)
        parts += [data, write_seal(link)]
    return b"".join(parts)
