"""The steps from a camera's name to its first picture, and the error that says which one failed."""

from __future__ import annotations

from gis.errors import WanglouError

STEPS = ("resolve", "connect", "describe", "authenticate", "setup", "play", "key_frame")


class StepFailed(WanglouError):
    """A step did not succeed. ``step`` is one of :data:`STEPS`, ``state`` the camera state that it means."""

    def __init__(self, step: str, state: str, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.state = state
