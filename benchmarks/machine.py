"""Describes the machine of a benchmark, and has the measurements that several benchmarks share."""

import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
import torch.nn.functional as F

Name = TypeVar("Name", bound=Hashable)


def describe() -> str:
    """The processor, the number of cores and threads, the versions, and the GPU if there is one."""
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    flags = set(" ".join(re.findall(r"flags\s*: (.*)", cpuinfo)[:1]).split())
    fast = [name for name in ("avx2", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16") if name in flags]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    lines = [
        f"{model[1] if model else platform.processor() or platform.machine()}, {cores} cores, {', '.join(fast)}",
        f"Python {platform.python_version()}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    ]
    if torch.cuda.is_available():
        lines.append(f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}")
    return "\n".join(lines)


def medians(runs: Mapping[Name, Callable[[], object]], rounds: int) -> dict[Name, float]:
    """Runs all in turn; returns the median seconds of each, after three rounds to warm up."""
    wait = torch.cuda.synchronize if torch.cuda.is_available() else lambda: None
    times = {name: [] for name in runs}
    for number in range(3 + rounds):
        for name, run in runs.items():
            wait()
            start = time.perf_counter()
            run()
            wait()
            times[name] += [time.perf_counter() - start] if number >= 3 else []
    return {name: statistics.median(values) for name, values in times.items()}


def matrix_rate(dtype: torch.dtype, device: torch.device) -> float:
    """10^9 operations a second of a large matrix product, by `@` or as a 1x1 convolution, whichever is faster."""
    side = 8192 if device.type == "cuda" else 2048
    a, b = (torch.randn(side, side, dtype=dtype, device=device) for _ in range(2))
    image, weight = a.reshape(1, side, 1, side).permute(0, 3, 1, 2), b.reshape(side, side, 1, 1)
    times = medians({"matrix": lambda: a @ b, "convolution": lambda: F.conv2d(image, weight)}, 8)
    return 2 * side**3 / min(times.values()) / 1e9


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds (Linux)."""
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(kilobytes) / 1024
