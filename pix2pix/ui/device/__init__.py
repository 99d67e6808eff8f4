"""Painting on the visitor's device: what the browser runs, and the server's half, which gives it the network."""

from .exports import Exports, preparation
from .files import ROUTE

__all__ = ["ROUTE", "Exports", "preparation"]
