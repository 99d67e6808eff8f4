"""Reads files of weights: first names, shapes and types, which take no memory, then one tensor at a time."""

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import CheckpointError

MOST_HEADER = 10**6  # bytes of names and shapes; a U-Net has 10,000
DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


@contextlib.contextmanager
def safetensors(file: Path) -> Iterator[tuple[dict[str, Tensor], Callable[[str], Tensor]]]:
    """Gives the tensors by name, without memory (on "meta"), and a function that reads one of them.

    Raises:
        CheckpointError: the file is missing, damaged, cut, or has numbers of another type.
    """
    try:
        with open(file, "rb") as head:
            size = int.from_bytes(head.read(8), "little")
        if size > MOST_HEADER:
            raise SafetensorError(f"its header has {size} bytes: expected {MOST_HEADER} at most")
        content = safe_open(file, "pt")
    except FileNotFoundError:
        raise CheckpointError(f"{file.parent} is not a checkpoint: it has no {file.name}") from None
    except (SafetensorError, OSError, RuntimeError, MemoryError) as error:  # the last two: too large to be mapped
        raise CheckpointError(f"{file} is damaged or cut ({error}); download or train the checkpoint again") from None
    with content:
        yield (
            {name: without_memory(file, name, content.get_slice(name)) for name in content.offset_keys()},
            content.get_tensor,
        )


def without_memory(file: Path, name: str, part) -> Tensor:
    dtype = DTYPES.get(part.get_dtype())
    if dtype is None:
        raise CheckpointError(f"{file} holds {name[:80]} as {part.get_dtype()}: expected {', '.join(DTYPES)}")
    try:
        return torch.empty(part.get_shape(), dtype=dtype, device="meta")
    except (RuntimeError, TypeError, OverflowError):  # a side beyond 64 bits, beside one of 0
        raise CheckpointError(f"{file} holds {name[:80]} in a shape that no tensor has") from None


def pth(file: Path) -> dict[str, dict[str, Tensor]]:
    """The state dicts of a `.pth` file, by their place in it; "" if the whole file is one state dict.

    Raises:
        CheckpointError: the file is missing, damaged or compressed, or holds no state dict.
    """
    try:
        size = file.stat().st_size
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as parts:
                whole = sum(part.file_size for part in parts.infolist())
            if whole > size:  # a compressed megabyte can unpack to gigabytes
                raise CheckpointError(f"{file} is compressed, which PyTorch does not do: save it again, uncompressed")
        content = torch.load(file, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except Exception:  # torch.load may raise anything for damaged bytes
        raise CheckpointError(
            f"{file} is not a PyTorch file of plain weights (a state dict), or it is damaged"
        ) from None
    found = dict(state_dicts(content))
    if not found:
        raise CheckpointError(f"{file} should hold a state dict: tensors by name, such as latest_net_G.pth")
    for tensors in found.values():
        check_storage(file, tensors, size)
    return found


def state_dicts(content: object, place: str = "", depth: int = 3) -> Iterator[tuple[str, dict[str, Tensor]]]:
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        return
    if content and all(isinstance(value, Tensor) for value in content.values()):
        yield place, content
    elif depth:
        for key, value in content.items():
            yield from state_dicts(value, f"{place}.{key}".lstrip("."), depth - 1)


def check_storage(file: Path, tensors: dict[str, Tensor], size: int) -> None:
    """Refuses tensors that are larger than their file: they repeat a few numbers, and copies would fill the memory."""
    for name, tensor in tensors.items():
        if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
            raise CheckpointError(f"{file} holds {name[:80]} in a form that is no plain tensor; save it as one")
    if sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()) > size:
        raise CheckpointError(f"{file} holds tensors that repeat their numbers: save it again, every tensor contiguous")
