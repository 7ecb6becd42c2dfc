"""What goes into a file beside plain GOPs: sound, MJPEG, long and short GOPs, holes, the head, the seals, the chain."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fmp4_reader import FileFacts, read_file
from ingest.record import chain
from ingest.record.holes import hole_before, holes_in
from ingest.record.model import SegmentRow
from ingest.record.proof import broken
from ingest.record.recorder import GOP_BYTES
from ingest.unit import AudioUnit, MediaUnit
from tests.ingest.record.recordings import make_camera, record
from tests.ingest.streams import START, ffprobe, jpegs, mixed, sound, units


def facts_of(path: Path) -> tuple[FileFacts, list[int]]:
    """What a file says of itself, and which of its fragments are not what was written."""
    with path.open("rb") as file:
        facts = read_file(file)
        return facts, broken(file, facts)


def check_file(root: Path, row: SegmentRow) -> FileFacts:
    """Row and file say the same, and every fragment proves itself."""
    facts, wrong = facts_of(root / row.path)
    assert wrong == []
    assert facts.head is not None
    assert (facts.head.chain_before, facts.fragments[-1].link) == (
        row.chain_before,
        row.chain_after,
    )
    assert facts.whole_bytes == row.size_bytes == (root / row.path).stat().st_size
    assert (facts.codec, facts.audio_codec) == (row.codec, row.audio_codec)
    data = (root / row.path).read_bytes()
    for fragment, found in zip(row.fragments, facts.fragments, strict=True):
        assert (fragment.offset, fragment.length, fragment.video_length) == (
            found.offset,
            found.length,
            found.video_length,
        )
        assert chain.digest(data[fragment.offset :][: fragment.length]) == fragment.sha256
        assert row.media_start_90k is not None
        assert found.decode_90k == row.media_start_90k + fragment.start_90k
        assert (found.duration_90k, found.key) == (fragment.duration_90k, fragment.key)
    return facts


@pytest.mark.parametrize("codec", ["aac", "opus", "pcma", "pcmu"])
def test_sound_lies_beside_the_pictures_it_belongs_to(codec: str, tmp_path: Path) -> None:
    pictures, tones = units(repeat=2), sound(codec, seconds=10)
    rows = record(tmp_path, make_camera(), [mixed(pictures, tones)], segment_s=5)
    assert [len(r.fragments) for r in rows] == [5, 5]
    heard = 0
    for row in rows:
        facts = check_file(tmp_path, row)
        assert facts.audio_codec == {"aac": "mp4a.40.2", "pcma": "alaw", "pcmu": "ulaw"}.get(
            codec, codec
        )
        video, audio = ffprobe(tmp_path / row.path)["streams"]
        assert int(video["nb_read_frames"]) == 50
        # Sound that arrives after its GOP's end goes with the next one, at its own time.
        early_s = float(video["start_time"]) - float(audio["start_time"])
        assert -0.03 < early_s < 0.13
        with av.open(str(tmp_path / row.path)) as container:
            heard += sum(frame.samples for frame in container.decode(audio=0))
    assert heard / tones[0].format.rate_hz == pytest.approx(10, abs=0.25)


def test_sound_that_comes_later_or_changes_begins_another_file(tmp_path: Path) -> None:
    pictures = units(repeat=4)
    first, second = sound("pcma", seconds=20)[500:], sound("pcmu", seconds=20)
    tones = [u for u in first if u.pts_90k < 14 * 90_000]
    tones += [u for u in second if u.pts_90k >= 14 * 90_000]
    rows = record(tmp_path, make_camera(), [mixed(pictures, tones, 0)])
    assert [r.audio_codec for r in rows] == [None, "alaw", "ulaw"]
    assert [len(r.fragments) for r in rows] == [10, 4, 6]
    assert all(a.end_at == b.start_at for a, b in itertools.pairwise(rows))
    assert sum(check_file(tmp_path, row).fragments[-1].frames for row in rows) == 30
    for row in rows:
        ffprobe(tmp_path / row.path)


def test_sound_is_left_out_where_it_is_switched_off(tmp_path: Path) -> None:
    camera = replace(make_camera(), audio=False)
    (row,) = record(tmp_path, camera, [mixed(units(), sound("pcma"))])
    assert row.audio_codec is None
    assert all(f.video_length == f.length for f in row.fragments)


def test_mjpeg_is_written_once_a_second(tmp_path: Path) -> None:
    (row,) = record(tmp_path, make_camera(), [mixed(jpegs(95), sound("pcmu", seconds=10))])
    assert [f.duration_90k for f in row.fragments] == [81_000] * 10 + [45_000]
    check_file(tmp_path, row)
    video, _ = ffprobe(tmp_path / row.path)["streams"]
    assert (video["codec_name"], int(video["nb_read_frames"])) == ("mjpeg", 95)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_long_gop_is_written_in_parts_and_plays(b_frames: int, tmp_path: Path) -> None:
    stream = units(frames=240, gop=120, b_frames=b_frames)
    (row,) = record(tmp_path, make_camera(), [stream], segment_s=10)[:1]
    assert [f.key for f in row.fragments] == [True, False, False]
    assert [f.duration_90k for f in row.fragments] == [360_000] * 3
    check_file(tmp_path, row)
    assert int(ffprobe(tmp_path / row.path)["streams"][0]["nb_read_frames"]) == 120


def test_large_gop_is_written_in_parts(tmp_path: Path) -> None:
    stream = [
        replace(u, packet=replace(u.packet, key=i == 0))
        for i, u in enumerate(jpegs(20, size=GOP_BYTES // 8))
    ]
    (row,) = record(tmp_path, make_camera(), [stream])
    assert [f.key for f in row.fragments] == [True, False, False]
    assert max(f.length for f in row.fragments) < GOP_BYTES * 1.3
    check_file(tmp_path, row)


def joined(*streams: Sequence[MediaUnit]) -> list[MediaUnit | AudioUnit]:
    return list(itertools.chain(*streams))


def test_holes_in_a_file_are_told(tmp_path: Path) -> None:
    stream = units(repeat=3)
    # The camera sends nothing from 3.5 s to 8 s, of the same session; nor from 10.9 s to 12 s.
    kept = [u for u in stream if not 315_000 <= u.packet.dts_90k < 720_000]
    kept = [u for u in kept if not 981_000 <= u.packet.dts_90k < 1_080_000]
    (row,) = record(tmp_path, make_camera(), [kept])
    assert row.holes == ((315_000, 720_000), (981_000, 1_080_000))
    check_file(tmp_path, row)


def test_chain_goes_on_over_files_connections_and_restarts(tmp_path: Path) -> None:
    def hour(n: int) -> list[MediaUnit]:
        return units(session=n + 1, start=START + timedelta(hours=n))

    rows = record(tmp_path, make_camera(), [hour(0), hour(1)], segment_s=2)
    rows += record(tmp_path, make_camera(), [hour(2)])
    # The clock was set back: the newest by name is not the last one written.
    rows += record(tmp_path, make_camera(), [hour(-5)])
    rows += record(tmp_path, make_camera(), [hour(3)])
    assert rows[0].chain_before == chain.FIRST
    assert all(a.chain_after == b.chain_before for a, b in itertools.pairwise(rows))
    assert len({r.chain_after for r in rows}) == len(rows) == 9
    for row in rows:
        check_file(tmp_path, row)


def test_chain_goes_on_without_its_note_and_without_its_files(tmp_path: Path) -> None:
    def hour(n: int) -> list[MediaUnit]:
        return units(session=n + 1, start=START + timedelta(hours=n))

    (first,) = record(tmp_path, make_camera(), [hour(0)])
    note = tmp_path / "gate" / "chain.json"
    for content in (None, b"", b"{}", b'{"link": "00", "file": 3}'):
        note.unlink() if content is None else note.write_bytes(content)
        (second,) = record(tmp_path, make_camera(), [hour(1)])
        assert second.chain_before == first.chain_after
        (tmp_path / second.path).unlink()
    (tmp_path / first.path).unlink()
    note.write_text(f'{{"link": "{first.chain_after.hex()}", "file": null}}')  # type: ignore[union-attr]
    (third,) = record(tmp_path, make_camera(), [hour(2)])
    assert third.chain_before == first.chain_after


def test_changed_dropped_and_swapped_fragments_show(tmp_path: Path) -> None:
    (row,) = record(tmp_path, make_camera(), [mixed(units(), sound("pcma"))])
    path = tmp_path / row.path
    whole = path.read_bytes()
    pieces = [whole[: row.init_length]] + [whole[f.offset : f.end] for f in row.fragments]
    spoilt = bytearray(whole)
    spoilt[row.fragments[2].offset + row.fragments[2].length - 3] ^= 1  # in the sound
    for data, wrong in (
        (bytes(spoilt), [2]),
        (b"".join(pieces[:3] + pieces[4:]), [2]),
        (b"".join([*pieces[:2], pieces[3], pieces[2], *pieces[4:]]), [1, 2, 3]),
        (whole, []),
    ):
        path.write_bytes(data)
        assert facts_of(path)[1] == wrong


@given(st.lists(st.integers(1, 400_000), min_size=1, max_size=30), st.integers(0, 10**6))
def test_holes_lie_in_order_inside_the_fragment(durations: list[int], start: int) -> None:
    found = holes_in(start, durations)
    edges = [edge for hole in found for edge in hole]
    assert edges == sorted(edges)
    assert all(end - begin > 90_000 for begin, end in found)
    assert all(start <= edge <= start + sum(durations) for edge in edges)
    if max(durations) <= 90_000:
        assert found == []


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_hole_between_fragments_is_more_than_a_second(end: int, start: int) -> None:
    assert hole_before(end, start) == ([(end, start)] if start > end + 90_000 else [])


def test_link_is_as_the_design_says() -> None:
    # Calculated with sha256sum over the 76 bytes, written out by printf.
    made = chain.link(bytes(32), chain.digest(b"wanglou"), 0x0102030405060708, 0x0A0B0C0D)
    assert made.hex() == "c6bbe80bf7f2e13d3b844fe2842c43de7f76743054dfa4e54d19c133a9709db0"
