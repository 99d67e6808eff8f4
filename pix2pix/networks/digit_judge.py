"""The classifier that judges handwritten digits; `python -m pix2pix.evaluate classifier` trains it."""

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn


class DigitJudge(nn.Module, PyTorchModelHubMixin, library_name="pix2pix", license="mit", tags=["mnist"]):
    """A small convolutional classifier of handwritten digits. Distances are measured in its pooled features."""

    def __init__(self, width: int = 32, num_classes: int = 10):
        super().__init__()

        def conv(inputs: int, outputs: int) -> list[nn.Module]:
            return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        w = width
        self.trunk = nn.Sequential(
            *conv(1, w), *conv(w, w), nn.MaxPool2d(2),
            *conv(w, 2 * w), *conv(2 * w, 2 * w), nn.MaxPool2d(2),
            *conv(2 * w, 4 * w), *conv(4 * w, 4 * w), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(4 * w, num_classes)

    def features(self, digits: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [-1, 1], white ink on black -> (N, 4 * width)."""
        return self.trunk(digits)

    def forward(self, digits: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [-1, 1] -> logits (N, num_classes)."""
        return self.head(self.features(digits))
