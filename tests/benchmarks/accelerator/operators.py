"""Single operators on one card: launches, attention, experts and products in 8 bit.

Run by hand from the project's root, where PyTorch and a GPU are at hand, on an idle card left as found::

    python -m tests.benchmarks.accelerator.operators --output operators.json [--only launches ...]

Launches: a layer forward and backward, so narrow that the host sets the pace, run eagerly, compiled, and from
a captured graph; and layers of 1B at few tokens. Attention by head dimension and length. Experts by their
count and tokens, one product after the other and grouped. Products in 8 bit beside 16 bit, and the casts.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tests.benchmarks.accelerator import dense_model
from tests.benchmarks.accelerator.dense_model import LLAMA_1B, Architecture
from tests.benchmarks.accelerator.machine import described, seconds
from tests.benchmarks.accelerator.trainer import layer_of
from torch.nn import attention as kernels
from torch.nn import functional

Row = dict[str, Any]
Measure = Callable[[], Row]
NARROW = Architecture("narrow", 64, 128, 2, 2, 256, 512, True)


def launches(device: torch.device, smoke: bool) -> Iterator[tuple[Row, Measure]]:
    """Yield a layer's forward and backward pass by how it is run."""
    shapes = [(NARROW, 128, 64), (NARROW, 128, 32)]
    shapes += [(replace(LLAMA_1B, layers=8), tokens, 8) for tokens in (512, 2048, 8192)]
    for shape, tokens, count in [(LLAMA_1B.tiny, 16, 2)] if smoke else shapes:
        for way in ("eager", "compiled", "eager captured", "compiled captured"):
            row = {"model": shape.name, "tokens": tokens, "layers": count, "way": way}
            yield row, functools.partial(_passes, shape, tokens, count, way, device)


def _passes(shape: Architecture, tokens: int, count: int, way: str, device: torch.device) -> Row:
    layer = layer_of(replace(shape, layers=0), "none", "compiled" in way)
    blocks = [dense_model.layer_weights(shape, device) for _ in range(count)]
    weights = [weight.requires_grad_() for block in blocks for weight in block]
    turned = dense_model.rotation(shape, tokens, device)
    given = dense_model.matrix(tokens, shape.hidden, device).unsqueeze(0).requires_grad_()

    def run(_: int = 0) -> None:
        state = given
        for block in blocks:
            state = layer(state, turned, *block)
        torch.autograd.grad(state, [given, *weights], torch.ones_like(state))

    replayed = _captured(run, device) if "captured" in way else run
    found: Row = {"seconds_per_layer": seconds(replayed, device, 10) / count}
    return found if "captured" in way else found | {"kernels_per_layer": _kernels(run, device) / count}


def _captured(run: Callable[[], None], device: torch.device) -> Callable[[int], None]:
    """Return the replay of what a call launched."""
    if device.type == "cpu":
        return lambda _: run()
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return lambda _: graph.replay()


def _kernels(run: Callable[[], None], device: torch.device) -> float:
    """Return how many kernels, copies and fills a call launches."""
    if device.type == "cpu":
        return 0.0
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as seen:
        run()
        torch.cuda.synchronize()
    cuda = torch.autograd.DeviceType.CUDA
    return float(sum(event.count for event in seen.key_averages() if event.device_type == cuda))


def attentions(device: torch.device, smoke: bool) -> Iterator[tuple[Row, Measure]]:
    """Yield causal attention of a width of 4,096 by head dimension, length and kernel."""
    backends = {"flash": kernels.SDPBackend.FLASH_ATTENTION, "cudnn": kernels.SDPBackend.CUDNN_ATTENTION}
    for dimension in (64, 128, 256):
        for length in (64,) if smoke else (2048, 4096, 8192, 16384, 32768):
            for name, backend in {"flash": kernels.SDPBackend.MATH}.items() if smoke else backends.items():
                row = {"head_dimension": dimension, "sequence_length": length, "kernel": name}
                yield row, functools.partial(_attention, dimension, length, backend, device)


