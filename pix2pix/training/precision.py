"""In which precision the networks compute in training, and a step down a gradient that was computed in it.

Weights, losses and Adam are in float32 always: Micikevicius et al., Mixed Precision Training, ICLR 2018,
https://arxiv.org/abs/1710.03740.
"""

import torch
from torch import Tensor

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the device computes in it, float16 on GPUs that have tensor cores for it alone (V100, T4)."""
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16
        return torch.float16 if torch.cuda.get_device_capability(device) >= (7, 0) else torch.float32
    if device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return torch.float32


class Precision:
    """Autocast for the networks, and the step of an optimiser.

    Gradients below 6e-8 are zero in float16. There the loss is multiplied by a large factor before the backward pass,
    and Adam divides by it. Where that was too much and a gradient is infinite, Adam leaves its step out, and the factor
    is halved; both are decided on the GPU, so that nobody waits for it.

    Args:
        name: one of `PRECISIONS`, or "auto" for `fastest_dtype`.
        device: where the networks are.
    """

    def __init__(self, name: str, device: torch.device):
        self.dtype = fastest_dtype(device) if name == "auto" else PRECISIONS[name]
        self.autocast = torch.autocast(device.type, self.dtype, enabled=self.dtype != torch.float32)
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.dtype == torch.float16)  # else it does nothing

    def descend(self, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        """One step of the optimiser down the gradient of `loss`."""
        optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.step(optimizer)

    def update(self) -> None:
        """After the steps of all optimisers: chooses the next factor."""
        self.scaler.update()
