"""All parts of Gradio that the app uses beyond its public API. No other module imports or changes such a part.

Gradio may rename these parts in any version. So each is looked up when the app starts. If one is missing, the app
refuses to start, because a protection would not be in place.
"""

import asyncio
import functools
import importlib.util
import inspect
import operator
import pkgutil
import sys
from collections.abc import MutableMapping
from typing import Any, NoReturn

import gradio as gr

from ..inputs import refusal
from .hosts import Hosts

VERSIONS = ">=6.31.0,<6.32"  # the tested versions, as in requirements.txt

PARTS = [
    "gradio.block_function:BlockFunction",
    "gradio.blocks:Blocks.get_config_file",
    "gradio.blocks:Blocks.postprocess_data",
    "gradio.blocks:Blocks.preprocess_data",
    "gradio.blocks:Blocks.validate_inputs",
    "gradio.processing_utils:async_move_files_to_cache",
    "gradio.processing_utils:async_ssrf_protected_download",
    "gradio.queueing:Queue",
    "gradio.route_utils:CustomCORSMiddleware.is_valid_origin",
    "gradio.route_utils:GradioMultiPartParser",
    "gradio.route_utils:upload_fn",
    "gradio.routes:cancel_tasks",
    "gradio.server_messages:EventMessage",
    "gradio.state_holder:SessionState._update_config",
    "gradio.state_holder:SessionState._update_value_in_config",
    "gradio.state_holder:StateHolder",
    "starlette._utils:get_route_path",
]
TOOL_PARTS = [  # which need the package mcp
    "gradio.mcp:Client",
    "gradio.mcp:GradioMCPServer.convert_strings_to_filedata",
    "mcp.server.lowlevel:Server._make_error_result",
]
ATTRIBUTES = [  # of an app
    "_queue.event_ids_to_events",
    "_queue.pending_event_ids_session",
    "_queue.pending_messages_per_session",
    "_queue.sleep_when_free",
    "share",
    "temp_file_sets",
]
# Options of `launch`. Gradio would ask for its own page, and end the app if that takes three seconds.
LAUNCH: dict[str, Any] = {"_frontend": False}

MOST_FILES = 8  # of one upload, each of which holds a file descriptor meanwhile
LONGEST_ERROR = 1000  # characters of an MCP error
SECONDS_BETWEEN_LOOKS = 0.02
PATIENCE = 300  # seconds


def refuse_to_start(why: str) -> NoReturn:
    sys.exit(f"error: gradio {gr.__version__} {why}: this app needs gradio {VERSIONS}")


def check_parts() -> None:
    """Ends the process with one sentence where a part is missing."""
    tools = TOOL_PARTS if importlib.util.find_spec("mcp") else []
    for part in [*PARTS, *tools]:
        try:
            pkgutil.resolve_name(part)
        except (AttributeError, ImportError):
            refuse_to_start(f"has no {part.replace(':', '.')}")
    app = gr.Blocks()
    for name in ATTRIBUTES:
        try:
            operator.attrgetter(name)(app)
        except AttributeError:
            refuse_to_start(f"has no Blocks.{name}")
    for option in LAUNCH.keys() - inspect.signature(gr.Blocks.launch).parameters.keys():
        refuse_to_start(f"has no option {option} of launch")


check_parts()

from gradio import processing_utils, route_utils, routes, state_holder
from gradio.block_function import BlockFunction
from gradio.components import Component
from gradio.queueing import Queue
from gradio.server_messages import EventMessage
from gradio.state_holder import SessionState
from starlette._utils import get_route_path

__all__ = ["EventMessage", "Queue", "SessionState", "get_route_path"]  # for other modules of this folder


def without_functions(value: Any) -> Any:
    """A value for JSON without the functions in it, which Gradio would write with their memory addresses."""
    if isinstance(value, dict):
        return {key: without_functions(part) for key, part in value.items() if not callable(part)}
    return [without_functions(part) for part in value] if isinstance(value, list) else value


class Page(gr.Blocks):
    """Blocks whose functions get only values that could be read. Others end in a sentence, without a traceback."""

    def get_config_file(self):
        return without_functions(super().get_config_file())

    async def postprocess_data(self, *args, **kwargs):
        return without_functions(await super().postprocess_data(*args, **kwargs))

    def validate_inputs(self, block_fn: BlockFunction, inputs: list) -> None:
        super().validate_inputs(block_fn, inputs)
        if block_fn.api_visibility == "public" and len(inputs) > (most := len(block_fn.inputs)):
            raise refusal(f"{block_fn.api_name} takes {most} values, not {len(inputs)}: leave the others out.")

    async def preprocess_data(self, block_fn: BlockFunction, inputs: list, *args, **kwargs):
        if block_fn.fn is None:  # Gradio would write a traceback into the log
            raise refusal("The page does this by itself: there is nothing to ask the server for.")
        # A program may have been written when an endpoint took fewer values: fill in the defaults of the others.
        left_out = block_fn.inputs[len(inputs) :]
        inputs = [*inputs, *(block.value for block in left_out if isinstance(block, Component))]
        try:
            return await super().preprocess_data(block_fn, inputs, *args, **kwargs)
        except gr.Error as error:
            raise (refusal(error.message) if error.print_exception else error) from None  # Gradio's own, or ours
        except Exception:  # whatever the components raise for missing, nested or foreign values
            raise refusal(
                "The input can't be read: check number and types of the values, and send pictures by upload."
            ) from None


