"""Measuring: metrics.py has the figures, experiments.py what they are taken of, judges.py who judges."""
