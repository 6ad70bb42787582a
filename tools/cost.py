"""What a running process has cost so far."""

from pathlib import Path
from typing import NamedTuple

import psutil


class Cost(NamedTuple):
    """CPU seconds, and gigabytes of memory at the highest."""

    seconds: float
    gigabytes: float


def of_process(pid: int) -> Cost:
    """Measure a process; the peak of its memory on Linux, elsewhere what it holds now."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    memory = process.memory_info().rss
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        memory = int(peak.split()[1]) * 1024
    return Cost(times.user + times.system, memory / 1e9)
