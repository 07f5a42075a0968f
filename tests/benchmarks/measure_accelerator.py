"""Measure one accelerator: matmul, attention and copy rates, and real training steps of 1 to 8B models.

Run by hand where PyTorch and a GPU are at hand, on an idle card whose settings are left as found::

    python tests/benchmarks/measure_accelerator.py --output measured.json [--only llama-3.2-1b-compile ...]

It needs PyTorch alone, not the planner. `write_measured_runs.py` beside it turns the JSON into rows of
`profiles/runs/`, and `planner validate` then holds the planner's prediction against them.

A training step is the whole of it: forward, backward and AdamW over weights in bf16, gradients accumulated
and moments and master weights kept in float32 (18 bytes per parameter), the norm of the gradient clipped,
the loss over the full vocabulary, flash attention. Inputs are random tokens and weights are random: a step
takes as long as any other step of that shape, and its loss means nothing. Rates are medians after a
warm-up. With `--smoke` everything runs once, tiny, on whatever device there is: a check of the script, not
a measurement (on a CPU, compiling needs a C++ compiler).
"""

from __future__ import annotations

import argparse
import functools
import gc
import itertools
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

#: Adam's moments, the gradient's bound and the rate, as dense pretraining recipes set them
LEARNING_RATE, BETAS, WEIGHT_DECAY, GRADIENT_BOUND = 3e-4, (0.9, 0.95), 0.1, 1.0


@dataclass(frozen=True)
class Architecture:
    """A dense decoder: rotary positions, grouped-query attention, gated feed-forward, RMS norms."""

    name: str
    layers: int
    hidden: int
    heads: int
    key_value_heads: int
    feed_forward_width: int
    vocabulary: int
    has_tied_embeddings: bool

    @property
    def head_dimension(self) -> int:
        """Return the width of one head."""
        return self.hidden // self.heads


@dataclass(frozen=True)
class Step:
    """One training step to time."""

    id: str
    architecture: Architecture
    sequence_length: int
    microbatch: int
    microbatches: int
    is_compiled: bool
    recomputes: bool


LLAMA_1B = Architecture("Llama-3.2-1B", 16, 2048, 32, 8, 8192, 128256, True)
LLAMA_3B = Architecture("Llama-3.2-3B", 28, 3072, 24, 8, 8192, 128256, True)
LLAMA_7B = Architecture("Llama-2-7B", 32, 4096, 32, 32, 11008, 32000, False)
STEPS = (
    Step("llama-3.2-1b-compile", LLAMA_1B, 8192, 1, 8, is_compiled=True, recomputes=False),
    Step("llama-3.2-1b-eager", LLAMA_1B, 8192, 1, 8, is_compiled=False, recomputes=False),
    Step("llama-3.2-3b-compile", LLAMA_3B, 4096, 1, 8, is_compiled=True, recomputes=True),
    Step("llama-2-7b-compile", LLAMA_7B, 4096, 1, 8, is_compiled=True, recomputes=True),
)


def main() -> int:
    """Measure, and write the figures as JSON."""
    arguments = _arguments()
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu" and not arguments.smoke:
        print("no CUDA device; --smoke runs the script on the CPU", file=sys.stderr)
        return 2
    figures: dict[str, Any] = {"machine": _machine(device), "date": time.strftime("%Y-%m-%d")}
    print(json.dumps(figures["machine"]), flush=True)
    for name, measure in (("copy", _copies), ("matmul", _matmuls), ("attention", _attentions)):
        figures[name] = measure(device, arguments.smoke)
        for row in figures[name]:
            print(name, json.dumps(row), flush=True)
    figures["steps"] = []
    for step in STEPS:
        if arguments.only and step.id not in arguments.only:
            continue
        row = _measured_step(_tiny(step) if arguments.smoke else step, device, arguments.steps)
        figures["steps"].append(row)
        print("step", json.dumps({key: row[key] for key in row if key != "step_s"}), flush=True)
        arguments.output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("measured.json"))
    parser.add_argument("--only", nargs="*", default=[], help="ids of the training steps to time")
    parser.add_argument("--steps", type=int, default=10, help="timed steps of each")
    parser.add_argument("--smoke", action="store_true", help="everything once, tiny, on any device")
    return parser.parse_args()


def _machine(device: torch.device) -> dict[str, Any]:
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


