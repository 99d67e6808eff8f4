"""What a pix2pix training does to its pairs, beside resize, crop and flip."""

from functools import partial

from torch import Tensor

from ..checkpoint.subject import Subject
from ..data.augment import ColorHints, WithoutDetails, redrawn, snapped
from ..data.drawn_by_hand import DrawnByHand
from ..data.pairs import Augmentation
from ..data.styled import Styled
from .options import Pix2PixOptions


def redrawing(options: Pix2PixOptions, subject: Subject | None) -> list[Augmentation]:
    """What is done to drawings in use too."""
    if labels := subject and subject.labels:
        return [partial(snapped, labels=labels)]
    return [partial(redrawn, width=options.line_width)] if options.line_width else []


def augmentation(options: Pix2PixOptions, subject: Subject | None) -> Augmentation | None:
    steps = redrawing(options, subject)
    if subject and subject.labels and subject.details:
        steps.append(WithoutDetails(subject.labels, subject.details))
    if options.drawn_by_hand:
        looped = 0.3 if options.wide_handles else 0
        steps.insert(0, DrawnByHand(single=0.3, looped=looped, crossed=0.2))
    if options.color_hints:
        steps.append(ColorHints())
    if options.style:
        steps.append(Styled())
    return partial(in_turn, steps) if steps else None


def in_turn(steps: list[Augmentation], *sample: Tensor) -> tuple[Tensor, ...]:
    for step in steps:
        sample = step(*sample)
    return sample
