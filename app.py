"""The app: pix2pix paints the outline that a visitor draws, and a DCGAN writes digits.

python app.py --help
"""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while the app starts ends it without a traceback

from pix2pix.ui.server import environment

environment.prepare()

import argparse
import importlib.util
import logging
import os
import socket
import sys

import gradio as gr
from starlette.middleware import Middleware

from pix2pix.arguments import number, print_anything
from pix2pix.errors import CheckpointError
from pix2pix.ui import device, scripts
from pix2pix.ui.digits import digits_tab
from pix2pix.ui.draw import draw_tab
from pix2pix.ui.inside import inside_tab
from pix2pix.ui.models import Models
from pix2pix.ui.server.gradio_internals import (
    LAUNCH,
    Page,
    let_read,
    look_less_often,
    protect,
    remembered_files,
    use_own_scripts,
)
from pix2pix.ui.server.guard import LEAST_ROOM, Guard, room
from pix2pix.ui.server.hosts import Hosts, check_root_path, named
from pix2pix.ui.server.preview import Preview
from pix2pix.ui.server.routes import LARGEST_UPLOAD
from pix2pix.ui.server.sessions import keep_little
from pix2pix.ui.server.storage import kept_clean
from pix2pix.ui.server.zero_gpu import home_device
from pix2pix.ui.texts import i18n, t
from pix2pix.ui.theme import CSS, HEAD, theme


def build(models: Models, on_device: bool = False) -> gr.Blocks:
    """Builds the page for loaded models. `on_device`: see `live_canvas`."""
    with Page(title="pix2pix: draw a handbag" if models.bags else "pix2pix: draw an outline") as demo:
        gr.HTML(t("masthead"), elem_classes="masthead", apply_default_css=False)
        if models.problems:  # details, with paths, are printed on the console only
            gr.Markdown(t("fallback"), elem_classes="notice")
        with gr.Tabs():
            with gr.Tab(t("tab_draw")):
                sketch, model = draw_tab(models, on_device)
            with gr.Tab(t("tab_inside")):
                inside_tab(models.get, sketch, model)
            with gr.Tab(t("tab_digits")) as tab:
                digits_tab(models.digits, tab)
    demo.queue(max_size=64, default_concurrency_limit=2, api_open=False)  # more than 64: "busy"
    look_less_often(demo)
    keep_little(demo)
    return demo


def check_address(host: str | None, port: int | None) -> None:
    """Raises OSError unless a server can listen there. Gradio would notice late, with a traceback."""
    family = socket.AF_INET6 if ":" in (host or "") else socket.AF_INET
    socket.create_server(((host or "127.0.0.1").strip("[]"), port or 0), family=family).close()


def main() -> None:
    print_anything()  # Gradio prints emoji
    parser = argparse.ArgumentParser(description="Draw an outline, and pix2pix paints it while you draw.")
    add = parser.add_argument
    # variables that a Space sets
    bags, digits, host, names = map(os.environ.get, ("HANDBAGS", "DIGITS", "GRADIO_SERVER_NAME", "ALLOWED_HOST"))
    add(
        "--pix2pix",
        "--handbags",
        metavar="SOURCE",
        nargs="+",
        default=[bags] if bags else [],
        help="checkpoints to choose from: folders, .pth files or Hub ids. The app opens with the first; the others, "
        "and those in checkpoints/, are loaded when somebody chooses them",
    )
    add("--dcgan", "--digits", metavar="SOURCE", default=digits, help="checkpoint: folder or Hub id")
    add("--device", default="auto", help="auto (default), cpu, cuda or mps")
    add("--host", default=host, help="address to listen on; 0.0.0.0 for every network (default: this machine only)")
    add("--port", type=number(int, 1, 65535), help="port (default: the first free one from 7860)")
    add(
        "--allowed_host",
        metavar="NAMES",
        default=names or "",
        help="hosts of a proxy, or of pages that may call the app",
    )
    add(
        "--on_device",
        action="store_true",
        default=bool(os.environ.get("ON_DEVICE")),
        help="give visitors the models as files: a browser paints by itself where it is faster than this server",
    )
    add("--share", action="store_true", help="make a public link through Gradio's relay")
    args = parser.parse_args()
    try:
        args.allowed_host = named(args.allowed_host)
        check_root_path(os.environ.get("GRADIO_ROOT_PATH", ""))
    except ValueError as error:
        sys.exit(f"error: {error}")
    logging.basicConfig(format="%(name)s: %(message).300s")  # some repeat a visitor's request in many lines
    logging.getLogger("pix2pix").setLevel(logging.INFO)  # such as the form of the network that is used
    try:
        check_address(args.host, args.port)
    except OSError as error:
        place = f"--host {args.host or '127.0.0.1'}" + (f" --port {args.port}" if args.port else "")
        sys.exit(f"error: can't listen on {place} ({error.strerror or error}): choose another")
    try:
        first = args.pix2pix[0] if args.pix2pix else None
        models = Models(first, args.dcgan, home_device(args.device), args.pix2pix[1:])
    except (CheckpointError, ValueError) as error:
        sys.exit(f"error: {error}")
    for problem in models.problems:
        print(f"warning: {problem}; using the embedded checkpoint", file=sys.stderr)
    demo = build(models, args.on_device)
    try:
        run_app(demo, args)
    except OSError as error:
        sys.exit(f"error: {error}")


def run_app(demo: gr.Blocks, args: argparse.Namespace) -> None:
    """Runs the app until it is stopped."""
    hosts = Hosts(args.host, args.allowed_host, share=lambda: demo.share_url)
    protect()
    let_read(hosts)
    host = f"[{args.host}]" if args.host and ":" in args.host and "[" not in args.host else args.host  # an IPv6 address
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if args.host:
        environment.without_proxy(args.host.strip("[]"))  # Gradio asks for its own page
    with kept_clean(remembered_files(demo)):
        if room() < LEAST_ROOM:
            folder = os.path.dirname(os.environ["GRADIO_TEMP_DIR"])
            print(
                f"warning: {folder} is nearly full, so programs get no pictures; GRADIO_TEMP_DIR names another folder"
            )
        demo.launch(
            server_name=host,
            server_port=args.port,
            share=args.share,
            theme=theme(),
            css=CSS,
            head=HEAD,
            i18n=i18n,
            mcp_server=importlib.util.find_spec("mcp") is not None,
            run_history=False,
            enable_monitoring=False,
            state_session_capacity=500,  # each takes 0.25 MB, and each API call is a session
            ssr_mode=False,
            footer_links=["api"],
            max_file_size=LARGEST_UPLOAD,
            app_kwargs={
                "routes": [scripts.ROUTE, device.ROUTE],
                "middleware": [Middleware(Guard, hosts=hosts), Middleware(Preview, title=str(demo.title))],
            },
            prevent_thread_lock=True,
            **LAUNCH,
        )
        use_own_scripts(demo)
        demo.block_thread()


if __name__ == "__main__":
    main()
