"""Sends many visitors at once, and checks that each gets the right answer and that the server keeps no memory.

    python benchmarks/load.py [--visitors 50] [--seconds 120] [--handbags PATH] [--digits PATH]

It starts the app and sends visitors with `gradio_client`, each with its own drawing, to the queue (/translate,
/generate_digits) and to the live canvas. Every picture is compared with the pipeline's. Then 400 requests come at once,
some of which the app has to answer with "busy". It prints a report. The exit status is 1 if an answer was lost, wrong
or another visitor's. Linux only (it reads /proc).
"""

import argparse
import base64
import contextlib
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import numpy as np  # noqa: E402
from gradio_client import Client, handle_file  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from benchmarks.machine import describe, resident  # noqa: E402
from pix2pix import DigitPipeline, Pix2PixPipeline  # noqa: E402

KINDS = ("translate", "digits", "canvas")
# The app as it is, but visitors' files go after 20 seconds instead of 300, so that one can wait for it.
START = """
import pix2pix.ui.server.storage as storage
storage.SECONDS_KEPT, storage.SECONDS_BETWEEN = 20, 5
import app
app.main()
"""


def drawing(number: int) -> Image.Image:
    """A sketch that no other visitor draws, with a coloured stroke."""
    x, y = 20 + 17 * (number % 8), 20 + 17 * (number // 8 % 8)
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle([x, y, x + 90, y + 80], outline="black", width=3)
    draw.line([x + 20, y + 40, x + 70, y + 40 + number % 5], fill=(number * 37 % 256, number * 91 % 256, 90), width=18)
    return image


def data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@dataclass
class Expected:
    """What the pipelines answer to every visitor: (visitors, 256, 256, 3), (visitors, 4, 28, 28)."""

    pictures: np.ndarray
    digits: np.ndarray

    @classmethod
    def of(cls, bags: Pix2PixPipeline, digits: DigitPipeline, visitors: int) -> "Expected":
        pictures = np.stack([np.asarray(bags(drawing(number)), np.int16) for number in range(visitors)])
        rows = [[np.asarray(d.convert("L"), np.int16) for d in digits([n % 10] * 4, seed=n)] for n in range(visitors)]
        return cls(pictures, np.array(rows))

    def verdict(self, kind: str, number: int, answer: np.ndarray) -> str:
        """'right', 'wrong', or 'foreign': nearer to what another visitor should get. (bf16 and batches round.)"""
        table = self.digits if kind == "digits" else self.pictures
        if answer.shape != table.shape[1:]:
            return "wrong"
        own = np.abs(table[number] - answer).mean()
        if own < 2:
            return "right"
        others = np.abs(table - answer).reshape(len(table), -1).mean(1)
        return "foreign" if others.argmin() != number else "wrong"


def connectionless(url: str) -> httpx.Client:
    """A connection for every request: the server closes an idle one after seconds, maybe just as it is used again,
    which browsers then repeat and httpx does not. Without certificates, which nothing needs here: to read them takes
    longer than many an answer."""
    return httpx.Client(base_url=url, timeout=120, limits=httpx.Limits(max_keepalive_connections=0), verify=False)


@dataclass
class Report:
    """What happened; lists alone, to which threads can append at the same time."""

    answers: list[tuple[str, float, str]] = field(default_factory=list)  # kind, seconds, verdict
    problems: list[str] = field(default_factory=list)

    @property
    def verdicts(self) -> Counter:
        return Counter(verdict for _, _, verdict in self.answers)

    def times(self) -> dict:
        rows = {}
        for kind in KINDS:
            seconds = [s for k, s, verdict in self.answers if k == kind and verdict != "busy"]
            if len(seconds) > 1:
                p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
                median = statistics.median(seconds)
                rows[kind] = {"answers": len(seconds), "median_s": round(median, 2), "p95_s": round(p95, 2)}
        return rows


class Visitor:
    """One browser or program: a session of its own, one request after the other."""

    def __init__(self, url: str, number: int, folder: Path):
        self.url, self.number = url, number
        self.client = Client(
            url,
            verbose=False,
            download_files=str(folder / str(number)),
            httpx_kwargs={"timeout": 120},
            ssl_verify=False,
        )
        self.http = connectionless(url)
        self.file = folder / f"{number}.png"
        drawing(number).save(self.file)
        components = self.client.config["components"]
        self.easel = next(c["id"] for c in components if c["props"].get("elem_id") == "easel")
        self.model = next(c["props"]["props"]["model_name"] for c in components if c["props"].get("elem_id") == "easel")

    def ask(self, kind: str) -> np.ndarray | None:
        """The answer, or None where the app says that it is busy."""
        if kind == "canvas":
            payload = {"image": data_url(drawing(self.number)), "model": self.model, "lossless": True}
            body = {"data": payload, "component_id": self.easel, "fn_name": "paint", "session_hash": f"v{self.number}"}
            answer = self.http.post("/gradio_api/component_server", json=body).raise_for_status().json()
            if answer.get("error") == "frame_busy":
                return None
            return pixels(io.BytesIO(base64.b64decode(answer["img"].partition(",")[2])))
        try:
            if kind == "translate":
                return pixels(self.client.predict(handle_file(self.file), api_name="/translate"))
            row = self.client.predict(str(self.number % 10), 4, self.number, api_name="/generate_digits")
            return np.stack([pixels(item["image"], "L") for item in row])
        except Exception as error:
            if "queue is full" in str(error).lower():
                return None
            raise

    def stay(self, report: Report, expected: Expected, until: float) -> None:
        turn = self.number
        while time.monotonic() < until:
            kind, start = KINDS[turn % len(KINDS)], time.monotonic()
            turn += 1
            try:
                answer = self.ask(kind)
            except Exception as error:
                report.problems.append(f"{kind}: {type(error).__name__}: {error}"[:200])
                continue
            verdict = "busy" if answer is None else expected.verdict(kind, self.number, answer)
            report.answers.append((kind, time.monotonic() - start, verdict))
            if answer is None:
                time.sleep(0.5)  # as the page does


def pixels(file, mode: str = "RGB") -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert(mode), np.int16)


