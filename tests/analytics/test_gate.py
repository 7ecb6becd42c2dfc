"""Which packets are decoded when, packet by packet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from analytics.gate import CHECK_EVERY_S, CLUTTER_S, QUIET_S, Gate, Step
from ingest.model import Packet

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
P_SLICE = bytes.fromhex("00000001419a")
I_SLICE = bytes.fromhex("0000000165b8")
FPS = 10


class _Camera:
    """Makes packets of a stream, and drives a gate as the intake does."""

    def __init__(
        self,
        gop: int = 10,
        key_bytes: int = 20_000,
        keep_bytes: int = 4 << 20,
        key_spread: float = 0.0,
    ) -> None:
        self.gate = Gate(keep_bytes)
        self.gop, self.key_bytes, self.key_spread = gop, key_bytes, key_spread
        self.number = 0
        self.rng = np.random.default_rng(1)
        self.decoded: list[int] = []

    @property
    def now_s(self) -> float:
        return START.timestamp() + self.number / FPS

    def packet(self, factor: float = 1.0) -> Packet:
        key = self.number % self.gop == 0
        wave = 1.0 + self.key_spread * (self.number // self.gop % 5 - 2)
        size = int(wave * self.key_bytes) if key else int(factor * self.rng.normal(1000, 20))
        data = (I_SLICE if key else P_SLICE) + bytes(size)
        at = START + timedelta(seconds=self.number / FPS)
        t_90k = self.number * 9000
        return Packet(1, 1, data, t_90k, t_90k, 9000, key, at, "h264", 640, 360)

    def step(
        self,
        factor: float = 1.0,
        stirs: bool = False,
        followed: bool = False,
        holding: bool = False,
    ) -> Step:
        """One packet. What is decoded shows what is said: ``stirs``, ``followed``; a look shows ``stirs`` too."""
        packet = self.packet(factor)
        step = self.gate.offer(packet, 0.0, holding)
        run = step is Step.RUN
        if step is Step.LOOK:
            run = self.gate.looked(not stirs, self.now_s)
        if run:
            for taken, _ in self.gate.take():
                self.decoded.append(taken.pts_90k // 9000)
                self.gate.saw(taken.capture_at.timestamp(), stirs, followed)
            self.gate.settle()
        self.number += 1
        return step

    def sleep(self) -> None:
        while self.gate.awake or self.gate.joined:
            self.step()


def test_awake_everything_is_decoded_until_nothing_stirs() -> None:
    camera = _Camera()
    for _ in range(20):
        assert camera.step(stirs=True) is Step.RUN
    while camera.gate.awake:
        camera.step()
    assert abs(camera.number - 20 - QUIET_S * FPS) <= 1
    assert camera.decoded == list(range(camera.number))


def test_asleep_key_frames_are_looked_at_and_the_rest_is_spared() -> None:
    camera = _Camera(key_spread=0.02)
    camera.sleep()
    camera.decoded.clear()
    steps = [camera.step() for _ in range(40)]
    assert steps.count(Step.LOOK) == 2, "every second key frame is enough"
    assert steps.count(Step.PARK) == 38
    assert camera.decoded == []
    assert camera.gate.counts.spared >= 27
    assert camera.gate.parked_bytes < 2 * camera.key_bytes + 20 * 1200
    steps = [camera.step(holding=True) for _ in range(40)]
    assert steps.count(Step.LOOK) == 4, "what stands is seen at each of them"


def test_a_key_frame_as_large_as_usual_goes_by_once_and_another_is_looked_at() -> None:
    camera = _Camera(gop=20)
    camera.sleep()
    for _ in range(6 * 20):
        camera.step()
    while camera.step() is not Step.LOOK:
        pass
    assert [i for i in range(1, 81) if camera.step() is Step.LOOK] == [40, 80]
    assert camera.gate.parked_bytes <= 2 * camera.key_bytes + 40 * 1200
    steps = [camera.step(holding=True) for _ in range(40)]
    assert steps.count(Step.LOOK) == 2, "what stands is seen at each of them"
    camera.key_bytes += 200
    assert [i for i in range(1, 21) if camera.step() is Step.LOOK] == [20]


def test_before_a_change_of_sizes_a_quiet_key_frame_spares_what_was_before_it() -> None:
    camera = _Camera(gop=12)
    camera.sleep()
    gate, key = camera.gate, camera.number - 1 + 12
    for _ in range(20):
        assert camera.step() is Step.PARK
    while (step := gate.offer(camera.packet(3.0), 0.0)) is Step.PARK:
        camera.number += 1
    assert step is Step.RUN and gate.awake
    unseen = gate.unseen_key()
    assert unseen is not None and unseen[0].pts_90k == key * 9000
    spared = gate.counts.spared
    gate.begin_at(unseen)
    taken = [packet.pts_90k // 9000 for packet, _ in gate.take()]
    assert taken == list(range(key, camera.number + 1))
    assert gate.counts.spared > spared and gate.parked_bytes == 0


def test_a_look_that_differs_brings_back_all_since_the_last_look() -> None:
    camera = _Camera()
    camera.sleep()
    last_look = camera.number - 1
    camera.decoded.clear()
    for _ in range(19):
        camera.step()
    assert camera.step(stirs=True, followed=True) is Step.LOOK
    assert camera.decoded == list(range(last_look, camera.number))
    assert camera.gate.awake and camera.gate.joined


def test_grown_sizes_bring_back_the_open_gop_and_a_false_alarm_is_over_soon() -> None:
    camera = _Camera(gop=40)
    camera.sleep()
    last_look = camera.number - 1
    camera.decoded.clear()
    for _ in range(10):
        camera.step()
    while camera.step(factor=1.5) is Step.PARK:
        pass
    assert camera.decoded == list(range(last_look, camera.number))
    assert camera.number - last_look <= 14
    woken = camera.number
    while camera.gate.awake:
        camera.step()
    assert camera.number - woken <= 12, "a second, not three"
    assert camera.gate.counts.woken_by_size == 1


def test_falling_asleep_within_a_gop_and_waking_in_it_decodes_nothing_twice() -> None:
    camera = _Camera(gop=500)
    while camera.gate.awake:
        camera.step()
    for _ in range(8):
        camera.step()
    assert camera.gate.joined
    while camera.step(factor=2.0) is Step.PARK:
        pass
    assert camera.decoded == list(range(camera.number))


def test_without_key_frames_parked_packets_are_checked_and_steady_sizes_spare_that() -> None:
    unsteady = _Camera(gop=600, key_bytes=1000)
    while unsteady.gate.awake:
        unsteady.step()
    for _ in range(100):
        unsteady.step()
    assert unsteady.gate.counts.checks == int(100 / (CHECK_EVERY_S * FPS))
    assert unsteady.number - unsteady.decoded[-1] <= CHECK_EVERY_S * FPS + 1
    steady = _Camera(gop=600, key_bytes=40_000)
    for _ in range(80):
        steady.step(stirs=False)
    spent = len(steady.decoded)
    for _ in range(200):
        steady.step()
    assert steady.gate.counts.checks <= 2
    assert len(steady.decoded) <= spent + 60
    for _ in range(200):
        steady.step(holding=True)
    assert steady.gate.counts.checks >= 4, "what stands must be seen every so often"


def test_kept_bytes_are_bounded_by_decoding_or_by_forgetting_to_a_key_frame() -> None:
    long = _Camera(gop=600, keep_bytes=12_000)
    while long.gate.awake:
        long.step()
    most = 0
    for _ in range(100):
        long.step()
        most = max(most, long.gate.parked_bytes)
    assert most <= 12_000 + 1200
    assert long.gate.counts.checks > 5
    intra = _Camera(gop=1, keep_bytes=70_000)
    while intra.gate.awake:
        intra.step()
    for _ in range(50):
        intra.step()
        assert intra.gate.parked_bytes <= 90_000
    assert intra.gate.counts.checks == 0
    assert intra.gate.counts.looks == 5, (
        "sizes of key frames tell little: they are looked at more often"
    )
    assert not intra.gate.awake


def test_leaves_do_not_keep_it_awake_for_ever_and_it_says_so() -> None:
    camera = _Camera()
    vain = False
    for _ in range(10):
        camera.step(stirs=True, followed=True)
    while camera.gate.awake:
        packet = camera.packet()
        camera.gate.offer(packet, 0.0)
        for taken, _ in camera.gate.take():
            camera.gate.saw(taken.capture_at.timestamp(), stirs=True, followed=False)
        vain = camera.gate.settle()
        camera.number += 1
    assert abs(camera.number / FPS - 1.0 - CLUTTER_S) <= 0.2
    assert not vain, "something was followed"
    camera.sleep()
    while camera.step(stirs=True) is not Step.LOOK:
        pass
    told = []
    while camera.gate.awake:
        camera.gate.offer(camera.packet(), 0.0)
        for taken, _ in camera.gate.take():
            camera.gate.saw(taken.capture_at.timestamp(), stirs=True, followed=False)
        told.append(camera.gate.settle())
        camera.number += 1
    assert told[-1], "it was woken in vain"


def test_a_new_stream_begins_awake() -> None:
    camera = _Camera()
    camera.sleep()
    camera.gate.restart()
    assert camera.gate.awake
    assert camera.gate.parked_bytes == 0
    assert camera.step() is Step.RUN


def test_skimming_looks_at_key_frames_and_keeps_nothing_else() -> None:
    camera = _Camera()
    steps = []
    for _ in range(30):
        steps.append(camera.gate.skim(camera.packet(), 0.0))
        if steps[-1] is Step.LOOK:
            camera.gate.looked(True, camera.now_s)
        camera.number += 1
    assert steps.count(Step.LOOK) == 2
    assert camera.gate.counts.shed == 28
