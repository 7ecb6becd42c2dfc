"""How routes that answer with bytes describe themselves in the OpenAPI document."""

from __future__ import annotations

from typing import Any


def binary(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with ``media_type``."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"content": {media_type: {"schema": schema}}, "description": "the bytes"}}
