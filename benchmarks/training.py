"""Times a training step of pix2pix: that of train.py against the plain eager fp32 step, with full-size networks.

    python benchmarks/training.py [--ngf 64] [--batch_size 4] [--rounds 10] [--curves STEPS] [--dataroot DIR]

The two steps run in turn on the same batch. It prints medians, images a second and the ratio, then the time of an
image's operations at the rate of a large matrix product. `--curves 300` trains both from the same weights on the same
batches, and prints the losses of both, and of a second plain run with other dropout for comparison. Without
`--dataroot`, pairs are coloured shapes and their outlines. On a GPU it also times larger batches against the plain step
with batches of one, and projects the paper's schedule. Run it on an idle machine.
"""

import argparse
import copy
import tempfile
from itertools import chain, islice
from pathlib import Path

import torch
import torch.nn.functional as F
from inference import Plain, operations  # puts the project on the path
from machine import describe, matrix_rate, medians
from PIL import Image, ImageDraw
from torch import Tensor, nn

from pix2pix.training import Pix2PixOptions
from pix2pix.training.pix2pix import Pix2PixTraining

PAPER = 15 * 137_000  # images of the paper's schedule for handbags
Batch = list[Tensor]


def plain_discriminator(ndf: int) -> nn.Sequential:
    """The 70x70 PatchGAN of the paper, written out."""

    def block(below: int, width: int, stride: int) -> list[nn.Module]:
        return [nn.Conv2d(below, width, 4, stride, 1, bias=False), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]

    first, last = [nn.Conv2d(6, ndf, 4, 2, 1), nn.LeakyReLU(0.2)], [nn.Conv2d(8 * ndf, 1, 4, 1, 1)]
    inner = block(ndf, 2 * ndf, 2) + block(2 * ndf, 4 * ndf, 2) + block(4 * ndf, 8 * ndf, 1)
    return nn.Sequential(*first, *inner, *last)


class PlainTraining:
    """The baseline: the paper's step written down as it is, eager, in fp32, with Adam as PyTorch has it by default."""

    def __init__(self, ours: Pix2PixTraining):
        device, width = ours.device, ours.options.ngf
        self.generator, self.discriminator = Plain(width).to(device), plain_discriminator(width).to(device)
        self.generator.load_state_dict(ours.generator.state_dict())
        self.discriminator.load_state_dict(ours.discriminator.layers.state_dict())
        networks = self.generator, self.discriminator
        self.for_g, self.for_d = (torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in networks)
        bce = F.binary_cross_entropy_with_logits
        self.real = lambda logits: bce(logits, torch.ones_like(logits))
        self.painted = lambda logits: bce(logits, torch.zeros_like(logits))

    def step(self, batch: Batch) -> dict[str, Tensor]:
        condition, target = batch
        fake = self.generator(condition)
        logits_fake = self.discriminator(torch.cat([condition, fake.detach()], 1))
        logits_real = self.discriminator(torch.cat([condition, target], 1))
        loss_d = (self.real(logits_real) + self.painted(logits_fake)) / 2
        self.for_d.zero_grad()
        loss_d.backward()
        self.for_d.step()

        self.discriminator.requires_grad_(False)
        gan = self.real(self.discriminator(torch.cat([condition, fake], 1)))
        self.discriminator.requires_grad_(True)
        l1 = F.l1_loss(fake, target)
        self.for_g.zero_grad()
        (gan + 100 * l1).backward()
        self.for_g.step()
        return {"loss_D": loss_d.detach(), "loss_G_GAN": gan.detach(), "loss_G_L1": l1.detach()}


def shapes(folder: Path, count: int = 256) -> Path:
    """A data set of outlines and filled shapes; their colour goes with their place, so that it can be learnt."""
    (folder / "train").mkdir()
    for number in range(count):
        image = Image.new("RGB", (512, 256), "white")
        draw = ImageDraw.Draw(image)
        x, y, side = 20 + 13 * number % 90, 30 + 29 * number % 80, 60 + 7 * number % 60
        color = f"hsl({4 * x}, {40 + y // 2}%, {25 + side // 4}%)"
        place, radius = (x, y, x + side, y + side), number % 24
        draw.rounded_rectangle(place, radius, outline="black", width=2)
        draw.rounded_rectangle((256 + x, y, 256 + x + side, y + side), radius, fill=color)
        image.save(folder / "train" / f"{number}.png")
    return folder