def _attention(dimension: int, length: int, backend: Any, device: torch.device) -> Row:
    heads, batch = 4096 // dimension, max(1, 8192 // length)
    query, key, value, upstream = (
        torch.randn(batch, heads, length, dimension, device=device, dtype=torch.bfloat16, requires_grad=True)
        for _ in range(4)
    )

    def run(backward: bool, _: int) -> None:
        given = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        if backward:
            torch.autograd.grad(given, (query, key, value), upstream)

    # half of the square is counted; the backward pass runs the scores again
    flops = 2.0 * batch * 4096 * length * length
    with kernels.sdpa_kernel(backend):
        forward = seconds(functools.partial(run, False), device, 8)
        both = seconds(functools.partial(run, True), device, 5)
    rates = {"forward": flops, "backward": 2.5 * flops}
    taken = {"forward": forward, "backward": both - forward or 1.0}
    return {f"{name}_flops_per_s": rates[name] / taken[name] for name in rates}


def experts(device: torch.device, smoke: bool) -> Iterator[tuple[Row, Measure]]:
    """Yield gated experts' products by count, width and tokens of each."""
    shapes = [(2048, 1408, count) for count in (8, 32, 128)] + [(4096, 14336, 8), (2048, 768, 128)]
    for hidden, width, count in [(64, 32, 4)] if smoke else shapes:
        for tokens in (16,) if smoke else (64, 256, 1024, 4096):
            for way in ("grouped", "loop"):
                row: Row = {"experts": count, "hidden": hidden, "expert_width": width}
                row |= {"tokens_per_expert": tokens, "way": way}
                yield row, functools.partial(_experts, hidden, width, count, tokens, way, device)


def _experts(hidden: int, width: int, count: int, tokens: int, way: str, device: torch.device) -> Row:
    into = torch.randn(count, 2 * width, hidden, device=device, dtype=torch.bfloat16, requires_grad=True)
    out = torch.randn(count, hidden, width, device=device, dtype=torch.bfloat16, requires_grad=True)
    rows = torch.randn(count * tokens, hidden, device=device, dtype=torch.bfloat16, requires_grad=True)
    sizes = [tokens] * count if way == "loop" else torch.full((count,), tokens, device=device)

    def run(backward: bool, _: int) -> None:
        given = _gated(rows, into, out, sizes)
        if backward:
            torch.autograd.grad(given, (rows, into, out), given.detach())

    forward = seconds(functools.partial(run, False), device, 8)
    both = seconds(functools.partial(run, True), device, 5)
    flops = 6.0 * count * tokens * hidden * width
    return {
        "forward_s": forward,
        "forward_backward_s": both,
        "forward_flops_per_s": flops / forward,
        "forward_backward_flops_per_s": 3.0 * flops / both,
    }


def _gated(rows: Any, into: Any, out: Any, sizes: Any) -> Any:
    """Run each expert over its rows, which lie together: grouped where the device alone knows how many."""
    if not isinstance(sizes, list):
        ends = sizes.cumsum(0).to(torch.int32)
        gate, up = torch._grouped_mm(rows, into.transpose(1, 2), offs=ends).chunk(2, dim=-1)
        return torch._grouped_mm(functional.silu(gate) * up, out.transpose(1, 2), offs=ends)
    found = []
    for some, first, second in zip(rows.split(sizes), into, out, strict=True):
        gate, up = functional.linear(some, first).chunk(2, dim=-1)
        found.append(functional.linear(functional.silu(gate) * up, second))
    return torch.cat(found)


def mixtures(device: torch.device, smoke: bool) -> Iterator[tuple[Row, Measure]]:
    """Yield whole mixture layers: router, sorting by expert, experts, sum; every expert gets as many."""
    shapes = [(4096, 14336, 8, 2), (2048, 1408, 64, 6), (2048, 768, 128, 8)]
    for hidden, width, count, active in [(64, 32, 4, 2)] if smoke else shapes:
        for tokens in (64,) if smoke else (4096, 16384):
            for way in ("grouped", "loop"):
                row: Row = {"experts": count, "active": active, "hidden": hidden, "expert_width": width}
                row |= {"tokens": tokens, "way": way}
                yield row, functools.partial(_mixture, hidden, width, count, active, tokens, way, device)


