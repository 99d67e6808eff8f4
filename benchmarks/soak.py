"""Draws for minutes with a scripted pen, and checks that memory and temporary files do not grow.

    python benchmarks/soak.py [--minutes 10] [--handbags PATH]

Once a minute it prints the server's resident memory, the page's script heap after garbage collection (both in MB) and
the number of temporary files. Linux only (it reads /proc). It needs requirements-dev.txt and Chromium.
"""

import argparse
import math
import os
import tempfile
import time
from pathlib import Path

from live_canvas import open_page, running_app
from machine import describe, resident


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--handbags", help="checkpoint (default: the one of the project)")
    parser.add_argument("--digits", help="checkpoint of digits, where the project's own is missing")
    args = parser.parse_args()

    print(describe())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        with running_app(handbags=args.handbags, digits=args.digits) as (url, server), open_page(url) as page:
            devtools = page.context.new_cdp_session(page)
            devtools.send("Performance.enable")
            box = page.locator("canvas.ink").bounding_box()
            assert box
            start, minute, strokes = time.monotonic(), 0, 0
            print("minute  server  page  files  strokes")
            while True:
                passed = (time.monotonic() - start) / 60
                if passed >= minute:
                    devtools.send("HeapProfiler.collectGarbage")
                    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
                    files = sum(path.is_file() for path in Path(folder).rglob("*"))
                    heap = metrics["JSHeapUsedSize"] / 2**20
                    print(f"{minute:6} {resident(server.pid):7.0f} {heap:5.1f} {files:6} {strokes:8}", flush=True)
                    minute += 1
                if passed >= args.minutes:
                    break
                x, y = (0.3 + 0.4 * (strokes * 0.618 % 1)), (0.3 + 0.4 * (strokes * 0.377 % 1))
                page.mouse.move(box["x"] + box["width"] * (x + 0.15), box["y"] + box["height"] * y)
                page.mouse.down()
                for i in range(60):
                    px, py = x + 0.15 * math.cos(i / 9), y + 0.15 * math.sin(i / 9)
                    page.mouse.move(box["x"] + box["width"] * px, box["y"] + box["height"] * py)
                page.mouse.up()
                strokes += 1
                if strokes % 40 == 0:  # a new drawing, as people do
                    page.locator(".examples button").nth(strokes // 40 % 12).click()


if __name__ == "__main__":
    main()
