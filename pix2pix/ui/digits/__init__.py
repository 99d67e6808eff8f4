from .tab import digits_tab

__all__ = ["digits_tab"]
