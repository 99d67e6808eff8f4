"""Measuring pictures; `python -m pix2pix.evaluate` is the command line.

A measurement (photos.py, colors.py, styles.py, panels.py, digits.py) is a function from a painter (painter.py), data
and a judge (judges.py) to pictures for a sheet and rows of figures, {name of row: {name of figure: number}}. Rows print
as a table and are kept as JSON. metrics.py has the arithmetic.
"""
