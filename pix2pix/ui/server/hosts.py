"""Decides which requests the app answers: those for its own address, from programs or from its own page.

A page of another site can make its visitors' browsers send requests to an app on their machine (localhost). With its
own name server (DNS rebinding) it can even read the answers. So the `Host` of a request must be ours, and so must the
page that the browser names in `Origin` or `Sec-Fetch-Site`.
"""

import ipaddress
import os
import re
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers

NAME = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d+)?", re.ASCII | re.IGNORECASE)
ROOT_PATH = re.compile(rf"(https?://{NAME.pattern})?(/[\w.~-]+)*/?", NAME.flags)


def named(words: str) -> list[str]:
    """Splits the value of an option or variable into host names: "pix.example.org, other.example.org:8443".

    Raises:
        ValueError: one of them is not a host name.
    """
    names = re.findall(r"[^\s,]+", words)
    for name in names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is not a host: expected a name like pix.example.org, or name:port")
    return names


def check_root_path(path: str) -> None:
    """Raises ValueError unless `path` is a valid GRADIO_ROOT_PATH. It is written into the page."""
    if not ROOT_PATH.fullmatch(path):
        raise ValueError(f"GRADIO_ROOT_PATH is {path[:80]!r}: expected a path like /sub, or an address")


def split(host: str) -> tuple[str, str]:
    """The name and the ":port" of a `Host`, in lower case; ("", "") if it is not valid."""
    found = NAME.fullmatch(host)
    return (found[1].lower().rstrip("."), found[2] or "") if found else ("", "")


def address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None


def addresses(name: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses of a name."""
    return [ipaddress.ip_address(found[4][0]) for found in socket.getaddrinfo(name.strip("[]"), None)]


def loopback(name: str) -> bool:
    """Whether the name means this machine only. In a browser, 0.0.0.0 does too."""
    ip = address(name)
    return name == "localhost" if ip is None else ip.is_loopback or ip.is_unspecified


class Hosts:
    """The hosts of a running app.

    Args:
        bound: the address that the app listens on; None: this machine only.
        names: further hosts, as `named` gives them: of a proxy, or of other pages that may call the app.
        share: returns the address of Gradio's relay, or None if there is none yet.
    """

    def __init__(self, bound: str | None, names: Iterable[str] = (), share: Callable[[], str | None] = lambda: None):
        self.names, self.share = {name.lower() for name in names}, share
        self.local = not bound or all(ip.is_loopback for ip in addresses(bound))
        # These are known, but others may be right too: a Space may have its own domain.
        known = [os.environ.get("SPACE_HOST", ""), urlsplit(os.environ.get("GRADIO_ROOT_PATH", "")).netloc]
        self.known = {name.lower() for name in known if name}

    def is_named(self, host: str) -> bool:
        name, port = split(host)
        ours = self.names | self.known | {urlsplit(self.share() or "").netloc.lower()} - {""}
        return bool(name) and (name in ours or name + port in ours)

    def is_ours(self, host: str | None) -> bool:
        """Whether the app answers a request with this `Host`; browsers always send one."""
        if host is None:
            return True
        name, _ = split(host)
        if loopback(name) or self.is_named(host):
            return True
        return not self.local and bool(name) and (not self.names or address(name) is not None)

    def is_own_page(self, headers: Headers, navigates: bool) -> bool:
        """Whether a request comes from a program or from our page, by the headers that browsers send.

        Args:
            navigates: whether the request may open a page or frame, to which other sites may link.
        """
        if (origin := headers.get("origin")) is not None:
            scheme, _, host = origin.lower().partition("://")
            return scheme in ("http", "https") and (host == headers.get("host", "").lower() or self.is_named(host))
        if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            return True
        return navigates and headers.get("sec-fetch-mode") == "navigate"

    def without_forged(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Removes headers in which a proxy names another address than ours, because Gradio builds links from them."""

        def believed(key: bytes, value: bytes) -> bool:
            key = key.lower()
            if key == b"x-forwarded-host":
                return self.is_named(value.decode("latin-1").partition(",")[0].strip())
            if key == b"x-forwarded-proto":
                return value.partition(b",")[0].strip() in (b"http", b"https")
            return key not in (b"x-gradio-server", b"forwarded")

        return [header for header in headers if believed(*header)]
