"""Live views by the control server: WebRTC and MSE in real Chromium, snapshots, and what is refused."""

from __future__ import annotations

import json
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import unix_connect

from ingest.live import hub as hub_module
from ingest.live.hub import LiveHub
from ingest.live.mse import MseCutter
from ingest.live.shared import LiveUnit
from tests.ingest.streams import START, ffprobe, jpegs, units, until
from tests.support.live import CAMERA, Feeder, control


def test_mse_messages_make_a_file_without_faults(tmp_path: Path) -> None:
    cutter = MseCutter()
    stream = [LiveUnit(n, u, 0) for n, u in enumerate(units())]
    out = [m for u in stream[20:] for m in cutter.take(u)]
    assert json.loads(str(out[0])) == {
        "mime": f'video/mp4; codecs="{units()[0].format.rfc6381}"',
        "zero_ms": START.timestamp() * 1000,
    }
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(m for m in out if isinstance(m, bytes)))
    facts = ffprobe(path)
    assert int(facts["streams"][0]["nb_read_frames"]) == 30
    assert float(facts["streams"][0]["start_time"]) == pytest.approx(2.0, abs=1e-3)
    assert float(facts["streams"][0]["duration"]) == pytest.approx(5.0, abs=1e-3)
    again = cutter.take(LiveUnit(51, units(session=2)[0], 0))
    assert "mime" in str(again[0])


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


def test_a_viewer_that_does_not_read_delays_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_UNITS", 5)
    hub, pictures = LiveHub(), jpegs(frames=60, size=200_000)
    hub.unit(CAMERA, pictures[0])
    with control(tmp_path, hub), ExitStack() as ends:
        slow, quick = (
            ends.enter_context(
                unix_connect(
                    str(tmp_path / "ingest.sock"), uri="ws://ingest/mse/1", max_size=None,
                    compression=None, max_queue=1, ping_interval=None,
                )
            )
            for _ in range(2)
        )  # fmt: skip
        assert json.loads(quick.recv(timeout=5))["mime"] == "image/jpeg"
        assert quick.recv(timeout=5) == pictures[0].sample
        for unit in pictures[1:]:
            hub.unit(CAMERA, unit)
            assert quick.recv(timeout=5) == unit.sample
        assert hub.dropped_gops > 0
        assert json.loads(slow.recv(timeout=5))["mime"] == "image/jpeg"
        got = [slow.recv(timeout=5)]
        while got[-1] != pictures[-1].sample:
            got.append(slow.recv(timeout=5))
        assert len(got) < len(pictures)  # the middle is missing, the newest is there


def test_viewers_leave_the_recorder_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (16, 4096))  # room for two
    hub = LiveHub()
    hub.unit(CAMERA, units()[0])
    with control(tmp_path, hub) as (_, client), ExitStack() as ends:
        for _ in range(2):
            one = ends.enter_context(
                unix_connect(str(tmp_path / "ingest.sock"), uri="ws://ingest/mse/1")
            )
            assert "mime" in str(one.recv(timeout=5))
        refused = client.post("/whep/1", content="v=0")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_viewers")
        assert "ulimit" in refused.json()["error"]["message"]
        third = ends.enter_context(
            unix_connect(str(tmp_path / "ingest.sock"), uri="ws://ingest/mse/1")
        )
        with pytest.raises(ConnectionClosed) as closed:
            third.recv(timeout=5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
        one.close()
        until(lambda: client.post("/whep/1", content="v=0").status_code == 422, "room again")


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
        until(
            lambda: (now := page.evaluate(LOOK_MSE))["end"] - now["at"] < 1.0,
            "to be less than a second behind what has come",
        )
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
        hub.ended(CAMERA, "main", "no_packets")
        assert client.get("/snapshot/1.jpg").status_code == 404
