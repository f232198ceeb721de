"""What the operating system accounts to processes: CPU time and peak memory, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, with_dead_children: bool = False) -> float:
    """User and system time of a process so far, in steps of a hundredth of a second."""
    user, system, dead_user, dead_system = (int(field) for field in _stat(pid)[11:15])
    return (user + system + (dead_user + dead_system if with_dead_children else 0)) / _TICKS_PER_S


def cpu_seconds_of_family(pid: int) -> float:
    """A process with its children, living and dead: the server processes of PostgreSQL."""
    return cpu_seconds(pid, with_dead_children=True) + sum(cpu_seconds(child) for child in children(pid))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def forget_peak_memory(pid: int) -> None:
    """Let the peak begin at the present size."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _stat(pid: int) -> list[str]:
    """Fields from the third on; the second is a name in brackets that may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
