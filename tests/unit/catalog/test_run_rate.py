"""The rate of a run that does not state it, from whatever figure its source published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.run_rate import CONVENTION_ASSUMED, flops_per_token, with_rate
from planner.catalog.runs import load_runs
from planner.domain.run import FlopsConvention, RateBasis, Run

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "runs.json"

#: Korthikanti et al. 2022, table 5, 22B with full recomputation: 1.42 s a step.
LAYERS, HIDDEN, VOCABULARY, LENGTH, BATCH, CHIPS = 48, 6144, 51_200, 2048, 4, 8
STEP_S = 1.42
RATE = BATCH * LENGTH / STEP_S / CHIPS
RUN = """
[[run]]
id = "kor22-22b"
group = "korthikanti/full"
tier = "A"
model = "GPT-22B"
sequence_length = 2048
global_batch_sequences = 4
hardware = {{ chip = "a100-80-sxm", chip_count = 8, {hardware} }}
result = {{ {result} }}
source = {{ title = "arXiv 2205.05198" }}

[run.architecture]
layers = 48
hidden = 6144
heads = 64
key_value_heads = 64
head_dimension = 96
feed_forward_width = 24576
is_gated = false
vocabulary = 51200
has_tied_embeddings = true
normalisation = "layer"
"""
PEAK = 'peak_bf16_flops_per_s = "312 TFLOP/s"'
#: FLOPs of one token by hand: matmuls 6 (12 L h^2 + V h), attention 12 L h s, half of it causal.
MATMUL = 6.0 * (12 * LAYERS * HIDDEN**2 + VOCABULARY * HIDDEN)
ATTENTION = 12.0 * LAYERS * HIDDEN * LENGTH


def read(tmp_path: Path, result: str, hardware: str = PEAK) -> Run:
    path = tmp_path / "one.toml"
    path.write_text(RUN.format(result=result, hardware=hardware))
    found = load_runs(path)
    assert found.skipped == ()
    return found.runs[0]


@pytest.mark.parametrize(
    ("result", "rate", "basis"),
    [
        ("iteration_s = 1.42", RATE, "iteration"),
        ("tokens_per_s = 8000.0", 1000.0, "throughput"),
        ("sequences_per_s = 2.0", 2.0 * LENGTH / CHIPS, "throughput"),
        # a step's time comes before totals, which are often rounded
        ("iteration_s = 1.42, tokens_per_s = 5800.0, mfu = 0.4", RATE, "iteration"),
        (
            'flops_per_s_per_chip = "100 TFLOP/s", flops_convention = "6n-full"',
            100e12 / (MATMUL + ATTENTION),
            "flops",
        ),
        ('flops_per_s = "800 TFLOP/s", flops_convention = "6n"', 100e12 / MATMUL, "flops"),
        (
            'mfu = 0.5, flops_convention = "6n-full"',
            0.5 * 312e12 / (MATMUL + ATTENTION),
            "utilisation",
        ),
        (
            'hfu = 0.5, flops_convention = "hardware-full-recompute"',
            0.5 * 312e12 / (8 * 12 * LAYERS * HIDDEN**2 + 6 * VOCABULARY * HIDDEN + ATTENTION * 4 / 3),
            "utilisation",
        ),
        ("chip_hours = 100.0, tokens_total = 3.6e8", 1000.0, "whole-run"),
        ("days = 0.5, tokens_total = 3.456e8", 1000.0, "whole-run"),
    ],
)
def test_the_rate_by_each_published_figure(
    tmp_path: Path, result: str, rate: float, basis: RateBasis
) -> None:
    run = read(tmp_path, result)
    assert run.result.tokens_per_s_per_chip == pytest.approx(rate, rel=1e-9)
    assert run.result.rate_from == basis
    assert not run.result.is_convention_assumed
    assert run.assumed == ()


def test_a_rate_that_is_stated_stands(tmp_path: Path) -> None:
    run = read(tmp_path, 'tokens_per_s_per_chip = 900.0, rate_from = "flops", iteration_s = 1.42')
    assert run.result.tokens_per_s_per_chip == 900.0
    assert run.result.rate_from == "flops"
    assert read(tmp_path, "tokens_per_s_per_chip = 900.0").result.rate_from is None


@pytest.mark.parametrize("result", ['flops_per_s_per_chip = "100 TFLOP/s"', f"mfu = {100 / 312}"])
def test_without_a_convention_the_causal_one_is_taken_and_said(tmp_path: Path, result: str) -> None:
    run = read(tmp_path, result)
    assert run.result.tokens_per_s_per_chip == pytest.approx(100e12 / (MATMUL + ATTENTION / 2), rel=1e-9)
    assert run.result.is_convention_assumed
    assert run.assumed == (CONVENTION_ASSUMED,)


def test_a_utilisation_is_of_the_peak_that_its_source_used(tmp_path: Path) -> None:
    stated = 'mfu = 0.5, flops_convention = "6n"'
    run = read(tmp_path, stated, f'{PEAK}, peak_used_flops_per_s = "300 TFLOP/s"')
    assert run.result.tokens_per_s_per_chip == pytest.approx(0.5 * 300e12 / MATMUL, rel=1e-9)
    # a chip's profile may count another peak: without a stated one there is no rate
    unknown = read(tmp_path, stated, "chips_per_host = 8")
    assert unknown.result.tokens_per_s_per_chip is None


@pytest.mark.parametrize("result", ["hfu = 0.5", "tokens_total = 1e12", "peak_memory_bytes = 1e9"])
def test_what_gives_no_rate_leaves_it_unknown(tmp_path: Path, result: str) -> None:
    run = read(tmp_path, result)
    assert run.result.tokens_per_s_per_chip is None
    assert run.result.rate_from is None


def derivable() -> Iterator[tuple[Run, Run]]:
    """Yield shipped runs whose rate is no published throughput, and each as it is read without its rate."""
    for run in load_runs().runs:
        if run.result.rate_from not in (None, "throughput") and run.result.tokens_per_s_per_chip:
            bare = run.result.model_copy(update={"tokens_per_s_per_chip": None, "rate_from": None})
            yield run, with_rate(run.model_copy(update={"result": bare}))


def test_the_shipped_rates_are_those_that_their_figures_give() -> None:
    found = list(derivable())
    assert len(found) > 150
    for run, read_again in found:
        assert read_again.result.rate_from == run.result.rate_from, run.id
        assert read_again.result.is_convention_assumed == run.result.is_convention_assumed, run.id
        # shipped rates were rounded, and some recomputed elsewhere
        assert read_again.result.tokens_per_s_per_chip == pytest.approx(
            run.result.tokens_per_s_per_chip, rel=0.0101
        ), run.id


def rows() -> list[dict[str, Any]]:
    if not PUBLISHED.is_file():
        pytest.skip("the list that shipped runs were taken from is not beside this checkout")
    loaded: list[dict[str, Any]] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return loaded


def test_flops_and_rates_agree_with_those_recomputed_elsewhere() -> None:
    shipped = {run.id: run for run in load_runs().runs}
    for row in rows():
        run, check = shipped[row["id"]], row["check"]
        if run.architecture is None or run.sequence_length is None:
            continue
        matmul = flops_per_token(run.architecture, run.sequence_length, "6n")
        full = flops_per_token(run.architecture, run.sequence_length, "6n-full")
        assert matmul == pytest.approx(check["flops_per_token_6n"], rel=1e-6), run.id
        # the list doubles a windowed layer's context for the full convention: 0.4 % of those models
        assert full == pytest.approx(
            check["flops_per_token_6n"] + check["attn_full_flops_per_token"], rel=4e-3
        ), run.id
        if "tokens_per_s_per_chip" in check:
            assert run.result.tokens_per_s_per_chip == pytest.approx(check["tokens_per_s_per_chip"], rel=2e-3)


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        ("6n", MATMUL),
        ("6n-causal", MATMUL + ATTENTION / 2),
        ("6n-full", MATMUL + ATTENTION),
        # tied embeddings are held once, in the head
        ("6n-total-full", MATMUL + ATTENTION),
    ],
)
def test_each_convention_counts_what_its_name_says(
    tmp_path: Path, convention: FlopsConvention, expected: float
) -> None:
    shape = read(tmp_path, "").architecture
    assert shape is not None
    assert flops_per_token(shape, LENGTH, convention) == pytest.approx(expected, rel=1e-12)
    untied = shape.model_copy(update={"has_tied_embeddings": False})
    extra = 6.0 * VOCABULARY * HIDDEN if convention.startswith("6n-total") else 0.0
    assert flops_per_token(untied, LENGTH, convention) == pytest.approx(expected + extra, rel=1e-12)
