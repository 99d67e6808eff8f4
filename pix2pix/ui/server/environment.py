"""Sets the environment variables that Gradio reads when it is imported, and checks them: Gradio raises tracebacks."""

import contextlib
import ctypes
import os
import secrets
import sys
import tempfile

import httpx

PORT, PLACE = "GRADIO_SERVER_PORT", "GRADIO_TEMP_DIR"
ARENAS = -8, 2  # M_ARENA_MAX of glibc: each arena reserves 64 MB, and keeps what its threads have freed
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def prepare() -> None:
    """Prepares the environment. Call it before Gradio is imported.

    Analytics are switched off, visitors' files get their own folder, and requests of the app to itself use no proxy. If
    a variable is wrong, the process ends with one sentence. Threads share their memory, where the system can do so.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # no glibc
        ctypes.CDLL(None).mallopt(*ARENAS)
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")  # after each call Gradio goes through all of them
    port = os.environ.get(PORT, "7860")
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        sys.exit(f"error: {PORT} is {port!r}: expected a number from 1 to 65535")
    base = os.path.expanduser(os.environ.get(PLACE) or tempfile.gettempdir())
    os.environ[PLACE] = os.path.join(base, f"pix2pix-{secrets.token_hex(8)}")
    try:
        os.makedirs(os.environ[PLACE], mode=0o700)
    except OSError as error:
        sys.exit(f"error: {PLACE} {base} can't hold visitors' files ({error.strerror}): choose another folder")
    with contextlib.suppress(OSError):
        os.rmdir(os.environ[PLACE])  # created again when the app serves, if it does
    without_proxy("localhost", "127.0.0.1", "::1")
    try:
        httpx.Client().close()
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        proxies = ", ".join(
            sorted(name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy"))
        )
        sys.exit(f"error: the proxy that {proxies} names can't be used ({error})")


def without_proxy(*hosts: str) -> None:
    """Sends requests to these hosts directly, even if the environment names a proxy."""
    known = [host for name in ("no_proxy", "NO_PROXY") for host in os.environ.get(name, "").split(",") if host.strip()]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(dict.fromkeys([*known, *hosts]))
