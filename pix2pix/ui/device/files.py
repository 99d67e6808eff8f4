"""The files that a visitor's device paints with, by one route: ONNX Runtime Web (runtime/), and exported networks.

A hash of the content is part of an address, so browsers keep the files for good.
"""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from ..scripts import KEPT_FOR_GOOD

FOLDER = Path(__file__).parent / "runtime"
TYPES = {".mjs": "text/javascript", ".gz": "application/gzip", ".onnx": "application/octet-stream"}
PIECE = 2**18  # bytes; a visitor with a slow line takes no more of the memory than this

checksums = (FOLDER / "checksums.json").read_bytes()
VERSION = hashlib.sha256(checksums).hexdigest()[:16]
NAMES = [path.name for path in FOLDER.iterdir() if path.suffix in (".mjs", ".gz")]

# Relative to the page's address, whatever GRADIO_ROOT_PATH is.
RUNTIMES = {
    provider: {
        "module": f"device/{VERSION}/ort.{build}.bundle.min.mjs",
        "wasm": f"device/{VERSION}/ort-wasm-simd-threaded{infix}.wasm.gz",
        "provider": provider,
    }
    for provider, build, infix in (("webgpu", "jspi", ".jspi"), ("wasm", "wasm", ""))
}

kept: dict[tuple[str, str], bytes] = {}


def keep(name: str, content: bytes) -> str:
    """Serves it from now on; returns its address."""
    version = hashlib.sha256(content).hexdigest()[:16]
    kept[version, name] = content
    return f"device/{version}/{name}"


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


async def answer(request: Request) -> Response:
    version, name = request.path_params["version"], request.path_params["name"]
    headers = dict(KEPT_FOR_GOOD)
    kind = TYPES.get(Path(name).suffix)
    if content := kept.get((version, name)):
        headers["Content-Length"] = str(len(content))
        return StreamingResponse(pieces(content), headers=headers, media_type=kind)
    if version == VERSION and name in NAMES:
        return FileResponse(FOLDER / name, headers=headers, media_type=kind)
    return Response(status_code=404)


# launch(app_kwargs={"routes": [ROUTE]})
ROUTE = Route("/device/{version}/{name}", answer)
