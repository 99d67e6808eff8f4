"""Shared by the pipelines: turns tensors into pictures, and runs a network as in training."""

from PIL import Image
from torch import Tensor, nn
from torch.func import functional_call


def to_images(tensor: Tensor) -> list[Image.Image]:
    """Turns (N, 1 | 3, H, W) in [-1, 1] into N images, "L" or "RGB"."""
    values = (tensor.float() + 1).mul_(127.5).round_().clamp_(0, 255)
    arrays = values.byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(array.squeeze(-1) if array.shape[2] == 1 else array) for array in arrays]


def as_in_training(network: nn.Module, x: Tensor, fixed_statistics: bool = False) -> Tensor:
    """Runs `network(x)` as in a training step: batch norm with the statistics of `x`, dropout on.

    The network itself does not change: this works on copies of its buffers.

    Args:
        fixed_statistics: use the running statistics of batch norm instead, as `train.py --settle` does.
    """
    network.train()
    if fixed_statistics:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    try:
        buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
        return functional_call(network, buffers, x)
    finally:
        network.eval()
