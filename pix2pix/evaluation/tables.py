"""Rows of figures as text."""

# figures in percent
SHARES = {"bag_at_5", "area", "obeyed", "agreement", "worst_class", "too_near"}
SHARES |= {"unpainted", "left_white", "loop_painted", "loops_filled"}
COARSE = ("kid", "fid", "psnr", "cie", "grid")  # figures that are shown with one decimal


def table(rows: dict[str, dict[str, float]]) -> str:
    """Rows of figures as text, with a column for each figure of any row."""
    columns = list(dict.fromkeys(key for figures in rows.values() for key in figures))

    def cell(key: str, value: float | None) -> str:
        if value is None:
            return ""
        if key in SHARES:
            return f"{100 * value:.2f}%"
        return f"{value:.1f}" if key.startswith(COARSE) else f"{value:.3f}"

    lines = [["", *columns]]
    lines += [[name, *(cell(key, figures.get(key)) for key in columns)] for name, figures in rows.items()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.rjust(width) if i else text.ljust(width) for i, (text, width) in enumerate(pairs)).rstrip()
        for pairs in ([*zip(line, widths, strict=True)] for line in lines)
    )


def tables(rows: dict[str, dict[str, float]]) -> str:
    """One table for each run of neighbouring rows that share a figure."""
    groups: list[dict[str, dict[str, float]]] = []
    for name, figures in rows.items():
        if not groups or not any(set(figures) & set(others) for others in groups[-1].values()):
            groups.append({})
        groups[-1][name] = figures
    return "\n\n".join(table(group) for group in groups)
