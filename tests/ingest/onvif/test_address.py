from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from ingest.onvif.address import parse_device_url, place, service_url, stream_url

ASKED = parse_device_url("https://cam.example:8443/onvif/device_service")


@pytest.mark.parametrize(
    ("given_url", "read"),
    [
        ("192.0.2.7", "http://192.0.2.7/onvif/device_service"),
        ("192.0.2.7:8899", "http://192.0.2.7:8899/onvif/device_service"),
        ("http://192.0.2.7/", "http://192.0.2.7/onvif/device_service"),
        ("https://[2001:db8::7]:8443/x?y=1#z", "https://[2001:db8::7]:8443/x?y=1"),
    ],
)
def test_a_device_address_is_completed(given_url: str, read: str) -> None:
    assert parse_device_url(given_url).geturl() == read


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://192.0.2.7/", "no address of an ONVIF device"),
        ("file:///etc/passwd", "no address of an ONVIF device"),
        ("http://", "no address of an ONVIF device"),
        ("http://192.0.2.7:0/", "no address of an ONVIF device"),
        ("http://admin:x@192.0.2.7/", "holds a user or password"),
        ("http://192.0.2.7:99999/", "cannot be read"),
    ],
)
def test_what_is_no_device_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        parse_device_url(url)


@pytest.mark.parametrize(
    ("said", "used"),
    [
        # Behind NAT it names its own host and door: we come in by ours.
        ("http://192.168.1.64/onvif/media", "https://cam.example:8443/onvif/media"),
        ("http://192.168.1.64:80/snap?channel=1", "https://cam.example:8443/snap?channel=1"),
        # The same host under another port is another service of it.
        ("http://cam.example:8000/onvif/ptz", "http://cam.example:8000/onvif/ptz"),
        ("http://admin:x@192.168.1.64/s?user=a&PWD=b&c=1", "https://cam.example:8443/s?c=1"),
        ("http://192.168.1.64/s?a=1&amp;b=2", "https://cam.example:8443/s?a=1&b=2"),
        ("ftp://192.168.1.64/x", None),
        ("", None),
        ("http://[bad/", None),
    ],
)
def test_a_service_is_asked_where_the_device_was(said: str, used: str | None) -> None:
    assert service_url(said, ASKED) == used


@pytest.mark.parametrize(
    ("said", "used"),
    [
        (
            "rtsp://192.168.1.64:554/Streaming/101?a=b&c",
            "rtsp://cam.example:554/Streaming/101?a=b&c",
        ),
        ("rtsp://admin:secret@192.168.1.64/11", "rtsp://cam.example/11"),
        ("rtsp://h/cam?user=admin&password=secret&ch=1", "rtsp://cam.example/cam?ch=1"),
        ("rtsp://h/user=admin_password=secret_channel=1", None),  # cannot be cut out
        ("http://h/stream", None),
        ("rtsp://", None),
    ],
)
def test_a_stream_is_pulled_from_where_the_device_was(said: str, used: str | None) -> None:
    assert stream_url(said, ASKED, "secret") == used


def test_an_ipv6_host_keeps_its_brackets() -> None:
    asked = parse_device_url("http://[2001:db8::7]/")
    assert stream_url("rtsp://10.0.0.1:554/a", asked, None) == "rtsp://[2001:db8::7]:554/a"
    assert place(asked) == "2001:db8::7:80"


@given(st.text(max_size=60), st.sampled_from(["http://", "https://", "rtsp://", ""]))
def test_whatever_a_device_says_no_other_host_is_called(text: str, scheme: str) -> None:
    for made in (service_url(scheme + text, ASKED), stream_url(scheme + text, ASKED, "p")):
        if made is not None:
            parts = urlsplit(made)
            assert parts.hostname == "cam.example"
            assert parts.username is None and parts.password is None
