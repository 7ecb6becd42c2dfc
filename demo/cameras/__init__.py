"""The demo city's cameras: rendered scenes, served as real RTSP streams, with the truth beside them."""

RTSP_USERNAME = "wanglou"
"""The login of every demo camera; the password is made up when the demo is set up."""
