"""Step time and peak memory of 1B to 8B models on one card, with and without each memory option.

Run by hand from the project's root, where PyTorch and a GPU are at hand, on an idle card left as found::

    python -m tests.benchmarks.accelerator.memory_options --output options.json [--only 1b-lora ...]

It needs PyTorch alone, not the planner. Of every architecture there is a base, and each case changes one
option of it alone. Every case stands for itself: one that fails or runs out of memory is recorded as that.
With `--smoke` all cases run once, tiny, on whatever device there is (compiling needs a C++ compiler).
`write_options.py` beside it turns the JSON into rows of `profiles/runs/` and `profiles/memory_runs/`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tests.benchmarks.accelerator.dense_model import LLAMA_1B, LLAMA_3B, LLAMA_8B
from tests.benchmarks.accelerator.machine import described
from tests.benchmarks.accelerator.trainer import Case, Recipe, measured

PURE = Recipe(state_dtype="bf16", master_weights="none", gradient_dtype="bf16")
LORA = Recipe(method="lora")

#: Recipes that change one option of the base, by what a case's id adds.
STATES: dict[str, Recipe] = {
    "states-bf16": Recipe(state_dtype="bf16"),
    "no-master": Recipe(master_weights="none"),
    "gradients-bf16": Recipe(gradient_dtype="bf16"),
    "pure-bf16": PURE,
    "adamw-8bit": Recipe(optimizer="adamw-8bit"),
    "lion": Recipe(optimizer="lion"),
    "sgd": Recipe(optimizer="sgd"),
    "muon": Recipe(optimizer="muon"),
    "adafactor": Recipe(optimizer="adafactor"),
    "adamw-foreach": Recipe(optimizer="adamw-foreach"),
    "lora": LORA,
    "lora-64": replace(LORA, lora_rank=64),
    "lora-attention": replace(LORA, lora_targets="attention"),
}
LOSSES = ("plain", "fused", "chunked")
AGAIN = ("attention-core", "element-wise", "alternate-matmuls", "half", "full")


def cases() -> list[Case]:
    """Return all cases, those first that must not be lost to the clock."""
    return [*_of_1b(), *_of_8b(), *_of_3b(), *_lengths()]


def _of_1b() -> Iterator[Case]:
    base = Case("1b", LLAMA_1B, 4096, 2)
    yield base
    for name, recipe in STATES.items():
        yield replace(base, id=f"1b-{name}", recipe=recipe)
    for loss in LOSSES:
        yield replace(base, id=f"1b-loss-{loss}", recipe=Recipe(loss=loss))
    for again in AGAIN:
        yield replace(base, id=f"1b-{again}", recompute=again)
    yield replace(base, id="1b-lora-full", recipe=LORA, recompute="full")
    eager = replace(base, id="1b-eager", is_compiled=False, recipe=Recipe(loss="plain"))
    yield eager
    for again in AGAIN:
        yield replace(eager, id=f"1b-eager-{again}", recompute=again)
    yield replace(eager, id="1b-eager-lora", recipe=replace(LORA, loss="plain"))
    attention = replace(LORA, loss="plain", lora_targets="attention")
    yield replace(eager, id="1b-eager-lora-attention", recipe=attention)
    moved = Recipe(loss="plain", offload="activations")
    yield replace(eager, id="1b-eager-offload-activations-full", recipe=moved, recompute="full")
    yield replace(eager, id="1b-eager-offload-activations", recipe=moved)
    yield replace(base, id="1b-offload-optimizer", recipe=Recipe(offload="optimizer"))
    yield replace(base, id="1b-offload-weights", recipe=Recipe(offload="weights"), recompute="full")


def _of_8b() -> Iterator[Case]:
    base = Case("8b-pure-bf16", LLAMA_8B, 4096, 1, recipe=PURE)
    yield base
    yield replace(base, id="8b-pure-bf16-full", recompute="full")
    yield replace(base, id="8b-pure-bf16-alternate-matmuls", recompute="alternate-matmuls")
    yield replace(base, id="8b-pure-bf16-loss-chunked", recipe=replace(PURE, loss="chunked"))
    for name in ("lora", "lora-attention"):
        yield replace(base, id=f"8b-{name}", recipe=STATES[name])
    yield replace(base, id="8b-lora-full", recipe=LORA, recompute="full")
    yield replace(base, id="8b-lora-eager", recipe=replace(LORA, loss="plain"), is_compiled=False)
    for optimizer in ("adafactor", "lion", "sgd", "muon", "adamw-8bit"):
        yield replace(base, id=f"8b-pure-{optimizer}", recipe=replace(PURE, optimizer=optimizer))
    yield replace(base, id="8b-bf16-states", recipe=replace(PURE, master_weights="fp32"), recompute="full")
    yield replace(base, id="8b-bf16-gradients", recipe=Recipe(gradient_dtype="bf16"), recompute="full")
    yield replace(base, id="8b-mixed-full", recipe=Recipe(), recompute="full")


def _of_3b() -> Iterator[Case]:
    base = Case("3b", LLAMA_3B, 4096, 1)
    yield base
    for name in ("gradients-bf16", "pure-bf16", "adamw-8bit", "adafactor", "muon", "lora", "lora-attention"):
        yield replace(base, id=f"3b-{name}", recipe=STATES[name])
    for loss in ("plain", "chunked"):
        yield replace(base, id=f"3b-loss-{loss}", recipe=Recipe(loss=loss))
    for again in ("alternate-matmuls", "full"):
        yield replace(base, id=f"3b-{again}", recompute=again)
    yield replace(base, id="3b-eager", is_compiled=False, recipe=Recipe(loss="plain"))


def _lengths() -> Iterator[Case]:
    base = Case("1b", LLAMA_1B, 4096, 2)
    eager = replace(base, is_compiled=False, recipe=Recipe(loss="plain"))
    for sequence, microbatch in ((2048, 1), (8192, 2), (8192, 1)):
        of = f"{sequence}x{microbatch}"
        yield replace(base, id=f"1b-{of}", sequence_length=sequence, microbatch=microbatch)
        yield replace(eager, id=f"1b-eager-{of}", sequence_length=sequence, microbatch=microbatch)
    long = replace(base, sequence_length=32768, microbatch=1, recipe=Recipe(loss="chunked"))
    yield replace(long, id="1b-32768x1-loss-chunked")


def main() -> int:
    """Measure all cases until the time is up, and write what is there after each."""
    arguments = _arguments()
    torch.manual_seed(0)
    torch._dynamo.config.recompile_limit = torch._dynamo.config.accumulated_recompile_limit = 1024
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu" and not arguments.smoke:
        print("no CUDA device; --smoke runs the script on the CPU", file=sys.stderr)
        return 2
    until = time.perf_counter() + arguments.seconds
    figures: dict[str, Any] = {"machine": described(device), "date": time.strftime("%Y-%m-%d"), "steps": []}
    for case in cases():
        if arguments.only and case.id not in arguments.only:
            continue
        if time.perf_counter() > until:
            figures.setdefault("left_out", []).append(case.id)
            continue
        row = measured(case.tiny if arguments.smoke else case, device, arguments.steps)
        figures["steps"].append(row)
        print(_told(row), flush=True)
        arguments.output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    arguments.output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    print("left out:", figures.get("left_out", []))
    return 0


def _told(row: dict[str, Any]) -> str:
    peak = row.get("peak_allocated_bytes") or 0.0
    result = row.get("failed") or row.get("out_of_memory") or f"{row['iteration_s']:.4f} s"
    return f"{row['id']:<36}{peak / 1e9:8.2f} GB  spent {row['spent_s']:5.1f} s  {result}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("options.json"))
    parser.add_argument("--only", nargs="*", default=[], help="ids of the cases to measure")
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no case after so many")
    parser.add_argument("--smoke", action="store_true", help="everything once, tiny, on any device")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
