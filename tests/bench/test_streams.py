"""The made street, and what a way of seeing is counted by."""

from __future__ import annotations

import av

from bench.seeing import Seen
from bench.streams import Stream, street


def test_the_street_has_its_passers_by_and_a_key_frame_every_two_seconds() -> None:
    stream = street(320, 180, 10, 20, 10, 200_000)
    assert len(stream.packets) == 200
    assert [i for i, p in enumerate(stream.packets) if p.key] == list(range(0, 200, 20))
    assert stream.episodes == ((5.0, 11.0),)
    decoder = av.CodecContext.create("h264", "r")
    pictures = [f for p in stream.packets for f in decoder.decode(av.Packet(p.data))]
    pictures += decoder.decode(None)
    quiet = [pictures[i].to_ndarray(format="gray").astype(int) for i in (20, 80, 150)]
    assert abs(quiet[0] - quiet[2]).max() < 40, "nobody: noise alone"
    assert abs(quiet[0] - quiet[1]).max() > 60, "one walks through"


def test_what_is_found_and_what_is_told_of_nothing() -> None:
    stream = Stream("x", (), ((5.0, 11.0), (20.0, 22.0)), 30.0)
    seen = Seen(1.0, 1.0, ((10.5, 12.0), (15.0, 16.0)))
    assert seen.found(stream) == 1
    assert seen.false_spans(stream) == 1
