"""What a running process has cost so far, what a notebook has measured, and on what kind of machine."""

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psutil

PACKAGES = ("keras", "tensorflow", "numpy")
# With these, TensorFlow computes as on other processors; where they are not set, the package sets what stands here.
KERNELS = {"ONEDNN_MAX_CPU_ISA": "", "TF_ENABLE_ONEDNN_OPTS": "1"}
PROCESSOR = ("cpu family", "model", "model name", "flags")


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


def measures_of(file: Path) -> dict[str, list[float]]:
    """Return the values that a run has recorded, by what was measured."""
    found: dict[str, list[float]] = {}
    for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        found.setdefault(line["name"], []).append(line["value"])
    return found


def versions() -> dict[str, str]:
    """Return the versions of the packages that decide what is computed."""
    return {package: metadata.version(package) for package in PACKAGES}


def processor() -> str:
    """Return a key of the processor and what else decides what TensorFlow computes, to the last digit."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        facts = [line for line in first if line.split(":")[0].strip() in PROCESSOR]
    except OSError:
        facts = [platform.processor()]
    facts += [platform.machine(), os.environ.get("COURSE_THREADS", "1")]
    facts += [f"{name}={os.environ.get(name, default)}" for name, default in KERNELS.items()]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def same_machine(course: dict) -> bool:
    """Tell whether a notebook's metadata says that it was built on such a processor, with these versions."""
    return course.get("processor") == processor() and course.get("versions") == versions()
