"""What broken cameras send, one script each. Pictures come fifty times a second, so that a few GOPs take no time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from ingest import annexb
from tests.ingest.streams import encode, encode_audio
from tests.support.odd_camera import HOLD, Answer, Media, Odd, interleave, respond, sdp, usual
from tests.support.rtp import Packets, h264_payloads, sender_report

FPS = 50
STEP = 90_000 // FPS
Step = bytes | float


@dataclass(frozen=True, slots=True)
class Picture:
    """One access unit as it is to be sent."""

    units: list[bytes]
    timestamp: int
    key: bool


@lru_cache(maxsize=16)
def pictures(
    count: int = 60, gop: int = 10, b_frames: int = 0, width_px: int = 320, height_px: int = 180
) -> tuple[Picture, ...]:
    """A real H.264 stream in decoding order."""
    coded = encode(
        "h264",
        frames=count,
        gop=gop,
        b_frames=b_frames,
        width_px=width_px,
        height_px=height_px,
        fps=FPS,
    )
    out = []
    for data, pts, _ in coded:
        units = annexb.split(data)
        out.append(Picture(units, pts, any(u[0] & 31 == 5 for u in units)))
    return tuple(out)


def payloads(picture: Picture) -> list[bytes]:
    return h264_payloads(picture.units)


def play(
    stream: tuple[Picture, ...],
    packets: Packets | None = None,
    time: Callable[[int, Picture], int] = lambda index, picture: picture.timestamp,
    wait_s: float = 1 / FPS,
) -> Iterator[Step]:
    """The stream as it should be."""
    packets = packets or Packets()
    for index, picture in enumerate(stream):
        yield from interleave(packets.unit(payloads(picture), time(index, picture)))
        yield wait_s


def media(make: Callable[[], Iterator[Step]]) -> Media:
    """``make`` on every connection, silence after it. It is made beforehand: encoding takes its time."""
    steps = list(make())

    def run(connection: int) -> Iterator[Step]:
        yield from steps
        yield HOLD

    return run


def ordinary(**options: int) -> Media:
    return media(lambda: play(pictures(**options)))


# --- pictures ------------------------------------------------------------------------------------------------------


def without_sets() -> Iterator[Step]:
    packets = Packets()
    for picture in itertools.chain(*[pictures()] * 3):
        units = [u for u in picture.units if u[0] & 31 not in (7, 8)]
        yield from interleave(packets.unit(h264_payloads(units), picture.timestamp))
        yield 1 / FPS


def size_changes() -> Iterator[Step]:
    packets = Packets()
    yield from play(pictures(30), packets)
    end = 30 * STEP
    yield from play(
        pictures(40, width_px=640, height_px=360), packets, lambda _, p: end + p.timestamp
    )


def truncated() -> Iterator[Step]:
    """The last packet of a picture never comes, and neither does its number."""
    packets = Packets()
    for index, picture in enumerate(pictures(width_px=640, height_px=360)):
        cut = h264_payloads(picture.units, 400)
        yield from interleave(
            packets.unit(cut[:-1] if index in (14, 30) else cut, picture.timestamp)
        )
        yield 1 / FPS


@lru_cache(maxsize=1)
def huge_pictures() -> tuple[Picture, ...]:
    """Key frames of more than 5 MB: noise, almost without loss."""
    encoder = VideoCodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 1920, 1080, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 5), Fraction(5)
    encoder.options = {
        "preset": "ultrafast", "tune": "zerolatency", "qp": "2",
        "x264-params": "keyint=4:min-keyint=4:scenecut=0:repeat-headers=1:annexb=1",
    }  # fmt: skip
    noise = np.random.default_rng(1).integers(0, 255, (1620, 1920), np.uint8)
    packets = []
    for index in range(9):
        frame = av.VideoFrame.from_ndarray(noise, format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, 5)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    out = []
    for index, packet in enumerate(packets):
        units = annexb.split(bytes(packet))
        out.append(Picture(units, index * 18_000, any(u[0] & 31 == 5 for u in units)))
    assert sum(map(len, out[0].units)) > 5_000_000
    return tuple(out)


# --- times ---------------------------------------------------------------------------------------------------------


def first_time_useless(index: int, picture: Picture) -> int:
    return 0 if index == 0 else 3_000_000_000 + picture.timestamp


def time_jumps_back(index: int, picture: Picture) -> int:
    return picture.timestamp + (50_000_000 if index < 25 else 1_000)


def time_wraps(index: int, picture: Picture) -> int:
    return (1 << 32) - 30 * STEP + picture.timestamp


def time_stands_still(index: int, picture: Picture) -> int:
    return 77


# --- packets -------------------------------------------------------------------------------------------------------


def packets_lost() -> Iterator[Step]:
    packets = Packets(sequence=65_500)
    number = 0
    for picture in pictures(width_px=640, height_px=360):
        for packet in packets.unit(h264_payloads(picture.units, 300), picture.timestamp):
            number += 1
            if number % 97:
                yield from interleave([packet])
        yield 1 / FPS


def packets_disordered() -> Iterator[Step]:
    packets = Packets()
    for picture in pictures(width_px=640, height_px=360):
        sent = packets.unit(h264_payloads(picture.units, 300), picture.timestamp)
        sent[-3:] = reversed(sent[-3:])
        yield from interleave(sent)
        yield 1 / FPS


def rubbish_between() -> Iterator[Step]:
    packets = Packets()
    for index, picture in enumerate(pictures()):
        yield from interleave(packets.unit(payloads(picture), picture.timestamp))
        if index % 7 == 0:
            yield b"\x00\x01rubbish\xff\xfe$\xff"
        yield 1 / FPS


def other_payload_type() -> Iterator[Step]:
    packets = Packets(payload_type=99)
    for _ in range(10):
        yield from play(pictures(), packets)


def sound_disordered() -> Iterator[Step]:
    packets, sound = Packets(), Packets(payload_type=97, ssrc=7)
    tones = encode_audio("pcma", 2)[1]
    for index, picture in enumerate(pictures()):
        if index == 2:
            yield from interleave([sender_report(0xCAFE, 1.8e9, pictures()[2].timestamp)], 1)
            yield from interleave([sender_report(7, 1.8e9, 320)], 3)
        yield from interleave(packets.unit(payloads(picture), picture.timestamp))
        yield 1 / FPS
        if index % 2:
            pair = [
                sound.packet(tones[index - 1 + n][0], (index - 1 + n) * 160, True) for n in (0, 1)
            ]
            yield from interleave(reversed(pair), 2)


# --- conversations -------------------------------------------------------------------------------------------------


def on(method: str, reply: Callable[[str], bytes]) -> Answer:
    return lambda request, number: reply(request) if request.startswith(method) else None


def refused(request: str) -> bytes:
    return respond(request, "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n')


def endless_header(request: str) -> bytes:
    return b"RTSP/1.0 200 OK\r\n" + b"X-More: and more\r\n" * 5000


def huge_description(request: str) -> bytes:
    return respond(request, "200 OK", "Content-Type: application/sdp\r\n", b"a=x\r\n" * 500_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """A script, and what must come of it: how many pictures at least are shown, or the state it ends in."""

    name: str
    make: Callable[[], Iterator[Step]]
    shown: int = 0
    sessions: int = 1
    state: str = "online"
    reason: str = ""
    exact: bool = True  # nothing but what is named may be missing
    sdp: bytes = sdp()
    answer: Answer = usual

    def odd(self) -> Odd:
        """The camera; its stream is encoded here."""
        return Odd(self.sdp, media(self.make), self.answer)


def _timed(time: Callable[[int, Picture], int]) -> Callable[[], Iterator[Step]]:
    return lambda: play(pictures(), time=time)


def quiet() -> Iterator[Step]:
    return iter(())


SHOWN = [
    Fault("ordinary", lambda: play(pictures()), 60),
    Fault("size_changes", size_changes, 70, sessions=2),
    Fault("b_frames", lambda: play(pictures(b_frames=2)), 60),
    Fault("first_time_useless", _timed(first_time_useless), 60),
    Fault("time_jumps_back", _timed(time_jumps_back), 60, sessions=2),
    Fault("time_wraps", _timed(time_wraps), 60),
    Fault("time_stands_still", _timed(time_stands_still), 60),
    Fault("truncated", truncated, 60 - 6 - 10),
    Fault("huge_key_frames", lambda: play(huge_pictures(), wait_s=0.2), 9),
    Fault("one_frame_gops", lambda: play(pictures(gop=1)), 60),
    Fault("packets_lost", packets_lost, 10, exact=False),
    Fault("packets_disordered", packets_disordered, 60),
    Fault("rubbish_between", rubbish_between, 60),
    Fault("sound_disordered", sound_disordered, 60, sdp=sdp(audio="PCMA")),
]
"""Those of which pictures are recorded."""

REFUSED = [
    Fault("without_sets", without_sets, state="no_key_frame", reason="key_frame: pictures come"),
    Fault("other_payload_type", other_payload_type, state="stalled",
          reason="play: the camera sends RTP payload type 99, it announced 96"),
    Fault("digest_refused", quiet, state="refused", answer=on("DESCRIBE", refused),
          reason="authenticate: the camera refuses user 'u' or its password (401)"),
    Fault("endless_header", quiet, state="unreachable", reason="describe: ", answer=on("DESCRIBE", endless_header)),
    Fault("huge_description", quiet, state="unreachable", reason="describe: ", answer=on("DESCRIBE", huge_description)),
    Fault("silence_after_play", quiet, state="stalled", reason="play: connected, but no picture within"),
    Fault("udp_only", quiet, state="unsupported", reason="setup: the camera does not send over TCP (461)",
          answer=on("SETUP", lambda r: respond(r, "461 Unsupported Transport"))),
    Fault("no_play", quiet, state="unreachable", reason="play: 127.0.0.1:", answer=on("PLAY", lambda r: b"")),
    Fault("mpeg4", quiet, state="unsupported", reason="describe: the camera sends MP4V-ES", sdp=sdp("MP4V-ES")),
    Fault("forgets_the_session", quiet, state="unreachable", reason="play: the camera answers 454",
          answer=on("PLAY", lambda r: respond(r, "454 Session Not Found"))),
]  # fmt: skip
"""Those that end in a state which names the step."""
