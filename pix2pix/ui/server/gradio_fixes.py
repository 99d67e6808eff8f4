"""What Gradio leaves open to strangers, or breaks off too early, mended in Gradio itself."""

import functools
import importlib.util

from gradio import processing_utils, route_utils

from ..inputs import refusal

MOST_FILES = 8  # of one upload, each of which holds a file descriptor meanwhile
PATIENCE = 300  # seconds


async def refuse_address(url: str, cache_dir: str) -> str:
    raise refusal("This app opens no addresses: send the picture itself, as a file or as a data URL.")


class FewFiles(route_utils.GradioMultiPartParser):
    """The parser of uploads; Gradio's own takes a thousand files and fields in each."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options | {"max_files": MOST_FILES, "max_fields": MOST_FILES})


def fix_gradio() -> None:
    """To be called before the app is launched."""
    # Gradio would download whatever a visitor names in place of an upload: our network, any size, any time.
    processing_utils.async_ssrf_protected_download = refuse_address
    route_utils.GradioMultiPartParser = FewFiles
    if importlib.util.find_spec("mcp"):
        from gradio import mcp

        # An MCP call is passed on to the app's own queue by a client, which gives up after five seconds of a rush.
        patient = functools.partial(mcp.Client, httpx_kwargs={"timeout": PATIENCE})  # pyright: ignore[reportPrivateImportUsage]
        mcp.Client = patient  # pyright: ignore[reportPrivateImportUsage]
