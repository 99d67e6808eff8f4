"""The colours that show numbers: activations, logits, deviations."""

from collections.abc import Sequence

import numpy as np

# Colours at -1, 0 and 1, apart in lightness and hue, so that they differ for colour-blind eyes too.
SIGNED = ((194, 79, 22), (246, 244, 240), (24, 92, 158))

GLOW = ((12, 12, 30), (110, 32, 110), (226, 88, 62), (252, 202, 110), (255, 252, 224))  # from 0 to 1


def colour(values: np.ndarray, palette: Sequence[tuple[int, int, int]], low: float, high: float) -> np.ndarray:
    """Values of any shape -> uint8 colours (..., 3); `low` takes the first of the palette, `high` the last."""
    stops = np.linspace(low, high, len(palette))
    channels = [np.interp(values, stops, channel) for channel in zip(*palette, strict=True)]
    return np.stack(channels, -1).round().astype(np.uint8)
