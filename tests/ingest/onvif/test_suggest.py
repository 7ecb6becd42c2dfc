from __future__ import annotations

import pytest

from ingest.onvif.model import MediaProfile
from ingest.onvif.suggest import suggest


def _profile(
    token: str,
    width: int | None,
    height: int | None,
    codec: str | None = "h264",
    url: str | None = None,
) -> MediaProfile:
    return MediaProfile(
        token, token, codec, width, height, 25, None, False, url or f"rtsp://h/{token}"
    )


BIG, MID, SMALL, TINY = (
    _profile("big", 2560, 1440, "hevc"),
    _profile("mid", 1280, 720),
    _profile("small", 704, 576),
    _profile("tiny", 352, 288, "mjpeg"),
)


@pytest.mark.parametrize(
    ("profiles", "main", "sub"),
    [
        ([], None, None),
        ([MID], "mid", None),
        ([SMALL, BIG, TINY, MID], "big", "small"),
        ([BIG, TINY], "big", "tiny"),
        # Every browser plays H.264; a smaller H.265 picture comes second.
        ([BIG, _profile("h265", 640, 360, "hevc"), MID], "big", "mid"),
        ([_profile("old", 1920, 1080, "mpeg4"), SMALL], "small", None),
        ([_profile("a", 640, 360), _profile("b", 640, 360)], "a", None),
        ([_profile("silent", None, None, None)], "silent", None),
        (
            [
                _profile("one", 1920, 1080, url="rtsp://h/x"),
                _profile("same", 640, 360, url="rtsp://h/x"),
            ],
            "one",
            None,
        ),
    ],
)
def test_main_is_the_largest_and_sub_a_smaller_one(
    profiles: list[MediaProfile], main: str | None, sub: str | None
) -> None:
    assert suggest(profiles) == (main, sub)


def test_a_profile_without_a_stream_address_is_never_chosen() -> None:
    silent = MediaProfile("t", "t", "h264", 4000, 3000, 25, None, False)
    assert suggest([silent, SMALL]) == ("small", None)
