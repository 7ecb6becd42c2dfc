"""Every codec from a real server (GStreamer's) to a file that plays: pictures and the sound beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.ingest.rtsp.test_faults import Recorded, recorded
from tests.ingest.rtsp.test_session import camera
from tests.ingest.streams import ffprobe, until
from tests.support.gst import gst_streams

FPS = 10
CLIP_S = 8
_TONE = (
    "audiotestsrc is-live=true ! audioconvert ! audioresample ! audio/x-raw,rate=8000,channels=1"
)
_SCENE = "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=192,framerate=10/1"


def clip(path: Path, video: str, audio: str) -> Path:
    """A film of a moving square and a tone, both beginning at 0."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(video, rate=FPS)
        pictures.width, pictures.height, pictures.pix_fmt = 320, 192, "yuv420p"
        pictures.codec_context.gop_size = FPS
        pictures.options = {
            "preset": "ultrafast",
            "x265-params": "log-level=none:bframes=0:keyint=10",
            "bf": "0",
        }
        rate_hz = 48_000 if audio == "libopus" else 16_000
        tone = container.add_stream(audio, rate=rate_hz, layout="mono")
        for index in range(CLIP_S * FPS):
            picture = np.full((192, 320, 3), 90, np.uint8)
            picture[60:110, index * 3 : index * 3 + 40] = (40, 200, 240)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(pictures.encode(frame))
            at = np.arange(index * rate_hz // FPS, (index + 1) * rate_hz // FPS)
            wave = (np.sin(at * 2 * np.pi * 440 / rate_hz) * 20_000).astype(np.int16)[None, :]
            sound = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = (
                rate_hz,
                int(at[0]),
                Fraction(1, rate_hz),
            )
            container.mux(tone.encode(sound))
        container.mux(pictures.encode(None))
        container.mux(tone.encode(None))
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    clip(folder / "hevc.mkv", "libx265", "aac")
    clip(folder / "h264.mkv", "libx264", "libopus")
    return folder


@pytest.fixture
def left(request: pytest.FixtureRequest, films: Path, tmp_path: Path) -> Iterator[Recorded]:
    """Two seconds or more of the stream whose launch line is the parameter."""
    launch = str(request.param).format(films=films)
    with (
        gst_streams({"x": launch}) as url,
        recorded(camera(url("x")), tmp_path, stall_s=6, connect_timeout_s=15) as running,
    ):
        until(lambda: len(running.sink.units) >= 30, "pictures", 30)
        until(lambda: len(running.sink.sounds) >= 40, "sound", 20)
    yield running


def check(left: Recorded, video: str, audio: str, rate_hz: int, channels: int = 1) -> None:
    units, sounds = left.sink.units, left.sink.sounds
    assert {u.format.codec for u in units} == {"mjpeg" if video == "mjpeg" else video}
    assert {(s.format.rate_hz, s.format.channels) for s in sounds} == {(rate_hz, channels)}
    assert left.session.status.packets_lost == 0
    assert left.session.skipped_units == 0
    # Sound goes on without a seam, and stands beside the pictures.
    steps = [b.pts_90k - a.pts_90k for a, b in itertools.pairwise(sounds)]
    assert all(step > 0 for step in steps)
    for step, sound in zip(steps[10:], sounds[10:], strict=False):
        assert abs(step - sound.duration_90k) < 0.1 * sound.duration_90k + 90
    gap_s = (sounds[-1].capture_at - units[-1].packet.capture_at).total_seconds()
    assert abs(gap_s) < 0.6
    (path,) = left.files
    streams = {s["codec_type"]: s for s in ffprobe(path)["streams"]}
    assert streams["audio"]["codec_name"] == audio
    assert int(streams["audio"]["sample_rate"]) == rate_hz
    assert (
        int(streams["video"]["nb_read_frames"])
        == left.rows[path.relative_to(left.root).as_posix()].frames
    )
    assert (streams["video"]["width"], streams["video"]["height"]) == (320, 192)


@pytest.mark.parametrize(
    "left",
    [
        "( filesrc location={films}/hevc.mkv ! matroskademux name=d d.video_0 ! queue ! rtph265pay name=pay0 pt=96 "
        "config-interval=1 d.audio_0 ! queue ! rtpmp4gpay name=pay1 pt=97 )"
    ],
    indirect=True,
)
def test_h265_and_aac(left: Recorded) -> None:
    check(left, "hevc", "aac", 16_000)
    # Both tracks of the film begin at once, and the sender reports say so.
    first_sound = next(s for s in left.sink.sounds if s.pts_90k >= 90_000)
    assert first_sound.format.config


@pytest.mark.parametrize(
    "left",
    [
        "( filesrc location={films}/h264.mkv ! matroskademux name=d d.video_0 ! queue ! rtph264pay name=pay0 pt=96 "
        "config-interval=1 d.audio_0 ! queue ! rtpopuspay name=pay1 pt=97 )"
    ],
    indirect=True,
)
def test_h264_and_opus(left: Recorded) -> None:
    check(left, "h264", "opus", 48_000, channels=2)  # whatever is sent, RFC 7587 says two


@pytest.mark.parametrize(
    "left",
    [
        f"( {_SCENE} ! jpegenc ! rtpjpegpay name=pay0 pt=26 {_TONE} ! alawenc ! rtppcmapay name=pay1 pt=8 )",
        f"( {_SCENE} ! jpegenc idct-method=1 quality=40 ! rtpjpegpay name=pay0 pt=26 mtu=500 {_TONE} ! mulawenc ! rtppcmupay name=pay1 pt=0 )",
    ],
    indirect=True,
    ids=["pcma", "pcmu"],
)
def test_mjpeg_and_g711(left: Recorded) -> None:
    audio = "pcm_alaw" if left.sink.sounds[0].format.codec == "pcma" else "pcm_mulaw"
    check(left, "mjpeg", audio, 8_000)
    assert all(u.packet.key for u in left.sink.units)
    # A key frame every time, but one synced write a second.
    (row,) = left.rows.values()
    seconds = (row.end_at - row.start_at).total_seconds()
    assert len(row.fragments) <= seconds + 2


def test_sound_can_be_switched_off(films: Path, tmp_path: Path) -> None:
    launch = f"( {_SCENE} ! jpegenc ! rtpjpegpay name=pay0 pt=26 {_TONE} ! alawenc ! rtppcmapay name=pay1 pt=8 )"
    with (
        gst_streams({"x": launch}) as url,
        recorded(replace(camera(url("x")), audio=False), tmp_path, connect_timeout_s=15) as running,
    ):
        until(lambda: len(running.sink.units) >= 10, "pictures", 30)
    assert running.sink.sounds == []
    assert [s["codec_type"] for s in ffprobe(running.files[0])["streams"]] == ["video"]