# -- single operators ---------------------------------------------------------------------------------------


def _seconds(work: Callable[[int], object], device: torch.device, repeats: int) -> float:
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


def _copies(device: torch.device, smoke: bool) -> list[dict[str, float]]:
    elements = 1 << (10 if smoke else 31)
    source = torch.empty(elements, dtype=torch.bfloat16, device=device).normal_()
    target = torch.empty_like(source)
    taken = _seconds(lambda _: target.copy_(source), device, 20)
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
        taken = _seconds(multiply, device, 30)
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
        forward = _seconds(functools.partial(_attend, attend), device, 20)
        both = _seconds(functools.partial(_attend_and_back, attend, upstream), device, 20)
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


# -- training steps -----------------------------------------------------------------------------------------


def _tiny(step: Step) -> Step:
    small = replace(
        step.architecture,
        layers=2,
        hidden=64,
        heads=4,
        key_value_heads=2,
        feed_forward_width=96,
        vocabulary=128,
    )
    return replace(step, architecture=small, sequence_length=32, microbatches=2)


def _measured_step(step: Step, device: torch.device, repeats: int) -> dict[str, Any]:
    """Time whole steps; returns the median, every time, the peak of memory and the mean power."""
    on_cuda = device.type == "cuda"
    torch.compiler.reset()  # what was compiled for the last shapes would make these dynamic
    gc.collect()
    if on_cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    trainer = Trainer(step, device)
    for _ in range(3):
        trainer.run()
    taken = []
    with _power(on_cuda) as watts:
        for _ in range(1 if not on_cuda else repeats):
            started = time.perf_counter()
            loss = trainer.run()
            taken.append(time.perf_counter() - started)
    tokens = step.microbatch * step.microbatches * step.sequence_length
    median = statistics.median(taken)
    return {
        **asdict(step),
        "parameters": trainer.parameters_total,
        "iteration_s": median,
        "tokens_per_s": tokens / median,
        "step_s": taken,
        "loss": loss,
        "peak_allocated_bytes": torch.cuda.max_memory_allocated() if on_cuda else None,
        "peak_reserved_bytes": torch.cuda.max_memory_reserved() if on_cuda else None,
        "power_w": statistics.mean(watts) if watts else None,
    }


@contextmanager
def _power(on_cuda: bool) -> Iterator[list[float]]:
    """Collect the card's own reading of its power, five times a second."""
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


class Trainer:
    """Weights, their float32 masters and gradients, and one step over them."""

    def __init__(self, step: Step, device: torch.device) -> None:
        self._step, self._device = step, device
        self._embedding = self._weight(step.architecture.vocabulary, step.architecture.hidden)
        self._output = (
            self._embedding
            if step.architecture.has_tied_embeddings
            else self._weight(step.architecture.vocabulary, step.architecture.hidden)
        )
        self._blocks = [self._block_weights() for _ in range(step.architecture.layers)]
        self._last_norm = torch.ones(step.architecture.hidden, device=device, dtype=torch.bfloat16)
        self._last_norm.requires_grad_()
        self._rotation = _rotation(step.architecture, step.sequence_length, device)
        unique = [self._embedding, *(w for block in self._blocks for w in block), self._last_norm]
        self._weights = unique + ([] if step.architecture.has_tied_embeddings else [self._output])
        self._masters = [w.detach().float() for w in self._weights]
        for weight, master in zip(self._weights, self._masters, strict=True):
            master.grad = torch.zeros_like(master)
            weight.register_post_accumulate_grad_hook(functools.partial(_accumulate, master))
        self._optimizer = torch.optim.AdamW(
            self._masters, lr=LEARNING_RATE, betas=BETAS, weight_decay=WEIGHT_DECAY, fused=True
        )

        def layer(state: Any, rotation: Any, *weights: Any) -> Any:
            return _layer(step.architecture, state, rotation, *weights)

        # every layer has the same shapes, so one compilation serves them all
        self._layer = torch.compile(layer, dynamic=False) if step.is_compiled else layer
        self._loss = torch.compile(_loss, dynamic=False) if step.is_compiled else _loss

    @property
    def parameters_total(self) -> int:
        """Return the number of parameters, tied ones once."""
        return sum(weight.numel() for weight in self._weights)

    def run(self) -> float:
        """Run one step over all its microbatches and return the last loss, the device idle at the end."""
        step = self._step
        loss = torch.zeros(())
        for _ in range(step.microbatches):
            shape = (step.microbatch, step.sequence_length + 1)
            tokens = torch.randint(step.architecture.vocabulary, shape, device=self._device)
            loss = self._forward(tokens[:, :-1], tokens[:, 1:])
            (loss / step.microbatches).backward()
        gradients = [master.grad for master in self._masters]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        torch._foreach_mul_(gradients, torch.clamp(GRADIENT_BOUND / (norm + 1e-6), max=1.0))
        self._optimizer.step()
        with torch.no_grad():
            torch._foreach_copy_(self._weights, self._masters)
            torch._foreach_zero_(gradients)
        return float(loss.detach())  # waits for the device

    def _forward(self, tokens: Any, targets: Any) -> Any:
        state = functional.embedding(tokens, self._embedding)
        for weights in self._blocks:
            if self._step.recomputes:
                state = checkpoint(self._layer, state, self._rotation, *weights, use_reentrant=False)
            else:
                state = self._layer(state, self._rotation, *weights)
        return self._loss(state, self._last_norm, self._output, targets)

    def _weight(self, rows: int, columns: int) -> Any:
        weight = torch.empty(rows, columns, device=self._device, dtype=torch.bfloat16)
        return weight.normal_(std=0.02).requires_grad_()

    def _block_weights(self) -> list[Any]:
        shape = self._step.architecture
        width = (shape.heads + 2 * shape.key_value_heads) * shape.head_dimension
        norms = [torch.ones(shape.hidden, device=self._device, dtype=torch.bfloat16) for _ in range(2)]
        return [
            norms[0].requires_grad_(),
            self._weight(width, shape.hidden),
            self._weight(shape.hidden, shape.heads * shape.head_dimension),
            norms[1].requires_grad_(),
            self._weight(2 * shape.feed_forward_width, shape.hidden),
            self._weight(shape.hidden, shape.feed_forward_width),
        ]


