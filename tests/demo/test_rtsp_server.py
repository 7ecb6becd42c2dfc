"""The RTSP server is a real one: digest authentication, TCP, key frames, clients that come and go."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator

import av
import pytest

from demo.cameras.server import RtspServer
from gis.errors import SetupError
from tests.support.rtsp import TestCameras, rtsp_cameras


@pytest.fixture(scope="module")
def cameras() -> Iterator[TestCameras]:
    with rtsp_cameras(2) as running:
        yield running


def open_stream(
    cameras: TestCameras, code: str, password: str | None = None
) -> av.container.InputContainer:
    secret = cameras.password if password is None else password
    url = cameras.url(code).replace("rtsp://", f"rtsp://{cameras.username}:{secret}@")
    options = {
        "rtsp_transport": "tcp",
        "timeout": "3000000",
        "probesize": "100000",
        "analyzeduration": "300000",
    }
    return av.open(url, options=options)


def read_packets(container: av.container.InputContainer, count: int) -> list[av.Packet]:
    packets = []
    for packet in container.demux(video=0):
        packets.append(packet)
        if len(packets) == count:
            break
    return packets


def test_a_client_gets_a_key_frame_within_a_gop_and_frames_at_the_rate(
    cameras: TestCameras,
) -> None:
    with open_stream(cameras, "cam-0") as container:
        packets = read_packets(container, 15)
    keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
    assert keys and keys[0] < 10
    stamps = [float(p.pts * p.time_base) for p in packets if p.pts is not None]
    steps = [b - a for a, b in itertools.pairwise(stamps)]
    assert all(abs(step - 0.1) < 0.002 for step in steps), steps


def test_two_clients_share_one_camera_and_the_second_lives_on(cameras: TestCameras) -> None:
    first = open_stream(cameras, "cam-1")
    with open_stream(cameras, "cam-1") as second:
        read_packets(second, 3)
        first.close()
        assert len(read_packets(second, 12)) == 12


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_refused(cameras: TestCameras, password: str) -> None:
    with pytest.raises(av.error.HTTPUnauthorizedError):
        open_stream(cameras, "cam-0", password)


def test_only_digest_is_offered(cameras: TestCameras) -> None:
    url = cameras.url("cam-0")
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), 3) as client:
        client.sendall(
            f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode()
        )
        answer = client.recv(4096).decode()
    assert answer.startswith("RTSP/1.0 401")
    assert "WWW-Authenticate: Digest" in answer
    assert "Basic" not in answer


def test_an_unknown_camera_is_not_found(cameras: TestCameras) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        open_stream(cameras, "no-such-camera")


def test_dropped_clients_are_closed_refused_for_a_while_and_taken_again(
    cameras: TestCameras,
) -> None:
    with open_stream(cameras, "cam-0") as container:
        read_packets(container, 2)
        cameras.drop("cam-0", 1.0)
        assert len(read_packets(container, 60)) < 60  # the stream ends
    with pytest.raises(av.error.HTTPNotFoundError):
        open_stream(cameras, "cam-0")
    deadline = time.monotonic() + 60
    while True:
        try:
            with open_stream(cameras, "cam-0") as container:
                assert len(read_packets(container, 3)) == 3
            return
        except av.error.HTTPNotFoundError:
            assert time.monotonic() < deadline


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            SetupError, match=rf"port {port} on 127.0.0.1 is taken.*WANGLOU_DEMO_RTSP_PORT"
        ):
            RtspServer(["cam-0"], "secret", port=port)


def test_a_server_that_died_comes_back_on_the_same_port(cameras: TestCameras) -> None:
    with rtsp_cameras(1) as own:
        port = own.url("cam-0")
        own.kill_server()
        with pytest.raises(av.error.FFmpegError):
            open_stream(own, "cam-0")
        own.start_server()
        assert own.url("cam-0") == port
        with open_stream(own, "cam-0") as container:
            assert len(read_packets(container, 3)) == 3
