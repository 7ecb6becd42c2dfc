"""The demo's camera that turns, as a device on the network: ONVIF, and an answer to those who look for devices."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Iterator

from demo.cameras import (
    ONVIF_HOME,
    ONVIF_PROFILE,
    RTSP_USERNAME,
    SUB_EVERY,
    SUB_HEIGHT_PX,
    SUB_WIDTH_PX,
    discovery,
    sub_code,
)
from demo.cameras.onvif_device import OnvifDevice, Stream
from demo.cameras.server import RtspServer
from demo.cameras.turret import Turret
from demo.city_model import DemoCamera

log = logging.getLogger(__name__)
_PRESETS = {
    ONVIF_HOME: ("原位 Home", (0.0, 0.0, 0.0)),
    "2": ("左侧 Left", (-1.0, 0.0, 0.0)),
    "3": ("右侧 Right", (1.0, 0.0, 0.0)),
    "4": ("近景 Close", (0.0, -0.2, 0.6)),
}


@contextlib.contextmanager
def turning_device(
    camera: DemoCamera, server: RtspServer, password: str, turret: Turret, port: int
) -> Iterator[OnvifDevice]:
    """The device while it runs; its login is the streams'. Raises :class:`SetupError` for a taken port."""
    turret.presets = dict(_PRESETS)
    stream = Stream(
        ONVIF_PROFILE,
        server.url(camera.code),
        camera.code,
        "H264",
        camera.width_px,
        camera.height_px,
        camera.fps,
        1000,
    )
    small = Stream(
        "sub",
        server.url(sub_code(camera.code)),
        sub_code(camera.code),
        "H264",
        SUB_WIDTH_PX,
        SUB_HEIGHT_PX,
        camera.fps // SUB_EVERY,
        300,
    )
    with contextlib.ExitStack() as stack:
        device = OnvifDevice(RTSP_USERNAME, password, (stream, small), turret, port=port)
        stack.callback(device.close)
        try:
            known = str(uuid.uuid5(uuid.NAMESPACE_URL, device.url))
            scopes = (
                f"onvif://www.onvif.org/name/{camera.code} onvif://www.onvif.org/hardware/demo "
                "onvif://www.onvif.org/Profile/Streaming"
            )
            responder = discovery.DiscoveryResponder({known: device.url}, scopes, discovery.PORT)
            stack.callback(responder.close)
        except OSError as error:
            # Another program answers on this machine already; the device works without being found.
            log.warning("discovery-not-answered reason=%s", error)
        yield device