def _accumulate(master: Any, weight: Any) -> None:
    """Add a weight's gradient to its master's in float32, and drop it."""
    master.grad.add_(weight.grad)
    weight.grad = None


def _layer(
    shape: Architecture,
    state: Any,
    rotation: Any,
    attention_norm: Any,
    input_weight: Any,
    output_weight: Any,
    feed_forward_norm: Any,
    gate_and_up_weight: Any,
    down_weight: Any,
) -> Any:
    """Run one transformer layer over a state of (batch, sequence, hidden)."""
    batch, length, _ = state.shape
    groups = (shape.heads, shape.key_value_heads, shape.key_value_heads)
    mixed = functional.linear(functional.rms_norm(state, (shape.hidden,), attention_norm), input_weight)
    parts = mixed.split([count * shape.head_dimension for count in groups], dim=-1)
    query, key, value = (
        part.view(batch, length, count, shape.head_dimension).transpose(1, 2)
        for part, count in zip(parts, groups, strict=True)
    )
    attended = functional.scaled_dot_product_attention(
        _rotated(query, rotation),
        _rotated(key, rotation),
        value,
        is_causal=True,
        enable_gqa=shape.heads != shape.key_value_heads,
    )
    state = state + functional.linear(attended.transpose(1, 2).reshape(batch, length, -1), output_weight)
    normed = functional.rms_norm(state, (shape.hidden,), feed_forward_norm)
    gate, up = functional.linear(normed, gate_and_up_weight).chunk(2, dim=-1)
    return state + functional.linear(functional.silu(gate) * up, down_weight)


def _rotation(shape: Architecture, length: int, device: torch.device) -> Any:
    half = shape.head_dimension // 2
    rates = 500_000.0 ** -(torch.arange(half, device=device, dtype=torch.float32) / half)
    angles = torch.arange(length, device=device, dtype=torch.float32)[:, None] * rates
    return torch.stack((angles.cos(), angles.sin())).to(torch.bfloat16)


def _rotated(heads: Any, rotation: Any) -> Any:
    first, second = heads.chunk(2, dim=-1)
    cosine, sine = rotation[0], rotation[1]
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


def _loss(state: Any, norm: Any, output: Any, targets: Any) -> Any:
    logits = functional.linear(functional.rms_norm(state, (state.shape[-1],), norm), output)
    return functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())


if __name__ == "__main__":
    sys.exit(main())
