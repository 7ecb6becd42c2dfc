"""From frames to units: what is left out after a loss, and where sound stands beside the pictures."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.clock import ManualClock
from ingest import annexb
from ingest.rtsp.audiotime import JUMP_90K, AudioTime
from ingest.rtsp.client import Channels
from ingest.rtsp.flow import Flow
from ingest.rtsp.media import TrackReader
from ingest.rtsp.rtp import Frame
from ingest.rtsp.sdp import AUDIO, VIDEO, Track
from ingest.unit import AudioUnit, MediaUnit
from tests.ingest.record.recordings import make_camera, record
from tests.ingest.streams import encode, ffprobe, jpegs
from tests.support.rtp import sender_report

STEP = 9000


@dataclass
class Outlet:
    units: list[MediaUnit] = field(default_factory=list)
    steps: int = 0
    sessions: int = 0

    def emit(self, unit: MediaUnit) -> None:
        self.units.append(unit)

    def clock_stepped(self) -> None:
        self.steps += 1

    def next_session(self) -> int:
        self.sessions += 1
        return self.sessions


def reader(kind: str = VIDEO, encoding: str = "H264", clock_hz: int = 90_000) -> TrackReader:
    return TrackReader(Channels(Track(kind, 96, encoding, clock_hz, 1, "rtsp://h/x"), 0, 1))


class Rig:
    """A flow fed at ten pictures a second."""

    def __init__(self, codec: str = "h264", base: int = 0) -> None:
        self.clock = ManualClock()
        self.outlet = Outlet()
        self.video = reader(encoding={"h264": "H264", "mjpeg": "JPEG"}[codec])
        self.flow = Flow(1, "main", self.video, self.outlet)
        self.base = base
        if codec == "h264":
            self.coded = [annexb.split(data) for data, _, _ in encode(frames=50)]
        else:
            self.coded = [[u.sample] for u in jpegs(50)]

    def picture(
        self, number: int, damaged: bool = False, after_loss: bool = False, rtp: int | None = None
    ) -> None:
        self.clock.advance(0.1)
        time = self.base + number * STEP if rtp is None else rtp
        frame = Frame(self.coded[number], time % (1 << 32), damaged, after_loss)
        self.flow.picture(frame, self.clock.now(), self.clock.monotonic_s())

    def sound(self, track: TrackReader, rtp: int, data: bytes = bytes(160)) -> AudioUnit | None:
        return self.flow.sound(track, Frame([data], rtp % (1 << 32)), self.clock.now())


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(0, 49), max_size=6), st.sampled_from(["h264", "mjpeg"]))
def test_what_builds_on_a_lost_picture_is_left_out(missing: set[int], codec: str) -> None:
    rig = Rig(codec)
    lost = False
    for number in range(50):
        if number in missing:
            lost = True
            continue
        rig.picture(number, after_loss=lost)
        lost = False
    rig.flow.finish()
    keys = set(range(0, 50, 10)) if codec == "h264" else set(range(50))
    wanted, broken = [], False
    for number in range(50):
        broken = number in missing or (broken and number not in keys)
        if not broken and (number >= 10 or 0 not in missing or codec == "mjpeg"):
            wanted.append(number)
    shown = [
        next(i for i, c in enumerate(rig.coded) if sample_of(c, codec) == u.sample)
        for u in rig.outlet.units
    ]
    assert shown == wanted
    assert rig.outlet.sessions == 1
    if wanted:
        for a, b in itertools.pairwise(rig.outlet.units):
            assert b.packet.dts_90k > a.packet.dts_90k
        start = rig.outlet.units[0].packet.capture_at - timedelta(seconds=wanted[0] / 10)
        for number, unit in zip(wanted, rig.outlet.units, strict=True):
            late = unit.packet.capture_at - start - timedelta(seconds=number / 10)
            assert abs(late.total_seconds()) < 0.01


def sample_of(units: list[bytes], codec: str) -> bytes:
    if codec == "mjpeg":
        return units[0]
    return annexb.to_lengths(u for u in units if u[0] & 31 not in (7, 8, 9))


def test_gops_of_a_minute_are_recorded(tmp_path: Path) -> None:
    """One picture a second, a key frame a minute; the recorder writes such a GOP in parts."""
    rig = Rig()
    rig.coded = [annexb.split(data) for data, _, _ in encode(frames=130, gop=60)]
    for number in range(130):
        rig.clock.advance(0.9)
        rig.picture(number, rtp=number * 90_000)
    rig.flow.finish()
    keys = [u.packet.dts_90k for u in rig.outlet.units if u.packet.key]
    assert keys == [0, 60 * 90_000, 120 * 90_000]
    (row,) = record(tmp_path, make_camera(), [rig.outlet.units])
    assert row.frames == 130
    assert row.holes == ()
    assert int(ffprobe(tmp_path / row.path)["streams"][0]["nb_read_frames"]) == 130


def test_damaged_picture_is_never_handed_on() -> None:
    rig = Rig()
    for number in range(50):
        rig.picture(number, damaged=number in (13, 20))
    rig.flow.finish()
    assert len(rig.outlet.units) == 13 + 20  # up to 13, then from the key frame 30
    assert rig.flow.skipped == 17
    # The file goes on, but the stretch without pictures lies open between two decode times.
    times = [u.packet.dts_90k for u in rig.outlet.units]
    assert times[13] - times[12] == 18 * STEP


def test_every_jpeg_stands_alone() -> None:
    rig = Rig("mjpeg")
    for number in range(20):
        rig.picture(number, damaged=number == 5)
    rig.flow.finish()
    assert len(rig.outlet.units) == 19
    assert all(u.packet.key and u.packet.codec == "mjpeg" for u in rig.outlet.units)
    assert all(u.packet.data == u.sample for u in rig.outlet.units)


def test_time_without_a_key_frame_is_told() -> None:
    rig = Rig()
    for number in range(1, 9):
        rig.picture(number)
    assert rig.flow.waits_s(rig.clock.monotonic_s()) == pytest.approx(0.7)
    rig.picture(10)
    rig.picture(11)
    assert rig.flow.waits_s(rig.clock.monotonic_s()) == 0.0


def test_local_clock_step_begins_a_session_and_says_so() -> None:
    rig = Rig()
    for number in range(50):
        if number == 25:
            rig.clock.step(30.0)
        rig.picture(number)
    assert (rig.outlet.sessions, rig.outlet.steps) == (2, 1)
    sessions = [u.packet.session for u in rig.outlet.units]
    assert sessions.index(2) == 30


# --- sound ---------------------------------------------------------------------------------------------------------


def test_sound_stands_where_it_arrives_without_reports() -> None:
    rig, audio = Rig(), reader(AUDIO, "PCMA", 8000)
    assert rig.sound(audio, 0) is None  # there is no picture yet
    placed: list[AudioUnit] = []
    for number in range(40):
        rig.picture(number)
        for part in range(5):
            unit = rig.sound(audio, 77 + (number * 5 + part) * 160)
            if unit is not None:
                placed.append(unit)
    steps = [b.pts_90k - a.pts_90k for a, b in itertools.pairwise(placed)]
    assert all(abs(step - 1800) < 250 for step in steps[5:])
    newest = rig.outlet.units[-1].packet
    assert abs(placed[-1].pts_90k - newest.pts_90k) < 9000
    assert placed[-1].duration_90k == 1800
    late = placed[-1].capture_at - newest.capture_at
    assert late == timedelta(microseconds=(placed[-1].pts_90k - newest.pts_90k) * 100 // 9)
    assert {u.session for u in placed} == {1}


def test_sender_reports_put_late_sound_in_its_place() -> None:
    rig, audio = Rig(base=(1 << 32) - 20 * STEP), reader(AUDIO, "PCMA", 8000)
    rig.video.take_rtcp(sender_report(1, 5000.0, rig.base), 1e9, 0.0)
    audio.take_rtcp(sender_report(2, 5000.0, 1000), 1e9, 0.0)
    placed: list[AudioUnit] = []
    for number in range(45):
        rig.picture(number)
        # A second late: this packet was heard when picture number-10 was seen.
        if number >= 12:
            unit = rig.sound(audio, 1000 + (number - 10) * 800)
            assert unit is not None
            placed.append(unit)
    first = rig.outlet.units[0].packet.pts_90k
    for number, unit in zip(range(12, 45), placed, strict=True):
        assert abs(unit.pts_90k - first - (number - 10) * STEP) < 90


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 32), st.integers(-(1 << 40), 1 << 40)), max_size=40))
def test_sound_times_always_grow(packets: list[tuple[int, int]]) -> None:
    place = AudioTime(8000)
    out = [place.place(rtp, guess) for rtp, guess in packets]
    assert all(b > a for a, b in itertools.pairwise(out))


def test_sound_does_not_tremble_with_the_network_and_follows_a_jump() -> None:
    place = AudioTime(8000)
    out = [place.place(n * 160, n * 1800 + (700 if n % 3 else 0)) for n in range(200)]
    steps = [b - a for a, b in itertools.pairwise(out)]
    assert max(abs(step - 1800) for step in steps) <= 12
    jumped = place.place(200 * 160, 200 * 1800 + 2 * JUMP_90K)
    assert jumped == 200 * 1800 + 2 * JUMP_90K
