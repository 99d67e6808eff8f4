"""The tab "Inside pix2pix": five views of the networks, computed live from the visitor's drawing."""

from .tab import inside_tab

__all__ = ["inside_tab"]
