"""From a recipe's words to the engine's numbers: what it says, else what the stack does, else the usual."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from planner.domain.stack import Stack
from planner.domain.training import TrainingRecipe
from planner.engine.architecture import dense_layers, mixture_layers, parameter_counts
from planner.engine.inputs import ArchitectureInputs
from planner.engine.mixing import mixing_work
from planner.engine.orthogonalising import orthogonalising_flops
from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.engine.recipe import weight_traffic_share
from planner.engine.sharding_schemes import SHARDING_SCHEMES, ShardingScheme
from planner.engine.training_options import (
    GRADIENT_BYTES,
    KEPT,
    LOSSES,
    MASTER_BYTES,
    METHODS,
    OFFLOADS,
    OPTIMIZERS,
    STATE_BYTES,
    USUAL_RECIPE,
)
from planner.engine.work import HALF_BYTES

#: The constant of a stack whose attention is not fused.
SCORES = "score_traffic_bytes"
USUAL_SHARDING = "distributed-optimizer"
#: Of each element that a matrix with an adapter reads or gives, what the adapter moves in 16 bit, forward and
#: backward (measured: profiles/runs/measured-options.toml). [B]
ADAPTER_BYTES = 8.0
#: Of the width of an optimizer's state, what one operation after the other moves of a parameter beside it:
#: PyTorch's AdamW takes 36 ms in place of 13 for 1.2e9 parameters (measured there). [-]
SINGLE_PASSES = 13.0


def spoken(recipe: TrainingRecipe, stacks: Sequence[Stack], key: str) -> Any:
    """Return what holds for a key: the recipe's word, else that of the first stack that has one."""
    said = getattr(recipe, key)
    if said is not None:
        return said
    return of_stacks(stacks, key, USUAL_RECIPE[key])


def of_stacks(stacks: Sequence[Stack], key: str, otherwise: Any) -> Any:
    """Return what the first stack of a chain says that it does."""
    found = (getattr(stack.training, key) for stack in stacks if stack.training is not None)
    return next((value for value in found if value is not None), otherwise)


def recipe_inputs(
    recipe: TrainingRecipe,
    stacks: Sequence[Stack],
    architecture: ArchitectureInputs,
    precision: str | None,
    features: Collection[str] = (),
) -> dict[str, float]:
    """Return the fields of `RecipeInputs` of a recipe on a stack.

    Parameters
    ----------
    recipe
        What a plan or a run says.
    stacks
        The stack first, then its parents.
    architecture
        The model, whose matrices adapters stand beside.
    precision
        A name of `PRECISIONS`; None is the usual one.
    features
        What a published run says that its software did.
    """
    return {
        **_states(recipe, stacks, precision),
        **_update(recipe, stacks, architecture, features),
        **_adapters(recipe, stacks, architecture),
        **_sharding(recipe, stacks, features),
        **_tokens(recipe, stacks, precision, features),
        **_device(stacks),
    }


def _states(recipe: TrainingRecipe, stacks: Sequence[Stack], precision: str | None) -> dict[str, float]:
    method = METHODS[spoken(recipe, stacks, "method")]
    optimizer = OPTIMIZERS[spoken(recipe, stacks, "optimizer")]
    offload = OFFLOADS[spoken(recipe, stacks, "offload")]
    number = _number_bytes(recipe, stacks)
    gradient = _gradient_bytes(recipe, stacks, precision)
    return {
        "weight_bytes": method.weight_bytes or HALF_BYTES,
        "end_weight_bytes": HALF_BYTES,
        "held_gradient_bytes": gradient,
        "weight_traffic_share": weight_traffic_share(gradient, trains_all=method.trains_all),
        "master_bytes": MASTER_BYTES[spoken(recipe, stacks, "master_weights")],
        "moment_bytes": optimizer.matrix_moments * number,
        "end_moment_bytes": optimizer.end_moments * number,
        "trains_all": float(method.trains_all),
        "holds_weights": float(not offload.has_weights),
        "holds_optimizer": float(not offload.has_optimizer),
        "holds_activations": 1.0 - spoken(recipe, stacks, "offload_share") * offload.has_activations,
    }


def _update(
    recipe: TrainingRecipe, stacks: Sequence[Stack], shape: ArchitectureInputs, features: Collection[str]
) -> dict[str, float]:
    """Return what an update takes beside its states; matrices of adapters are small: theirs is nothing."""
    optimizer = OPTIMIZERS[spoken(recipe, stacks, "optimizer")]
    trains_all = METHODS[spoken(recipe, stacks, "method")].trains_all
    updated = MASTER_BYTES[spoken(recipe, stacks, "master_weights")] or HALF_BYTES
    scheme = SHARDING_SCHEMES[of_stacks(stacks, "sharding", USUAL_SHARDING)]
    single = _step_numbers(scheme, features)
    more = optimizer.passes * updated
    if single and not optimizer.passes:
        more = SINGLE_PASSES * _number_bytes(recipe, stacks)
    flops = 0.0
    if optimizer.is_orthogonal and trains_all:
        flops = orthogonalising_flops(shape) / float(parameter_counts(shape).total)
    return {"update_more_bytes": more, "update_flops": flops}


def _step_numbers(scheme: ShardingScheme, features: Collection[str]) -> float:
    """Return how many numbers of an optimizer's state an update that is no single kernel makes anew. [-]."""
    if "fused-optimizer" in features:
        return 0.0
    # PyTorch's own update, under whatever shards: the root of the second moment
    return max(scheme.step_numbers, float("foreach-optimizer" in features))


