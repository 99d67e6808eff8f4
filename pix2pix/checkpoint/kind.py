"""Which network a checkpoint holds, by its config.json."""

from collections.abc import Container

# By an entry of config.json; the first that is there decides.
MARKS = {
    "num_downs": "pix2pix",
    "z_dim": "dcgan",
    "upscaler_width": "upscaler",
    "width": "classifier",
    "image_size": "dcgan discriminator",
    "ndf": "pix2pix discriminator",
}
IN_WORDS = {
    "pix2pix": "a pix2pix generator",
    "dcgan": "a DCGAN generator",
    "upscaler": "an upscaler",
    "classifier": "a classifier of digits",
    "pix2pix discriminator": "a PatchGAN discriminator",
    "dcgan discriminator": "a DCGAN discriminator",
}


def kind_of(config: Container[str]) -> str | None:
    """One of the kinds in `IN_WORDS`; None for anything else.

    Args:
        config: a checkpoint's config.json, or the parameters of a network's class.
    """
    return next((kind for mark, kind in MARKS.items() if mark in config), None)
