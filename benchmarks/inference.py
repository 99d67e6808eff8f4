"""Times a generator: each form of pix2pix/pipelines/fast_unet.py against the plain eager fp32 network.

    python benchmarks/inference.py [--ngf 64] [--handbags PATH] [--rounds 20] [--compile]

Without `--ngf` it times the shipped handbags, with it an untrained generator of that width. The forms run in turn. It
prints medians in milliseconds, the ratio to the plain network and the PSNR to its output; the times of batches; the
time that the pipeline adds to the forward pass; and the time of one picture's operations at the rate of a large matrix
product. `--compile` adds `torch.compile` with frozen weights, which takes a minute. Run it on an idle machine.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from machine import describe, matrix_rate, medians
from PIL import Image, ImageDraw
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pix2pix import Pix2PixPipeline, UNetGenerator  # noqa: E402
from pix2pix.pipelines import fast_unet, network_thread, pick_fastest  # noqa: E402
from pix2pix.ui.pictures import data_url, decode  # noqa: E402


class Plain(nn.Module):
    """The baseline: the U-Net of the paper, eager and in fp32. It is written out here, so that it never changes."""

    def __init__(self, ngf: int):
        super().__init__()
        widths = [ngf * min(2**level, 8) for level in range(8)]
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(widths):
            below = widths[level - 1] if level else 3
            channels = width if level == 7 else 2 * width
            inner = 0 < level < 7
            down = [nn.LeakyReLU(0.2)] if level else []
            down += [nn.Conv2d(below, width, 4, 2, 1, bias=False)] + [nn.BatchNorm2d(width)] * inner
            up = [nn.ReLU(), nn.ConvTranspose2d(channels, below, 4, 2, 1, bias=level == 0)]
            up += [nn.BatchNorm2d(below)] if level else [nn.Tanh()]
            self.down.append(nn.Sequential(*down))
            self.up.append(nn.Sequential(*up, *[nn.Dropout(0.5)] * (4 <= level < 7)))

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        x = self.up[7](skips[7])
        for level in range(6, -1, -1):
            x = self.up[level](torch.cat([skips[level], x], 1))
        return x


def operations(network: nn.Module, x: Tensor) -> float:
    """Multiplications and additions of the convolutions for one input, in 10^9, counted from the layers."""
    total = 0

    def count(conv: nn.Conv2d | nn.ConvTranspose2d, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal total
        positions = (inputs[0] if isinstance(conv, nn.ConvTranspose2d) else output)[0, 0].numel()
        total += 2 * positions * conv.weight.numel()

    convs = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [conv.register_forward_hook(count) for conv in convs]
    network(x)
    for hook in hooks:
        hook.remove()
    return total / 1e9


def drawing() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((60, 110, 200, 220), 12, outline="black", width=3)
    draw.arc((90, 50, 170, 170), 180, 360, fill="black", width=3)
    return image


def paths(pipe: Pix2PixPipeline, x: Tensor, rounds: int, compiled: bool) -> nn.Module:
    """Prints the table of forms; returns the fastest."""
    plain = Plain(pipe.generator.ngf)
    plain.load_state_dict(pipe.generator.state_dict())
    plain.eval().requires_grad_(False).to(pipe.device)
    networks: dict[str, Any] = {"plain eager fp32": plain}
    networks |= {name: make() for name, make in pick_fastest.candidates(pipe.generator, x)}
    if compiled:
        from torch._inductor import config

        config.freezing = True
        start = time.perf_counter()
        with torch.inference_mode(False), torch.no_grad():
            networks["compiled bf16"] = torch.compile(fast_unet.folded(pipe.generator, torch.bfloat16))
            networks["compiled bf16"](x)
        print(f"torch.compile took {time.perf_counter() - start:.0f} s")
    with torch.no_grad():
        answers = {name: network(x) for name, network in networks.items()}
        times = medians({name: lambda n=network: n(x) for name, network in networks.items()}, rounds)
    for name, seconds in times.items():
        ratio, quality = (
            times["plain eager fp32"] / seconds,
            pick_fastest.psnr(answers[name], answers["plain eager fp32"]),
        )
        print(f"{name:18} {1000 * seconds:7.2f} ms  {ratio:5.2f} times  {quality:6.1f} dB")
    return networks[min(times, key=lambda name: times[name])]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ngf", type=int, help="width of an untrained generator in place of a checkpoint")
    parser.add_argument("--handbags", default=ROOT / "checkpoints" / "handbags", help="checkpoint")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()

    print(describe())
    if args.ngf:
        torch.manual_seed(0)
        pipe = Pix2PixPipeline(UNetGenerator(ngf=args.ngf), args.device)
    else:
        pipe = Pix2PixPipeline.from_pretrained(args.handbags, args.device)
    width = pipe.generator.ngf
    print(f"{pipe.name}, ngf={width}, one picture of {pipe.image_size} pixels on {pipe.device}")
    x = pipe.condition(drawing()).tensor
    fastest = paths(pipe, x, args.rounds, args.compile)

    pipe.served = fastest
    sketch, sent = drawing(), data_url(drawing(), lossless=True)
    with torch.inference_mode():
        batches = {n: x.expand(n, -1, -1, -1).contiguous() for n in (1, 2, 4, 8)}
        times = medians({n: lambda b=batch: fastest(b) for n, batch in batches.items()}, args.rounds)
    print("a picture in a batch of " + ", ".join(f"{n}: {1000 * seconds / n:.2f} ms" for n, seconds in times.items()))

    whole = {
        "forward": lambda: network_thread.run(fastest, x),
        "pipeline": lambda: pipe(sketch),
        "live": lambda: data_url(pipe(decode(sent)), lossless=False),
    }
    times = medians(whole, 2 * args.rounds)
    for name, text in (("pipeline", "picture to picture"), ("live", "PNG to JPEG, as the live canvas asks")):
        more = 100 * (times[name] / times["forward"] - 1)
        print(f"{text}: {1000 * times[name]:.2f} ms, {more:.0f}% on top of the forward")

    work = operations(pipe.generator, x)
    dtypes = {"fp32": torch.float32}
    if pipe.device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        dtypes["bf16"] = torch.bfloat16
    for name, dtype in dtypes.items():
        rate = matrix_rate(dtype, pipe.device)
        print(f"{work:.2f} x 10^9 operations at {rate:.0f} x 10^9 a second ({name}): {1000 * work / rate:.1f} ms")


if __name__ == "__main__":
    main()
