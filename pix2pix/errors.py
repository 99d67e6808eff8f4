"""Mistakes that a user can mend: their text is one sentence, shown without a traceback."""


class DataError(ValueError):
    """A data set or an image that can't be used; the message names the file and what is expected."""


class CheckpointError(ValueError):
    """A checkpoint that can't be found or loaded; the message names it and says what to do."""


class HubError(ValueError):
    """An upload to the Hugging Face Hub that can't be done; the message says what to do. Nothing on disk is lost."""


class DiskError(OSError):
    """A file that can't be written, such as on a full disk; the message names it. Nothing that was there is lost."""
