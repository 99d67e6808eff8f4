"""The page's scripts: the `.js` files of this folder, served as the ES modules that they are.

`js_on_load` of a `gr.HTML` component is the body of a function, which can't `import` by name. Its script (`on_load`)
therefore does one thing: it loads a module of this app by `import()`, and calls the module's `start`.

Why not one script, put together from the modules? Modules keep their own names apart, a browser shows their files and
lines as they are here, node tests them one by one, a worker or a page without Gradio can load the very same files, and
no tool has to build anything. What speaks against it is one request for each file. `PRELOADS` in the page's HTML asks
for all of them at once, while Gradio's own scripts load, so that none waits for another one; and as a hash of all
scripts is part of their address, browsers keep them for good and ask but once.
"""

import gzip
import hashlib
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .examples import EXAMPLES
from .texts import OF_THE_BROWSER, TEXTS

HERE = Path(__file__).parent
FIRST = ("draw/", "device/trial.js", "texts.js", "data.js")  # what the first tab needs, which is the one that opens


def read_modules() -> dict[str, str]:
    """{path below this folder: source}. `data.js` is made here: the texts and the example drawings."""
    modules = {path.relative_to(HERE).as_posix(): path.read_text(encoding="utf-8") for path in HERE.rglob("*.js")}
    data = {"TEXTS": TEXTS, "EXAMPLES": EXAMPLES}
    lines = [f"export const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in data.items()]
    return dict(sorted((modules | {"data.js": "".join(lines)}).items()))


MODULES = read_modules()
VERSION = hashlib.sha256(json.dumps(MODULES).encode()).hexdigest()[:16]
PACKED = {name: gzip.compress(source.encode(), mtime=0) for name, source in MODULES.items()}

# For the page's HTML. Relative to the page's own address, whatever GRADIO_ROOT_PATH is; so is `on_load`.
PRELOADS = "".join(
    f'<link rel="modulepreload" href="scripts/{VERSION}/{name}">\n' for name in MODULES if name.startswith(FIRST)
)


def on_load(*names: str, event: str | None = None) -> str:
    """The `js_on_load` that starts these modules, given without `.js`; each exports `start(host)`.

    Where one can't be loaded, the component says so. `event`: the name of the event that they may `trigger`. Gradio
    looks for its name in this script.
    """
    assert all(f"{name}.js" in MODULES for name in names), names
    return f"""
const host = {{ element, props, server, watch, trigger, event: {json.dumps(event)} }};
const load = (name) => import(new URL(`scripts/{VERSION}/${{name}}.js`, document.baseURI));
Promise.all({json.dumps(names)}.map(async (name) => (await load(name)).start(host))).catch((error) => {{
  console.error(error);
  const textContent = {json.dumps(TEXTS["not_loaded"], ensure_ascii=False)}[{OF_THE_BROWSER}];
  element.prepend(Object.assign(document.createElement('p'), {{ className: 'notice', role: 'alert', textContent }}));
}});
"""


# Of files whose address holds a hash of their content.
KEPT_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


async def answer(request: Request) -> Response:
    name, headers = request.path_params["name"], {"Vary": "Accept-Encoding"}
    if request.path_params["version"] != VERSION or name not in MODULES:
        return Response(status_code=404)
    headers |= KEPT_FOR_GOOD
    body = MODULES[name].encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = PACKED[name], "gzip"
    return Response(body, headers=headers, media_type="text/javascript")


# launch(app_kwargs={"routes": [ROUTE]})
ROUTE = Route("/scripts/{version}/{name:path}", answer)
