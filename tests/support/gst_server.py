"""GStreamer's RTSP server with any pipeline, under the system's own Python (see ``demo/rtsp_server.py`` for why).

The parent writes one JSON line to stdin, ``{"launch": {"path": "( … name=pay0 … )"}}``, and keeps stdin open. The server
answers ``{"port": …}`` on stdout, or ``{"missing": ["element", …]}`` when a pipeline cannot be made here, and ends.
"""

from __future__ import annotations

import json
import re
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def main() -> int:
    settings = json.loads(sys.stdin.buffer.readline())
    Gst.init(None)
    words = {
        word
        for launch in settings["launch"].values()
        for word in re.findall(r"(?:^|!|\(|\s\.\s)\s*([a-z][a-z0-9]+)(?=[ )])", launch)
    }
    missing = sorted(word for word in words if Gst.ElementFactory.find(word) is None)
    if missing:
        print(json.dumps({"missing": missing}), flush=True)
        return 1
    loop = GLib.MainLoop()
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    for path, launch in settings["launch"].items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch)
        factory.set_latency(0)
        server.get_mount_points().add_factory(f"/{path}", factory)
    server.attach(None)
    print(json.dumps({"port": server.get_bound_port()}), flush=True)

    def wait_for_parent() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
