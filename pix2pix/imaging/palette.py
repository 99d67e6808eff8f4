"""The colours of the app's pens, which the evaluation also scribbles with."""

HINT_COLORS = {
    "red": "#d9322e",
    "blue": "#2a5fd0",
    "green": "#2f9a45",
    "yellow": "#f0c420",
    "pink": "#ee7fb0",
    "brown": "#8a5a33",
}
# More colours, for networks that read hints apart from the lines.
MORE_COLORS = {
    "black": "#1d1d1f",
    "white": "#f7f7f5",
    "grey": "#8f9296",
    "beige": "#d9c3a0",
    "cream": "#f3ead6",
    "navy": "#1f2f56",
    "tan": "#c08a52",
    "orange": "#e07b28",
    "purple": "#7a4a9c",
    "teal": "#2b8c8c",
}