async def refuse_address(url: str, cache_dir: str) -> str:
    raise refusal("This app opens no addresses: send the picture itself, as a file or as a data URL.")


async def leave_running(task_ids: set[str]) -> list[str]:
    """Stops no call that runs. Its thread can't be stopped, and others would begin beside it, without end. The visitor
    is told at once that the call has ended, and one that still waits leaves the queue."""
    return []


async def opens_addresses() -> bool:
    """Whether Gradio would still download what a visitor names in place of an upload."""
    value = {"path": "http://127.0.0.1:9/picture.png", "meta": {"_type": "gradio.FileData"}}
    try:
        await processing_utils.async_move_files_to_cache(value, gr.Image(render=False), check_in_upload_folder=True)
    except gr.Error:
        return False
    except Exception:  # it tried
        return True
    return True


class FewFiles(route_utils.GradioMultiPartParser):
    """The parser of uploads. Gradio's own takes a thousand files and fields in each."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options | {"max_files": MOST_FILES, "max_fields": MOST_FILES})


def protect() -> None:
    """Puts the protections into Gradio. Call it before `launch`.

    Raises:
        SystemExit: one of them has no effect.
    """
    # Gradio would download whatever a visitor names in place of an upload: from our network, any size, at any time.
    processing_utils.async_ssrf_protected_download = refuse_address
    if asyncio.run(opens_addresses()):
        refuse_to_start("opens addresses that visitors name")
    route_utils.GradioMultiPartParser = FewFiles
    routes.cancel_tasks = leave_running  # pyright: ignore[reportPrivateImportUsage]
    if importlib.util.find_spec("mcp"):
        from gradio import mcp

        # An MCP call is passed on to the app's own queue by a client. Under load, five seconds are too few for it.
        patient = functools.partial(mcp.Client, httpx_kwargs={"timeout": PATIENCE})  # pyright: ignore[reportPrivateImportUsage]
        mcp.Client = patient  # pyright: ignore[reportPrivateImportUsage]
        shorten_errors()
        explain_pictures(mcp.GradioMCPServer)


def let_read(hosts: Hosts) -> None:
    """Lets browsers give answers to pages of these hosts only. Call it before `launch`.

    Gradio's own check takes any page where the app is asked for as "localhost." or "[::1]", and fails without a host.
    """
    own = functools.partial(hosts.is_own_page, navigates=False)
    route_utils.CustomCORSMiddleware.is_valid_origin = lambda self, request_headers: own(request_headers)


def shorten_errors() -> None:
    """An MCP error repeats the arguments that were wrong, of any length. Of long ones, it then tells the beginning."""
    from mcp.server.lowlevel import Server

    whole = Server._make_error_result
    Server._make_error_result = lambda self, error_message: whole(self, error_message[:LONGEST_ERROR])


def explain_pictures(server: type) -> None:
    """Of a picture in an MCP call that is no data URL, the client is told so, and no error of Python's decoder."""
    whole = server.convert_strings_to_filedata

    def convert(self, value: Any, filedata_positions: list) -> Any:
        try:
            return whole(self, value, filedata_positions)
        except ValueError:
            raise ValueError("A picture can't be read: send it as a data URL, data:image/png;base64,...") from None

    server.convert_strings_to_filedata = convert  # pyright: ignore[reportAttributeAccessIssue]


def look_less_often(demo: gr.Blocks) -> None:
    """Gradio looks for new events a thousand times a second, even when nobody is there.

    That is too often for a machine of two cores, where each look interrupts the network.
    """
    demo._queue.sleep_when_free = SECONDS_BETWEEN_LOOKS


def use_own_scripts(demo: gr.Blocks) -> None:
    """Call it once there is a public link: a shared page would load Gradio's script from another host."""
    demo.share = False


def remembered_files(demo: gr.Blocks) -> list[set[str]]:
    """The names of files that an app has stored for its visitors. Gradio never removes any."""
    return demo.temp_file_sets


def queue_of(demo: gr.Blocks) -> Queue:
    return demo._queue


def replace_storage(demo: gr.Blocks, session: type[SessionState], mailboxes: MutableMapping) -> None:
    """Makes an app keep its visitors' values in `session`, and messages for them in `mailboxes`."""
    state_holder.SessionState = session
    demo._queue.pending_messages_per_session = mailboxes  # pyright: ignore[reportAttributeAccessIssue] -- a mapping too


def busy_sessions(queue: Queue) -> set[str]:
    """The sessions whose calls wait or run."""
    return {event.session_hash for event in list(queue.event_ids_to_events.values()) if event.session_hash}


def drop_calls(queue: Queue, session: str) -> None:
    """Gives up the calls of a session, whose answers nobody would get."""
    queue.pending_event_ids_session.pop(session, None)
    for event in list(queue.event_ids_to_events.values()):
        if event.session_hash == session:
            event.alive = False
