"""Which of the page's scripts import which."""

import re
from collections.abc import Iterable

import httpx

from pix2pix.ui import scripts

STATIC = re.compile(r"(?:from |import )'(\.[^']+)'")
ANY = re.compile(r"(?:from |import |import\()'(\.[^']+)'")  # those that come later too


def imported_by(names: Iterable[str], pattern: re.Pattern[str] = ANY) -> set[str]:
    """The modules of these names, and all that they import, directly or through others."""
    found, left = set(), list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            base = httpx.URL(f"http://host/{name}")
            left += [base.join(other).path.lstrip("/") for other in pattern.findall(scripts.MODULES[name])]
    return found
