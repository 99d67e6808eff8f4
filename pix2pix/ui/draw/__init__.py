"""The 'Draw' tab: the live canvas with its scripts, and the endpoints for programs."""

from .tab import draw_tab

__all__ = ["draw_tab"]
