"""Measure one accelerator: matmul, attention and copy rates, and real training steps of 1 to 8B models.

Run by hand from the project's root, where PyTorch and a GPU are at hand, on an idle card left as found::

    python -m tests.benchmarks.measure_accelerator --output measured.json [--only llama-3.2-1b-compile ...]

It needs PyTorch alone, not the planner. `write_measured_runs.py` beside it turns the JSON into rows of
`profiles/runs/`, and `planner validate` then holds the planner's prediction against them.

A training step is the whole of it: forward, backward and AdamW over weights in bf16, gradients accumulated
and moments and master weights kept in float32 (18 bytes per parameter), the norm of the gradient clipped,
the loss over the full vocabulary, flash attention. Inputs are random tokens and weights are random: a step
takes as long as any other step of that shape, and its loss means nothing. Rates are medians after a
warm-up. With `--smoke` everything runs once, tiny, on whatever device there is: a check of the script, not
a measurement (on a CPU, compiling needs a C++ compiler). What each option of a recipe does to a step is
measured by `accelerator/memory_options.py`.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tests.benchmarks.accelerator.dense_model import LLAMA_1B, LLAMA_3B, LLAMA_7B
from tests.benchmarks.accelerator.machine import described, seconds
from tests.benchmarks.accelerator.trainer import Case, Recipe, measured
from torch.nn import functional

STEPS = (
    Case("llama-3.2-1b-compile", LLAMA_1B, 8192, 1, 8),
    Case("llama-3.2-1b-eager", LLAMA_1B, 8192, 1, 8, Recipe(loss="plain"), is_compiled=False),
    Case("llama-3.2-3b-compile", LLAMA_3B, 4096, 1, 8, recompute="full"),
    Case("llama-2-7b-compile", LLAMA_7B, 4096, 1, 8, recompute="full"),
)


def main() -> int:
    """Measure, and write the figures as JSON."""
    arguments = _arguments()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu" and not arguments.smoke:
        print("no CUDA device; --smoke runs the script on the CPU", file=sys.stderr)
        return 2
    figures: dict[str, Any] = {"machine": described(device), "date": time.strftime("%Y-%m-%d")}
    print(json.dumps(figures["machine"]), flush=True)
    for name, measure in (("copy", _copies), ("matmul", _matmuls), ("attention", _attentions)):
        figures[name] = measure(device, arguments.smoke)
        for row in figures[name]:
            print(name, json.dumps(row), flush=True)
    figures["steps"] = []
    for step in STEPS:
        if arguments.only and step.id not in arguments.only:
            continue
        row = measured(step.tiny if arguments.smoke else step, device, arguments.steps, warm_up=3)
        figures["steps"].append(row)
        print(
            "step", json.dumps({key: row[key] for key in row if key not in ("step_s", "marks")}), flush=True
        )
        arguments.output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("measured.json"))
    parser.add_argument("--only", nargs="*", default=[], help="ids of the training steps to time")
    parser.add_argument("--steps", type=int, default=10, help="timed steps of each")
    parser.add_argument("--smoke", action="store_true", help="everything once, tiny, on any device")
    return parser.parse_args()


def _copies(device: torch.device, smoke: bool) -> list[dict[str, float]]:
    elements = 1 << (10 if smoke else 31)
    source = torch.empty(elements, dtype=torch.bfloat16, device=device).normal_()
    target = torch.empty_like(source)
    taken = seconds(lambda _: target.copy_(source), device, 20)
    return [{"bytes": 4.0 * elements, "seconds": taken, "bytes_per_s": 4.0 * elements / taken}]


def _matmuls(device: torch.device, smoke: bool) -> list[dict[str, Any]]:
    """Products of bf16 matrices: squares, and what a Llama 3 8B layer does to 8,192 tokens."""
    shapes = [(n, n, n) for n in (2048, 4096, 8192, 16384)]
    shapes += [(8192, 4096, 6144), (8192, 4096, 4096), (8192, 4096, 28672), (8192, 14336, 4096)]
    rows = []
    for m, k, n in [(32, 32, 32)] if smoke else shapes:
        left = [torch.randn(m, k, device=device, dtype=torch.bfloat16) for _ in range(3)]
        right = [torch.randn(k, n, device=device, dtype=torch.bfloat16) for _ in range(3)]
        multiply = functools.partial(_multiply, left, right)
        taken = seconds(multiply, device, 30)
        rows.append({"m": m, "k": k, "n": n, "seconds": taken, "flops_per_s": 2.0 * m * k * n / taken})
    return rows


def _multiply(left: list[Any], right: list[Any], number: int) -> Any:
    return left[number % 3] @ right[number % 3]


def _attentions(device: torch.device, smoke: bool) -> list[dict[str, Any]]:
    """Causal flash attention of 32 heads of 128, forward and with backward; half of the square is counted."""
    rows = []
    for length in (64,) if smoke else (2048, 4096, 8192, 16384):
        heads = (1, 32, length, 128)
        query, key, value, upstream = (
            torch.randn(heads, device=device, dtype=torch.bfloat16, requires_grad=True) for _ in range(4)
        )
        attend = functools.partial(functional.scaled_dot_product_attention, query, key, value, is_causal=True)
        forward = seconds(functools.partial(_attend, attend), device, 20)
        both = seconds(functools.partial(_attend_and_back, attend, upstream), device, 20)
        flops = 2.0 * 32 * length * length * 128
        rows.append(
            {
                "sequence_length": length,
                "forward_flops_per_s": flops / forward,
                "forward_backward_flops_per_s": 3.5 * flops / both,  # backward runs the scores again
            }
        )
    return rows


def _attend(attend: Callable[[], Any], _: int) -> Any:
    return attend()


def _attend_and_back(attend: Callable[[], Any], upstream: Any, _: int) -> None:
    attend().backward(upstream)


if __name__ == "__main__":
    sys.exit(main())