def storm(url: str, expected: Expected, seconds: float) -> Report:
    """All visitors at once, for so many seconds."""
    report = Report()
    count = len(expected.pictures)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(count) as pool:
        with ThreadPoolExecutor(8) as door:  # the page itself is large; what is measured comes after it
            visitors = list(door.map(lambda n: Visitor(url, n, Path(folder)), range(count)))
        until = time.monotonic() + seconds
        for done in [pool.submit(visitor.stay, report, expected, until) for visitor in visitors]:
            done.result()
    return report


def rush(url: str, requests: int, digits: int = 64) -> dict[str, Counter]:
    """So many calls and frames at the same moment, from nobody who waits for the other: what they are answered.

    Every call asks for so many digits.
    """
    with tempfile.TemporaryDirectory() as folder:
        visitor = Visitor(url, 0, Path(folder))
    functions = visitor.client.config["dependencies"]
    function = next(f["id"] for f in functions if f["api_name"] == "generate_digits")
    together = threading.Barrier(requests)
    answers = {"queue": [], "canvas": []}
    picture = data_url(drawing(0))

    def call(number: int) -> None:
        with connectionless(url) as http:
            http.get("/gradio_api/app_id")  # connected
            together.wait()
            if number % 2:
                body = {"data": ["3", digits, number], "fn_index": function, "session_hash": f"rush{number}"}
                status = http.post("/gradio_api/queue/join", json=body).status_code
                answers["queue"].append({200: "taken", 503: "busy"}.get(status, str(status)))
                if status == 200:
                    with http.stream("GET", f"/gradio_api/queue/data?session_hash=rush{number}") as stream:
                        lines = [line for line in stream.iter_lines() if '"process_completed"' in line]
                    if len(lines) == 1 and '"success":true' in lines[0].replace(" ", ""):
                        answers["queue"].append("answered")
            else:
                payload = {"image": picture, "model": visitor.model}
                body = {"data": payload, "component_id": visitor.easel, "fn_name": "paint", "session_hash": "rush"}
                answer = http.post("/gradio_api/component_server", json=body).json()
                answers["canvas"].append("painted" if "img" in answer else answer["error"])

    with ThreadPoolExecutor(requests) as pool:
        list(pool.map(call, range(requests)))
    return {route: Counter(words) for route, words in answers.items()}


@contextlib.contextmanager
def running_app(folder: str, *options: str):
    """The app with its temporary files under `folder`; yields its address, its process and the lines that it logs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-u", "-c", START, "--port", str(port), *options]
    environment = {**os.environ, "GRADIO_TEMP_DIR": folder}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdout
    assert server.stderr
    log: list[str] = []
    threading.Thread(target=log.extend, args=[server.stderr], daemon=True).start()
    try:
        if not any("Running on local URL" in line for line in server.stdout):
            sys.exit("error: the app did not start: " + "".join(log))
        threading.Thread(target=server.stdout.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}", server, log
    finally:
        if server.poll() is not None:
            print(f"the app ended by itself, with status {server.returncode}:", *log[-20:], file=sys.stderr)
        server.terminate()
        server.wait(30)


def stored(folder: str) -> dict[str, float]:
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {"files": len(files), "megabytes": round(sum(path.stat().st_size for path in files) / 1e6, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--handbags", default=str(ROOT / "checkpoints" / "handbags"))
    parser.add_argument("--digits", default=str(ROOT / "checkpoints" / "digits"))
    args = parser.parse_args()

    pipelines = Pix2PixPipeline.from_pretrained(args.handbags), DigitPipeline.from_pretrained(args.digits)
    expected = Expected.of(*pipelines, args.visitors)
    del pipelines
    with tempfile.TemporaryDirectory() as folder:
        with running_app(folder, "--handbags", args.handbags, "--digits", args.digits) as (url, server, log):
            storm(url, expected, 10)  # warm: all threads and caches there
            memory = [resident(server.pid)]
            report = storm(url, expected, args.seconds)
            memory.append(resident(server.pid))
            answers = rush(url, 400)
            memory.append(resident(server.pid))
            busiest = stored(folder)
            time.sleep(45)  # files go after 20 seconds, names of empty folders a sweep later
            quiet = stored(folder)
        left = stored(folder)
    faults = report.problems + [line for line in log if "Traceback" in line]
    facts = {
        "machine": describe().splitlines(),
        "visitors": args.visitors,
        "seconds": args.seconds,
        "times": report.times(),
        "verdicts": dict(report.verdicts),
        "faults": Counter(faults).most_common(5),
        "rush_of_400": answers,
        "server_megabytes_before_after_rush": [round(megabytes) for megabytes in memory],
        "stored_after_the_rush": busiest,
        "stored_45_s_later": quiet,
        "stored_after_the_end": left,
    }
    print(json.dumps(facts, indent=2))
    sys.exit(bool(faults or report.verdicts["wrong"] or report.verdicts["foreign"] or quiet["files"]))


if __name__ == "__main__":
    main()
