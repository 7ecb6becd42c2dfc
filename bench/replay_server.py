"""A crowd of cameras for measurements: one clip, encoded once, sent to every client with as little work as can be.

::

    with replay_cameras(30) as cameras:
        cameras.url(7)      # rtsp://127.0.0.1:<port>/7, 1080p25 H.264 at 2 Mbit/s
        cameras.pid         # of the serving process, whose processor time is not the system's

As a program: ``python -m bench.replay_server --paths 30 --port 8554``. It answers RTSP over TCP without a login. Each
picture is cut into RTP once, its sequence numbers and times are written once for all clients, and every client is
given the same bytes, in one write or (``by_packet``, as most cameras do it) in one write per RTP packet; clients are
spread over the picture's interval, as cameras are. Sender reports are sent.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import random
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

PHASES = 8
_SSRC = 0x57414E47
_PAYLOAD_BYTES = 1400
_REPORT_EVERY_S = 5.0
_SLOW_BYTES = 16 << 20  # a client with more than this waiting is hung up on
_START_TIMEOUT_S = 60.0
_NTP_EPOCH_S = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Shape:
    """What the clip looks like."""

    width_px: int = 1920
    height_px: int = 1080
    fps: int = 25
    bitrate_bps: int = 2_000_000
    gop: int = 50


@dataclass(frozen=True, slots=True)
class Clip:
    """One GOP: its pictures as RTP packets with their interleaved headers, and its description."""

    shape: Shape
    pictures: tuple[tuple[bytes, tuple[int, ...]], ...]  # bytes, and where each RTP header begins
    sdp: bytes


def encode_pictures(shape: Shape) -> list[list[bytes]]:
    """One GOP of moving noise at the wanted rate, each picture as NAL units; H.264 without B-frames."""
    encoder = VideoCodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = shape.width_px, shape.height_px, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, shape.fps), Fraction(shape.fps)
    rate = f"{shape.bitrate_bps // 1000}"
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={shape.gop}:min-keyint={shape.gop}:scenecut=0:bitrate={rate}:"
        f"vbv-maxrate={rate}:vbv-bufsize={rate}:repeat-headers=1:annexb=1",
    }
    rng = np.random.default_rng(1)
    luma = np.kron(
        rng.integers(40, 200, (-(-shape.height_px // 8), -(-shape.width_px // 8))), np.ones((8, 8))
    ).astype(np.uint8)[: shape.height_px, : shape.width_px]
    packets: list[bytes] = []
    for number in range(shape.gop):
        picture = np.full((shape.height_px * 3 // 2, shape.width_px), 128, np.uint8)
        picture[: shape.height_px] = np.roll(luma, 3 * number, axis=1)
        noise = rng.integers(0, 30, (shape.height_px // 2, shape.width_px), np.uint8)
        picture[: shape.height_px // 2] += noise
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, shape.fps)
        packets += [bytes(p) for p in encoder.encode(frame)]
    packets += [bytes(p) for p in encoder.encode(None)]
    return [_nal_units(data) for data in packets]


def encode_clip(shape: Shape) -> Clip:
    """The same as a clip."""
    return clip_of(shape, encode_pictures(shape))


def _nal_units(data: bytes) -> list[bytes]:
    return [u.rstrip(b"\x00") for u in data.split(b"\x00\x00\x01") if u.rstrip(b"\x00")]


def clip_of(shape: Shape, pictures: list[list[bytes]]) -> Clip:
    """The clip of ``pictures``, each a list of NAL units; the first one holds SPS and PPS."""
    sets = [u for u in pictures[0] if u[0] & 31 in (7, 8)]
    sprop = ",".join(base64.b64encode(u).decode() for u in sets)
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=replay\r\nt=0 0\r\na=control:*\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}\r\na=control:track1\r\n"
    )
    return Clip(shape, tuple(_packetize(units) for units in pictures), sdp.encode())


def _packetize(units: list[bytes]) -> tuple[bytes, tuple[int, ...]]:
    payloads: list[bytes] = []
    for unit in units:
        if len(unit) <= _PAYLOAD_BYTES:
            payloads.append(unit)
            continue
        body = unit[1:]
        for at in range(0, len(body), _PAYLOAD_BYTES):
            piece = body[at : at + _PAYLOAD_BYTES]
            bits = (0x80 if at == 0 else 0) | (0x40 if at + len(piece) == len(body) else 0)
            payloads.append(bytes([unit[0] & 0xE0 | 28, bits | unit[0] & 31]) + piece)
    out, places = bytearray(), []
    for number, payload in enumerate(payloads):
        out += struct.pack(">BBH", 0x24, 0, 12 + len(payload))
        places.append(len(out))
        marker = 0x80 if number == len(payloads) - 1 else 0
        out += struct.pack(">BBHII", 0x80, marker | 96, 0, 0, _SSRC) + payload
    return bytes(out), tuple(places)


class _Client(asyncio.Protocol):
    """One connection: RTSP until PLAY, then the picture's bytes."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.playing = False
        self.report_at_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.forget(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            if self._buffer[0] == 0x24:  # a receiver report
                end = 4 + int.from_bytes(self._buffer[2:4], "big")
                if len(self._buffer) < max(4, end):
                    return
                self._buffer = self._buffer[end:]
                continue
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._buffer = rest
            self._answer(head.decode("latin-1").split("\r\n"))

    def _answer(self, lines: list[str]) -> None:
        method, url, *_ = lines[0].split(" ")
        sequence = next((line for line in lines if line.lower().startswith("cseq")), "CSeq: 0")
        extra, body = "Session: 1;timeout=60\r\n", b""
        if method == "OPTIONS":
            extra = "Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        elif method == "DESCRIBE":
            body = self._server.clip.sdp
            extra = f"Content-Type: application/sdp\r\nContent-Base: {url}/\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            extra += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        self.send(f"RTSP/1.0 200 OK\r\n{sequence}\r\n{extra}\r\n".encode() + body)
        if method == "PLAY" and not self.playing:
            self._server.play(self)
        elif method == "TEARDOWN" and self._transport is not None:
            self._transport.close()

    def send(self, data: bytes) -> None:
        """Writes, or hangs up on a client that does not read."""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > _SLOW_BYTES:
            transport.abort()
            return
        transport.write(data)


class _Server:
    """Sends the clip, picture by picture, to the clients of each phase in turn."""

    def __init__(self, clip: Clip, by_packet: bool) -> None:
        self.clip = clip
        self._by_packet = by_packet
        self._phases: list[set[_Client]] = [set() for _ in range(PHASES)]
        # A client begins at a key frame, as one of a real camera does.
        self._waiting: list[set[_Client]] = [set() for _ in range(PHASES)]
        self._sequence = random.getrandbits(16)
        self._rtp = random.getrandbits(32)
        self._number = 0

    def play(self, client: _Client) -> None:
        client.playing = True
        phase = min(range(PHASES), key=lambda p: len(self._phases[p]) + len(self._waiting[p]))
        self._waiting[phase].add(client)

    def forget(self, client: _Client) -> None:
        for clients in (*self._phases, *self._waiting):
            clients.discard(client)

    async def run(self) -> None:
        interval_s = 1 / self.clip.shape.fps
        started_s = time.monotonic()
        for tick in range(sys.maxsize):
            at_s = started_s + tick * interval_s / PHASES
            await asyncio.sleep(max(0.0, at_s - time.monotonic()))
            phase = tick % PHASES
            if phase == 0:
                pieces, key = self._next_picture()
            if key:
                self._phases[phase] |= self._waiting[phase]
                self._waiting[phase].clear()
            now_s = time.monotonic()
            for client in list(self._phases[phase]):
                for piece in pieces:
                    client.send(piece)
                if now_s >= client.report_at_s:
                    client.report_at_s = now_s + _REPORT_EVERY_S
                    client.send(self._report())

    def _next_picture(self) -> tuple[list[bytes], bool]:
        """What is written, a piece at a time, and whether it begins at a key frame."""
        data, places = self.clip.pictures[self._number % len(self.clip.pictures)]
        out = bytearray(data)
        for place in places:
            struct.pack_into(">HI", out, place + 2, self._sequence, self._rtp)
            self._sequence = (self._sequence + 1) & 0xFFFF
        key = self._number % len(self.clip.pictures) == 0
        self._number += 1
        self._rtp = (self._rtp + 90_000 // self.clip.shape.fps) & 0xFFFFFFFF
        if not self._by_packet:
            return [bytes(out)], key
        begins = [place - 4 for place in places]  # of the interleaved headers
        return [bytes(out[a:b]) for a, b in zip(begins, [*begins[1:], len(out)], strict=True)], key

    def _report(self) -> bytes:
        now_s = time.time() + _NTP_EPOCH_S
        second, part = int(now_s), int(now_s % 1 * 2**32)
        rtp = (self._rtp - 90_000 // self.clip.shape.fps) & 0xFFFFFFFF
        packet = struct.pack(">BBHIIIIII", 0x80, 200, 6, _SSRC, second, part, rtp, 0, 0)
        return struct.pack(">BBH", 0x24, 1, len(packet)) + packet


async def serve(clip: Clip, host: str, port: int, by_packet: bool) -> None:
    """Serves until stdin closes; says the port as a line of JSON first."""
    server = _Server(clip, by_packet)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: _Client(server), host, port, backlog=1024)
    print(json.dumps({"port": listener.sockets[0].getsockname()[1]}), flush=True)
    sending = asyncio.ensure_future(server.run())
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    sending.cancel()
    listener.close()


@dataclass(frozen=True, slots=True)
class ReplayCameras:
    """The running crowd."""

    paths: int
    port: int
    pid: int

    def url(self, number: int) -> str:
        """The address of one camera; the server answers any path alike."""
        return f"rtsp://127.0.0.1:{self.port}/{number}"


@contextlib.contextmanager
def replay_cameras(
    paths: int, shape: Shape | None = None, by_packet: bool = False
) -> Iterator[ReplayCameras]:
    """``paths`` cameras in a process of their own. Raises :class:`RuntimeError` when it does not start."""
    shape = shape or Shape()
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.replay_server", "--width", str(shape.width_px), "--height", str(shape.height_px),
         "--fps", str(shape.fps), "--bitrate", str(shape.bitrate_bps), "--gop", str(shape.gop), *(["--by-packet"] if by_packet else [])],
        cwd=Path(__file__).resolve().parent.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None and child.stdin is not None
    try:
        ready, _, _ = select.select([child.stdout], [], [], _START_TIMEOUT_S)
        line = child.stdout.readline() if ready else b""
        if not line:
            raise RuntimeError("the replay server did not start; its message stands above")
        yield ReplayCameras(paths, int(json.loads(line)["port"]), child.pid)
    finally:
        child.stdin.close()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.replay_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    shape = Shape()
    parser.add_argument("--width", type=int, default=shape.width_px)
    parser.add_argument("--height", type=int, default=shape.height_px)
    parser.add_argument("--fps", type=int, default=shape.fps)
    parser.add_argument("--bitrate", type=int, default=shape.bitrate_bps, help="bits per second")
    parser.add_argument("--gop", type=int, default=shape.gop, help="pictures per key frame")
    parser.add_argument("--by-packet", action="store_true", help="one write per RTP packet")
    options = parser.parse_args()
    shape = Shape(options.width, options.height, options.fps, options.bitrate, options.gop)
    asyncio.run(serve(encode_clip(shape), options.host, options.port, options.by_packet))


if __name__ == "__main__":
    main()
