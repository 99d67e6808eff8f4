"""Reads files from disk, and makes samples of them for training and evaluation."""
