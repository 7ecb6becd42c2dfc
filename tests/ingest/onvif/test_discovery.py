from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.onvif.discovery import discover, own_addresses, parse_matches
from tests.support.onvif_device import discovery_responder, probe_match

SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/Profile/T "
    "onvif://www.onvif.org/name/%E5%8C%97%E9%97%A8 onvif://www.onvif.org/hardware/Tower-2 "
    "onvif://www.onvif.org/location/city/%C0%A5%C9%BD onvif://www.onvif.org/location/country/china"
)


def test_devices_on_the_network_answer_with_names_and_addresses() -> None:
    devices = {
        "1419D68A-1DD2-11B2-A105-0123456789AB": "http://127.0.0.1:8001/onvif/device_service",
        "2419d68a-1dd2-11b2-a105-0123456789ab": "http://10.1.1.9:8002/dev http://[fe80::1]/dev",
        "3419d68a-1dd2-11b2-a105-0123456789ab": "",
    }
    with discovery_responder(devices, SCOPES) as responder:
        found = asyncio.run(discover(0.6, ["127.0.0.1"], responder.group))
        assert responder.probes == 2  # UDP loses, so the question is repeated
    assert [device.url for device in found] == [
        "http://127.0.0.1:8001/onvif/device_service",
        "http://127.0.0.1:8002/dev",  # where it answered from, not what it says
    ]
    first = found[0]
    assert first.uuid == "1419d68a-1dd2-11b2-a105-0123456789ab"
    assert (first.name, first.hardware) == ("北门", "Tower-2")
    assert first.locations == ("city/昆山", "country/china")  # the first in GB 18030
    assert found[1].said == ("http://10.1.1.9:8002/dev", "http://[fe80::1]/dev")


def test_an_interface_that_is_not_ours_is_passed_over_and_silence_takes_no_longer() -> None:
    began_s = time.monotonic()
    assert asyncio.run(discover(0.3, ["192.0.2.77", "127.0.0.1"], ("239.255.255.250", 9))) == []
    assert time.monotonic() - began_s >= 0.3


def test_our_own_addresses_hold_loopback() -> None:
    assert "127.0.0.1" in own_addresses()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no XML"),
        (b"<html>", "no XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        (b"<x/>", "not to our probe"),
        (probe_match("urn:uuid:other", "u", "http://127.0.0.1/", ""), "not to our probe"),
        (b"<x>" + b" " * (4 << 20) + b"</x>", "more than"),
    ],
)
def test_what_is_no_answer_to_our_probe_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_matches(data, "127.0.0.1", "mine")


@given(st.binary(max_size=300), st.integers(0, 1200), st.integers(1, 40))
def test_a_broken_answer_harms_nothing(noise: bytes, at: int, length: int) -> None:
    good = probe_match("urn:uuid:mine", "u", "http://127.0.0.1/a", SCOPES)
    broken = good[:at] + noise + good[at + length :]
    try:
        devices = parse_matches(broken, "127.0.0.1", "mine")
    except ValueError:
        return
    assert all(
        device.url.startswith(("http://127.0.0.1", "https://127.0.0.1")) for device in devices
    )
