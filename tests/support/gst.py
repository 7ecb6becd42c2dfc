"""A real RTSP server with any codec: GStreamer's, from a launch line each.

::

    with gst_streams({"clip": "( filesrc location=a.mp4 ! qtdemux … name=pay0 )"}) as url:
        url("clip")
"""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from demo.cameras.server import SYSTEM_PYTHON

_SCRIPT = Path(__file__).with_name("gst_server.py")
_START_S = 20.0


@contextlib.contextmanager
def gst_streams(launch: Mapping[str, str]) -> Iterator[Callable[[str], str]]:
    """The running server; yields what makes an address of a path. Skips the test where an element is missing."""
    child = subprocess.Popen(
        [SYSTEM_PYTHON, "-u", str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(json.dumps({"launch": dict(launch)}).encode() + b"\n")
        child.stdin.flush()
        ready, _, _ = select.select([child.stdout], [], [], _START_S)
        answer = json.loads(child.stdout.readline() if ready else b"{}")
        if "missing" in answer:
            pytest.skip(f"GStreamer here has no {', '.join(answer['missing'])}")
        assert "port" in answer, f"no answer within {_START_S:g} s"
        yield lambda path: f"rtsp://127.0.0.1:{answer['port']}/{path}"
    finally:
        with contextlib.suppress(OSError):
            child.stdin.close()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
