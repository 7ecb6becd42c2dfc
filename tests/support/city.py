"""The demo city, built once per process: it is frozen and takes seconds."""

from __future__ import annotations

import functools

import pytest

from demo.city import build_city
from demo.city_model import City

one_worker = pytest.mark.xdist_group("demo-city")
"""Keeps the tests of the city in one worker, so that no other builds it again."""


@functools.cache
def demo_city() -> City:
    """The city of the default seed."""
    return build_city()
