"""Starts the RTSP server of ``demo/rtsp_server.py`` as a child and feeds it access units."""

from __future__ import annotations

import contextlib
import json
import logging
import select
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from demo.cameras import RTSP_USERNAME
from gis.errors import SetupError

SYSTEM_PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).resolve().parent.parent / "rtsp_server.py"
START_TIMEOUT_S = 20.0
RESTART_AFTER_S = 1.0
PACKAGES = (
    "python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-rtsp-server-1.0 "
    "gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
)
_HEADER = struct.Struct(
    "!cBBQdI"
)  # the same as HEADER in demo/rtsp_server.py, which cannot be imported here
log = logging.getLogger(__name__)


class RtspServer:
    """A running RTSP server; one mount ``/<code>`` for each camera, digest authentication.

    Args:
        codes: the cameras.
        password: what a client must know, with the user name :data:`demo.cameras.RTSP_USERNAME`.
        host: address to bind.
        port: TCP port, 0 for any free one (then see :attr:`port`).
        mount_at_first_frame: a camera answers 404 until its first key frame was sent.

    Raises:
        SetupError: the port is taken, or GStreamer's server is not installed.
    """

    def __init__(
        self,
        codes: Sequence[str],
        password: str,
        host: str = "127.0.0.1",
        port: int = 0,
        mount_at_first_frame: bool = False,
    ) -> None:
        self._codes = list(codes)
        self._mount_at_first_frame = mount_at_first_frame
        self._password = password
        self.host = host
        self.port = port
        self._guard = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._feed: socket.socket | None = None
        self._retry_at_s = 0.0
        self.lost = 0  # records that found no server
        with self._guard:
            self._start()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child is not None else None

    def url(self, code: str) -> str:
        """The camera's address, without user and password."""
        return f"rtsp://{self.host}:{self.port}/{code}"

    def send(self, code: str, captured_us: int, key: bool, data: bytes) -> None:
        """Sends one Annex B access unit, captured at ``captured_us`` microseconds since 1970.

        A server that died is started again; what is sent meanwhile is lost and counted in :attr:`lost`.
        """
        self._write(b"F", code, captured_us, key, 0.0, data)

    def drop_clients(self, code: str, for_s: float) -> None:
        """Closes every client of a camera and answers 404 for ``for_s`` seconds."""
        self._write(b"D", code, 0, False, for_s, b"")

    def _write(
        self, kind: bytes, code: str, captured_us: int, key: bool, seconds: float, data: bytes
    ) -> None:
        name = code.encode()
        head = _HEADER.pack(kind, key, len(name), captured_us, seconds, len(data))
        with self._guard:
            if self._feed is None and not self._restart():
                self.lost += 1
                return
            assert self._feed is not None
            try:
                self._feed.sendall(head + name + data)
            except OSError as error:
                log.warning("rtsp server lost error=%s", error)
                self.lost += 1
                self._stop()

    def _restart(self) -> bool:
        if time.monotonic() < self._retry_at_s:
            return False
        self._retry_at_s = time.monotonic() + RESTART_AFTER_S
        try:
            self._start()
        except SetupError as error:
            log.warning("rtsp server does not start error=%s", error)
            return False
        log.info("rtsp server started again port=%d", self.port)
        return True

    def _start(self) -> None:
        # A socket's path may be 107 bytes long at most, so it lies in a short folder of its own.
        with tempfile.TemporaryDirectory(prefix="wl-rtsp-") as folder:
            path = f"{folder}/feed"
            settings = {
                "host": self.host,
                "port": self.port,
                "username": RTSP_USERNAME,
                "password": self._password,
                "cameras": self._codes,
                "feed": path,
                "mount_at_first_frame": self._mount_at_first_frame,
            }
            try:
                child = subprocess.Popen(
                    [SYSTEM_PYTHON, "-u", str(SCRIPT)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is for the parent, which ends this child cleanly
                )
            except FileNotFoundError:
                raise SetupError(
                    f"{SYSTEM_PYTHON} is missing: apt-get install python3 {PACKAGES}"
                ) from None
            self._child = child
            try:
                assert child.stdin is not None
                child.stdin.write(json.dumps(settings).encode() + b"\n")
                child.stdin.flush()
                self.port = self._read_answer(child)
                feed = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                feed.connect(path)
                feed.settimeout(5.0)
                self._feed = feed
            except (OSError, SetupError) as error:
                self._stop()
                if isinstance(error, SetupError):
                    raise
                raise SetupError(
                    f"the RTSP server did not start ({error}): apt-get install {PACKAGES}"
                ) from error

    def _read_answer(self, child: subprocess.Popen[bytes]) -> int:
        assert child.stdout is not None
        ready, _, _ = select.select([child.stdout], [], [], START_TIMEOUT_S)
        line = child.stdout.readline() if ready else b""
        if not line:
            raise SetupError(
                f"the RTSP server gave no answer within {START_TIMEOUT_S:.0f} s; "
                f"it needs these packages: apt-get install {PACKAGES}"
            )
        answer = json.loads(line)
        if answer.get("error") == "port_taken":
            raise SetupError(
                f"port {self.port} on {self.host} is taken; end the program that holds it, or set "
                "WANGLOU_DEMO_RTSP_PORT to a free port"
            )
        if "error" in answer:
            raise SetupError(f"the RTSP server did not start: {answer['message']}")
        return int(answer["port"])

    def _stop(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        try:
            child.wait(timeout=3)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def close(self) -> None:
        """Ends the server; a second call does nothing."""
        with self._guard:
            self._stop()
            self._retry_at_s = float("inf")

    def __enter__(self) -> RtspServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
