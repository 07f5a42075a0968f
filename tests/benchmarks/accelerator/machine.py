"""What machine it is that is measured, and how long one call takes on it."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch


def described(device: torch.device) -> dict[str, Any]:
    """Return the software and the card."""
    found: dict[str, Any] = {"torch": torch.__version__, "cuda": torch.version.cuda, "device": str(device)}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found |= {"name": properties.name, "memory_bytes": properties.total_memory}
        found |= {"driver": _smi("driver_version"), "power_limit": _smi("power.limit")}
    return found


def _smi(field: str) -> str:
    """Read one figure of the card; nothing is ever set."""
    command = ["nvidia-smi", f"--query-gpu={field}", "--format=csv,noheader"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def seconds(work: Callable[[int], object], device: torch.device, repeats: int) -> float:
    """Return the median time of one call; ``work`` gets the call's number, to rotate its inputs."""
    if device.type == "cpu":
        work(0)
        return 1.0
    for number in range(3):
        work(number)
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(repeats + 1)]
    marks[0].record()
    for number in range(repeats):
        work(number)
        marks[number + 1].record()
    torch.cuda.synchronize()
    return float(statistics.median(a.elapsed_time(b) / 1e3 for a, b in itertools.pairwise(marks)))


@contextmanager
def power(on_cuda: bool) -> Iterator[list[float]]:
    """Collect the card's own reading of its power, five times a second. [W]."""
    readings: list[float] = []
    done = threading.Event()

    def read() -> None:
        while not done.wait(0.2):
            with suppress(ImportError, RuntimeError):  # PyTorch reads it through an optional package
                readings.append(torch.cuda.power_draw() / 1e3)

    thread = threading.Thread(target=read, daemon=True)
    if on_cuda:
        thread.start()
    yield readings
    done.set()
    if on_cuda:
        thread.join()