def _mixture(
    hidden: int, width: int, count: int, active: int, tokens: int, way: str, device: torch.device
) -> Row:
    router = dense_model.matrix(count, hidden, device).requires_grad_()
    into = (
        dense_model.matrix(count * 2 * width, hidden, device).view(count, 2 * width, hidden).requires_grad_()
    )
    out = dense_model.matrix(count * hidden, width, device).view(count, hidden, width).requires_grad_()
    state = dense_model.matrix(tokens, hidden, device).requires_grad_()
    # added to the router's scores it spreads tokens evenly, so that no padding of groups is needed
    turns = (
        torch.arange(tokens, device=device)[:, None] * active + torch.arange(active, device=device)
    ) % count
    even = functional.one_hot(turns, count).sum(1) * 1e3

    def run(backward: bool, _: int) -> None:
        scores = functional.linear(state, router).float()
        chosen = (scores + even).topk(active, dim=-1).indices
        weights = scores.softmax(-1).gather(1, chosen).to(state.dtype)
        order = chosen.flatten().argsort(stable=True)
        counts = chosen.flatten().bincount(minlength=count)
        rows = state[order // active]
        given = _gated(rows, into, out, counts.tolist() if way == "loop" else counts)
        mixed = torch.zeros_like(state).index_add(0, order // active, given * weights.flatten()[order, None])
        if backward:
            torch.autograd.grad(mixed, (state, router, into, out), mixed.detach())

    forward = seconds(functools.partial(run, False), device, 8)
    return {"forward_s": forward, "forward_backward_s": seconds(functools.partial(run, True), device, 5)}


def low_precision(device: torch.device, smoke: bool) -> Iterator[tuple[Row, Measure]]:
    """Yield products of 16 and 8 bit, by tensor and by row, with and without the casts."""
    shapes = [(8192, 4096, 6144), (8192, 4096, 28672), (8192, 14336, 4096), (8192, 2048, 16384)]
    shapes += [(8192, 8192, 8192), (2048, 4096, 4096)]
    for m, k, n in [(32, 32, 32)] if smoke else shapes:
        for way in ("bf16", "fp8", "fp8 by row", "cast"):
            row = {"m": m, "k": k, "n": n, "way": way}
            yield row, functools.partial(_product, m, k, n, way, device)


def _product(m: int, k: int, n: int, way: str, device: torch.device) -> Row:
    left = [torch.randn(m, k, device=device, dtype=torch.bfloat16) for _ in range(3)]
    right = [torch.randn(n, k, device=device, dtype=torch.bfloat16) for _ in range(3)]
    cast = torch.compile(_cast, dynamic=False)
    eights = [[cast(one)[0] for one in side] for side in (left, right)]
    by_row = way == "fp8 by row"
    scales = [torch.ones((m, 1) if by_row else (), device=device)]
    scales += [torch.ones((1, n) if by_row else (), device=device)]

    def run(number: int) -> Any:
        turn = number % 3
        if way == "bf16":
            return left[turn] @ right[turn].T
        if way == "cast":
            return cast(left[turn]), cast(right[turn])
        first, second = eights[0][turn], eights[1][turn].T
        return torch._scaled_mm(
            first, second, scale_a=scales[0], scale_b=scales[1], out_dtype=torch.bfloat16, use_fast_accum=True
        )

    taken = seconds(run, device, 20)
    return {"seconds": taken, "flops_per_s": 2.0 * m * k * n / taken}


def _cast(numbers: Any) -> tuple[Any, Any]:
    """Return numbers in 8 bit and their scale, read from the whole tensor."""
    scale = numbers.abs().amax().float() / 448.0
    return (numbers.float() / scale).to(torch.float8_e4m3fn), scale


PARTS = {
    "launches": launches,
    "low_precision": low_precision,
    "experts": experts,
    "mixtures": mixtures,
    "attentions": attentions,
}


def main() -> int:
    """Measure all, each row by itself, and write what is there after each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("operators.json"))
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no row after so many")
    parser.add_argument("--smoke", action="store_true", help="everything once, tiny, on any device")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch._dynamo.config.recompile_limit = torch._dynamo.config.accumulated_recompile_limit = 1024
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    until = time.perf_counter() + arguments.seconds
    figures: dict[str, Any] = {"machine": described(device), "date": time.strftime("%Y-%m-%d")}
    for part in arguments.only:
        figures[part] = []
        for row, measure in PARTS[part](device, arguments.smoke):
            if time.perf_counter() > until:
                break
            try:
                found = row | measure()
            except Exception as error:  # one row that fails must not cost the others their time
                found = row | {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
            figures[part].append(found)
            print(part, json.dumps(found), flush=True)
            arguments.output.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
