"""The MP4 writer: read back by ffprobe, by our own reader, and played by Chromium's Media Source Extensions."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from ingest.fmp4 import (
    AUDIO_TRACK,
    Sample,
    box,
    fragment,
    from_media_90k,
    init_segment,
    to_media_90k,
)
from ingest.fmp4_marks import HEAD as HEAD_UUID
from ingest.fmp4_marks import Head, read_head, read_seal, write_head, write_seal
from ingest.fmp4_reader import NotARecording, read_file
from ingest.unit import AudioUnit, MediaUnit
from tests.ingest.streams import ffprobe, jpegs, samples, sound, units

CASES = [("h264", 0), ("h264", 2), ("hevc", 0), ("hevc", 2)]


def pieces(stream: list[MediaUnit], gop: int = 10) -> list[bytes]:
    """Init and one fragment per GOP."""
    parts = [init_segment(stream[0].format)]
    cut, first = samples(stream), stream[0].packet.dts_90k
    for at in range(0, len(stream), gop):
        parts.append(fragment(at // gop + 1, stream[at].packet.dts_90k - first, cut[at : at + gop]))
    return parts


@pytest.mark.parametrize(("codec", "b_frames"), CASES)
def test_ffprobe_reads_every_frame(codec: str, b_frames: int, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(pieces(units(codec, b_frames=b_frames))))
    facts = ffprobe(path)
    stream = facts["streams"][0]
    assert int(stream["nb_read_frames"]) == 50
    assert float(facts["format"]["duration"]) == pytest.approx(5.0, abs=1e-3)
    assert (stream["width"], stream["height"]) == (320, 180)
    assert stream["codec_name"] == codec


HEAD = Head("gate", "main", 7, bytes(range(32)), -0.5, None)


def recording(pictures: list[MediaUnit], tones: list[AudioUnit], gop: int = 10) -> list[bytes]:
    """Init with a head, then fragments with sound and seals as the recorder writes them."""
    form = tones[0].format if tones else None
    parts = [init_segment(pictures[0].format, form, write_head(HEAD))]
    cut = samples(pictures)
    for number, at in enumerate(range(0, len(pictures), gop)):
        start = pictures[at].packet.dts_90k
        end = start + sum(s.duration_90k for s in cut[at : at + gop])
        mine = [t for t in tones if start <= t.pts_90k < end]
        both = fragment(2 * number + 1, start, cut[at : at + gop])
        if mine:
            heard = [Sample(t.data, t.duration_90k, 0, True) for t in mine]
            both += fragment(2 * number + 2, mine[0].pts_90k, heard, AUDIO_TRACK)
        parts += [both, write_seal(bytes([number] * 32))]
    return parts


@pytest.mark.parametrize(
    ("codec", "name", "text"),
    [
        ("aac", "aac", "mp4a.40.2"),
        ("opus", "opus", "opus"),
        ("pcma", "pcm_alaw", "alaw"),
        ("pcmu", "pcm_mulaw", "ulaw"),
    ],
)
def test_sound_is_read_by_ffprobe_and_by_our_reader(
    codec: str, name: str, text: str, tmp_path: Path
) -> None:
    tones = sound(codec)
    parts = recording(units(), tones)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(parts))
    video, audio = ffprobe(path)["streams"]
    assert int(video["nb_read_frames"]) == 50
    assert (audio["codec_name"], int(audio["sample_rate"]), audio["channels"]) == (
        name,
        tones[0].format.rate_hz,
        1,
    )
    assert int(audio["nb_read_packets" if "nb_read_packets" in audio else "nb_read_frames"]) > 200
    assert float(audio["duration"]) == pytest.approx(5, abs=0.1)
    with av.open(str(path)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert heard == pytest.approx(5 * tones[0].format.rate_hz, rel=0.03)
    facts = read_file(io.BytesIO(b"".join(parts)))
    assert (facts.audio_codec, facts.head) == (text, HEAD)
    assert [f.length for f in facts.fragments] == [len(p) for p in parts[1::2]]
    assert all(0 < f.video_length < f.length for f in facts.fragments)
    assert [f.link for f in facts.fragments] == [bytes([n] * 32) for n in range(5)]
    assert facts.whole_bytes == sum(map(len, parts))


def test_mjpeg_is_read_by_ffprobe(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(recording(jpegs(), [])))
    stream = ffprobe(path)["streams"][0]
    assert (stream["codec_name"], int(stream["nb_read_frames"])) == ("mjpeg", 50)
    with path.open("rb") as file:
        facts = read_file(file)
    assert (facts.codec, facts.width_px, facts.height_px) == ("mp4v.6C", 320, 180)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_recording_without_its_last_seal_is_read_up_to_the_one_before(
    data: st.DataObject,
) -> None:
    parts = recording(units(), sound("pcma"))
    whole = b"".join(parts)
    cut = data.draw(st.integers(len(parts[0]), len(whole)))
    facts = read_file(io.BytesIO(whole[:cut]))
    ends = [len(parts[0])] + [sum(map(len, parts[: n + 1])) for n in range(2, len(parts), 2)]
    assert facts.whole_bytes == max(e for e in ends if e <= cut)


@given(st.binary(max_size=300))
def test_head_that_is_no_head_is_refused_in_words(content: bytes) -> None:
    assert read_head(content) is None or content.startswith(HEAD_UUID)
    assert read_seal(content) is None or len(content) == 48
    with pytest.raises(
        ValueError, match=r"head of the file|format|not 32|Expecting|Extra data|char"
    ):
        read_head(HEAD_UUID + content)


def test_variable_durations_survive(tmp_path: Path) -> None:
    stream = units()
    cut = samples(stream)
    uneven = [type(s)(s.data, 3000 + 100 * i, 0, s.key) for i, s in enumerate(cut)]
    path = tmp_path / "a.mp4"
    path.write_bytes(init_segment(stream[0].format) + fragment(1, 0, uneven))
    assert float(ffprobe(path)["format"]["duration"]) == pytest.approx(
        sum(s.duration_90k for s in uneven) / 90_000, abs=1e-3
    )


@pytest.mark.parametrize(("codec", "b_frames"), CASES)
def test_reader_finds_what_was_written(codec: str, b_frames: int) -> None:
    stream = units(codec, b_frames=b_frames)
    parts = pieces(stream)
    facts = read_file(io.BytesIO(b"".join(parts)))
    assert facts.codec == stream[0].format.rfc6381
    assert (facts.width_px, facts.height_px, facts.init_length) == (320, 180, len(parts[0]))
    assert [f.length for f in facts.fragments] == [len(p) for p in parts[1:]]
    assert [f.decode_90k for f in facts.fragments] == [i * 90_000 for i in range(5)]
    assert all((f.duration_90k, f.frames) == (90_000, 10) for f in facts.fragments)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_reader_stops_at_the_last_whole_fragment_wherever_the_file_is_cut(
    data: st.DataObject,
) -> None:
    parts = pieces(units())
    whole = b"".join(parts)
    cut = data.draw(st.integers(0, len(whole)))
    garbage = data.draw(st.binary(max_size=20))
    if cut < len(parts[0]):
        with pytest.raises(NotARecording):
            read_file(io.BytesIO(whole[:cut]))
        return
    facts = read_file(io.BytesIO(whole[:cut] + (garbage if cut == len(whole) else b"")))
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    assert facts.whole_bytes == max(e for e in ends if e <= cut)


@given(st.integers(0, 10**15))
def test_media_time_is_kept_to_a_tick(ticks: int) -> None:
    at = from_media_90k(ticks)
    assert ticks - to_media_90k(at) in (0, 1)
    assert from_media_90k(to_media_90k(at)) <= at


def test_nothing_and_strange_files_are_refused() -> None:
    with pytest.raises(NotARecording, match="whole"):
        read_file(io.BytesIO(box(b"free", b"x")))
    with pytest.raises(ValueError, match="at least one"):
        fragment(1, 0, [])


PLAY = """async ({mime, parts}) => {
  const bytes = parts.map(p => Uint8Array.from(atob(p), c => c.charCodeAt(0)));
  if (!MediaSource.isTypeSupported(mime)) return {supported: false};
  const video = document.createElement('video');
  video.muted = true; document.body.append(video);
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise(r => source.addEventListener('sourceopen', r, {once: true}));
  const buffer = source.addSourceBuffer(mime);
  for (const part of bytes) {
    buffer.appendBuffer(part);
    await new Promise((ok, no) => { buffer.onupdateend = ok; buffer.onerror = () => no(new Error('append failed')); });
  }
  source.endOfStream();
  video.playbackRate = 4;
  await video.play();
  await new Promise((ok, no) => { video.onended = ok; video.onerror = () => no(new Error(video.error.message)); });
  return {supported: true, width: video.videoWidth, height: video.videoHeight, duration: video.duration,
          frames: video.getVideoPlaybackQuality().totalVideoFrames,
          ranges: video.buffered.length, end: video.buffered.end(0)};
}"""


@pytest.mark.parametrize("b_frames", [0, 2])
def test_chromium_plays_it_through_media_source(page: Page, b_frames: int) -> None:
    stream = units(b_frames=b_frames)
    facts = page.evaluate(
        PLAY,
        {
            "mime": f'video/mp4; codecs="{stream[0].format.rfc6381}"',
            "parts": [base64.b64encode(p).decode() for p in pieces(stream)],
        },
    )
    assert facts["supported"]
    assert (facts["width"], facts["height"]) == (320, 180)
    assert facts["ranges"] == 1
    assert facts["end"] == pytest.approx(5.0 + (0.2 if b_frames else 0), abs=0.02)
    assert facts["frames"] >= 20  # four times real time: not every frame must be shown


def test_chromium_plays_a_recording_with_its_head_seals_and_sound(page: Page) -> None:
    pictures, tones = units(), sound("aac")
    facts = page.evaluate(
        PLAY,
        {
            "mime": f'video/mp4; codecs="{pictures[0].format.rfc6381},mp4a.40.2"',
            "parts": [base64.b64encode(p).decode() for p in recording(pictures, tones)],
        },
    )
    assert facts["supported"]
    assert facts["ranges"] == 1
    assert facts["end"] == pytest.approx(5.0, abs=0.1)
    assert facts["frames"] >= 20
