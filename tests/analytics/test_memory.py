"""What is freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from analytics.memory import give_back_large_blocks

FREED = """
import ctypes
import sys
from analytics.memory import LARGE_BYTES, give_back_large_blocks

def resident_kb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

if sys.argv[1] == "give":
    assert give_back_large_blocks()
malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
malloc.restype, free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
size = 3 * LARGE_BYTES
free(malloc(size))  # from here on the library, left to itself, keeps what is as large
before = resident_kb()
blocks, pins = [], []
for _ in range(40):
    blocks.append(malloc(size))
    ctypes.memset(blocks[-1], 1, size)
    pins.append(malloc(4096))  # small and never freed, so that the heap cannot shrink
for block in blocks:
    free(block)
print(resident_kb() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library's own")
def test_freed_pictures_go_back_to_the_system_though_small_things_lie_between() -> None:
    if not give_back_large_blocks():
        pytest.skip("not the GNU C library")

    def kept_kb(way: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", FREED, way], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert kept_kb("give") < 2_000 < 20_000 < kept_kb("keep")
