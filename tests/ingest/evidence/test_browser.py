"""Exported films, and the pieces that players fetch, in a real Chromium."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gis.clock import SystemClock
from gis.db import Database
from ingest import store
from ingest.fmp4 import to_media_90k
from ingest.fmp4_table import one_track
from ingest.record.keys import key_frames
from ingest.record.played import played
from ingest.record.storage import Storage
from tests.ingest.evidence.footage import camera, write_segment
from tests.ingest.evidence.test_export import HOUR, pack
from tests.ingest.record.recordings import add_camera, record
from tests.ingest.streams import START, mixed, sound, units

FILM = """
<video id=v muted src="01-gate.mp4"><track default src="01-gate.vtt"></video>
<script>
const v = document.getElementById('v');
window.seek = (at) => new Promise((done, failed) => {
  v.onerror = () => failed(new Error(v.error.message));
  v.onseeked = () => done([v.duration, v.currentTime, v.videoWidth]);
  v.currentTime = at;
});
window.ready = new Promise((done, failed) => {
  v.onloadeddata = () => done(v.duration);
  v.onerror = () => failed(new Error(v.error.message));
});
</script>
"""
PIECES = """
<video id=v muted></video>
<script>
window.append = async (mime, pieces, base_s) => {
  const v = document.getElementById('v');
  const source = new MediaSource();
  v.src = URL.createObjectURL(source);
  await new Promise((done) => source.addEventListener('sourceopen', done, {once: true}));
  const buffer = source.addSourceBuffer(mime);
  buffer.timestampOffset = -base_s;
  for (const piece of pieces) {
    const data = Uint8Array.from(atob(piece), (c) => c.charCodeAt(0));
    await new Promise((done, failed) => {
      buffer.onupdateend = done;
      buffer.onerror = () => failed(new Error('not taken'));
      buffer.appendBuffer(data);
    });
  }
  const spans = [];
  for (let n = 0; n < buffer.buffered.length; n++) spans.push([buffer.buffered.start(n), buffer.buffered.end(n)]);
  await new Promise((done) => { v.onseeked = done; v.currentTime = spans[0][0] + 0.5; });
  return [spans, v.videoWidth];
};
</script>
"""


@pytest.mark.parametrize("tone", [None, "aac", "pcma"])
def test_chromium_plays_an_exported_film_and_seeks_in_it(
    page: Page, tmp_path: Path, tone: str | None
) -> None:
    segment, _ = write_segment(tmp_path, tone=tone, b_frames=2, holes=[3])
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment))
    with zipfile.ZipFile(target) as package:
        package.extractall(tmp_path)
    (tmp_path / "film.html").write_text(FILM)
    page.goto((tmp_path / "film.html").as_uri())
    assert page.evaluate("window.ready") == pytest.approx(5, abs=0.2)
    for at in (4.5, 0.2, 3.0):
        duration, now, width = page.evaluate(f"window.seek({at})")
        assert (now, width) == (pytest.approx(at, abs=0.05), 320)
        assert duration == pytest.approx(5, abs=0.2)


def test_chromium_takes_byte_ranges_and_key_frames_of_a_file_with_sound(
    page: Page, database: Database, tmp_path: Path
) -> None:
    import base64

    one = add_camera(database)
    rows = record(tmp_path, one, [mixed(units(), sound("pcma"))])
    store.save_segments(database, rows)
    storage = Storage(database, tmp_path, b"", SystemClock())
    files = played(database, one.id, START, START + HOUR)
    file = files[0][0]
    f = file.fragments
    with storage.open_segment(file.head.id) as reader:
        pieces = [one_track(reader.read_at(0, file.head.init_bytes))]
        pieces += [
            reader.read_at(int(o), int(n)) for o, n in zip(f.offset, f.video_length, strict=True)
        ]
    mime = f'video/mp4; codecs="{file.head.codec}"'
    base_s = to_media_90k(START) / 90_000
    for given in (pieces, list(key_frames(storage, files, 0))):
        page.set_content(PIECES)
        coded = [base64.b64encode(p).decode() for p in given]
        spans, width = page.evaluate("([a, b, c]) => window.append(a, b, c)", [mime, coded, base_s])
        assert width == 320
        assert spans == [[pytest.approx(0, abs=0.01), pytest.approx(5, abs=0.15)]]
