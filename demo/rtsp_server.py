"""The demo cameras' RTSP server: GStreamer's gst-rtsp-server under the system's own Python.

Runs as a child process (``/usr/bin/python3 demo/rtsp_server.py``), because Debian ships the GObject bindings for
the system's Python only. Nothing but the standard library and ``gi`` is imported here.

The parent writes one JSON line to stdin::

    {"host": "127.0.0.1", "port": 8554, "username": "…", "password": "…", "cameras": ["cam-1", …], "feed": "/…/feed.sock"}

and keeps stdin open; when it closes, the server ends. The server answers one JSON line on stdout, ``{"port": 8554}``
or ``{"error": "port_taken" | "feed", "message": "…"}``, and then takes access units on the Unix socket ``feed``.
Each record there is :data:`HEADER` (kind, key flag, length of the camera's code, capture time in microseconds since
1970, seconds as float, payload length), the code, and the payload:

- kind ``F``: one H.264 access unit, Annex B, SPS and PPS in front of every IDR.
- kind ``D``: close every client of that camera and answer 404 for the given seconds.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

HEADER = struct.Struct("!cBBQdI")
REALM = "demo camera"
ROLE = "viewer"
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
# Running time is fitted to capture time once; a wall clock stepped by more than this fits it anew.
REANCHOR_NS = 300_000_000
LAUNCH = (
    "( appsrc name=frames is-live=true format=time block=false max-bytes=4194304 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! rtph264pay name=pay0 pt=96 config-interval=1 aggregate-mode=zero-latency )"
)


class Mount:
    """One camera: its factory, and the source of the pipeline that runs while it has clients."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.path = f"/{code}"
        self._guard = threading.Lock()
        self._source: Any = None
        self._anchor: tuple[int, int] | None = (
            None  # capture time and running time of one frame, ns
        )
        self.factory = GstRtspServer.RTSPMediaFactory()
        self.factory.set_launch(LAUNCH)
        self.factory.set_shared(True)
        self.factory.set_latency(0)
        # A camera answers over UDP as well as over interleaved TCP.
        self.factory.set_protocols(
            GstRtsp.RTSPLowerTrans.UDP
            | GstRtsp.RTSPLowerTrans.UDP_MCAST
            | GstRtsp.RTSPLowerTrans.TCP
        )
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role(ROLE, "media.factory.access", True)
        permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
        self.factory.set_permissions(permissions)
        self.factory.connect("media-configure", self._configured)

    def _configured(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_child_by_name("frames")
        media.connect("unprepared", self._unprepared, source)
        with self._guard:
            self._source = source
            self._anchor = None

    def _unprepared(self, _media: Any, source: Any) -> None:
        with self._guard:
            if self._source is source:
                self._source = None

    def push(self, key: bool, captured_ns: int, data: bytes) -> None:
        """Hands one access unit to the running pipeline; without one it is forgotten."""
        with self._guard:
            source = self._source
            if source is None or (self._anchor is None and not key):
                return
            clock = source.get_clock()
            if clock is None:
                return  # not playing yet
            behind_ns = time.time_ns() - captured_ns
            running_ns = max(0, clock.get_time() - source.get_base_time() - behind_ns)
            if self._anchor is not None:
                exact_ns = self._anchor[1] + captured_ns - self._anchor[0]
                if abs(exact_ns - running_ns) < REANCHOR_NS:
                    running_ns = exact_ns
            self._anchor = (captured_ns, running_ns)
            buffer = Gst.Buffer.new_wrapped(data)
            buffer.pts = running_ns
            buffer.dts = running_ns
            if not key:
                buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
            source.emit("push-buffer", buffer)


class Server:
    """The RTSP server and the thread that reads the feed."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._loop = GLib.MainLoop()
        self._server = GstRtspServer.RTSPServer()
        self._server.set_address(settings["host"])
        self._server.set_service(str(settings["port"]))
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.set_realm(REALM)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", ROLE)
        auth.add_digest(settings["username"], settings["password"], token)
        self._server.set_auth(auth)
        self._mounts = {code: Mount(code) for code in settings["cameras"]}
        # One thread serves every client, and a camera without frames would keep the others waiting in DESCRIBE:
        # where cameras come one after another, each is mounted (until then 404) at its first key frame.
        self._unmounted = set(self._mounts)
        if not settings["mount_at_first_frame"]:
            for mount in self._mounts.values():
                self._mount(mount)
        self._watched: dict[Any, str] = {}
        self._server.connect("client-connected", self._connected)

    def _mount(self, mount: Mount) -> bool:
        self._unmounted.discard(mount.code)
        self._server.get_mount_points().add_factory(mount.path, mount.factory)
        return False

    def listen(self) -> int:
        """Binds; returns the port, 0 when it is taken."""
        if self._server.attach(None) == 0:
            return 0
        # Sessions whose client vanished without TEARDOWN are dropped.
        GLib.timeout_add_seconds(5, self._clean_sessions)
        return int(self._server.get_bound_port())

    def _clean_sessions(self) -> bool:
        self._server.get_session_pool().cleanup()
        return True

    def _connected(self, _server: Any, client: Any) -> None:
        client.connect("setup-request", self._asked)
        client.connect("closed", lambda closed: self._watched.pop(closed, None))

    def _asked(self, client: Any, context: Any) -> None:
        self._watched[client] = context.uri.abspath

    def _drop(self, mount: Mount, for_s: float) -> bool:
        points = self._server.get_mount_points()
        if for_s > 0:
            points.remove_factory(mount.path)
            GLib.timeout_add(int(for_s * 1000), self._restore, mount)
        for client, path in list(self._watched.items()):
            if path == mount.path or path.startswith(mount.path + "/"):
                client.close()
        return False

    def _restore(self, mount: Mount) -> bool:
        # remove_factory gave our reference away; add_factory takes one again.
        self._server.get_mount_points().add_factory(mount.path, mount.factory)
        return False

    def read_feed(self, listener: socket.socket) -> None:
        """Takes one feeder after another, for ever."""
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb", buffering=1 << 18) as stream:
                try:
                    while self._read_record(stream):
                        pass
                except (OSError, ValueError) as error:
                    print(f"feed: {error}", file=sys.stderr, flush=True)

    def _read_record(self, stream: Any) -> bool:
        head = stream.read(HEADER.size)
        if len(head) < HEADER.size:
            return False
        kind, key, code_length, captured_us, seconds, length = HEADER.unpack(head)
        if length > MAX_PAYLOAD_BYTES:
            raise ValueError(f"a record of {length} bytes is longer than {MAX_PAYLOAD_BYTES}")
        code = stream.read(code_length).decode()
        data = stream.read(length)
        if len(data) < length:
            return False
        mount = self._mounts.get(code)
        if mount is None:
            raise ValueError(f"there is no camera {code!r} here")
        if kind == b"F":
            if key and code in self._unmounted:
                self._unmounted.discard(code)
                GLib.idle_add(self._mount, mount)
            mount.push(bool(key), captured_us * 1000, data)
        elif kind == b"D":
            GLib.idle_add(self._drop, mount, seconds)
        return True

    def run(self) -> None:
        """Serves until stdin closes."""

        def wait_for_parent() -> None:
            while sys.stdin.buffer.read(4096):
                pass
            GLib.idle_add(self._loop.quit)

        threading.Thread(target=wait_for_parent, daemon=True).start()
        self._loop.run()


def main() -> int:
    """Reads the settings, serves, and answers 1 when it could not start."""
    settings = json.loads(sys.stdin.buffer.readline())

    def answer(fact: dict[str, Any]) -> None:
        print(json.dumps(fact), flush=True)

    Gst.init(None)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        Path(settings["feed"]).unlink(missing_ok=True)
        listener.bind(settings["feed"])
        listener.listen(4)
    except OSError as error:
        answer({"error": "feed", "message": f"socket {settings['feed']!r}: {error.strerror}"})
        return 1
    server = Server(settings)
    port = server.listen()
    if port <= 0:
        answer({"error": "port_taken", "message": f"{settings['host']}:{settings['port']}"})
        return 1
    threading.Thread(target=server.read_feed, args=(listener,), daemon=True).start()
    answer({"port": port})
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
