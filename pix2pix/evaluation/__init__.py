"""Measures pictures. The command line is `python -m pix2pix.evaluate`.

Each measurement (photos.py, colors.py, styles.py, panels.py, digits.py) is a function of a painter (painter.py), data
and a judge (judges.py). It returns rows of figures, {name of row: {name of figure: number}}, and pictures for a sheet.
Rows are printed as a table and saved as JSON. metrics.py has the arithmetic.
"""
