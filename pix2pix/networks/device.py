"""The device that networks run on."""

import torch


def choose_device(name: str = "auto") -> torch.device:
    """`auto` chooses CUDA, else Apple's MPS, else the CPU. Any other name is used as it is.

    Raises:
        ValueError: this machine or this PyTorch has no such device.
    """
    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in has.items() if there)
    kind = str(name).split(":")[0]
    try:
        device = torch.device(name) if has.get(kind) else None
    except RuntimeError:  # such as cpu:x
        device = None
    if device is None:
        there = ", ".join(device for device in has if has[device])
        raise ValueError(f"device {name!r} is not available here; this machine has: {there}")
    return device


def has_bf16(device: torch.device) -> bool:
    """Whether it is a CPU with instructions for bfloat16, in which convolutions are about twice as quick there."""
    return device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
