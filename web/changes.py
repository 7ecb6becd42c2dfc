"""What a PATCH says: a field that is absent stays as it is, one that is null is emptied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel


def given(body: BaseModel, may_be_empty: Collection[str]) -> dict[str, Any]:
    """The values that were sent. A null counts only where the field may be empty, else it leaves the value alone."""
    values = {name: getattr(body, name) for name in body.model_fields_set - {"expected_version"}}
    return {
        name: value for name, value in values.items() if value is not None or name in may_be_empty
    }
