"""Compares the time of 16 digits, from labels to PNG bytes, with the generator's forward pass alone.

    python benchmarks/digits.py [--digits PATH] [--count 16] [--rounds 300]

Both are timed in turn, so that other work on the machine affects both. It prints the medians in milliseconds, the
median ratio of the pairs, and the range of the middle half of the ratios. Each round has another seed. Run it on an
idle machine.
"""

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from machine import describe  # noqa: E402

from pix2pix import DigitPipeline  # noqa: E402


def milliseconds(function: Callable, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digits", default=ROOT / "checkpoints" / "digits", metavar="PATH", help="folder or Hub id")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--count", type=int, default=16, help="digits a call")
    parser.add_argument("--rounds", type=int, default=300)
    args = parser.parse_args()
    pipe = DigitPipeline.from_pretrained(args.digits, device=args.device)
    labels = [i % len(pipe.class_names) for i in range(args.count)]
    y = torch.tensor(labels, device=pipe.device)

    @torch.inference_mode()
    def bare(z: torch.Tensor) -> None:
        pipe.generator(z, y).cpu()  # .cpu() waits for a GPU

    def to_png(seed: int) -> None:
        for image in pipe(labels, seed=seed):
            image.save(io.BytesIO(), "PNG")

    pairs = []
    for seed in range(-20, args.rounds):  # 20 to warm up
        z = pipe.noise(args.count, seed).to(pipe.device)
        pairs.append((milliseconds(bare, z), milliseconds(to_png, seed)))
    alone, whole = np.array(pairs[20:]).T
    low, middle, high = np.quantile(whole / alone, (0.25, 0.5, 0.75))
    print(f"{describe()}\n{args.count} digits on {pipe.device}, {args.rounds} pairs of runs")
    print(f"bare generator forward  {np.median(alone):6.2f} ms")
    print(f"labels to PNG bytes     {np.median(whole):6.2f} ms")
    print(f"ratio                   {middle:6.2f}   middle half {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
