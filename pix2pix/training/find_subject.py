"""What the drawings of a training are about."""

from collections.abc import Callable

from ..checkpoint.subject import Subject, read_subject, subject_of_file
from ..errors import DataError
from .earlier import earlier_config
from .options import Pix2PixOptions


def find_subject(options: Pix2PixOptions, frequent: Callable[[], list[str]]) -> Subject | None:
    """The subject of the file that options name, or that of the generator that goes on; None where there is neither.

    Args:
        frequent: gives the most frequent colours of the conditions, for a palette that the file leaves out.

    Raises:
        DataError: the file can't be read, or the subject does not go with other options.
        CheckpointError: the subject of the generator can't be read.
    """
    subject = subject_of_file(options.subject, frequent) if options.subject else read_subject(earlier_config(options))
    for_lines = options.style or options.color_hints or options.line_width or options.drawn_by_hand
    if subject and subject.means == "labels" and (for_lines or options.input_nc == 1):
        raise DataError(
            f"the subject {subject.title['en']!r} is drawn in labels, which need --input_nc 3; --style, --color_hints, "
            "--line_width and --drawn_by_hand are for lines"
        )
    return subject
