"""Colour scales for activations, logits and deviations."""

from collections.abc import Sequence

import numpy as np

# Colours at -1, 0 and 1. They differ in lightness and hue, so that colour-blind people can tell them apart.
SIGNED = ((194, 79, 22), (246, 244, 240), (24, 92, 158))

GLOW = ((12, 12, 30), (110, 32, 110), (226, 88, 62), (252, 202, 110), (255, 252, 224))  # from 0 to 1


def colour(values: np.ndarray, palette: Sequence[tuple[int, int, int]], low: float, high: float) -> np.ndarray:
    """Turns values of any shape into uint8 colours (..., 3), from the palette's first colour at `low` to its last at
    `high`."""
    stops = np.linspace(low, high, len(palette))
    channels = [np.interp(values, stops, channel) for channel in zip(*palette, strict=True)]
    return np.stack(channels, -1).round().astype(np.uint8)
