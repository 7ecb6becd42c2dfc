"""The program's version, the only place where it stands; ``pyproject.toml`` reads it from here."""

from __future__ import annotations

VERSION = "0.3.0.dev0"
