"""Session descriptions, as standards have them and as cameras write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.rtsp.sdp import AUDIO, VIDEO, join_control, parse_sdp
from ingest.unit import UnitParser


def test_tracks_of_several_kinds() -> None:
    both = b"v=0\r\nm=audio 0 RTP/AVP 8\r\na=control:a\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:trackID=1\r\n"
    found = parse_sdp(both, "rtsp://h/x/")
    video, audio = found.first(VIDEO), found.first(AUDIO)
    assert video is not None and audio is not None
    assert (video.codec, video.control) == ("hevc", "rtsp://h/x/trackID=1")
    assert (audio.codec, audio.clock_hz, audio.payload_type) == ("pcma", 8000, 8)
    absolute = parse_sdp(
        b"m=video 0 RTP/AVP 26\r\na=control:rtsp://h/y/t1\r\n", "rtsp://h/x"
    ).first(VIDEO)
    assert absolute is not None
    assert (absolute.codec, absolute.control) == ("mjpeg", "rtsp://h/y/t1")
    assert parse_sdp(b"v=0\r\nm=audio 0 RTP/AVP 8\r\n", "rtsp://h/x").first(VIDEO) is None
    assert parse_sdp(b"", "rtsp://h/x").tracks == ()


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://h/x", "track1", "rtsp://h/x/track1"),
        ("rtsp://h/x/", "track1", "rtsp://h/x/track1"),
        ("rtsp://h/x?channel=1", "track1", "rtsp://h/x?channel=1/track1"),
        ("rtsp://h/x", "*", "rtsp://h/x"),
        ("rtsp://h/x", "", "rtsp://h/x"),
        ("rtsp://h/x", "?ctype=video", "rtsp://h/x?ctype=video"),
        ("rtsp://h/x", "RTSP://k/y", "RTSP://k/y"),
    ],
)
def test_control_addresses(base: str, control: str, joined: str) -> None:
    assert join_control(base, control) == joined


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["v=0", "m=video 0 RTP/AVP 96", "m=", "m=video", "m=audio x RTP/AVP smart/1", "a=rtpmap:96 H264/0",
             "a=rtpmap:96 H264/90000/x", "a=fmtp:96 ;;=;sprop-parameter-sets=%,Zg", "a=control:", "a=framesize:96 0-0"]
        )
        | st.text(max_size=30),
        max_size=20,
    )
)  # fmt: skip
def test_anything_is_read_without_an_error(lines: list[str]) -> None:
    for track in parse_sdp("\r\n".join(lines).encode(), "rtsp://h/x").tracks:
        assert track.clock_hz > 0
        UnitParser("h264", track.parameter_sets)


def test_onvif_loudspeaker_is_not_taken_for_sound() -> None:
    found = parse_sdp(
        b"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=recvonly\na=control:v\n"
        b"m=audio 0 RTP/AVP 0\na=sendonly\na=control:speaker\n",
        "rtsp://h/x",
    )
    assert found.first(AUDIO) is None
    assert found.first(VIDEO) is not None


def test_twice_the_same_attributes_in_a_section(shared_data: Path) -> None:
    found = parse_sdp(
        (shared_data / "proto" / "sdp" / "go2rtc_00.sdp").read_bytes(), "rtsp://h/live"
    )
    video, audio = found.first(VIDEO), found.first(AUDIO)
    assert video is not None and audio is not None
    assert (video.codec, video.control) == ("h264", "rtsp://h/live/track0")
    assert (audio.codec, audio.clock_hz, audio.parameters["config"]) == ("aac", 8000, "1588")
    form = UnitParser("h264", video.parameter_sets).format
    assert form is not None
    assert (form.width_px, form.height_px) == (1280, 720)


def test_format_line_in_another_track_s_section_and_a_wrong_rtpmap(shared_data: Path) -> None:
    found = parse_sdp(
        (shared_data / "proto" / "sdp" / "go2rtc_01.sdp").read_bytes(), "rtsp://h/live"
    )
    video, audio = found.first(VIDEO), found.first(AUDIO)
    assert video is not None and audio is not None
    assert len(video.parameter_sets) == 2
    assert UnitParser("h264", video.parameter_sets).format is not None
    assert (audio.codec, audio.payload_type, audio.clock_hz) == ("pcma", 8, 8000)


def test_backchannel_of_a_real_camera(shared_data: Path) -> None:
    found = parse_sdp(
        (shared_data / "proto" / "sdp" / "go2rtc_02.sdp").read_bytes(), "rtsp://h/preview"
    )
    audio = found.first(AUDIO)
    assert audio is not None
    assert (audio.codec, audio.clock_hz, audio.control) == ("aac", 16000, "rtsp://h/preview/track2")
    assert audio.parameters["mode"] == "AAC-hbr"


def test_lines_that_break_the_rules_are_passed_over(shared_data: Path) -> None:
    found = parse_sdp(
        (shared_data / "proto" / "sdp" / "go2rtc_03.sdp").read_bytes(), "rtsp://h/stream"
    )
    assert [t.kind for t in found.tracks] == ["video", "audio", "application/mercury"]
    video, audio = found.first(VIDEO), found.first(AUDIO)
    assert video is not None and audio is not None
    assert len(video.parameter_sets) == 2
    assert audio.codec == "pcma"
