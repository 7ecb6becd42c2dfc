"""What a set of processes costs: CPU seconds and memory, as the kernel counts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds so far, the proportional set size now, and the highest resident size, of one or several processes."""

    cpu_s: float
    pss_mb: float
    peak_rss_mb: float


def cpu_s(pid: int) -> float:
    """User and system seconds of one process; 0 when it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def pss_mb(pid: int) -> float:
    """Resident memory of one process, shared pages divided among their sharers; 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_full_info().pss / 1e6
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def peak_rss_mb(pid: int) -> float:
    """The highest resident size that one process has had (VmHWM of proc(5)); 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass  # it ended
    return 0.0


def cost(pids: Iterable[int]) -> Cost:
    """The sum over ``pids``."""
    listed = list(pids)
    return Cost(sum(map(cpu_s, listed)), sum(map(pss_mb, listed)), sum(map(peak_rss_mb, listed)))
