"""Live views: the hub's queues, WebRTC and MSE in real Chromium, snapshots, and the portal's files."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from gis.clock import ManualClock, SystemClock
from gis.model import LonLat
from ingest.live import hub as hub_module
from ingest.live.control import ControlServer
from ingest.live.hls import HlsWriter, read_index
from ingest.live.hub import LiveHub, StreamEnded
from ingest.live.mse import MseCutter
from ingest.live.whep import RtpClock
from ingest.model import Camera
from ingest.unit import MediaUnit
from tests.ingest.streams import START, ffprobe, units, until

CAMERA = Camera(
    1, "gate", "gate", None, "rtsp://h/x", None, None, LonLat(121, 31), None,
    True, True, True, True, 30, 1,
)  # fmt: skip


def drain(hub: LiveHub, feed: list[MediaUnit], joined_after: int) -> list[MediaUnit]:
    """What a viewer that joins after some units and reads only at the end is given."""

    async def watch() -> list[MediaUnit]:
        for unit in feed[:joined_after]:
            hub.unit(CAMERA, unit)
        viewer = hub.join(CAMERA.id, asyncio.get_running_loop())
        assert viewer is not None
        for unit in feed[joined_after:]:
            hub.unit(CAMERA, unit)
        got = []
        while viewer._queue:
            got.append(await viewer.next())
        viewer.close()
        with pytest.raises(StreamEnded):
            await viewer.next()
        hub.leave(viewer)
        return got

    # Playwright keeps a loop running in the main thread, so this one runs in another.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, watch()).result()


def test_joiner_begins_at_the_open_gop() -> None:
    stream = units()
    assert drain(LiveHub(), stream, 27) == stream[20:]


def test_slow_viewer_jumps_to_a_key_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_UNITS", 14)
    hub, stream = LiveHub(), units()
    got = drain(hub, stream, 1)
    assert got[0].packet.key
    assert got == stream[-len(got) :]
    assert hub.dropped_gops >= 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-5_000, 50_000), st.floats(0, 5)), max_size=40
    ),
    st.integers(0, 10),
)
def test_rtp_time_always_grows(steps: list[tuple[int, int, float]], replay: int) -> None:
    clock, now_s, out = RtpClock(), 0.0, []
    for index, (session, pts, wait_s) in enumerate(steps):
        now_s += wait_s
        out.append(clock.stamp(session, pts, now_s, max(0, replay - index)))
    assert all(b > a for a, b in itertools.pairwise(out))


def test_replay_is_pressed_together_and_the_live_part_keeps_its_spacing() -> None:
    clock = RtpClock()
    out = [clock.stamp(1, 9000 * i, 0.0, max(0, 5 - i)) for i in range(10)]
    assert out[5] - out[0] < 900
    assert [b - a for a, b in itertools.pairwise(out[5:])] == [9000] * 4
    after = clock.stamp(2, 0, 3.0, 0)
    assert after - out[-1] == 3 * 90_000


def test_mse_messages_make_a_file_without_faults(tmp_path: Path) -> None:
    cutter = MseCutter()
    out = [m for u in units()[20:] for m in cutter.take(u)]
    assert json.loads(str(out[0])) == {"mime": f'video/mp4; codecs="{units()[0].format.rfc6381}"'}
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(m for m in out if isinstance(m, bytes)))
    facts = ffprobe(path)
    assert int(facts["streams"][0]["nb_read_frames"]) == 30
    assert float(facts["format"]["duration"]) == pytest.approx(3.0, abs=1e-3)
    again = cutter.take(units(session=2)[0])
    assert "mime" in str(again[0])


class Feeder(threading.Thread):
    """Plays a stream into a hub in real time, as a camera does."""

    def __init__(self, hub: LiveHub, codec: str = "h264", b_frames: int = 0, fps: int = 20) -> None:
        super().__init__(daemon=True)
        self._hub = hub
        self._units = units(codec, b_frames=b_frames, fps=fps, frames=100, gop=20)
        self._over = threading.Event()
        self._fps = fps
        self.session = 1
        self.start()
        until(lambda: hub.key_unit(CAMERA.id), "the first picture")

    def run(self) -> None:
        span = len(self._units) * 90_000 // self._fps
        started_s = time.monotonic()
        for number in itertools.count():
            unit = self._units[number % len(self._units)]
            base = number // len(self._units) * span
            packet = replace(
                unit.packet,
                session=self.session,
                pts_90k=unit.packet.pts_90k + base,
                dts_90k=unit.packet.dts_90k + base,
            )
            self._hub.unit(CAMERA, replace(unit, packet=packet))
            if self._over.wait(max(0.0, started_s + (number + 1) / self._fps - time.monotonic())):
                return

    def end(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def control(folder: Path, hub: LiveHub) -> Iterator[tuple[ControlServer, httpx.Client]]:
    server = ControlServer(folder / "ingest.sock", hub, SystemClock(), lambda: {"cameras": []})
    server.start()
    transport = httpx.HTTPTransport(uds=str(folder / "ingest.sock"))
    until((folder / "ingest.sock").exists, "the socket")
    with httpx.Client(transport=transport, base_url="http://ingest", timeout=30) as client:
        try:
            yield server, client
        finally:
            server.stop()
    assert not (folder / "ingest.sock").exists()


OFFER = """async () => {
  const pc = new RTCPeerConnection(); window.pc = pc;
  pc.addTransceiver('video', {direction: 'recvonly'});
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; video.playsInline = true;
  document.body.append(video); window.video = video;
  pc.ontrack = e => { video.srcObject = new MediaStream([e.track]); };
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise(r => pc.iceGatheringState === 'complete' ? r() : pc.addEventListener('icegatheringstatechange',
    () => pc.iceGatheringState === 'complete' && r()));
  return pc.localDescription.sdp;
}"""
ANSWER = """async sdp => {
  const begun = performance.now();
  await pc.setRemoteDescription({type: 'answer', sdp});
  await new Promise((ok, no) => { video.requestVideoFrameCallback(ok); setTimeout(() => no(new Error('no picture: ' + pc.connectionState)), 15000); });
  return performance.now() - begun;
}"""
FRAMES = "() => [video.videoWidth, video.videoHeight, video.getVideoPlaybackQuality().totalVideoFrames, video.currentTime]"


def test_whep_shows_pictures_in_chromium_and_ends_when_the_viewer_leaves(
    page: Page, tmp_path: Path
) -> None:
    hub = LiveHub()
    feeder = Feeder(hub)
    with control(tmp_path, hub) as (server, client):
        answer = client.post("/whep/1", content=page.evaluate(OFFER))
        assert answer.status_code == 201
        assert answer.headers["content-type"] == "application/sdp"
        first_ms = page.evaluate(ANSWER, answer.text)
        width, height, frames, at_s = page.evaluate(FRAMES)
        assert (width, height) == (320, 180)
        until(lambda: page.evaluate(FRAMES)[2] >= frames + 20, "pictures to go on")
        assert page.evaluate(FRAMES)[3] > at_s
        feeder.session = 2  # the camera reconnects: the same view goes on
        frames = page.evaluate(FRAMES)[2]
        until(lambda: page.evaluate(FRAMES)[2] >= frames + 20, "pictures after a reconnection")
        assert hub.viewers(1) == 1
        assert first_ms < 3000
        print(f"first picture after the answer: {first_ms:.0f} ms")
        location = answer.headers["location"]
        assert client.delete(location).status_code == 204
        assert client.delete(location).status_code == 404
        assert hub.viewers() == 0
        # And one whose page simply closes.
        page.evaluate("() => pc.close()")
        again = client.post("/whep/1", content=page.evaluate(OFFER))
        page.evaluate(ANSWER, again.text)
        assert hub.viewers() == 1
        page.evaluate("() => pc.close()")
        until(lambda: hub.viewers() == 0, "the session to end by itself")
        assert server.whep_sessions == 0
    feeder.end()


def test_whep_refuses_what_it_cannot_send(tmp_path: Path) -> None:
    hub = LiveHub()
    with control(tmp_path, hub) as (server, client):
        missing = client.post("/whep/9", content="v=0")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
        for stream in (units("hevc"), units(b_frames=2)):
            hub.unit(CAMERA, stream[0])
            refused = client.post("/whep/1", content="v=0")
            assert refused.status_code == 409
            assert "MSE" in refused.json()["error"]["message"]
        hub.unit(CAMERA, units()[0])
        for text in (
            "",
            "garbage",
            "v=0\r\nm=video x y\r\n",
            "v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\n",
        ):
            bad = client.post("/whep/1", content=text)
            assert (bad.status_code, bad.json()["error"]["code"]) == (422, "invalid"), text
        assert client.post("/whep/1", content="x" * 100_000).status_code == 422
        assert hub.viewers() == 0
        assert server.whep_sessions == 0
        assert client.post("/test", content="no json").status_code == 422
        assert client.get("/state").json() == {"cameras": []}


@contextmanager
def tcp_to_unix(path: Path) -> Iterator[int]:
    """A port that leads to the Unix socket, because a browser knows no Unix sockets."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []

    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def accept() -> None:
        while True:
            try:
                outer, _ = listener.accept()
            except OSError:
                return
            inner = socket.socket(socket.AF_UNIX)
            inner.connect(str(path))
            ends.extend((outer, inner))
            for pair in ((outer, inner), (inner, outer)):
                threading.Thread(target=copy, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for end in ends:
        end.close()


WATCH_MSE = """url => {
  const video = document.createElement('video'); video.muted = true; document.body.append(video);
  window.video = video; window.got = {mimes: [], pieces: 0, errors: [], closed: null};
  const socket = new WebSocket(url); socket.binaryType = 'arraybuffer'; window.mse = socket;
  let buffer = null, queue = [];
  const feed = () => { if (buffer && !buffer.updating && queue.length) { try { buffer.appendBuffer(queue.shift()); } catch (e) { got.errors.push(String(e)); } } };
  socket.onclose = e => { got.closed = e.code; };
  socket.onmessage = e => {
    if (typeof e.data === 'string') {
      const {mime} = JSON.parse(e.data); got.mimes.push(mime);
      const source = new MediaSource(); buffer = null; queue = [];
      video.src = URL.createObjectURL(source);
      source.onsourceopen = () => { buffer = source.addSourceBuffer(mime); buffer.onupdateend = () => {
          const b = video.buffered;
          if (b.length && (video.currentTime < b.start(b.length - 1) || video.currentTime < b.end(b.length - 1) - 1)) video.currentTime = b.end(b.length - 1) - 0.2;
          if (video.paused) video.play().catch(() => 0);
          feed(); };
        buffer.onerror = () => got.errors.push('buffer'); feed(); };
      video.onerror = () => got.errors.push(video.error.message);
    } else { got.pieces++; queue.push(e.data); feed(); }
  };
}"""
LOOK_MSE = "() => ({...got, width: video.videoWidth, at: video.currentTime, ranges: video.buffered.length, end: video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0, frames: video.getVideoPlaybackQuality().totalVideoFrames})"


@pytest.mark.parametrize("b_frames", [0, 2])
def test_mse_shows_pictures_in_chromium_and_follows_a_change(
    page: Page, tmp_path: Path, b_frames: int
) -> None:
    hub = LiveHub()
    feeder = Feeder(hub, b_frames=b_frames)
    with control(tmp_path, hub), tcp_to_unix(tmp_path / "ingest.sock") as port:
        page.evaluate(WATCH_MSE, f"ws://127.0.0.1:{port}/mse/1")
        until(lambda: page.evaluate(LOOK_MSE)["frames"] >= 20, "pictures")
        seen: dict[str, Any] = page.evaluate(LOOK_MSE)
        assert seen["width"] == 320
        assert seen["ranges"] == 1
        assert seen["errors"] == []
        assert seen["end"] - seen["at"] < 1.0  # less than a second behind what has come
        feeder.session = 2
        until(lambda: len(page.evaluate(LOOK_MSE)["mimes"]) == 2, "the new stream")
        until(lambda: page.evaluate(LOOK_MSE)["frames"] >= 20, "pictures of the new stream")
        assert page.evaluate(LOOK_MSE)["errors"] == []
        page.evaluate("() => mse.close()")
        until(lambda: hub.viewers() == 0, "the viewer to be gone")
        page.evaluate(WATCH_MSE, f"ws://127.0.0.1:{port}/mse/77")
        until(lambda: page.evaluate(LOOK_MSE)["closed"] == 4404, "the refusal")
        page.evaluate(WATCH_MSE, f"ws://127.0.0.1:{port}/mse/1")
        until(lambda: page.evaluate(LOOK_MSE)["pieces"], "pictures")
        hub.forget(1)
        until(
            lambda: page.evaluate(LOOK_MSE)["closed"] == 1000,
            "the end when the camera is switched off",
        )
    feeder.end()


def test_snapshot_is_the_last_key_frame(tmp_path: Path) -> None:
    hub = LiveHub()
    with control(tmp_path, hub) as (_, client):
        assert client.get("/snapshot/1.jpg").status_code == 404
        for unit in units()[:28]:
            hub.unit(CAMERA, unit)
        answer = client.get("/snapshot/1.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        columns = np.nonzero(picture[85, :, 2] > 200)[0]
        assert round(int(columns.min()) / 4) == 20
        assert client.get("/snapshot/1.jpg").content == answer.content
        hub.unit(CAMERA, units("hevc", session=2)[0])
        assert client.get("/snapshot/1.jpg").content != answer.content
        hub.ended(CAMERA)
        assert client.get("/snapshot/1.jpg").status_code == 404


def hls_files(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} if folder.is_dir() else set()


def test_hls_parts_play_keep_their_numbers_and_leave_the_window(tmp_path: Path) -> None:
    clock = ManualClock(START + timedelta(seconds=15))
    folder = tmp_path / "gate"
    hls = HlsWriter(tmp_path, 60, clock)
    hls.start()
    for unit in units(gop=5, repeat=3):
        hls.unit(CAMERA, unit)
        hls.unit(replace(CAMERA, code="private", published=False), unit)
    hls.ended(CAMERA)
    until(lambda: hls.parts == 15, "15 seconds of parts")
    hls.stop()
    parts = read_index(folder)
    assert [p.number for p in parts] == list(range(15))
    assert {p.init for p in parts} == {"init-0.mp4"}
    assert [p.start_at for p in parts] == [START + timedelta(seconds=n) for n in range(15)]
    assert all(p.duration_s == pytest.approx(1.0) for p in parts)
    assert not (tmp_path / "private").exists()
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(
        b"".join((folder / name).read_bytes() for name in ["init-0.mp4", *(p.file for p in parts)])
    )
    assert int(ffprobe(whole)["streams"][0]["nb_read_frames"]) == 150
    one = tmp_path / "one.mp4"
    one.write_bytes((folder / "init-0.mp4").read_bytes() + (folder / "7.m4s").read_bytes())
    assert int(ffprobe(one)["streams"][0]["nb_read_frames"]) == 10

    clock.advance(50)  # 65 s after the start: five parts are too old
    again = HlsWriter(tmp_path, 60, clock)
    again.start()
    for unit in units(gop=5, session=2, start=START + timedelta(seconds=60)):
        again.unit(CAMERA, unit)
    again.ended(CAMERA)
    until(lambda: again.parts == 5, "the parts of the second run")
    until(lambda: read_index(folder)[0].number == 5, "old parts to go")
    assert [p.number for p in read_index(folder)] == list(range(5, 20))
    assert {p.init for p in read_index(folder)[10:]} == {"init-1.mp4"}
    until(lambda: "4.m4s" not in hls_files(folder), "old files to go")
    assert hls_files(folder) == {f"{n}.m4s" for n in range(5, 20)} | {
        "init-0.mp4",
        "init-1.mp4",
        "index.json",
    }
    again.keep_only(set())
    until(lambda: not folder.exists(), "the files of an unpublished camera to go")
    again.stop()
