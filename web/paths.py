"""Files under a folder, and no others."""

from __future__ import annotations

from pathlib import Path


def inside(root: Path, path: str) -> Path | None:
    """The file ``path`` under ``root``, or None where there is none or it lies outside, links followed."""
    if "\0" in path or len(path) > 500:
        return None
    base = root.resolve()
    wanted = (base / path).resolve()
    return wanted if wanted.is_relative_to(base) and wanted.is_file() else None
