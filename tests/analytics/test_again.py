"""Who comes back is known again; who merely uses the same gate is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.again import HIDDEN_S, LEFT_S, REMEMBERED_S, Appeared, Memory, Vanished, likeness


def _look(level: int) -> np.ndarray:
    look = np.zeros((4, 8), np.float32)
    look[:, level] = 0.25
    return look.ravel()


GONE: Vanished[str] = Vanished(
    "A", 100.0, np.array([10.0, 5.0]), np.array([1.4, 0.0]), 1.0, False, _look(2)
)
BACK = Appeared(102.0, np.array([12.6, 5.2]), 1.0, False, _look(2))


def test_hidden_and_back_on_its_way() -> None:
    assert likeness(GONE, BACK) > 0.5
    stopped = replace(BACK, at=np.array([10.3, 5.0]))
    assert likeness(GONE, stopped) > 0.5


@pytest.mark.parametrize(
    ("case", "new"),
    [
        ("far off", replace(BACK, at=np.array([3.0, 9.0]))),
        ("too late", replace(BACK, first_s=100.0 + HIDDEN_S + 0.1)),
        ("before it went", replace(BACK, first_s=99.0)),
        ("twice as large", replace(BACK, size=2.0)),
        ("another look", replace(BACK, look=_look(6))),
        ("came in at the border", replace(BACK, entered=True)),
    ],
)
def test_somebody_else(case: str, new: Appeared) -> None:
    assert likeness(GONE, new) == 0.0, case


def test_out_of_the_picture_it_must_be_soon_and_look_the_same() -> None:
    left = replace(GONE, left=True, speed=np.zeros(2))
    back = replace(BACK, entered=True, at=np.array([10.5, 5.0]))
    assert likeness(left, back) > 0.5
    assert likeness(left, replace(back, look=None)) == 0.0
    assert likeness(left, replace(back, look=_look(3))) == 0.0
    assert likeness(left, replace(back, first_s=100.0 + LEFT_S + 0.1)) == 0.0


def test_the_likeliest_is_recalled_once_and_the_rest_forgotten() -> None:
    memory: Memory[str] = Memory()
    memory.add(replace(GONE, owner="far", at=np.array([13.0, 6.5])))
    memory.add(GONE)
    assert memory.recall(BACK) == "A"
    assert memory.forget(100.0 + REMEMBERED_S - 0.1) == []
    assert memory.forget(100.0 + REMEMBERED_S + 0.1) == ["far"]
    assert len(memory) == 0