def _number_bytes(recipe: TrainingRecipe, stacks: Sequence[Stack]) -> float:
    """Return the bytes of one number of the optimizer's state. [B]."""
    optimizer = OPTIMIZERS[spoken(recipe, stacks, "optimizer")]
    return optimizer.moment_bytes or STATE_BYTES[spoken(recipe, stacks, "state_dtype")]


def _gradient_bytes(recipe: TrainingRecipe, stacks: Sequence[Stack], precision: str | None) -> float:
    """Return the bytes in which a gradient is held; a precision may leave the stack no choice. [B]."""
    own = PRECISIONS[precision or USUAL_PRECISION].gradient_bytes
    if recipe.gradient_dtype is None and own is not None:
        return own
    return GRADIENT_BYTES[spoken(recipe, stacks, "gradient_dtype")]


def _adapters(recipe: TrainingRecipe, stacks: Sequence[Stack], shape: ArchitectureInputs) -> dict[str, float]:
    method = METHODS[spoken(recipe, stacks, "method")]
    if method.trains_all:
        return {}
    is_everywhere = spoken(recipe, stacks, "lora_targets") == "all"
    rank, hidden = float(spoken(recipe, stacks, "lora_rank")), float(shape.hidden)
    mixing = mixing_work(shape, 1.0)
    out = float(mixing.attention_output_width)
    # each matrix of a x b has an adapter of r (a + b); of attention three read the hidden state, two of which
    # have one in any case
    sides = (3.0 if is_everywhere else 2.0) * hidden + float(mixing.query_key_value_width)
    unused = 0.0
    if is_everywhere:
        matrices = 2.0 + float(shape.is_gated)
        layers = float(shape.layers)
        dense = float(dense_layers(shape)) / layers * (hidden + float(shape.feed_forward_width))
        sparse = float(mixture_layers(shape)) / layers * float(shape.experts)
        routed = sparse * (hidden + float(shape.expert_width))
        chosen = float(shape.active_experts) / max(float(shape.experts), 1.0)
        unused = matrices * routed * (1.0 - chosen)
        sides += out + hidden + matrices * (dense + routed)
    return {
        "adapter_parameters": rank * sides,
        "adapter_traffic_bytes": ADAPTER_BYTES * (sides - unused),
        "keeps_matmul_inputs": float(is_everywhere or method.keeps_inputs),
    }


def _sharding(recipe: TrainingRecipe, stacks: Sequence[Stack], features: Collection[str]) -> dict[str, float]:
    scheme = SHARDING_SCHEMES[of_stacks(stacks, "sharding", USUAL_SHARDING)]
    summed = GRADIENT_BYTES[spoken(recipe, stacks, "gradient_dtype")]
    keeps_all = scheme.keeps_frozen and not METHODS[spoken(recipe, stacks, "method")].trains_all
    numbers = _step_numbers(scheme, features)
    is_second = scheme.copies_whole_gradient or summed > HALF_BYTES
    whole = HALF_BYTES + (summed if is_second else 0.0)
    return {
        "shard_is_master": float(scheme.shard_is_master),
        "least_zero": scheme.least_zero,
        "gathered_layers": scheme.gathered_layers,
        "gathered_parameters": math.inf if keeps_all else scheme.gathered_parameters,
        "gathered_gradient_bytes": whole * scheme.has_whole_gradient,
        "gathers_ends": float(scheme.gathers_ends),
        "keeps_gathered": float(scheme.keeps_gathered),
        "keeps_whole_gradients": float("unsynchronised-accumulation" in features),
        "bucket_elements": scheme.bucket_elements,
        **({} if scheme.working_gradients is None else {"working_gradients": scheme.working_gradients}),
        "hides_offload": float(scheme.hides_offload),
        "frees_gradients": float(scheme.frees_gradients),
        "frees_layer_by_layer": float(scheme.frees_layer_by_layer),
        "step_bytes": scheme.step_bytes + numbers * _number_bytes(recipe, stacks),
        "step_parameters": scheme.step_parameters,
    }


def _tokens(
    recipe: TrainingRecipe, stacks: Sequence[Stack], precision: str | None, features: Collection[str]
) -> dict[str, float]:
    # who compiles the step compiles its loss
    is_compiled = recipe.loss is None and "compile" in features
    loss = LOSSES["compiled" if is_compiled else spoken(recipe, stacks, "loss")]
    # of 16-bit matmuls all is kept in 16 bit
    is_low = PRECISIONS[precision or USUAL_PRECISION].is_low
    kept = KEPT[spoken(recipe, stacks, "kept_dtype") if is_low else USUAL_RECIPE["kept_dtype"]]
    return {
        "input_bytes": kept.matmul_bytes,
        "activation_input_bytes": kept.activation_bytes,
        "writes_scores": float(_writes_scores(stacks, features)),
        "logit_bytes": loss.logit_bytes,
        "loss_traffic_bytes": loss.traffic_bytes,
        "head_gradients": loss.head_gradients,
        **({} if loss.chunk_tokens is None else {"logit_tokens": loss.chunk_tokens}),
    }


def _writes_scores(stacks: Sequence[Stack], features: Collection[str]) -> bool:
    """Return whether attention writes its scores: a run's own word, else what its stack does."""
    if "unfused-attention" in features:
        return True
    return "flash-attention" not in features and any(SCORES in stack.constants for stack in stacks)


def _device(stacks: Sequence[Stack]) -> dict[str, float]:
    memory = next((stack.memory for stack in stacks if stack.memory is not None), None)
    if memory is None:
        return {}
    return {
        "hidden_share": memory.hidden_share,
        "context_bytes": memory.context_bytes,
        "communicator_bytes": memory.communicator_bytes,
        "fragmentation": memory.fragmentation,
    }
