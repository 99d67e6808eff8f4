"""The page without a server (see pix2pix/site.py): what is its own; all else is the app's."""

from .files import Files
from .page import add_page

__all__ = ["Files", "add_page"]
