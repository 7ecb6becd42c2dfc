"""What recording files lie in the recordings folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIX = ".mp4"
_LEVELS = 3  # year, month, day


def camera_files(root: Path, code: str) -> dict[str, int]:
    """Every recording of a camera: path relative to ``root``, and size in bytes.

    One pass over its folders, without opening a file; what goes away meanwhile is left out.
    """
    return dict(_files(root / code, code, _LEVELS))


def _files(folder: Path | str, shown: str, levels: int) -> Iterator[tuple[str, int]]:
    for entry in _entries(folder):
        if levels:
            if entry.is_dir():
                yield from _files(entry.path, f"{shown}/{entry.name}", levels - 1)
        elif entry.name.endswith(_SUFFIX):
            try:
                yield f"{shown}/{entry.name}", entry.stat().st_size
            except FileNotFoundError:
                continue


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
