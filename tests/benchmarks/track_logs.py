"""What reading a long training log takes: MB a second of CPU and peak memory, beside reading its lines alone.

Run by hand: python tests/benchmarks/track_logs.py [MB ...]

Logs of each size (16 and 64 by default) are written as each trainer does and as a CSV of steps, with a stop
every 5,000 lines and steps that are run again after it. Each is read in a process of its own; the peak is
that of that process, most of which is the interpreter: what counts is that it does not grow with the log.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

_MB = 1_000_000
_START = datetime.datetime(2026, 11, 2)
#: Lines between two stops, steps that are run again, and seconds of a step and of a stop.
_BETWEEN, _AGAIN, _STEP_S, _STOP_S = 5000, 200, 4.0, 1800.0
_LINES_ALONE = """
import sys
sum(1 for _ in open(sys.argv[1], 'rb'))
"""
_READ = """
import sys
from pathlib import Path
from planner.acceptance.progress import read_progress
found = read_progress([Path(sys.argv[1])], sequence_length=8192, chips=1024)
print(f'{found.tokens:.6g} tokens, {found.stops} stops, {found.steps_again} steps again')
"""
#: What is told of: the modules alone, then lines, then steps.
_IMPORTS = "import sys, planner.acceptance.progress"


def megatron(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a line as Megatron prints it."""
    return (
        f" [{time:%Y-%m-%d %H:%M:%S}] iteration {step:8d}/ 1000000 | consumed samples: {step * 1024:12d} | "
        f"elapsed time per iteration (ms): {seconds * 1000:.1f} | throughput per GPU (TFLOP/s/GPU): 412.3 | "
        "learning rate: 1.500000E-04 | global batch size:  1024 | lm loss: 2.104392E+00 | loss scale: 1.0 | "
        "grad norm: 0.231 | number of skipped iterations:   0 | number of nan iterations:   0 |\n"
    )


def csv_row(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a row of a CSV."""
    return f"{step},{time:%Y-%m-%d %H:%M:%S},{seconds:.4f},8388608\n"


def nemo(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a line as NeMo prints it."""
    return (
        f"[NeMo I {time:%Y-%m-%d %H:%M:%S} nemo_logging:393] Training epoch 0, iteration {step}/1000000 | "
        f"lr: 3e-05 | consumed_samples: {step * 1024} | global_batch_size: 1024 | global_step: {step} | "
        f"reduced_train_loss: 1.233 | train_step_timing in s: {seconds:.3f}\n"
    )


def maxtext(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a line as MaxText prints it."""
    return (
        f"{time:%Y-%m-%d %H:%M:%S} completed step: {step}, seconds: {seconds:.3f}, TFLOP/s/device: 410.123, "
        f"Tokens/s/device: {8192 / seconds:.3f}, total_weights: 8388608, loss: 10.100\n"
    )


def torchtitan(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a line as torchtitan prints it, in its colours."""
    return (
        f"[rank0]:[titan] {time:%Y-%m-%d %H:%M:%S},123 - root - INFO - \x1b[31mstep: {step}  "
        "\x1b[32mloss:  7.8123  \x1b[33mmemory: 40.11GiB(50.02%)  "
        f"\x1b[34mtps: {8192 / seconds:,.0f}  \x1b[36mtflops: 312.10  \x1b[35mmfu: 31.56%\x1b[39m\n"
    )


def mlperf(step: int, seconds: float, time: datetime.datetime) -> str:
    """Return a record as MLPerf's logger writes it, the batch before the first."""
    stamp = int((time - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
    head = f':::MLLOG {{"namespace": "", "time_ms": {stamp}, "event_type": "POINT_IN_TIME", "key": '
    batch = f'{head}"global_batch_size", "value": 1024, "metadata": {{}}}}\n' if step == 1 else ""
    return (
        f'{batch}{head}"tracked_stats", "value": {{"train_step_time": {seconds:.3f}, "loss": 1.2}}, '
        f'"metadata": {{"file": "/train.py", "lineno": 100, "step": {step}}}}}\n'
    )


FORMATS: dict[str, tuple[str, Callable[[int, float, datetime.datetime], str]]] = {
    "Megatron": ("", megatron),
    "NeMo": ("", nemo),
    "MaxText": ("", maxtext),
    "torchtitan": ("", torchtitan),
    "MLPerf": ("", mlperf),
    "CSV": ("step,time,seconds,tokens\n", csv_row),
}


def lines_of(header: str, line: Callable[[int, float, datetime.datetime], str], size: int) -> Iterator[str]:
    """Yield lines until they are so many bytes."""
    yield header
    written, step, time, number = len(header), 0, _START, 0
    while written < size:
        number += 1
        step += 1
        time += datetime.timedelta(seconds=_STEP_S)
        text = line(step, _STEP_S * (1 + 0.01 * (number % 7 - 3)), time)
        written += len(text)
        yield text
        if number % _BETWEEN == 0:
            step -= _AGAIN
            time += datetime.timedelta(seconds=_STOP_S)


def used(program: str, path: Path) -> tuple[float, float]:
    """Run a program on a file; return seconds of CPU and peak memory in MB."""
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{path}: exit code {process.returncode}")
    # kilobytes on Linux, bytes on macOS
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / _MB


def main(sizes: list[int]) -> None:
    """Print what each log took."""
    print(f"{'log':10} {'MB':>6} {'lines alone':>16} {'tracked':>14} {'1 GB takes':>12} {'peak':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (header, line) in FORMATS.items():
            for size in sizes:
                path = Path(folder) / f"{name}-{size}.log"
                with path.open("w", encoding="utf-8") as file:
                    file.writelines(lines_of(header, line, size * _MB))
                began = used(_IMPORTS, path)[0]
                alone, _ = used(_LINES_ALONE, path)
                seconds, peak = used(_READ, path)
                rate = size / max(seconds - began, 1e-9)
                print(
                    f"{name:10} {size:6} {size / alone:11.0f} MB/s {rate:9.1f} MB/s {1000 / rate:10.0f} s "
                    f"{peak:7.0f} MB",
                    flush=True,
                )
                path.unlink()


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [16, 64])
