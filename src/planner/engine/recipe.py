"""What a recipe, and the software that runs it, hold of each parameter and each token, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, as_floats, where

#: Of what the link to the host moves in one direction: 57 GB/s out and 47 back of PCIe 5.0's 64 (measured:
#: profiles/runs/measured-options.toml). [-]
HOST_LINK_SHARE = 0.8
#: Of one parameter, what AdamW takes on a chip's share of its host, 16 cores (measured there). [s]
HOST_UPDATE_S = 0.32e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecipeInputs:
    """What is held, flags being 0 or 1; the defaults are AdamW in mixed precision, plainly sharded."""

    #: of one weight of a layer, and of embedding and head. [B]
    weight_bytes: ArrayLike = 2.0
    end_weight_bytes: ArrayLike = 2.0
    #: of one gradient: 4 where they are accumulated in single precision. [B]
    held_gradient_bytes: ArrayLike = 4.0
    #: of one master weight. [B]
    master_bytes: ArrayLike = 4.0
    #: of the optimizer's numbers of one parameter of a layer, and of embedding and head. [B]
    moment_bytes: ArrayLike = 8.0
    end_moment_bytes: ArrayLike = 8.0
    #: 1 where every parameter is trained, 0 where adapters are, of which an average layer has so many. [-]
    trains_all: ArrayLike = 1.0
    adapter_parameters: ArrayLike = 0.0
    #: 0 where nothing but attention has adapters: what other matmuls read need not be kept
    keeps_matmul_inputs: ArrayLike = 1.0
    #: of an element that a matmul reads and its backward pass needs: 1 where it is kept in 8 bit. [B]
    input_bytes: ArrayLike = 2.0
    #: the same of one that an activation function reads. [B]
    activation_input_bytes: ArrayLike = 2.0
    #: 1 where attention writes its scores
    writes_scores: ArrayLike = 0.0
    #: 1 where the shard of a weight is its master copy, and 16-bit ones live only while they are gathered
    shard_is_master: ArrayLike = 0.0
    #: the stage of ZeRO that sharding at all means
    least_zero: ArrayLike = 0.0
    #: 1 where gradients are summed over microbatches before replicas exchange them, whole on every rank
    keeps_whole_gradients: ArrayLike = 0.0
    #: layers that sharding gathers at once, or parameters, if those are more. [-]
    gathered_layers: ArrayLike = 2.0
    gathered_parameters: ArrayLike = 0.0
    #: of one parameter of a gathered layer, its gradient before it is sharded. [B]
    gathered_gradient_bytes: ArrayLike = 0.0
    #: 1 where embedding and head stay gathered throughout
    gathers_ends: ArrayLike = 0.0
    #: 1 where a pipeline keeps its stage gathered, with whole gradients, until the last microbatch
    keeps_gathered: ArrayLike = 0.0
    #: elements of the buckets of collectives, of no more than there are parameters to exchange. [-]
    bucket_elements: ArrayLike = 0.0
    #: 1 where a step of one microbatch has gradients from its backward pass on alone, and where they take the
    #: place of what layers kept, not of the logits alone
    frees_gradients: ArrayLike = 0.0
    frees_layer_by_layer: ArrayLike = 0.0
    #: of what a layer keeps, what its gradients take at their most while the backward pass is in it; assumed,
    #: and the value that most sources choose for the others (tests/benchmarks/memory_constants.py). [-]
    working_gradients: ArrayLike = 0.5
    #: while the optimizer steps, of each parameter of a rank's share, and of how many at once where weights
    #: are sharded. [B], [-]
    step_bytes: ArrayLike = 0.0
    step_parameters: ArrayLike = np.inf
    #: of each parameter, what its update moves beside gradient, states and weight, and computes in matmuls.
    #: [B], [FLOP]
    update_more_bytes: ArrayLike = 0.0
    update_flops: ArrayLike = 0.0
    #: of what a weight moves in a microbatch, which a stack's constant tells, what this recipe's does. [-]
    weight_traffic_share: ArrayLike = 1.0
    #: of one token and average layer, what adapters read and write in all passes. [B]
    adapter_traffic_bytes: ArrayLike = 0.0
    #: of the logit of one token and entry of the vocabulary, and of how many tokens at once. [B], [-]
    logit_bytes: ArrayLike = 12.0
    logit_tokens: ArrayLike = np.inf
    #: of a logit, what the loss moves, forward and backward. [B]
    loss_traffic_bytes: ArrayLike = 36.0
    #: gradients of the head beside them, whole and in 16 bit. [-]
    head_gradients: ArrayLike = 0.0
    #: 0 where these lie in the host's memory
    holds_weights: ArrayLike = 1.0
    holds_optimizer: ArrayLike = 1.0
    holds_activations: ArrayLike = 1.0
    #: 1 where copies to the host run beside the layers' work
    hides_offload: ArrayLike = 1.0
    #: of the device, and of the collective library where there are several. [B]
    context_bytes: ArrayLike = 2e9
    communicator_bytes: ArrayLike = 0.0
    #: of what is allocated and freed, what the allocator holds and cannot use. [-]
    fragmentation: ArrayLike = 0.05
    #: of the chip's memory, what software does not see. [-]
    hidden_share: ArrayLike = 0.01


def update_bytes(recipe: RecipeInputs) -> FloatArray:
    r"""Return what the optimizer moves for one parameter: all of its states, or what the host is sent. [B].

    .. math:: g + 2\,(m + s) + w + x

    with gradient, master weight, moments, weight, and what no single kernel does; a weight that is its own
    master is read and written once. Where the states lie on the host, gradients go there and weights come
    back (ZeRO-Offload, arXiv 2101.06840, section 4).

    Examples
    --------
    >>> float(update_bytes(RecipeInputs())), float(update_bytes(RecipeInputs(holds_optimizer=0.0)))
    (30.0, 6.0)
    """
    has_master = as_floats(recipe.master_bytes) > 0
    weight = as_floats(recipe.weight_bytes)
    master = where(has_master, recipe.master_bytes, weight)
    states = 2.0 * (master + recipe.moment_bytes) + where(has_master, weight, 0.0) + recipe.update_more_bytes
    sent = where(recipe.holds_optimizer > 0, states, weight)
    return as_floats(recipe.held_gradient_bytes + sent)


def weight_traffic_share(gradient_bytes: float, *, trains_all: bool) -> float:
    r"""Return what a weight moves in a microbatch, over what it does with gradients summed in 32 bit. [-].

    .. math:: (7 + 2 g) / 15

    It is read forward and backward, 2 bytes each; its gradient, made in 16 bit, is added to one of :math:`g`
    bytes, which is read and written: 3 more in the mean of a first microbatch, and of matmuls that add in
    place. A frozen weight is read alone.

    References
    ----------
    .. [1] Measured: gradients in 16 bit save 3 to 7 % of a step of 1B and 3B models
       (profiles/runs/measured-options.toml).

    Examples
    --------
    >>> weight_traffic_share(4.0, trains_all=True), weight_traffic_share(4.0, trains_all=False)
    (1.0, 0.4)
    """
    # two passes of 2 bytes, of what is fitted for each of three
    return (7.0 + 2.0 * gradient_bytes) / 15.0 if trains_all else 2.0 * 3.0 / 15.0
