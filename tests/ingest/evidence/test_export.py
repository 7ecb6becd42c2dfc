"""Packages of footage: ordinary players read them, times are true, nothing of the recording is lost."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from gis.errors import NotFound
from ingest.evidence import manifest as m
from ingest.evidence.export import Maker, Packed, write_package
from ingest.evidence.model import CameraFootage, ExportCancelled, Order
from ingest.evidence.pack import chosen, expected_bytes
from ingest.evidence.signature import signing_key
from ingest.evidence.verify import Verdict, verify
from ingest.fmp4 import from_media_90k
from ingest.fmp4_marks import write_seal
from tests.ingest.evidence.footage import MADE_AT, after, camera, opener, write_segment
from tests.ingest.streams import START, ffprobe, jpegs

HOUR = timedelta(hours=1)


def pack(
    root: Path, target: Path, *cameras: CameraFootage, report=lambda _done: None, **changes
) -> Packed:
    order = replace(Order(START - HOUR, START + HOUR, "rita", "a fight at the gate"), **changes)
    maker = Maker("0.2.0", "test", signing_key(target.parent / "keys"), MADE_AT)
    with target.open("wb") as out:
        return write_package(out, order, cameras, opener(root), maker, report)


def grave(verdict: Verdict) -> list[str]:
    return [str(f) for f in verdict.findings if f.grave]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_ordinary_players_read_every_picture_at_its_time(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    first, link = write_segment(tmp_path, codec=codec, b_frames=b_frames)
    second, _ = write_segment(
        tmp_path, after(first), link=link, number=2, codec=codec, b_frames=b_frames
    )
    target = tmp_path / "package.zip"
    packed = pack(tmp_path, target, camera(first, second))
    assert (packed.fragments, packed.altered, packed.unavailable) == (10, 0, 0)
    assert packed.footage_90k == 10 * 90_000
    with zipfile.ZipFile(target) as package:
        assert package.testzip() is None
        package.extractall(tmp_path / "out")
    film = tmp_path / "out" / "01-gate.mp4"
    facts = ffprobe(film)
    stream = facts["streams"][0]
    assert int(stream["nb_read_frames"]) == 100
    assert float(facts["format"]["start_time"]) == 0
    assert float(stream["duration"]) == pytest.approx(10, abs=0.25)
    with av.open(str(film)) as container:
        times = [float(f.pts * f.time_base) for f in container.decode(video=0)]
    assert times == pytest.approx([n / 10 for n in range(100)], abs=0.001)
    assert verify(target).genuine


@pytest.mark.parametrize(
    ("tone", "name"),
    [("aac", "aac"), ("opus", "opus"), ("pcma", "pcm_alaw"), ("pcmu", "pcm_mulaw")],
)
def test_sound_comes_along_untouched_and_in_step(tmp_path: Path, tone: str, name: str) -> None:
    segment, _ = write_segment(tmp_path, tone=tone, b_frames=2, holes=[3])
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment))
    with zipfile.ZipFile(target) as package:
        film = package.extract("01-gate.mp4", tmp_path)
    facts = ffprobe(film)
    sound = next(s for s in facts["streams"] if s["codec_type"] == "audio")
    assert sound["codec_name"] == name
    with av.open(film) as container:
        heard = [p for p in container.demux(audio=0) if p.size]
    assert float(heard[-1].pts * heard[-1].time_base) == pytest.approx(4.8, abs=0.1)
    starts = [float(p.pts * p.time_base) for p in heard]
    assert np.diff(starts).max() < 0.07  # no hole where five seconds of recording are missing
    assert verify(target).genuine


def test_motion_jpeg_is_packed_too(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path, stream=jpegs(20))
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment))
    with zipfile.ZipFile(target) as package:
        film = package.extract("01-gate.mp4", tmp_path)
    assert int(ffprobe(film)["streams"][0]["nb_read_frames"]) == 20
    assert verify(target).genuine


def test_the_recording_can_be_restored_from_the_package_byte_by_byte(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment))
    with zipfile.ZipFile(target) as package:
        manifest = m.from_bytes(package.read(m.NAME))
        film = package.read("01-gate.mp4")
    entry = manifest.cameras[0].files[0].segments[0]
    restored = film[entry.head_at : entry.head_at + entry.head_size] + b"".join(
        film[f.at : f.at + f.size] + write_seal(bytes.fromhex(f.link)) for f in entry.fragments
    )
    assert restored == (tmp_path / segment.path).read_bytes()


def test_gaps_are_left_out_of_the_film_and_told_of(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path, holes=[2])
    target = tmp_path / "package.zip"
    gap = m.GapEntry(
        START + timedelta(seconds=2), START + timedelta(seconds=7), "no_packets", "silent"
    )
    pack(
        tmp_path, target, replace(camera(segment), gaps=(gap,)), from_at=START, to_at=after(segment)
    )
    with zipfile.ZipFile(target) as package:
        manifest = m.from_bytes(package.read(m.NAME))
        text = package.read("01-gate.vtt").decode()
        leaflet = package.read(m.README_NAME).decode()
        package.extract("01-gate.mp4", tmp_path)
    file = manifest.cameras[0].files[0]
    assert [(p.media_90k, p.start_at) for p in file.pieces] == [
        (0, START),
        (180_000, START + timedelta(seconds=7)),
    ]
    assert float(ffprobe(tmp_path / "01-gate.mp4")["format"]["duration"]) == pytest.approx(
        5, abs=0.01
    )
    assert "00:00:01.000 --> 00:00:02.000\n2026-03-01 08:00:01 UTC" in text
    assert "00:00:02.000 --> 00:00:03.000\n2026-03-01 08:00:07 UTC" in text
    assert "no_packets  silent" in leaflet
    verdict = verify(target)
    assert verdict.genuine and not verdict.findings


def test_another_format_begins_another_file(tmp_path: Path) -> None:
    small, link = write_segment(tmp_path)
    large, _ = write_segment(
        tmp_path, after(small), link=link, number=2, width_px=640, height_px=360
    )
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(small, large))
    with zipfile.ZipFile(target) as package:
        package.extractall(tmp_path / "out")
    widths = [
        ffprobe(tmp_path / "out" / n)["streams"][0]["width"]
        for n in ("01-gate.mp4", "01-gate-2.mp4")
    ]
    assert widths == [320, 640]
    assert verify(target).genuine


def test_footage_changed_on_the_disk_is_exported_and_shouted_about(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    path = tmp_path / segment.path
    data = bytearray(path.read_bytes())
    data[int(segment.offset[3] + segment.length[3]) - 10] ^= 1
    path.write_bytes(data)
    target = tmp_path / "package.zip"
    assert pack(tmp_path, target, camera(segment)).altered == 1
    verdict = verify(target)
    assert verdict.signed and not verdict.genuine
    at = from_media_90k(int(segment.decode_90k[3])).isoformat(timespec="milliseconds")
    assert grave(verdict) == [
        f"camera gate, 01-gate.mp4, {at}: fragment 4 of {segment.path} had been changed or damaged before the "
        "export: it is not what was recorded"
    ]
    assert verdict.manifest is not None
    assert verdict.manifest.statements[0].en.startswith("WARNING: 1 fragments of camera gate")


def test_a_fragment_that_cannot_be_played_is_kept_all_the_same(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    path = tmp_path / segment.path
    data = bytearray(path.read_bytes())
    data[int(segment.offset[2]) + 4] ^= 1  # no longer a moof
    path.write_bytes(data)
    target = tmp_path / "package.zip"
    assert pack(tmp_path, target, camera(segment)).altered == 1
    with zipfile.ZipFile(target) as package:
        manifest = m.from_bytes(package.read(m.NAME))
        film = package.read("01-gate.mp4")
        package.extract("01-gate.mp4", tmp_path)
    third = manifest.cameras[0].files[0].segments[0].fragments[2]
    assert third.frames == 0
    begin = int(segment.offset[2])
    assert film[third.at : third.at + third.size] == data[begin : begin + third.size]
    assert int(ffprobe(tmp_path / "01-gate.mp4")["streams"][0]["nb_read_frames"]) == 40


def test_footage_of_the_first_version_says_when_its_hashes_were_made(tmp_path: Path) -> None:
    first, _ = write_segment(tmp_path, hashed=False)
    second, _ = write_segment(tmp_path, after(first), hashed=False, number=2)
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(first, second))
    verdict = verify(target)
    assert verdict.genuine and verdict.manifest is not None
    segments = verdict.manifest.cameras[0].files[0].segments
    assert [(s.hashes, s.continues) for s in segments] == [
        ("at_export", False),
        ("at_export", True),
    ]
    assert "10 fragments of camera gate were not hashed" in verdict.manifest.statements[0].en


def test_a_file_that_is_gone_is_told_of_and_the_chain_shows_it(tmp_path: Path) -> None:
    first, link = write_segment(tmp_path)
    second, link = write_segment(tmp_path, after(first), link=link, number=2)
    third, _ = write_segment(tmp_path, after(second), link=link, number=3)
    (tmp_path / second.path).unlink()
    target = tmp_path / "package.zip"
    assert pack(tmp_path, target, camera(first, second, third)).unavailable == 1
    verdict = verify(target)
    assert verdict.genuine
    notes = [f.what for f in verdict.findings]
    assert (
        f"between {first.path} and {third.path} something was recorded that is not in the package"
        in notes
    )


def test_a_part_is_cut_at_key_frames_and_its_chain_still_fits(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    target = tmp_path / "package.zip"
    span = (START + timedelta(seconds=1.5), START + timedelta(seconds=3.5))
    packed = pack(tmp_path, target, camera(segment), from_at=span[0], to_at=span[1])
    assert packed.fragments == 3
    verdict = verify(target)
    assert verdict.genuine and verdict.manifest is not None
    assert verdict.manifest.cameras[0].files[0].segments[0].first == 1


def test_a_gop_written_in_parts_is_taken_from_its_key_frame_on(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    split = replace(segment, key=np.array([True, False, False, True, True]))
    part = chosen(split, START + timedelta(seconds=2.5), START + timedelta(seconds=2.6))
    assert part == slice(0, 3)
    assert expected_bytes([camera(split)], START, after(split)) > segment.length.sum()


def test_nothing_recorded_is_said_and_cancelling_ends_it(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    target = tmp_path / "package.zip"
    with pytest.raises(NotFound, match="can be read"):
        pack(tmp_path, target, camera(segment), from_at=START + HOUR, to_at=START + 2 * HOUR)

    def cancel(done: int) -> None:
        if done > 20_000:
            raise ExportCancelled("enough")

    with pytest.raises(ExportCancelled):
        pack(tmp_path, target, camera(segment), report=cancel)


def test_ffmpeg_copies_it_without_a_word(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path, b_frames=2, holes=[3])
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment))
    with zipfile.ZipFile(target) as package:
        film = package.extract("01-gate.mp4", tmp_path)
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-xerror", "-i", film, "-f", "null", "-"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_manifest_is_canonical_and_says_who_and_why(tmp_path: Path) -> None:
    segment, _ = write_segment(tmp_path)
    target = tmp_path / "package.zip"
    pack(tmp_path, target, camera(segment), number=7)
    with zipfile.ZipFile(target) as package:
        data = package.read(m.NAME)
        assert package.namelist() == [
            "01-gate.mp4", "01-gate.vtt", "README.txt", "public_key.pem", "manifest.json", "manifest.sig",
        ]  # fmt: skip
    plain = json.loads(data)
    assert (plain["made_by"], plain["reason"], plain["number"]) == (
        "rita",
        "a fight at the gate",
        7,
    )
    assert plain["clock_uncertainty_ms"] == 40
    assert plain["cameras"][0]["files"][0]["segments"][0]["clock"] == {
        "offset_ms": -1200,
        "error_ms": 40,
    }
    assert m.to_bytes(m.from_bytes(data)) == data
    for other in (data.replace(b'"number":7', b'"number": 7'), data[:-1], b"[]", data + b" "):
        with pytest.raises(m.BadManifest):
            m.from_bytes(other)


def test_what_is_written_goes_through_a_pipe_of_bytes(tmp_path: Path) -> None:
    """The container needs a seekable file only; one in memory does."""
    segment, _ = write_segment(tmp_path)
    out = io.BytesIO()
    maker = Maker("0.2.0", "test", signing_key(tmp_path / "keys"), MADE_AT)
    order = Order(START - HOUR, START + HOUR, "rita", "why")
    write_package(out, order, [camera(segment)], opener(tmp_path), maker, lambda _done: None)
    assert zipfile.ZipFile(out).testzip() is None
