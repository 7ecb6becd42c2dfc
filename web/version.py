"""The program's version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed

try:
    VERSION = _installed("wanglou")
except PackageNotFoundError:
    VERSION = "0.1.0"  # run from a checkout that was not installed
