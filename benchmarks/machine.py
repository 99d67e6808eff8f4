"""What the figures of a benchmark were measured on."""

import os
import platform
import re
from pathlib import Path

import torch


def describe() -> str:
    """The processor and what of it is used, the versions, the GPU if there is one."""
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    flags = set(re.search(r"flags\s*: (.*)", cpuinfo)[1].split()) if "flags" in cpuinfo else set()
    fast = [name for name in ("avx2", "avx512f", "avx512_bf16", "avx512_fp16", "amx_bf16") if name in flags]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    lines = [
        f"{model[1] if model else platform.processor() or platform.machine()}, {cores} cores, {', '.join(fast)}",
        f"Python {platform.python_version()}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    ]
    if torch.cuda.is_available():
        lines.append(f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}")
    return "\n".join(lines)
