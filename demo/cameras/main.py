"""The process ``demo-cameras``: renders every scene in turn, encodes it, and feeds the RTSP server."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.cameras import SUB_EVERY, SUB_HEIGHT_PX, SUB_WIDTH_PX, TURNING, WITH_SUB, sub_code
from demo.cameras.control import ControlServer, socket_path
from demo.cameras.encode import Encoder, smaller
from demo.cameras.scene import Scene, demo_city
from demo.cameras.server import RtspServer
from demo.cameras.truth import TruthLog
from demo.cameras.turning import turning_device
from demo.cameras.turret import Turret
from gis.errors import SetupError

log = logging.getLogger(__name__)
LATE_S = 0.5  # beyond this, frames are left out rather than sent late
TRUTH_EVERY = 5  # frames


@dataclass(slots=True)
class _Channel:
    """One camera on the air. ``paused_until_s`` holds its frames back, as a camera that hangs does."""

    scene: Scene
    encoder: Encoder
    truth: TruthLog
    next_s: float
    sub: Encoder | None
    paused_until_s: float = 0.0
    count: int = 0


@dataclass(slots=True)
class _Air:
    """What both threads and the control socket see."""

    channels: dict[str, _Channel] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)


def run(
    var: Path,
    port: int,
    password: str,
    stop: threading.Event,
    codes: Sequence[str] | None = None,
    onvif_port: int = 0,
) -> None:
    """Streams the demo's cameras (or those of ``codes``) until ``stop``; the one that turns is an ONVIF device on
    ``onvif_port`` (0: any free one).

    Raises :class:`SetupError` for an unknown code, a taken port, or a missing GStreamer.
    """
    city = demo_city()
    known = {camera.code: camera for camera in city.cameras}
    for code in codes or ():
        if code not in known:
            raise SetupError(f"the demo city has no camera {code!r}; it has {', '.join(known)}")
    chosen = [known[code] for code in codes] if codes else list(known.values())
    chosen.sort(key=lambda camera: camera.views != "yard")  # the guarded one is on the air first
    air = _Air()
    turret = Turret()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(
            RtspServer(
                [
                    *(camera.code for camera in chosen),
                    *(sub_code(camera.code) for camera in chosen if camera.code in WITH_SUB),
                ],
                password,
                port=port,
                mount_at_first_frame=True,
            )
        )
        for camera in chosen:
            if camera.code == TURNING:
                stack.enter_context(turning_device(camera, server, password, turret, onvif_port))

        def prepare() -> None:
            # The first start renders every still picture; each camera goes on the air when its own is ready.
            for index, camera in enumerate(chosen):
                if stop.is_set():
                    return
                scenes = var / "demo" / "scenes"
                scene = Scene(city, camera, scenes, turret if camera.code == TURNING else None)
                encoder = Encoder(camera.width_px, camera.height_px, camera.fps)
                # Cameras take turns within the frame time, so that the machine's load is even.
                start_s = time.time() + index / len(chosen) / camera.fps
                truth = TruthLog(var / "demo" / "truth", camera.code)
                sub = (
                    Encoder(SUB_WIDTH_PX, SUB_HEIGHT_PX, camera.fps // SUB_EVERY, 300_000)
                    if camera.code in WITH_SUB
                    else None
                )
                channel = _Channel(scene, encoder, truth, start_s, sub)
                with air.guard:
                    air.channels[camera.code] = channel
                log.info("camera-on-air camera=%s", camera.code)
            _give_back_memory()

        def handle(request: Mapping[str, object]) -> Mapping[str, object]:
            with air.guard:
                channel = air.channels[str(request["camera"])]
            match request["do"]:
                case "intrude":
                    return {"enters_at": channel.scene.intrude(time.time())}
                case "pause":
                    channel.paused_until_s = time.time() + float(str(request["seconds"]))
                case "drop":
                    code, for_s = channel.scene.camera.code, float(str(request["seconds"]))
                    server.drop_clients(code, for_s)
                    if channel.sub is not None:
                        server.drop_clients(sub_code(code), for_s)
                case other:
                    raise ValueError(f"nothing to do by the name {other!r}")
            return {}

        control = ControlServer(socket_path(var), handle)
        preparing = threading.Thread(target=prepare, name="demo-scenes", daemon=True)
        preparing.start()
        try:
            _stream(air, server, stop)
        finally:
            control.close()
            preparing.join(timeout=15)
            for channel in air.channels.values():
                channel.truth.close()


def _give_back_memory() -> None:
    """Rendering the still pictures leaves a few hundred megabytes with the allocator; glibc can be asked for them."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _stream(air: _Air, server: RtspServer, stop: threading.Event) -> None:
    """Always the camera whose frame is due first."""
    while True:
        with air.guard:
            channel = min(air.channels.values(), key=lambda c: c.next_s, default=None)
        wait_s = 0.05 if channel is None else channel.next_s - time.time()
        if stop.wait(max(0.0, wait_s)):
            return
        if channel is None:
            continue
        due_s = channel.next_s
        channel.next_s += 1.0 / channel.scene.camera.fps
        now = time.time()
        if now - due_s > LATE_S:
            channel.next_s = now
        if now < channel.paused_until_s:
            continue
        found = channel.scene.seen(now)
        picture = channel.scene.frame(now, found)
        data, key = channel.encoder.encode(picture)
        server.send(channel.scene.camera.code, round(now * 1e6), key, data)
        if channel.sub is not None and channel.count % SUB_EVERY == 0:
            data, key = channel.sub.encode(smaller(picture, SUB_WIDTH_PX, SUB_HEIGHT_PX))
            server.send(sub_code(channel.scene.camera.code), round(now * 1e6), key, data)
        channel.count += 1
        if channel.count % TRUTH_EVERY == 0:
            channel.truth.write(now, channel.scene.truth(found))
