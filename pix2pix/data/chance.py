"""Random numbers of torch's state, so that a training resumes exactly."""

import torch


def uniform(low: float, high: float) -> float:
    return float(torch.empty(()).uniform_(low, high))


def chance(p: float) -> bool:
    return bool(torch.rand(()) < p)


def integer(low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, ()))
