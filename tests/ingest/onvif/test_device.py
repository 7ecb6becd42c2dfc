"""Describing real and odd devices, over HTTP on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gis.errors import InvalidInput
from ingest.onvif.device import describe
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Description, DeviceInfo
from tests.support.onvif_device import (
    STREAMS,
    TDS,
    TPTZ,
    TR2,
    TRT,
    Oddities,
    Stream,
    TestDevice,
    onvif_device,
)


def _describe(device: TestDevice, **changes: str | None) -> Description:
    login: dict[str, str | None] = {"user": device.user, "password": device.password} | changes
    return asyncio.run(describe(device.url, **login))  # type: ignore[arg-type]


def _failure(odd: Oddities, streams: tuple[Stream, ...] = STREAMS) -> DeviceFailed:
    with onvif_device(odd, streams) as device, pytest.raises(DeviceFailed) as caught:
        _describe(device)
    return caught.value


def test_a_device_tells_who_it_is_and_what_it_streams() -> None:
    with onvif_device() as device:
        found = _describe(device)
        assert found.info == DeviceInfo("Wang", "Tower-2", "V5.7.3 build 230101", "WT20260001")
        assert found.clock_ahead_s is not None and abs(found.clock_ahead_s) < 2
        main, sub = found.profiles
        assert (found.main, found.sub, found.ptz_profile) == ("Profile_1", "Profile_2", "Profile_1")
        assert (main.name, main.codec, main.width_px, main.height_px) == (
            "mainStream",
            "h264",
            1920,
            1080,
        )
        assert (main.fps, main.bitrate_bps, main.ptz) == (25, 4_096_000, True)
        assert main.stream_url == "rtsp://127.0.0.1:554/main"
        # The user and password that the device put into it are gone.
        assert (
            sub.snapshot_url == f"http://127.0.0.1:{device.port}/onvif/snapshot?profile=Profile_2"
        )
        assert found.notes == ()
        assert device.accepted == 1


@pytest.mark.parametrize("ahead_s", [7200.0, -7200.0, 86400.0 * 400])
def test_a_clock_that_is_wrong_is_signed_with_and_noted(ahead_s: float) -> None:
    with onvif_device(Oddities(clock_ahead_s=ahead_s)) as device:
        found = _describe(device)
    assert found.clock_ahead_s == pytest.approx(ahead_s, abs=2)
    (note,) = found.notes
    assert ("ahead" if ahead_s > 0 else "behind") in note and "NTP" in note


def test_media_2_is_preferred_and_tells_of_h265() -> None:
    streams = (
        Stream("T1", "rtsp://h/1", encoding="H265", width_px=3840, height_px=2160),
        STREAMS[1],
    )
    with onvif_device(Oddities(services=(TDS, TR2, TRT, TPTZ)), streams) as device:
        found = _describe(device)
    assert [profile.codec for profile in found.profiles] == ["hevc", "h264"]
    assert (found.main, found.sub, found.profiles[0].ptz) == ("T1", "Profile_2", True)
    assert found.profiles[0].fps == 25 and found.profiles[0].bitrate_bps == 4_096_000


def test_an_old_device_without_get_services_is_asked_for_its_capabilities() -> None:
    with onvif_device(
        Oddities(faults={"GetServices": "Optional Action Not Implemented"})
    ) as device:
        assert _describe(device).main == "Profile_1"
        assert "GetCapabilities" in device.calls


def test_a_device_behind_nat_is_asked_where_it_was_found() -> None:
    streams = (Stream("P", "rtsp://admin:x@192.168.1.64:8554/11?user=a&password=b"),)
    with onvif_device(Oddities(named_host="192.168.1.64"), streams) as device:
        found = _describe(device)
    assert found.profiles[0].stream_url == "rtsp://127.0.0.1:8554/11"
    assert "another host" in found.notes[0]


@pytest.mark.parametrize(
    ("encoding", "declares"),
    [("gb18030", "GB2312"), ("gb18030", "UTF-8"), ("gb18030", None), ("utf-8", None)],
)
def test_names_in_gb_18030_are_read_whatever_is_declared(
    encoding: str, declares: str | None
) -> None:
    odd = Oddities(maker="望楼㐀", encoding=encoding, declares=declares)
    with onvif_device(odd, (Stream("P", "rtsp://h/1", "北门主码流"),)) as device:
        found = _describe(device)
    assert found.info.maker == "望楼㐀" and found.profiles[0].name == "北门主码流"


def test_profiles_without_a_token_or_a_stream_are_left_out_and_noted() -> None:
    streams = (Stream(None, "rtsp://h/0"), Stream("A", "http://h/x"), Stream("B", "rtsp://h/1", ""))
    with onvif_device(Oddities(), streams) as device:
        found = _describe(device)
    assert [profile.token for profile in found.profiles] == ["A", "B"]
    assert (found.main, found.profiles[0].stream_url, found.profiles[1].name) == ("B", None, "B")
    assert "1 media profiles without a token" in found.notes[0] and "'A'" in found.notes[1]


def test_a_snapshot_that_fails_costs_the_snapshot_alone() -> None:
    with onvif_device(Oddities(faults={"GetSnapshotUri": "no snapshots"})) as device:
        found = _describe(device)
    assert found.main == "Profile_1" and found.profiles[0].snapshot_url is None


@pytest.mark.parametrize(
    "odd",
    [Oddities(time_needs_login=True), Oddities(impossible_time=True), Oddities(http_digest=True)],
)
def test_odd_logins_still_work(odd: Oddities) -> None:
    with onvif_device(odd) as device:
        found = _describe(device)
    assert found.main == "Profile_1"
    assert (found.clock_ahead_s is None) == (not odd.http_digest)


@pytest.mark.parametrize("odd", [Oddities(), Oddities(http_digest=True)])
@pytest.mark.parametrize("login", [{"password": "wrong"}, {"user": None, "password": None}])
def test_a_wrong_login_is_said(odd: Oddities, login: dict[str, str | None]) -> None:
    with onvif_device(odd) as device, pytest.raises(DeviceFailed) as caught:
        _describe(device, **login)
    assert caught.value.step == "login" and "refuses the user or password" in str(caught.value)
    assert "GetProfiles" not in device.calls


def test_what_is_no_camera_is_said() -> None:
    assert "offers no media service" in str(_failure(Oddities(services=(TDS, TPTZ))))
    assert "has no media profile" in str(_failure(Oddities(), ()))
    fault = _failure(Oddities(faults={"GetProfiles": "内部错误 out of memory"}))
    assert fault.step == "profiles" and "内部错误 out of memory" in str(fault)


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ((200, b"<html>router</html>"), "onvif"),
        ((500, b""), "onvif"),
        ((200, b"<Envelope><<<"), "profiles"),
        (
            (
                200,
                b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body/></s:Envelope>",
            ),
            "profiles",
        ),
        ((200, b"<Envelope/>" + b" " * (5 << 20)), "onvif"),
    ],
)
def test_answers_that_are_none_are_said(answer: tuple[int, bytes], step: str) -> None:
    failure = _failure(Oddities(answers={"GetProfiles": answer}))
    assert failure.step == step and len(str(failure)) < 700


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE b [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 100 + b'">]>'
    envelope = b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&b;</s:Body></s:Envelope>"
    assert _failure(Oddities(answers={"GetProfiles": (200, bomb + envelope)})).step == "profiles"


def test_a_redirect_is_not_followed() -> None:
    with onvif_device() as other:
        failure = _failure(Oddities(redirect_to=other.url))
        assert other.calls == []
    assert failure.step == "onvif" and other.url in str(failure)


def test_a_web_page_is_no_device() -> None:
    with (
        onvif_device() as device,
        pytest.raises(DeviceFailed, match="is no ONVIF service at '/index'"),
    ):
        asyncio.run(describe(f"http://127.0.0.1:{device.port}/index", "u", "p"))


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DeviceFailed, match=f"connect: nothing listens on '127.0.0.1:{port}'"):
        asyncio.run(describe(f"http://127.0.0.1:{port}/"))
    with pytest.raises(
        DeviceFailed, match=r"connect: the name in 'nowhere\.invalid:80' is not known"
    ):
        asyncio.run(describe("http://nowhere.invalid/"))
    with pytest.raises(InvalidInput):
        asyncio.run(describe("rtsp://127.0.0.1/"))


@contextmanager
def _listener(greeting: bytes | None) -> Iterator[int]:
    """Accepts one connection after another and says ``greeting``, or never anything."""
    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            held.append(peer)
            if greeting is not None:
                peer.recv(100)
                peer.sendall(greeting)
                peer.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)
        for peer in held:
            peer.close()


def test_silence_and_another_protocol_are_said() -> None:
    with (
        _listener(None) as port,
        pytest.raises(DeviceFailed, match=r"does not answer within 0\.3 s"),
    ):
        asyncio.run(describe(f"http://127.0.0.1:{port}/", timeout_s=0.3))
    with (
        _listener(b"SSH-2.0-x\r\n\r\n") as port,
        pytest.raises(DeviceFailed, match="does not speak HTTP"),
    ):
        asyncio.run(describe(f"http://127.0.0.1:{port}/"))
    with (
        _listener(b"HTTP/1.1 400 x\r\n\r\n") as port,
        pytest.raises(DeviceFailed, match="does not speak TLS"),
    ):
        asyncio.run(describe(f"https://127.0.0.1:{port}/"))


def test_a_certificate_of_its_own_making_is_taken(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now - dt.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "camera.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    with onvif_device(Oddities(certificate=file)) as device:
        assert _describe(device).main == "Profile_1"


def test_the_library_is_loaded_only_where_it_is_used_and_leaves_the_logging_alone() -> None:
    code = (
        "import logging, sys, web.app, web.cli, ingest.main\n"
        "assert not {'zeep', 'onvif', 'aiohttp'} & set(sys.modules), 'loaded too early'\n"
        "import ingest.onvif.device\n"
        "assert logging.getLogger().handlers == [] and logging.getLogger().level == logging.WARNING\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
