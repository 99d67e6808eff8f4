"""Whether areas of a drawing whose colours are labels are painted in the colours that real photos have there."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ..errors import DataError
from ..imaging.labels import Labels, packed
from ..pipelines import Pix2PixPipeline
from .judges import Figures
from .metrics import lab
from .photos import Pair

Classes = tuple[Labels, dict[str, str]]  # the palette, and by their names those of its colours that are measured


def classes_of(pipe: Pix2PixPipeline, names: Sequence[str]) -> Classes:
    """The palette of a checkpoint whose drawings are labels, and the colours that have these names in English.

    Raises:
        DataError: its drawings are no labels, or it has no such colour.
    """
    if not (pipe.labels and pipe.subject):
        raise DataError(f"--labels needs a checkpoint whose drawings are areas of colour; those of {pipe.name} are not")
    palette = {entry.name["en"]: entry.color for entry in pipe.subject.palette}
    if unknown := [name for name in names if name not in palette]:
        raise DataError(f"--labels: no colour of {pipe.name} is called {unknown[0]}; it has {', '.join(palette)}")
    return pipe.labels, {name: palette[name] for name in names}


def measure_labels(
    pairs: Sequence[Pair], outputs: Sequence[Image.Image], labels: Labels, classes: dict[str, str]
) -> dict[str, Figures]:
    """For each class, how much of its area is nearer to its own colour than to those of the other classes.

    The colour of a class is its mean in the photos of the pairs, in Lab. Real photos do not reach 1: the shade of a
    tree may be as dark as water.

    Args:
        pairs: drawings and photos. Drawings may have colours that are mixed or changed by JPEG.
        outputs: what was painted from the drawings, of the photos' size.
        labels: the palette.
        classes: name of a row -> "#rrggbb" of the palette, at least two.

    Returns:
        for each class that occurs, in outputs and in photos: its `area`, of all pixels, and its `agreement`, 0 to 1.

    Raises:
        DataError: fewer than two of the classes occur.
    """
    drawn = np.stack([packed(np.asarray(labels.read(sketch, photo.width))) for sketch, photo in pairs])
    areas = {name: drawn == int(color.lstrip("#"), 16) for name, color in classes.items()}
    areas = {name: area for name, area in areas.items() if area.any()}
    if len(areas) < 2:
        raise DataError(f"{', '.join(classes)}: fewer than two of these classes occur in the drawings")
    photos, painted = (lab(np.stack([*map(np.asarray, images)])) for images in ([p for _, p in pairs], outputs))
    means = np.stack([photos[area].mean(0) for area in areas.values()])

    def agreement(pictures: np.ndarray, area: np.ndarray, number: int) -> float:
        apart = np.linalg.norm(pictures[area][:, None] - means, axis=-1)
        return float((apart.argmin(1) == number).mean())

    return {
        f"{name}, {where}": {"area": float(area.mean()), "agreement": agreement(pictures, area, number)}
        for number, (name, area) in enumerate(areas.items())
        for where, pictures in (("outputs", painted), ("real photos", photos))
    }
