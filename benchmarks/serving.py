"""Measures how fast the app starts, and how much memory it takes.

    python benchmarks/serving.py start [--rounds 5]
    python benchmarks/serving.py memory [--requests 2000]
    python benchmarks/serving.py subjects

`start`: seconds from `python app.py` to the first answered request (a picture through /translate), compared with a
process that only imports torch and gradio and reads the weights of both shipped checkpoints. Both run in turn; it
prints medians and their ratio. `memory`: resident memory of the app while programs request pictures and digits in turn
(Linux only: it reads /proc). `subjects`: resident memory with one subject in use, and after each further one was asked
for and has come to rest, with the seconds to its first picture.
"""

import argparse
import io
import statistics
import subprocess
import sys
import time

import httpx
from live_canvas import ROOT, running_app
from machine import describe, resident
from PIL import Image, ImageDraw

LEAST = """
import torch, gradio
from safetensors.torch import load_file
load_file("checkpoints/handbags/model.safetensors")
load_file("checkpoints/digits/model.safetensors")
"""


def outline(number: int = 0) -> bytes:
    """A drawing as PNG, different for each number."""
    image, file = Image.new("RGB", (256, 256), "white"), io.BytesIO()
    ImageDraw.Draw(image).rounded_rectangle((40 + number % 50, 80, 210, 220), 12, outline="black", width=3)
    image.save(file, "png")
    return file.getvalue()


class Visitor(httpx.Client):
    """Calls the app's endpoints as the README does with curl."""

    def call(self, endpoint: str, *data) -> None:
        event = self.post(f"/gradio_api/call/{endpoint}", json={"data": data}).json()["event_id"]
        answer = self.get(f"/gradio_api/call/{endpoint}/{event}").text
        if "event: complete" not in answer:
            sys.exit(f"error: {endpoint} answered {answer[:300]}")

    def translate(self, drawing: bytes, model: str | None = None) -> None:
        path = self.post("/gradio_api/upload", files={"files": ("outline.png", drawing)}).json()[0]
        self.call("translate", {"path": path, "meta": {"_type": "gradio.FileData"}}, None, model)

    def models(self) -> list[str]:
        """The models to choose from; the app has loaded the first."""
        components = self.get("/config").json()["components"]
        (field,) = [part["props"] for part in components if part["props"].get("elem_id") == "model"]
        return [name for name, _ in field["choices"]]


def start(rounds: int) -> None:
    least, app = [], []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", LEAST], cwd=ROOT, check=True, capture_output=True)
        least.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        with running_app() as (url, _), Visitor(base_url=url, timeout=60) as visitor:
            visitor.translate(outline())
            app.append(time.perf_counter() - begin)
    least, app = statistics.median(least[1:]), statistics.median(app[1:])  # the first round warms the disk's cache
    print(f"import torch, gradio and the weights  {least:.2f} s")
    print(f"app.py to the first picture           {app:.2f} s   {app / least:.2f} times")


def memory(requests: int) -> None:
    with running_app() as (url, process), Visitor(base_url=url, timeout=60) as visitor:
        print("requests  MB")
        for number in range(requests + 1):
            if number % 250 == 0:
                print(f"{number:8}  {resident(process.pid):.0f}", flush=True)
            if number % 2:
                visitor.call("generate_digits", str(number % 10), 4, number)
            else:
                visitor.translate(outline(number))


def at_rest(pid: int) -> float:
    """Waits until memory has stayed within 2 MB for five seconds: the fastest form of a network has been found."""
    seen: list[float] = []
    while len(seen) < 5 or max(seen[-5:]) - min(seen[-5:]) > 2:
        time.sleep(1)
        seen.append(resident(pid))
    return seen[-1]


def subjects() -> None:
    with running_app() as (url, process), Visitor(base_url=url, timeout=300) as visitor:
        print("asked for     first picture   memory at rest")
        for name in visitor.models():
            begin = time.perf_counter()
            visitor.translate(outline(), name)
            seconds = time.perf_counter() - begin
            print(f"{name:13} {seconds:11.1f} s   {at_rest(process.pid):11.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["start", "memory", "subjects"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000)
    args = parser.parse_args()
    print(describe())
    if args.what == "start":
        start(args.rounds)
    elif args.what == "memory":
        memory(args.requests)
    else:
        subjects()


if __name__ == "__main__":
    main()
