"""Reads checkpoint files of the authors' PyTorch repository (`latest_net_G.pth`, `latest_net_D.pth`).

https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix nests each U-Net level in the one outside it, so the weights of
level 3 are called `model.model.1.model.3.model.3.model.1.weight`. This module renames them, and reads the options of
the network from the shapes of the tensors.
"""

import re

from torch import Tensor

# A key of a nested level: the outermost level nests the next at index 1, all others at index 3.
WRAPPERS = re.compile(r"^(module\.|_orig_mod\.)+")
NESTED = re.compile(r"model\.model\.(?P<path>(?:\d+\.model\.)*)(?P<layer>\d+)\.(?P<tensor>\w+)")


def strip_wrappers(state_dict: dict) -> dict:
    """Removes the prefixes that nn.DataParallel (`module.`) and torch.compile (`_orig_mod.`) put before the names."""
    return {WRAPPERS.sub("", key): tensor for key, tensor in state_dict.items()}


def is_generator(state_dict: dict[str, Tensor]) -> bool:
    return any(NESTED.fullmatch(key) for key in strip_wrappers(state_dict))


def rename_generator_keys(module, state_dict: dict[str, Tensor], *_) -> None:
    """Renames the authors' U-Net keys in place and leaves our own as they are. A `load_state_dict` pre-hook."""
    if not is_generator(state_dict):
        return
    nested = strip_wrappers(state_dict)
    # In early PyTorch versions the authors' instance norm stored statistics. They are not used.
    instance_norm = not any(key.endswith("running_mean") and key[:-12] + "weight" in nested for key in nested)
    depth = max(match["path"].count("model") for match in map(NESTED.fullmatch, nested) if match)
    state_dict.clear()
    for key, tensor in nested.items():
        match = NESTED.fullmatch(key)
        if match is None:
            state_dict[key] = tensor  # unknown: let load_state_dict name it
            continue
        if instance_norm and match["tensor"] in ("running_mean", "running_var", "num_batches_tracked"):
            continue
        level, layer = match["path"].count("model"), int(match["layer"])
        # Layers of a level, in the authors' order (the nested level takes an index of its own):
        #   outermost  0 conv, [1], 2 relu, 3 deconv, 4 tanh
        #   between    0 lrelu, 1 conv, 2 norm, [3], 4 relu, 5 deconv, 6 norm, 7 dropout
        #   innermost  0 lrelu, 1 conv, 2 relu, 3 deconv, 4 norm
        first_up = 2 if level in (0, depth) else 4
        side, index = ("down", layer) if layer < first_up else ("up", layer - first_up)
        state_dict[f"{side}.{level}.{index}.{match['tensor']}"] = tensor


def generator_config(state_dict: dict[str, Tensor]) -> dict:
    """Arguments of `UNetGenerator` that fit an authors' generator file.

    Dropout has no tensors. It is assumed to be on, as in the authors' training. It only matters when a picture is
    painted with a seed (see `Pix2PixPipeline`).
    """
    state_dict = strip_wrappers(state_dict)
    rename_generator_keys(None, state_dict)
    first, last = state_dict["down.0.0.weight"], state_dict["up.0.1.weight"]
    return {
        "input_nc": first.shape[1],
        "output_nc": last.shape[1],
        "num_downs": 1 + max(int(key.split(".")[1]) for key in state_dict if key.startswith("down.")),
        "ngf": first.shape[0],
        "norm": "batch" if "down.1.2.running_mean" in state_dict else "instance",
        "use_dropout": True,
    }


def discriminator_config(state_dict: dict[str, Tensor]) -> dict:
    """Arguments of `PatchDiscriminator` that fit an authors' discriminator file."""
    state_dict = strip_wrappers(state_dict)
    if "net.0.weight" in state_dict:
        first, n_layers = state_dict["net.0.weight"], 0
    else:
        first = state_dict["model.0.weight"]
        n_layers = sum(tensor.dim() == 4 for tensor in state_dict.values()) - 2
    batch_norm = any(key.endswith("running_mean") for key in state_dict)
    return {
        "input_nc": first.shape[1],
        "ndf": first.shape[0],
        "n_layers": n_layers,
        "norm": "batch" if batch_norm else "instance",
    }


def is_resnet(state_dict: dict[str, Tensor]) -> bool:
    """Whether it is the ResNet generator of the authors' code, the default of CycleGAN."""
    return any(".conv_block." in key for key in state_dict)
