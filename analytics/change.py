"""Changes of what is stored: a value that is left out stays as it is, and None is a value like any other."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Keep(Enum):
    """What stands for a value that was left out."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


def given(change: DataclassInstance) -> dict[str, Any]:
    """The values that a change names."""
    values = {field.name: getattr(change, field.name) for field in fields(change)}
    return {name: value for name, value in values.items() if value is not KEEP}
