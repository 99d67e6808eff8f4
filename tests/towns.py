"""A stranger's model whose drawings are labels: what its subject says, and a folder with its untrained network."""

from pathlib import Path

import torch

from pix2pix import UNetGenerator, checkpoint

LAND, ROAD, WATER, PARK = "#e9e5de", "#ffffff", "#b1d0fe", "#cbdfac"
PALETTE = [
    {"name": {"en": "Road", "ja": "道路"}, "color": ROAD, "width": 16, "input": "#ff0000"},
    {"name": "<b>Water</b>", "color": WATER, "width": 100},
    {"name": "Park", "color": PARK, "input": "#00ff00"},
]
RIVER = {"name": "River <i>one</i>", "strokes": [{"c": WATER, "w": 90, "p": [0, 200, 512, 300]}]}
TOWNS = {
    "title": "Towns",
    "line": {"en": "Draw a <u>town</u>", "ja": "町を描こう！"},
    "picture": "aerial photo",
    "means": "labels",
    "paper": LAND,
}
TOWNS |= {
    "palette": PALETTE,
    "examples": [RIVER],
    "tools": ["pen", "line", "rectangle", "polygon", "fill", "pick", "erase"],
}


def save_towns(folder: Path) -> Path:
    torch.manual_seed(0)
    generator = UNetGenerator(num_downs=7, ngf=4)
    for parameter in generator.parameters():
        if parameter.dim() == 4:  # an untrained network paints grey; louder, it shows every area
            parameter.data.mul_(5)
    checkpoint.save(generator, folder, subject=TOWNS)
    return folder
