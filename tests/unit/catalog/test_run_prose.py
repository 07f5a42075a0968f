"""The import table: what sources write, and what it means."""

from __future__ import annotations

import pytest

from planner.catalog import run_prose as prose
from planner.domain.run import RunRecompute


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("Megatron-LM (2021)", "megatron"),
        ("MEGATRON-LM f1f03922 (baseline)", "megatron"),
        ("Megatron-Bridge / NeMo 26.08", "nemo"),
        ("PyTorch NVIDIA Release 23.09", "nemo"),
        ("Megatron-DeepSpeed", "megatron-deepspeed"),
        ("DeepSpeed ALST", "deepspeed"),
        ("llm-foundry / Composer (PyTorch FSDP)", "fsdp"),
        ("torchtitan (FSDP2)", "torchtitan"),
        ("NeuronX Distributed / Megatron for Neuron, SDK 2.21.0", "neuron"),
        ("MindSpeed-LLM / ModelLink (PyTorch + CANN)", "mindspeed"),
        ("mindspore mindformers v1.5.0", "mindspore"),
        ("MegaScale ablation", "megascale"),
        ("Pytorch 25.04", "pytorch"),
    ],
)
def test_frameworks_are_read_by_keyword(text: str, framework: str) -> None:
    reading = prose.read_framework(text)
    assert reading.value == framework
    assert reading.is_known


def test_a_framework_without_a_rule_is_unknown_and_named() -> None:
    reading = prose.read_framework("Abacus 3000")
    assert reading.value == "unknown"
    assert not reading.is_known
    assert "Abacus 3000" in (reading.remark or "")


@pytest.mark.parametrize(
    ("text", "stage", "ranks", "within"),
    [
        (0, 0, None, False),
        ("none (replicated optimizer)", 0, None, False),
        ("ZeRO-1 within node (8)", 1, 8, False),
        ("distributed optimizer (DDP)", 1, None, False),
        ("optimizer parallel (ZeRO-1-like)", 1, None, False),
        ("FSDP SHARD_GRAD_OP (ZeRO-2)", 2, None, False),
        ("FSDP over 64", 3, 64, False),
        ("fsdp32", 3, 32, False),
        ("HSDP", 3, None, True),
        ("FSDP FULL_SHARD (ZeRO-3)", 3, None, False),
    ],
)
def test_zero_stages_and_their_ranks(text: str | int, stage: int, ranks: int | None, within: bool) -> None:
    assert prose.read_zero(text).value == (stage, ranks, within)


@pytest.mark.parametrize("text", ["the usual", 7])
def test_an_unknown_stage_is_no_stage(text: str | int) -> None:
    assert prose.read_zero(text).value is None
    assert not prose.read_zero(text).is_known


DEEPSEEK = "mla_up_proj (+mlp) on GB200/B200/H100, moe_act on GB300 (workload_base_configs.py)"


@pytest.mark.parametrize(
    ("text", "chip", "framework", "expected"),
    [
        ("none (workload_base_configs.py at 25.11/26.02)", "gb200", "nemo", RunRecompute(kind="none")),
        ("full (uniform, 1 layers per unit)", "ascend-910b", "mindspeed", RunRecompute(kind="full")),
        (
            "full (block, 1 layers/stage) + activation function",
            "ascend-910b",
            "mindspeed",
            RunRecompute(kind="partial", layers_fraction=0.1, parts=("activation",)),
        ),
        (
            'selective (every other block, README "Selective AC")',
            "h100-sxm",
            "fsdp",
            RunRecompute(kind="partial", layers_fraction=0.5),
        ),
        ("12 of 48 layers", "h100-sxm", "nemo", RunRecompute(kind="partial", layers_fraction=0.25)),
        (
            DEEPSEEK,
            "gb200",
            "nemo",
            RunRecompute(kind="selective", parts=("latent-up-projection", "feed-forward")),
        ),
        (DEEPSEEK, "gb300", "nemo", RunRecompute(kind="selective", parts=("expert-activation",))),
        (
            "layernorm, moe_act",
            "gb200",
            "nemo",
            RunRecompute(kind="selective", parts=("normalisation", "expert-activation")),
        ),
        ("selective", "a100-80-sxm", "megatron", RunRecompute(kind="selective")),
        (
            "selective/none (8B)",
            "h100-sxm-96-500w",
            "torchtitan",
            RunRecompute(kind="selective", parts=("normalisation", "activation", "alternate-matmuls")),
        ),
    ],
)
def test_recompute_policies(text: str, chip: str, framework: str, expected: RunRecompute) -> None:
    reading = prose.read_recompute(text, chip=chip, layers=40, stages=4, framework=framework)
    assert reading.value == expected
    assert reading.is_known


@pytest.mark.parametrize("text", ["not recorded in the notes", "whatever fits"])
def test_unknown_recompute_is_unknown(text: str) -> None:
    reading = prose.read_recompute(text)
    assert reading.value is None
    assert not reading.is_known


def test_an_ablation_step_holds_the_steps_before_it() -> None:
    assert prose.read_features("+ TP overlap") == ("parallel-block", "sliding-window", "tensor-overlap")
    assert prose.read_features("compile + AsyncTP") == ("tensor-overlap", "compile")


@pytest.mark.parametrize(
    ("framework", "identifier", "date", "year"),
    [
        ("NeMo 24.09/24.11 + Megatron-Core + TE", "dgxc", "2024-11..2025-06", 2024),
        ("Megatron-LM (2021)", "sc21", "", 2021),
        ("maxtext", "mlperf-v4.0-google", "2023-06..2025-11", 2024),
        ("nanotron", "x", "2025", 2025),
        ("nanotron", "x", "2011", None),
        ("nanotron", "x", "", None),
    ],
)
def test_the_year_is_that_of_the_software(
    framework: str, identifier: str, date: str, year: int | None
) -> None:
    assert prose.read_year(framework, identifier, "", date) == year


def test_notes_on_the_layout() -> None:
    note = prose.read_layout_note("dp8 x fsdp16 x tp8, pdb 2")
    assert (note.degrees, note.shard_ranks, note.replicas) == ({"tp": 8}, 16, 8)
    note = prose.read_layout_note("fsdp 256; 4 slices data-parallel over DCN")
    assert (note.degrees, note.shard_ranks, note.replicas) == ({}, 256, 4)
    assert prose.read_layout_note("TP4 or TP8").degrees == {}
    assert prose.read_layout_note("TP/PP/DP degrees count NeuronCores, two per chip").counts_cores
