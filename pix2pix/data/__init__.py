"""From files on disk to samples for training and evaluation."""
