"""Turn the figures of `measure_accelerator.py` into rows of published runs.

Run by hand: ``python tests/benchmarks/write_measured_runs.py h100.json h200.json >
profiles/runs/measured.toml``. Nothing is rounded beyond the digits that a repetition reproduces, and
nothing is chosen: every timed step becomes a row; one that failed has no time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

#: The name that the driver gives a card, and its profile.
CHIPS = {"NVIDIA H100 80GB HBM3": "h100-sxm", "NVIDIA H200": "h200-sxm"}
#: Dense bf16 peak of both, as their data sheets give it.
PEAK = "989 TFLOP/s"

HEADER = """\
# Training steps that this project measured itself, on one card at a time.
# Written by tests/benchmarks/write_measured_runs.py from what measure_accelerator.py beside it printed; the
# operators measured in the same minutes:
"""


def main() -> None:
    """Write the file to standard output."""
    measured = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    lines = [HEADER.rstrip()]
    for figures in measured:
        lines += [f"# {line}" for line in _operators(figures)]
    lines += ["", "[documents.measured]", 'title = "tests/benchmarks/measure_accelerator.py"']
    lines += ['team = "single"', ""]
    shapes = {row["architecture"]["name"]: row["architecture"] for one in measured for row in one["steps"]}
    for name, shape in shapes.items():
        lines += architecture_lines(name, shape)
    for figures in measured:
        for row in figures["steps"]:
            lines += _run(figures, row) if "iteration_s" in row else []
    print("\n".join(lines).rstrip())


def key_of(name: str) -> str:
    return name.lower().replace(".", "-")


def _operators(figures: dict[str, Any]) -> list[str]:
    """Give one card's copy, matmul and attention rates in a line each."""
    matmuls = " ".join(
        f"{row['m']}x{row['k']}x{row['n']} {row['flops_per_s'] / 1e12:.0f}," for row in figures["matmul"]
    )
    attention = " ".join(
        f"{row['sequence_length']} {row['forward_flops_per_s'] / 1e12:.0f}"
        f"/{row['forward_backward_flops_per_s'] / 1e12:.0f},"
        for row in figures["attention"]
    )
    copied = figures["copy"][0]["bytes_per_s"]
    return [
        f"{figures['machine']['name']}: copy {copied / 1e12:.2f} TB/s, bytes read and written;",
        f"  matmul, m x k x n, TFLOP/s: {matmuls.rstrip(',')};",
        f"  causal attention, forward/with backward, TFLOP/s at a length of {attention.rstrip(',')}.",
    ]


def architecture_lines(name: str, shape: dict[str, Any]) -> list[str]:
    lines = [f"[architectures.{key_of(name)}]"]
    lines += [f"{key} = {shape[key]}" for key in ("layers", "hidden", "heads", "key_value_heads")]
    lines += [f"head_dimension = {shape['hidden'] // shape['heads']}"]
    lines += [f"{key} = {shape[key]}" for key in ("feed_forward_width", "vocabulary")]
    return [*lines, *(["has_tied_embeddings = true"] if shape["has_tied_embeddings"] else []), ""]


def _run(figures: dict[str, Any], row: dict[str, Any]) -> list[str]:
    machine, name = figures["machine"], row["architecture"]["name"]
    chip = CHIPS[machine["name"]]
    kind = "compile" if row["is_compiled"] else "eager"
    release = machine["torch"].partition("+")[0]
    hardware = f'chip = "{chip}", platform = "cuda", chip_count = 1, chips_per_host = 1'
    peaks = f'peak_bf16_flops_per_s = "{PEAK}", peak_precision_flops_per_s = "{PEAK}"'
    made_with = f"CUDA {machine['cuda']}, driver {machine['driver']}"
    result = f"tokens_per_s_per_chip = {row['tokens_per_s']:.5g}, iteration_s = {row['iteration_s']:.5g}"
    memory, power = row["peak_reserved_bytes"], row["power_w"]
    return [
        "[[run]]",
        f'id = "measured-{row["id"]}-{chip}"',
        f'group = "measured/{key_of(name)}"',
        'tier = "A"',
        'quality = "primary measured"',
        f'model = "{name}"',
        f'architecture = "{key_of(name)}"',
        f"parameters_total = {row['parameters']:.1f}",
        'workload = "pretraining benchmark"',
        f"sequence_length = {row['sequence_length']}",
        f"global_batch_sequences = {row['microbatch'] * row['microbatches']}",
        'precision = "bf16"',
        "layout = { tensor = 1, context = 1, expert = 1, pipeline = 1, virtual_stages = 1, data = 1, "
        f"microbatch = {row['microbatch']}, zero = 0 }}",
        f'recompute = {{ kind = "{row["recompute"]}" }}',
        f'software = {{ framework = "pytorch", name = "PyTorch {release}", year = {figures["date"][:4]}, '
        f'features = ["{kind}", "flash-attention", "fused-optimizer"] }}',
        f"hardware = {{ {hardware}, {peaks} }}",
        f'result = {{ {result}, rate_from = "iteration", peak_memory_bytes = "{memory / 1e9:.2f} GB", '
        f'power_w_per_chip = "{power:.0f} W" }}',
        f'source = {{ document = "measured", location = "{made_with}", date = "{figures["date"]}" }}',
        "",
    ]


if __name__ == "__main__":
    main()
