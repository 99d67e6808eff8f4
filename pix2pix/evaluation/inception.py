"""The Inception v3 network of FID, for figures that can be compared with those of papers.

Network and weights come from the PyPI package torch-fidelity. It is not among the requirements, because it downloads
its weights (91 MB) from GitHub once.

Reference:
  Heusel et al.: GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017, https://arxiv.org/abs/1706.08500 (FID)
"""

import hashlib
import importlib
from pathlib import Path

import torch
from torch import Tensor, nn

from ..data.download import fetch_file
from ..errors import CheckpointError, DataError

MODULE = "torch_fidelity.feature_extractor_inceptionv3"


class Inception:
    """Features of photos in the network that defines FID."""

    def __init__(self, network: nn.Module):
        self.network = network

    @classmethod
    def pretrained(cls) -> "Inception":
        """The network with the weights of FID, downloaded if torch's folder of checkpoints does not have them.

        Raises:
            CheckpointError: torch-fidelity is not installed, or its weights can't be fetched.
        """
        try:
            module = importlib.import_module(MODULE)
        except ModuleNotFoundError as error:
            raise CheckpointError("FID needs a network that is not installed: pip install torch-fidelity") from error
        file = weights_file(module.URL_INCEPTION_V3)
        return cls(module.FeatureExtractorInceptionV3("fid", ["2048"], feature_extractor_weights_path=str(file)))

    def features(self, photos: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1], any size -> pooled features (N, 2048), read at 299x299."""
        (features,) = self.network(((photos + 1) * 127.5).round().clamp(0, 255).byte())
        return features


def weights_file(url: str, timeout: float = 60) -> Path:
    """The file of weights, downloaded if torch does not have it. Its name holds the start of its SHA-256.

    Raises:
        CheckpointError: it can't be downloaded, or has another checksum.
    """
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fetch_file(url, file, timeout)
        except (DataError, OSError) as error:
            raise CheckpointError(
                f"FID needs the weights of Inception: put {url} into {file.parent} ({error})"
            ) from error
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if not digest.startswith(file.stem.rpartition("-")[2]):  # never unpickle another file
        raise CheckpointError(f"{file} is not the file of weights that it should be: delete it, then run again")
    return file
