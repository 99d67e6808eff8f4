"""Many visitors at once, in a short form of benchmarks/load.py; and the files that they leave."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest
from conftest import Server
from test_faults import small_disk

from benchmarks.load import KINDS, Expected, rush, storm
from pix2pix import DigitPipeline, Pix2PixPipeline
from pix2pix.ui.server.storage import Sweep, kept_clean


@pytest.fixture
def crowded(checkpoints, tmp_path, monkeypatch):
    """A server whose visitors' files lie in `tmp_path`."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    server = Server(checkpoints).start()
    yield server
    assert "Traceback" not in server.stop()


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_visitors_get_their_own_answers_and_a_rush_is_told_to_wait(crowded, checkpoints, tmp_path):
    bags = Pix2PixPipeline.from_pretrained(checkpoints / "handbags")
    digits = DigitPipeline.from_pretrained(checkpoints / "digits")
    report = storm(crowded.url, Expected.of(bags, digits, visitors=10), seconds=5)
    assert report.problems == []
    assert set(report.verdicts) == {"right"}
    assert {kind for kind, _, _ in report.answers} == set(KINDS)

    answers = rush(crowded.url, 200, digits=16)
    assert answers["queue"]["taken"] + answers["queue"]["busy"] == 100
    assert answers["queue"]["answered"] == answers["queue"]["taken"] >= 64  # whoever was let in got an answer
    assert set(answers["canvas"]) <= {"painted", "frame_busy"}
    assert answers["canvas"]["painted"] >= 64

    assert len(stored(tmp_path)) > 100
    crowded.process.send_signal(signal.SIGTERM)  # as servers are stopped
    crowded.process.wait(60)
    assert stored(tmp_path) == []


def test_old_files_go_and_so_do_their_folders_and_names(tmp_path):
    names = set()
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        file = tmp_path / str(number) / "image.png"
        file.write_bytes(b"x")
        names.add(str(file))
    sweep = Sweep(tmp_path, [names])
    sweep(age=3600)
    assert len(names) == len(stored(tmp_path)) == 3
    sweep(age=-1)
    assert list(tmp_path.rglob("*")) == []
    assert names == set()
    assert tmp_path.exists()


def test_old_files_folder_that_somebody_deleted_comes_back_private(tmp_path):
    """Programs clean /tmp. Gradio would create the folder readable for all."""
    sweep = Sweep(tmp_path / "files", [])
    sweep(age=600)
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
    (tmp_path / "files").chmod(0o755)
    (tmp_path / "files" / "new").touch()
    sweep(age=600)
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "files" / "new").exists()


def test_all_temporary_files_of_the_process_lie_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with kept_clean([]), tempfile.NamedTemporaryFile(delete=False) as file:
            assert Path(file.name).parent == tmp_path / "files"
            child = [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"]
            assert subprocess.check_output(child, text=True).strip() == str(tmp_path / "files")
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert stored(tmp_path) == []


@pytest.mark.parametrize("jump", [86400, -86400])
def test_a_clock_that_is_set_deletes_no_new_file_and_keeps_no_old_one(tmp_path, monkeypatch, jump):
    """Laptops wake up, and servers learn the time, a day off."""
    wall, steady = time.time, time.monotonic
    sweep = Sweep(tmp_path, [])
    (tmp_path / "old").write_bytes(b"x")
    sweep(age=300)
    monkeypatch.setattr(time, "time", lambda: wall() + jump)
    monkeypatch.setattr(time, "monotonic", lambda: steady() + 200)
    (tmp_path / "new").write_bytes(b"x")
    sweep(age=300)
    assert {path.name for path in stored(tmp_path)} == {"old", "new"}
    monkeypatch.setattr(time, "monotonic", lambda: steady() + 400)
    sweep(age=300)
    assert {path.name for path in stored(tmp_path)} == {"new"}


def test_a_full_disk_takes_no_more_files_but_the_canvas_goes_on(checkpoints, tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", "150m") as disk:  # less than the guard leaves free
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(disk))
        server = Server(checkpoints).start()
        try:
            with httpx.Client(base_url=server.url, timeout=60) as http:
                for route in ("upload", "queue/join", "call/translate"):
                    answer = http.post(f"/gradio_api/{route}", json={})
                    assert answer.status_code == 507
                    assert "disk is full" in answer.json()["detail"]
                assert http.get("/").status_code == 200
                assert rush(server.url, 2)["canvas"]["painted"] == 1
        finally:
            server.stop()
