"""Camera passwords and addresses."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from ingest.address import parse_address
from ingest.rtsp_client import authorization, parse_sdp
from ingest.secret import decrypt, encrypt


def test_password_survives_with_its_key_only() -> None:
    key = Fernet.generate_key()
    token = encrypt(key, "渔火 p@ss:/")
    assert b"p@ss" not in token
    assert decrypt(key, token) == "渔火 p@ss:/"
    for other, text in ((Fernet.generate_key(), token), (key, token[:-2] + b"xx")):
        with pytest.raises(InvalidInput, match="another key"):
            decrypt(other, text)


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_any_login_is_told_apart_from_the_address(user: str, password: str) -> None:
    joined = parse_address("rtsp://10.0.0.1:8554/a/b?c=1").with_login(user, password)
    parts = urlsplit(joined)
    assert (parts.hostname, parts.port, parts.path, parts.query) == (
        "10.0.0.1",
        8554,
        "/a/b",
        "c=1",
    )
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)


def test_addresses() -> None:
    assert parse_address("rtsp://cam/x").port == 554
    assert parse_address("rtsps://cam/x").port == 322
    assert parse_address("rtsp://[fe80::1]:99").url == "rtsp://[fe80::1]:99/"
    for bad in (
        "http://cam/x",
        "rtsp://",
        "rtsp://u:p@cam/x",
        "rtsp://cam:99999/x",
        "rtsp://[x/y",
        "cam",
    ):
        with pytest.raises(InvalidInput):
            parse_address(bad)


def test_digest_of_the_standard_s_example() -> None:
    # RFC 7616 section 3.9.1
    base = (
        'realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    both = [f"Digest {base.format('MD5')}", f"Digest {base.format('SHA-256')}", 'Basic realm="x"']
    strong = authorization(both, "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce)
    assert strong is not None
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in strong
    weak = authorization(both[:1], "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce)
    assert weak is not None
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in weak
    assert (
        authorization(both[2:], "GET", "/", "Aladdin", "open sesame", "")
        == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    )
    assert authorization(["NTLM"], "GET", "/", "a", "b", "") is None


def test_sdp_of_several_kinds() -> None:
    both = "v=0\r\nm=audio 0 RTP/AVP 8\r\na=control:a\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:trackID=1\r\n"
    track = parse_sdp(both, "rtsp://h/x/")
    assert track is not None
    assert (track.codec, track.control) == ("H265", "rtsp://h/x/trackID=1")
    absolute = parse_sdp("m=video 0 RTP/AVP 26\r\na=control:rtsp://h/y/t1\r\n", "rtsp://h/x")
    assert absolute is not None
    assert (absolute.codec, absolute.control) == ("JPEG", "rtsp://h/y/t1")
    assert parse_sdp("v=0\r\nm=audio 0 RTP/AVP 8\r\n", "rtsp://h/x") is None
