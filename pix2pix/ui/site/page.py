"""The page itself: HTML, styles, scripts and the service worker, made of the app's own parts."""

import hashlib
import html
import json
from pathlib import Path
from string import Template

from .. import scripts, theme
from ..device import files as device
from ..texts import TEXTS
from .files import PAGE, WORKER, Files

HERE = Path(__file__).parent
DIGITS = HERE.parent / "digits"
NOT_HERE = ("inside/", "site/service_worker.js")  # scripts that the page does not load
# Those that it does not ask for at once.
LATER = ("device/", "digits/", *(f"site/{name}.js" for name in ("scheme", "digits", "controls", "gif", "writer")))
AT_ONCE = ("device/device.js", "device/trial.js")
STYLES = ("#easel", ":is(.digits-panel, #_)")  # of theme.PARTS


def add_page(files: Files, facts: dict, title: str) -> None:
    """Adds all that is not a network. `facts`: what start.js reads; the addresses of ONNX Runtime are added here."""
    modules = {name: text for name, text in scripts.MODULES.items() if not name.startswith(NOT_HERE)}
    folder = f"scripts/{scripts.VERSION}"
    for name, text in modules.items():
        files[f"{folder}/{name}"] = text.encode()
    preloads = [name for name in modules if name in AT_ONCE or not name.startswith(LATER)]
    networks = {*files} - {f"{folder}/{name}" for name in modules}
    facts = {**facts, "runtimes": add_runtimes(files)}
    icon = files.keep("icon.svg", (HERE / "icon.svg").read_bytes())
    values = {
        "title": html.escape(title),
        "style": files.keep("style.css", add_style(files).encode()),
        "icon": icon,
        "manifest": files.keep("app.webmanifest", manifest(title, icon)),
        "version": scripts.VERSION,
        "preloads": "".join(f'<link rel="modulepreload" href="{folder}/{name}">\n' for name in preloads),
        "facts": json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c"),
        "no_scripts": html.escape(" ".join(TEXTS["no_scripts"].values())),
        "tab_digits": f"tab_{facts['digits']['kind']}" if "digits" in facts else "tab_digits",
        "panels": "\n".join(
            f'<template id="{name}-panel">{(DIGITS / f"{name}.html").read_text(encoding="utf-8")}</template>'
            for name in ("gallery", "number", "morph")
        ),
        "easel": (HERE.parent / "draw" / "canvas.html").read_text(encoding="utf-8"),
    }
    files[PAGE] = Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(values).encode()
    large = {address for runtime in facts["runtimes"].values() for address in (runtime["module"], runtime["wasm"])}
    large |= {name for name in networks if name.endswith(".onnx")}
    files[WORKER] = service_worker(files, large)


def add_runtimes(files: Files) -> dict[str, dict]:
    """ONNX Runtime, under names that any host serves as they are: some take .mjs for no script, and unpack .gz."""
    runtimes = {}
    for provider, runtime in device.RUNTIMES.items():
        module, wasm = (Path(runtime[part]).name for part in ("module", "wasm"))
        packed = (device.FOLDER / wasm).read_bytes()
        runtimes[provider] = {
            "module": files.keep(module.replace(".mjs", ".js"), (device.FOLDER / module).read_bytes()),
            "wasm": files.keep(f"{wasm}.bin", packed),
            "bytes": len(packed),
            "provider": provider,
        }
    return runtimes


def add_style(files: Files) -> str:
    """The app's style sheets, with its fonts."""
    fonts = "".join(
        f"@font-face {{ font-family: '{theme.SANS[0].name}'; font-weight: {weight}; font-display: swap; "
        f"src: url('../../{files.keep(name, (theme.FONTS / name).read_bytes())}') format('woff2'); }}\n"
        for weight, name in theme.WEIGHTS.items()
        if (theme.FONTS / name).exists()
    )
    parts = "".join(
        f"{selector} {{\n{(HERE.parent / theme.PARTS[selector]).read_text(encoding='utf-8')}}}\n" for selector in STYLES
    )
    family = ", ".join(f"'{getattr(font, 'name', font)}'" if " " in str(font) else str(font) for font in theme.SANS)
    return (
        f"{fonts}:root {{\n{theme.variables()}  --font: {family};\n}}\n.dark {{\n{theme.variables(dark=True)}}}\n"
        f"{theme.CSS}{theme.FRAME}{parts}{(HERE / 'site.css').read_text(encoding='utf-8')}"
    )


def manifest(title: str, icon: str) -> bytes:
    """With it, a phone can put the page beside its apps. Its addresses start at its own folder."""
    facts = {
        "name": title,
        "short_name": "pix2pix",
        "start_url": "../../",
        "display": "standalone",
        "background_color": theme.VARIABLES["body_background_fill"],
        "theme_color": theme.VARIABLES["body_background_fill"],
        "icons": [{"src": f"../../{icon}", "sizes": "any", "type": "image/svg+xml"}],
    }
    return json.dumps(facts).encode()


def service_worker(files: Files, large: set[str]) -> bytes:
    """`large`: files that it does not fetch by itself."""
    sizes = {"" if name == PAGE else name: len(content) for name, content in files.items()}
    version = hashlib.sha256(b"".join([json.dumps(sizes).encode(), files[PAGE]])).hexdigest()[:16]
    first = [name for name in sizes if name not in large]
    head = f"self.SITE = {json.dumps({'version': version, 'first': first, 'sizes': sizes})};\n"
    return head.encode() + (HERE / "service_worker.js").read_bytes()
