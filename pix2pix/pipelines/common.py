"""What all pipelines share: from tensors to pictures, and a network as it runs in training."""

from PIL import Image
from torch import Tensor, nn
from torch.func import functional_call


def to_images(tensor: Tensor) -> list[Image.Image]:
    """(N, 1 | 3, H, W) in [-1, 1] -> N images, "L" or "RGB"."""
    values = (tensor.float() + 1).mul_(127.5).round_().clamp_(0, 255)
    arrays = values.byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(array.squeeze(-1) if array.shape[2] == 1 else array) for array in arrays]


def as_in_training(network: nn.Module, x: Tensor, fixed_statistics: bool = False) -> Tensor:
    """`network(x)` as a step of training runs it: batch norm with the statistics of `x` alone, dropout on.

    The network is then as it was, in evaluation mode: it works on copies of its buffers.

    Args:
        fixed_statistics: batch norm with the gathered statistics all the same, as `train.py --settle` trains.
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
