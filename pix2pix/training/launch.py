"""From options to a checkpoint: what `train.py` and a notebook call."""

import importlib.util

import torch

from ..checkpoint.push import check_name, push
from ..errors import DataError, TrainingError, note
from ..networks.device import choose_device
from . import parallel
from .options import DCGANOptions, Pix2PixOptions, TrainingOptions, UpscalerOptions
from .protocol import Training


def train(options: TrainingOptions, how_to_resume: str = "train(dataclasses.replace(options, resume=True))") -> bool:
    """Trains a model; the checkpoint is in `options.output_dir`, and on the Hub if the options ask for it.

    Ctrl-C (in a notebook: the button that interrupts) finishes the step and saves. PyTorch's random state is set by
    `options.seed`, and tiny numbers count as zero from here on.

    Args:
        options: one of the classes in options.py.
        how_to_resume: what a stopped run says of how to go on.

    Returns:
        Whether all epochs are done; False where the run was stopped.

    Raises:
        UserError: DataError, CheckpointError, TrainingError, HubError; one sentence that names options as `train.py`
            spells them.
        OSError: a file can't be written.
    """
    check_surroundings(options)
    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True  # shapes never change: let cuDNN try which of its kernels is the fastest
    torch.set_flush_denormal(True)  # tiny numbers of a converged network make a CPU ten times slower
    try:
        finished, main = run_in_processes(options, how_to_resume)
    except torch.OutOfMemoryError:
        raise TrainingError(
            "the GPU has too little memory for this: choose a lower --batch_size, or --ngf and --ndf"
        ) from None
    if main:
        print(f"The checkpoint is in {options.output_dir}")
    if main and finished and options.push_to_hub:
        print(f"and on the Hub: {push(options.output, options.push_to_hub)}")
    return finished


def check_surroundings(options: TrainingOptions) -> None:
    """Raises an error where what the options name is not there; better before the work than after it."""
    if options.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise DataError("--tensorboard needs a package: pip install tensorboard, or leave it out")
    if options.push_to_hub:
        check_name(options.push_to_hub)
    if not options.lr:
        note("--lr is 0, so nothing will be learnt")


def run_in_processes(options: TrainingOptions, how_to_resume: str) -> tuple[bool, bool]:
    """Whether all epochs are done, and whether this process is the main one."""
    from .loop import run_to_end  # here, as torchvision takes seconds to import, which `--help` can spare

    with parallel.processes(torch.device("cpu") if options.cpu else choose_device("auto")) as device:
        return run_to_end(new_training(options, device), device, how_to_resume), parallel.is_main()


def new_training(options: TrainingOptions, device: torch.device) -> Training:
    """The networks, data and step that a class of options is for. Raises DataError, see there."""
    if isinstance(options, Pix2PixOptions):
        from .pix2pix import Pix2PixTraining

        return Pix2PixTraining(options, device)
    if isinstance(options, UpscalerOptions):
        from .upscaler import UpscalerTraining

        return UpscalerTraining(options, device)
    if isinstance(options, DCGANOptions):
        from .dcgan import DCGANTraining

        return DCGANTraining(options, device)
    raise DataError(f"{type(options).__name__} has no training: expected Pix2PixOptions, UpscalerOptions, DCGANOptions")
