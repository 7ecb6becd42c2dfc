"""Unix sockets in ``var/run``: who owns one, and names that are too long."""

from __future__ import annotations

import socket
from pathlib import Path

from gis.errors import SetupError

PATH_LIMIT_BYTES = 107  # sun_path on Linux, without the closing zero


def claim(path: Path) -> None:
    """Makes ``path`` free to bind: a socket left by a dead process is removed.

    Raises :class:`SetupError` when a living process listens there, or the path is too long for a socket.
    """
    if len(str(path).encode()) > PATH_LIMIT_BYTES:
        raise SetupError(
            f"the socket path '{path}' is longer than {PATH_LIMIT_BYTES} bytes: "
            "set WANGLOU_VAR to a folder with a shorter path"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise SetupError(f"'{path}' is in the way: {error}. Remove it.") from error
    raise SetupError(f"another process already serves '{path}': stop it first")
