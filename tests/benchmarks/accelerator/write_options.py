"""Turn the figures of `memory_options.py` into run files: step times of each option, and peaks of memory.

Run by hand from the project's root::

    python -m tests.benchmarks.accelerator.write_options h200.json ... \
        --runs profiles/runs/measured-options.toml --peaks profiles/memory_runs/measured.toml

Nothing is chosen: every case becomes a peak, and a run where a recipe's keys say what its step did. A case
that was measured more than once is one row over all its steps.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.write_measured_runs import CHIPS, PEAK, architecture_lines, key_of

DOCUMENT = "tests/benchmarks/accelerator/memory_options.py"
RECOMPUTE = {
    "none": '{ kind = "none" }',
    "full": '{ kind = "full" }',
    "half": '{ kind = "partial", layers_fraction = 0.5 }',
    "attention-core": '{ kind = "selective", parts = ["attention-core"] }',
    "element-wise": '{ kind = "selective", parts = ["normalisation", "activation"] }',
    "alternate-matmuls": '{ kind = "matmuls" }',
}
#: What no key says of a recipe: of its bytes, and of its time.
OF_BYTES = {
    "alternate-matmuls": "kept is what every second of the fused matrices gives, the narrow ones",
}
OF_TIME = {
    "alternate-matmuls": "which of the matrices are run again",
    "activations": "the loss's logits go to the host as well",
    "weights": "gradients are summed by the host, microbatch by microbatch",
}

RUNS_HEADER = """\
# Training steps with and without each option of a recipe, that this project measured itself on one card.
# Written by tests/benchmarks/accelerator/write_options.py from what memory_options.py beside it measured.
# Each step changes one option of the first step of its architecture. Left out, as no key says it:
"""
PEAKS_HEADER = """\
# Memory of jobs as this project measured it: one card, each option of a recipe changed alone
# Written by tests/benchmarks/accelerator/write_options.py from what memory_options.py beside it measured.
# Peaks are of timed steps after two others; one process took all, its cache emptied in between.
"""


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figures", type=Path, nargs="+")
    parser.add_argument("--runs", type=Path, help="where steps go; without it they go nowhere")
    parser.add_argument("--peaks", type=Path, required=True)
    arguments = parser.parse_args()
    rows = _joined([json.loads(path.read_text(encoding="utf-8")) for path in arguments.figures])
    shapes = {row["architecture"]["name"]: row["architecture"] for row in rows}
    head = ["[documents.measured]", f'title = "{DOCUMENT}"', 'team = "single"', ""]
    for name, shape in shapes.items():
        head += architecture_lines(name, shape)
    left_out = [f"#   {row['id']}: {reason}" for row in rows if (reason := _unsaid(row, OF_TIME))]
    runs = [RUNS_HEADER.rstrip(), *left_out, "", *head]
    peaks = [PEAKS_HEADER.rstrip(), "", *head]
    for row in rows:
        ran_out = "out_of_memory" in row
        runs += [] if ran_out or _unsaid(row, OF_TIME) else _run(row)
        peaks += _ran_out(row) if ran_out else _peak(row)
    for path, lines in ((arguments.runs, runs), (arguments.peaks, peaks)):
        if path is None:
            continue
        path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _joined(measured: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a case and card, with the times of all its steps."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for figures in measured:
        for row in figures["steps"]:
            if "iteration_s" not in row and "out_of_memory" not in row:
                continue
            place = row["id"], figures["machine"]["name"]
            times = row.get("step_s", []) + (found[place]["step_s"] if place in found else [])
            found[place] = row | {"step_s": times, "machine": figures["machine"], "date": figures["date"]}
    return list(found.values())


def _unsaid(row: dict[str, Any], reasons: dict[str, str]) -> str | None:
    """Return what no key says of a row."""
    return reasons.get(row["recompute"]) or reasons.get(row["recipe"]["offload"])


def _head(row: dict[str, Any]) -> list[str]:
    chip, name = CHIPS[row["machine"]["name"]], row["architecture"]["name"]
    return [f'id = "measured-{row["id"]}-{chip}"', f'group = "measured/{key_of(name)}"']


def _job(row: dict[str, Any]) -> list[str]:
    machine, name = row["machine"], row["architecture"]["name"]
    release = machine["torch"].partition("+")[0]
    hardware = f'chip = "{CHIPS[machine["name"]]}", platform = "cuda", chip_count = 1, chips_per_host = 1'
    peaks = f'peak_bf16_flops_per_s = "{PEAK}", peak_precision_flops_per_s = "{PEAK}"'
    features = ", ".join(f'"{feature}"' for feature in _features(row))
    return [
        f'model = "{name}"',
        f'architecture = "{key_of(name)}"',
        *([f"parameters_total = {row['parameters']:.1f}"] if "parameters" in row else []),
        f"sequence_length = {row['sequence_length']}",
        f"global_batch_sequences = {row['microbatch'] * row['microbatches']}",
        'precision = "bf16"',
        "layout = { tensor = 1, context = 1, expert = 1, pipeline = 1, virtual_stages = 1, data = 1, "
        f"microbatch = {row['microbatch']}, zero = 0 }}",
        f"recompute = {RECOMPUTE[row['recompute']]}",
        f'software = {{ framework = "pytorch", name = "PyTorch {release}", year = {row["date"][:4]}, '
        f"features = [{features}] }}",
        f"training = {{ {', '.join(_recipe(row))} }}",
        f"hardware = {{ {hardware}, {peaks} }}",
    ]


def _features(row: dict[str, Any]) -> Iterator[str]:
    yield "compile" if row["is_compiled"] else "eager"
    yield "flash-attention"
    if row["recipe"]["optimizer"] != "adamw-foreach":
        yield "fused-optimizer"


def _recipe(row: dict[str, Any]) -> Iterator[str]:
    for key, value in row["recipe"].items():
        if key.startswith("lora") and row["recipe"]["method"] == "full":
            continue
        if key == "state_dtype" and row["recipe"]["optimizer"] == "adamw-8bit":
            continue  # its states are of its own
        word = value.removesuffix("-foreach") if key == "optimizer" else value
        yield f"{key} = {word}" if isinstance(word, int) else f'{key} = "{word}"'


def _source(row: dict[str, Any]) -> str:
    location = f"CUDA {row['machine']['cuda']}, driver {row['machine']['driver']}"
    return f'source = {{ document = "measured", location = "{location}", date = "{row["date"]}" }}'


def _run(row: dict[str, Any]) -> list[str]:
    iteration = statistics.median(row["step_s"])
    rate = row["microbatch"] * row["microbatches"] * row["sequence_length"] / iteration
    result = f"tokens_per_s_per_chip = {rate:.5g}, iteration_s = {iteration:.5g}"
    return [
        "[[run]]",
        *_head(row),
        'tier = "A"',
        'quality = "primary measured"',
        'workload = "pretraining benchmark"',
        *_job(row),
        f'result = {{ {result}, rate_from = "iteration", '
        f'peak_memory_bytes = "{row["peak_reserved_bytes"] / 1e9:.2f} GB" }}',
        _source(row),
        "",
    ]


def _peak(row: dict[str, Any]) -> list[str]:
    unsaid = _unsaid(row, OF_BYTES)
    reserved, driver = (f"{row[key] / 1e9:.2f} GB" for key in ("peak_reserved_bytes", "driver_bytes"))
    return [
        "[[case]]",
        *_head(row),
        'kind = "peak"',
        f'peak_bytes = "{row["peak_allocated_bytes"] / 1e9:.2f} GB"',
        'instrument = "allocated"',
        *([f'inexpressible = "{unsaid}"'] if unsaid else []),
        *_job(row),
        _source(row),
        'quality = "primary measured"',
        f'notes = "Reserved {reserved}; the driver shows {driver}."',
        "",
    ]


def _ran_out(row: dict[str, Any]) -> list[str]:
    unsaid = _unsaid(row, OF_BYTES)
    return [
        "[[case]]",
        *_head(row),
        'kind = "oom"',
        *([f'inexpressible = "{unsaid}"'] if unsaid else []),
        *_job(row),
        _source(row),
        'quality = "primary measured"',
        f'notes = "Allocated {row["peak_allocated_bytes"] / 1e9:.2f} GB when it asked for more."',
        "",
    ]


if __name__ == "__main__":
    main()
