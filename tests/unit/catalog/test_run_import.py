"""Rows of published runs become runs, or say why not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.catalog.run_import import import_row
from planner.domain.run import Run, SkippedRow

#: Korthikanti et al. 2022, table 5, 22B with full recomputation.
ROW: dict[str, Any] = {
    "id": "kor22-22b",
    "group": "korthikanti/full",
    "tier": "A",
    "model": "GPT-22B",
    "layers": 48,
    "hidden": 6144,
    "ffn_hidden": 24576,
    "heads": 64,
    "kv_heads": 64,
    "head_dim": 96,
    "vocab": 51200,
    "activation": "gelu",
    "gated_mlp": False,
    "tied_embeddings": True,
    "seq_len": 2048,
    "precision": "fp16",
    "global_batch_sequences": 4,
    "global_batch_tokens": 8192,
    "micro_batch": 4,
    "tp": 8,
    "sp": False,
    "pp": 1,
    "recompute": "full",
    "framework": "Megatron-LM (2022)",
    "chip": "a100-80-sxm",
    "chip_count": 8,
    "chips_per_node": 8,
    "peak_bf16_tflops": 312,
    "iteration_s": 1.42,
    "flops_convention": "6N+attn_full",
    "source_title": "arXiv 2205.05198",
    "date": "2022-05",
    "check": {"tokens_per_s_per_chip": 721.127},
}


def imported(**changes: Any) -> Run:
    found = import_row({**ROW, **changes})
    assert isinstance(found, Run), found
    return found


def skipped(**changes: Any) -> SkippedRow:
    found = import_row({**ROW, **changes}, where="runs.json: row 1")
    assert isinstance(found, SkippedRow), found
    return found


def without(*keys: str) -> dict[str, Any]:
    return dict.fromkeys(keys)


def test_a_tier_a_row() -> None:
    run = imported()
    assert run.tier == "A"
    assert run.source_key == "korthikanti"
    assert (run.layout.tensor, run.layout.context, run.layout.expert, run.layout.data) == (8, 1, 1, 1)
    assert run.software.framework == "megatron"
    assert run.software.year == 2022
    assert run.result.tokens_per_s_per_chip == pytest.approx(4 * 2048 / 1.42 / 8, rel=1e-5)
    assert run.assumed == run.contradictions == ()


def test_text_without_a_rule_makes_tier_b_and_never_fails() -> None:
    run = imported(recompute="as the moon bids", zero_stage="shared in spirit", framework="Abacus")
    assert run.tier == "B"
    assert run.recompute is None
    assert run.layout.zero is None
    assert run.software.framework == "unknown"
    assert sum("import table" in remark for remark in run.assumed) == 3


def test_the_rate_by_each_published_figure() -> None:
    direct = imported().result.tokens_per_s_per_chip
    assert direct is not None
    for convention, expected in (("6N+attn_full", False), ("unknown", True)):
        run = imported(**without("iteration_s", "check"), tflops_per_chip=100.0, flops_convention=convention)
        assert run.result.rate_from == "flops"
        assert run.result.is_convention_assumed is expected
    utilisation = imported(
        **without("iteration_s", "check"), mfu=0.5, peak_used_tflops=312, flops_convention="6N+attn_full"
    )
    tokens = utilisation.result.tokens_per_s_per_chip
    # 6 (12 L h^2 + V h) + 12 L h s
    flops = 6 * (12 * 48 * 6144**2 + 51200 * 6144) + 12 * 48 * 6144 * 2048
    assert tokens == pytest.approx(0.5 * 312e12 / flops, rel=1e-9)
    whole = imported(**without("iteration_s", "check"), tier="E", chip_hours=100, tokens_total=3.6e8)
    assert whole.result.rate_from == "whole-run"
    assert whole.result.tokens_per_s_per_chip == pytest.approx(1000.0)


def test_a_check_that_disagrees_is_named_and_not_trusted() -> None:
    run = imported(check={"tokens_per_s_per_chip": 900.0})
    assert run.result.tokens_per_s_per_chip == pytest.approx(721.127, rel=1e-5)
    assert "900" in run.contradictions[0]


def test_trainium_degrees_count_cores() -> None:
    run = imported(chip="trn1", tp=8, peak_bf16_tflops=190)
    assert run.layout.ranks_per_chip == 2
    assert run.layout.data == 2


def test_a_mesh_in_a_note_is_the_layout() -> None:
    run = imported(
        **without("tp", "pp", "micro_batch"),
        chip="tpu-v5p",
        chip_count=1024,
        global_batch_sequences=2048,
        **without("global_batch_tokens", "check"),
        iteration_s=100.0,
        framework="maxtext",
        zero_stage="FSDP",
        parallelism_note="dp8 x fsdp16 x tp8, pdb 2",
    )
    layout = run.layout
    assert (layout.tensor, layout.data, layout.shard_ranks, layout.microbatch) == (8, 128, 16, 16)
    assert layout.zero == 3


def test_hybrid_sharding_stays_inside_a_host() -> None:
    run = imported(tp=1, chip_count=64, zero_stage="HSDP", iteration_s=10.0,
                   **without("global_batch_tokens", "check"))  # fmt: skip
    assert (run.layout.data, run.layout.shard_ranks) == (64, 8)


def test_a_layout_that_does_not_fit_its_chips_is_named() -> None:
    run = imported(dp=2)
    assert run.tier == "B"
    assert run.layout.data == 1
    assert "dp 2" in run.contradictions[0]
    run = imported(tp=3)
    assert run.layout.tensor is None
    assert "does not divide" in run.contradictions[0]


def test_a_batch_known_in_tokens_only_is_whole_sequences_for_each_rank() -> None:
    run = imported(**without("global_batch_sequences", "micro_batch", "check", "iteration_s"),
                   tp=1, chip_count=16, global_batch_tokens=2e6, tokens_per_s_per_chip=100.0)  # fmt: skip
    assert run.global_batch_sequences == 976


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chip": None}, "chip is missing"),
        ({"tp": "8"}, "tp is the text '8'"),
        ({"tp": True}, "tp is true or false"),
        ({"tp": 2.5}, "tp = 2.5; expected a whole number"),
        ({"chip_count": 0}, "chip_count = 0"),
        ({"iteration_s": math.nan}, "iteration_s = nan"),
        ({"iteration_s": -1}, "iteration_s = -1"),
        ({"seq_len": 10**400}, "seq_len = inf"),
        ({"mfu": 41.0}, "mfu"),
        ({"heads": 64, "kv_heads": 7}, "not a multiple of key_value_heads"),
        ({"tier": "Z"}, "tier is 'Z'"),
        ({"pp": 49, "tp": 1, "chip_count": 49}, "more than the 48 layers"),
        ({"ep": 8}, "ep 8 is more than the 1 experts"),
        ({"mla": 3}, "mla is a number"),
        ({"missing_fields": "heads"}, "missing_fields"),
        ({"zero_stage": []}, "zero_stage is a list"),
        ({"iteration_s": 0.1, "check": None}, "wrong by its own arithmetic"),
        ({"hidden": None}, "hidden is missing"),
        ({"global_batch_sequences": 10**30}, "expected at most"),
    ],
)
def test_a_malformed_row_is_skipped_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    found = skipped(**changes)
    assert reason in found.reason
    assert found.id == "kor22-22b"
    assert found.where == "runs.json: row 1"


@pytest.mark.parametrize("row", [None, 3, "row", [], [1], {}, {"id": 5}])
def test_what_is_no_row_is_skipped(row: Any) -> None:
    assert isinstance(import_row(row), SkippedRow)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted({*ROW, "mla", "experts", "zero_stage", "parallelism_note", "features", "mfu", "notes", "vpp",
               "tokens_total", "attn_window", "dp", "missing_fields", "capacity_factor"})  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, max_size=4))
def test_mutated_rows_never_raise(changes: dict[str, Any]) -> None:
    assert isinstance(import_row({**ROW, **changes}), Run | SkippedRow)


WORDS = ["fsdp", "tp8", "zero-1", "none", "full", "on gb300", "block", "0 layers/stage", "12 of 0 layers",
         "over 0", "()", "+", "selective", "9999999999999999", "x", ";", ",", "custom", "\x1b["]  # fmt: skip


@given(
    st.sampled_from(["recompute", "zero_stage", "framework", "parallelism_note", "features", "precision",
                     "inter_node_net", "routing", "notes", "date", "id", "chip", "intra_node_bw"]),
    st.lists(st.sampled_from(WORDS) | st.text(max_size=10), max_size=6),
)  # fmt: skip
def test_any_prose_is_read_or_refused(key: str, words: list[str]) -> None:
    assert isinstance(import_row({**ROW, key: " ".join(words)}), Run | SkippedRow)


def test_flops_of_a_framework_whose_counter_is_known_are_read_as_it_counts_them() -> None:
    unknown = {**without("iteration_s", "check"), "tflops_per_chip": 100.0, "flops_convention": "unknown"}
    run = imported(**unknown, framework="DeepSpeed ALST")
    assert run.result.flops_convention == "hardware-full-recompute"
    assert not run.result.is_convention_assumed
    assert any("own counter" in said for said in run.assumed)
    # without recomputation nobody says what it counts
    other = imported(**{**unknown, "framework": "DeepSpeed ALST", "recompute": "none"})
    assert other.result.is_convention_assumed


def test_software_that_compiles_nothing_is_read_as_eager() -> None:
    run = imported(framework="llm-foundry / Composer (PyTorch FSDP)")
    assert run.software.features == ("eager",)
    assert any("eagerly" in said for said in run.assumed)
    assert imported(framework="torchtitan", features="eager").software.features == ("eager",)
    assert imported(framework="llm-foundry", features="torch.compile").software.features == ("compile",)
    assert "eager" not in imported().software.features


def test_a_recipe_that_a_list_calls_custom_is_read_where_it_is_written() -> None:
    custom = {"recompute": "custom remat/offload policy", "framework": "MaxText (JAX)", "chip": "tpu-v7"}
    known = imported(**custom, id="tpurec-ironwood-deepseek-v3-128-bf16-4096")
    assert known.recompute is not None
    assert known.recompute.kind == "full"
    assert any("keeps layer inputs alone" in said for said in known.assumed)
    unknown = imported(**custom, id="somebody-else")
    assert unknown.recompute is not None
    assert unknown.recompute.kind == "selective"


def test_a_fully_sharded_run_that_names_no_degree_is_sharded_over_all_chips() -> None:
    row = {**without("micro_batch", "tp", "pp", "recompute"), "tier": "B", "zero_stage": "FSDP"}
    sharded = imported(**row, framework="MaxText (JAX)", chip="tpu-v6e")
    assert (sharded.layout.tensor, sharded.layout.data, sharded.layout.zero) == (1, 8, 3)
    # elsewhere a search has to say
    assert imported(**row, framework="PyTorch FSDP").layout.data is None


def test_a_source_is_named_without_a_list_s_own_copies() -> None:
    title = "Facts with page citations a public repository file, held-out study V002)"
    source = imported(source_title=title, source_url="https://github.com/").source
    assert (source.title, source.url) == ("Facts with page citations", None)
    assert imported(source_url="https://arxiv.org/abs/1").source.url == "https://arxiv.org/abs/1"
