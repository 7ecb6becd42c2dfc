"""The demo city's cameras: rendered scenes, served as real RTSP streams, with the truth beside them."""

RTSP_USERNAME = "wanglou"
"""The login of every demo camera; the password is made up when the demo is set up."""

TURNING = "cam-square"
"""The camera that turns, by ONVIF."""
ONVIF_PROFILE = "main"
ONVIF_HOME = "1"
"""Tokens of its media profile and of the preset that its pose was measured at."""

WITH_SUB = ("cam-square", "cam-people-dongmen", "cam-station")
"""Cameras that send a second, smaller stream beside the main one."""
SUB_WIDTH_PX, SUB_HEIGHT_PX, SUB_EVERY = 640, 360, 2
"""Its size, and of how many pictures of the main stream it takes one."""


def sub_code(code: str) -> str:
    """The name of a camera's second stream on the RTSP server."""
    return f"{code}-sub"
