"""A recipe in numbers: its own words come first, then those of its stack, then the usual."""

from __future__ import annotations

import math

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.stack import Stack
from planner.domain.training import TrainingRecipe
from planner.engine.inputs import ArchitectureInputs
from planner.planning.stack import stack_chain
from planner.planning.training_recipe import recipe_inputs

SHAPE = ArchitectureInputs(
    layers=4.0,
    hidden=512.0,
    heads=4.0,
    key_value_heads=2.0,
    head_dimension=128.0,
    feed_forward_width=1024.0,
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def numbers(
    catalog: Catalog, stack: str, *features: str, precision: str = "bf16", **recipe: object
) -> dict[str, float]:
    profile: Stack = catalog.stacks[stack].profile
    said = TrainingRecipe.model_validate(recipe)
    return recipe_inputs(said, stack_chain(profile, catalog), SHAPE, precision, features)


def test_what_a_stack_does_holds_where_nothing_is_said(catalog: Catalog) -> None:
    nemo, titan = numbers(catalog, "cuda-nemo"), numbers(catalog, "cuda-torchtitan")
    assert (nemo["held_gradient_bytes"], titan["held_gradient_bytes"]) == (2, 4)
    assert (nemo["shard_is_master"], titan["shard_is_master"]) == (0, 1)
    assert numbers(catalog, "cuda-nemo", gradient_dtype="fp32")["held_gradient_bytes"] == 4


def test_whether_scores_are_written_is_a_runs_word_before_its_stacks(catalog: Catalog) -> None:
    unfused, fused = "cuda-megatron-deepspeed", "cuda-megatron"
    assert [numbers(catalog, stack)["writes_scores"] for stack in (unfused, fused)] == [1, 0]
    assert numbers(catalog, unfused, "flash-attention")["writes_scores"] == 0
    assert numbers(catalog, fused, "unfused-attention")["writes_scores"] == 1


def test_gradients_of_fp16_take_two_bytes_whatever_the_stack(catalog: Catalog) -> None:
    assert numbers(catalog, "cuda-megatron", precision="fp16")["held_gradient_bytes"] == 2


def test_who_compiles_the_step_compiles_its_loss(catalog: Catalog) -> None:
    plain = numbers(catalog, "cuda-pytorch")["logit_bytes"]
    compiled = numbers(catalog, "cuda-pytorch", "compile")["logit_bytes"]
    assert compiled < plain == numbers(catalog, "cuda-pytorch", "compile", loss="plain")["logit_bytes"]
    assert numbers(catalog, "cuda-pytorch", loss="chunked")["logit_tokens"] < math.inf


def test_adapters_stand_beside_what_is_named(catalog: Catalog) -> None:
    few = numbers(catalog, "cuda-fsdp", method="lora", lora_rank=8, lora_targets="attention")
    # queries read and give 512, values read 512 and give 256; keys' 256 are counted with them
    assert few["adapter_parameters"] == 8 * (2 * 512 + 512 + 2 * 256)
    every = numbers(catalog, "cuda-fsdp", method="lora", lora_rank=8)
    assert every["adapter_parameters"] == 8 * (3 * 512 + 1024 + 2 * 512 + 3 * (512 + 1024))
    assert (few["trains_all"], few["keeps_matmul_inputs"], every["keeps_matmul_inputs"]) == (0, 0, 1)
    # a product with 4-bit weights keeps what it reads, whoever trains beside it
    four = numbers(catalog, "cuda-fsdp", method="qlora", lora_targets="attention")
    assert four["keeps_matmul_inputs"] == 1
    # frozen weights stay gathered under the first FSDP, and under no other
    assert few["gathered_parameters"] == math.inf
    assert numbers(catalog, "cuda-torchtitan", method="lora")["gathered_parameters"] == 0


def test_offloads_leave_the_chip(catalog: Catalog) -> None:
    half = numbers(catalog, "cuda", offload="activations", offload_share=0.25)
    assert (half["holds_activations"], half["holds_optimizer"]) == (0.75, 1)
    everything = numbers(catalog, "cuda", offload="all")
    assert everything["holds_weights"] == everything["holds_optimizer"] == 0
    assert everything["holds_activations"] == 0


def test_optimizers_keep_as_many_numbers_as_they_need(catalog: Catalog) -> None:
    kept = {
        name: numbers(catalog, "cuda", optimizer=name)["moment_bytes"]
        for name in ("adamw", "muon", "lion", "adafactor")
    }
    assert kept == {"adamw": 8, "muon": 4, "lion": 4, "adafactor": 0}
    assert numbers(catalog, "cuda", optimizer="adamw-8bit")["moment_bytes"] == pytest.approx(2, rel=0.02)
    assert numbers(catalog, "cuda", state_dtype="bf16")["moment_bytes"] == 4


def test_what_an_update_takes_beside_its_states(catalog: Catalog) -> None:
    assert numbers(catalog, "cuda-megatron")["update_more_bytes"] == 0
    # one operation after the other, unless one kernel does all
    assert numbers(catalog, "cuda-fsdp")["update_more_bytes"] == 13 * 4
    assert numbers(catalog, "cuda-fsdp", "fused-optimizer")["update_more_bytes"] == 0
    # DeepSpeed's own update is one kernel; PyTorch's under it is not, and makes the second moment's root
    assert numbers(catalog, "cuda-deepspeed")["update_more_bytes"] == 0
    under_it = numbers(catalog, "cuda-deepspeed", "foreach-optimizer")
    assert under_it["update_more_bytes"] == 13 * 4
    assert under_it["step_bytes"] == numbers(catalog, "cuda-deepspeed")["step_bytes"] + 4
    assert numbers(catalog, "cuda-megatron", optimizer="adafactor")["update_more_bytes"] == 22 * 4
    bare = numbers(catalog, "cuda-megatron", optimizer="adafactor", master_weights="none")
    assert bare["update_more_bytes"] == 22 * 2


def test_a_weight_moves_by_what_its_gradient_is_held_in(catalog: Catalog) -> None:
    def share(**recipe: object) -> float:
        return numbers(catalog, "cuda-megatron", **recipe)["weight_traffic_share"]  # type: ignore[arg-type]

    assert share(gradient_dtype="fp32") == 1
    assert share(gradient_dtype="bf16") == pytest.approx(11 / 15)
    assert share(gradient_dtype="bf16+fp32") == pytest.approx(19 / 15)
    assert share(method="lora") == pytest.approx(6 / 15)


def test_muon_orthogonalises_the_matrices_of_layers(catalog: Catalog) -> None:
    found = numbers(catalog, "cuda-megatron", optimizer="muon")["update_flops"]
    # queries and output 512 x 512, keys and values 512 x 256, three matrices of 512 x 1,024
    square, narrow, wide = 6 * 512**3, 4 * 256**2 * 512 + 2 * 256**3, (4 * 2 + 2) * 512**3
    parameters = 2 * 512**2 + 2 * 512 * 256 + 3 * 512 * 1024 + 2 * 512
    whole = 4 * parameters + 512
    assert found == pytest.approx(4 * 5 * (2 * square + 2 * narrow + 3 * wide) / whole)
    assert numbers(catalog, "cuda-megatron", optimizer="adamw")["update_flops"] == 0
    # of an adapter's thin matrices next to nothing
    assert numbers(catalog, "cuda-megatron", optimizer="muon", method="lora")["update_flops"] == 0


def test_adapters_read_and_write_beside_their_matrices(catalog: Catalog) -> None:
    few = numbers(catalog, "cuda-fsdp", method="lora", lora_rank=8, lora_targets="attention")
    # eight bytes of each element that has an adapter beside it, whatever its rank
    assert few["adapter_traffic_bytes"] == 8 * few["adapter_parameters"] / 8
    wide = numbers(catalog, "cuda-fsdp", method="lora", lora_rank=64, lora_targets="attention")
    assert wide["adapter_traffic_bytes"] == few["adapter_traffic_bytes"]
    assert (
        numbers(catalog, "cuda-fsdp", method="lora")["adapter_traffic_bytes"] > few["adapter_traffic_bytes"]
    )
