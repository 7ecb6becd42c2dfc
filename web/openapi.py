"""Prints the console's OpenAPI document; the TypeScript client is generated from it.

``python -m web.openapi`` needs no database and starts nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from web.app import create_console
from web.model import ConsoleSettings


def document() -> dict[str, Any]:
    """The document as the running console serves it at ``/openapi.json``."""
    nowhere = Path("/nonexistent")
    settings = ConsoleSettings(
        database_url="",
        var=nowhere,
        recordings=nowhere,
        ingest_socket=nowhere / "ingest.sock",
        camera_key=b"",
        static=nowhere,
    )
    return create_console(settings).openapi()


if __name__ == "__main__":
    json.dump(document(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