def make(folder: Path, width: int, batch_size: int, device: torch.device) -> Pix2PixTraining:
    """The training of `train.py pix2pix` with the paper's options."""
    options = Pix2PixOptions(dataroot=folder, ngf=width, ndf=width, batch_size=batch_size, workers=0)
    torch.manual_seed(0)
    return Pix2PixTraining(options, device)


def speed(folder: Path, width: int, sizes: list[int], plain_size: int, rounds: int, device: torch.device) -> None:
    """Prints images a second of both steps, the ratio, and the share of the machine's measured rate."""
    ours = make(folder, width, 1, device)
    x = next(ours.batches(0, 0))[0]
    g, d = operations(ours.generator, x), operations(ours.discriminator, torch.cat([x, x], 1))
    # Forward, and backward to weights and to inputs: three times for G. D does all three for painted and for real
    # pictures in its own step, and forward and backward to its inputs in G's.
    work = 3 * g + 8 * d
    rate = matrix_rate(ours.precision.dtype, device)
    print(f"{work:.1f} x 10^9 operations an image; a large matrix product does {rate:.0f} x 10^9 a second")
    plain = PlainTraining(ours)
    for size in sizes:
        batch = next(make(folder, width, size, device).batches(0, 0))
        plain_batch = [images[:plain_size].contiguous() for images in batch]
        runs = {"plain": lambda b=plain_batch: plain.step(b), "ours": lambda b=batch: ours.step(b)}
        times = medians(runs, rounds)
        before, after = plain_size / times["plain"], size / times["ours"]
        print(
            f"batch {size}: {after:.2f} images/s, {100 * work * after / rate:.0f}% of that rate; plain eager fp32, "
            f"batch {plain_size}: {before:.2f} images/s; {after / before:.2f} times as fast"
        )
        if device.type == "cuda":
            print(f"the paper's schedule (15 epochs of 137,000 pairs): {PAPER / after / 60:.0f} minutes")


def curves(folder: Path, width: int, batch_size: int, steps: int, device: torch.device) -> None:
    """Prints the losses of both steps over a training, in ten rows of means, and how far apart they are."""
    ours = make(folder, width, batch_size, device)
    plain, again = PlainTraining(ours), PlainTraining(ours)
    courses = {"plain": plain.step, "plain again": again.step, "ours": ours.step}
    noise = {name: torch.Generator().manual_seed(int(name == "plain again")).get_state() for name in courses}
    rows = {name: [] for name in courses}
    epochs = chain.from_iterable(ours.batches(epoch, 0) for epoch in range(steps))
    for batch in islice(epochs, steps):
        for name, step in courses.items():
            torch.set_rng_state(noise[name])
            rows[name].append(torch.stack([loss.float() for loss in step(copy.copy(batch)).values()]))
            noise[name] = torch.get_rng_state()
    means = {name: torch.stack(values)[: steps // 10 * 10].view(10, -1, 3).mean(1) for name, values in rows.items()}
    print(f"ngf = ndf = {width}, batch {batch_size}, means of {steps // 10} steps: L1, G's GAN loss, D's loss")
    print("".join(f"{name:>26}" for name in means))
    for row in range(10):
        print("".join(f"{l1:10.3f}{gan:8.3f}{d:8.3f}" for d, gan, l1 in (values[row] for values in means.values())))
    for name in ("plain again", "ours"):
        apart = ((means[name] - means["plain"]).abs() / means["plain"]).mean(0)
        print(f"{name} and plain, apart on average: D {apart[0]:.1%}, GAN {apart[1]:.1%}, L1 {apart[2]:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ngf", type=int, default=64, help="width of both networks")
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--curves", type=int, metavar="STEPS", help="compare the losses over so many steps instead")
    parser.add_argument("--dataroot", type=Path, help="pairs to train on, in DIR/train")
    args = parser.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = True  # for both steps, as train.py does
    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        data = args.dataroot or shapes(Path(folder))
        if args.curves:
            curves(data, args.ngf, args.batch_size, args.curves, device)
        elif device.type == "cuda":
            speed(data, args.ngf, [1, 4, 16, 32, 64, 128], 1, args.rounds, device)
        else:
            print(f"ngf = ndf = {args.ngf}")
            speed(data, args.ngf, [args.batch_size], args.batch_size, args.rounds, device)


if __name__ == "__main__":
    main()
