"""The coloured pens: hints on the canvas of the app, and what the evaluation scribbles with."""

HINT_COLORS = {
    "red": "#d9322e",
    "blue": "#2a5fd0",
    "green": "#2f9a45",
    "yellow": "#f0c420",
    "pink": "#ee7fb0",
    "brown": "#8a5a33",
}
