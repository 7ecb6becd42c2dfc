"""Stirring the running cameras: a Unix socket that takes and answers one JSON line."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from gis.errors import SetupError

Handler = Callable[[Mapping[str, object]], Mapping[str, object]]
TIMEOUT_S = 10.0


def socket_path(var: Path) -> Path:
    """Where the running cameras listen."""
    return var / "run" / "demo-cameras.sock"


class ControlServer:
    """Answers requests in a thread of its own until :meth:`close`."""

    def __init__(self, path: Path, handle: Handler) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._handle = handle
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(8)
        self._thread = threading.Thread(target=self._loop, name="demo-control", daemon=True)
        self._thread.start()

    def _loop(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return  # closed
            with client, contextlib.suppress(OSError):
                client.settimeout(TIMEOUT_S)
                client.sendall(json.dumps(self._answer(client)).encode() + b"\n")

    def _answer(self, client: socket.socket) -> Mapping[str, object]:
        try:
            request = json.loads(client.makefile("rb").readline(65536))
            return {"ok": True, **self._handle(request)}
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=2)
        self._path.unlink(missing_ok=True)


def ask(var: Path, request: Mapping[str, object]) -> Mapping[str, object]:
    """Sends one request to the running cameras. Raises :class:`SetupError` when they do not run or refuse."""
    path = socket_path(var)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(TIMEOUT_S)
            client.connect(str(path))
            client.sendall(json.dumps(request).encode() + b"\n")
            answer: dict[str, object] = json.loads(client.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise SetupError(
            f"the demo's cameras do not answer at {path}: start ./run demo first"
        ) from error
    if answer.get("ok") is not True:
        raise SetupError(f"the demo's cameras refused {request}: {answer.get('error')}")
    return answer


def trigger_intrusion(var: Path, camera: str = "cam-yard") -> float:
    """Lets somebody climb into the yard now; returns the Unix time of the first step."""
    at = ask(var, {"do": "intrude", "camera": camera})["enters_at"]
    if not isinstance(at, float):
        raise SetupError(f"the demo's cameras answered {at!r} instead of a time")
    return at
