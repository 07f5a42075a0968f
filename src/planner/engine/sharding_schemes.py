"""How an implementation shards states, and what it holds besides: one record each, with its source.

A stack names exactly the schemes of this table: adding one is one record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardingScheme:
    """What sharding over data-parallel ranks holds beside the states; fields as of `recipe.RecipeInputs`."""

    words: str
    shard_is_master: bool = False
    #: the stage of ZeRO that sharding at all means. [-]
    least_zero: float = 0.0
    #: layers that are there gathered, or parameters, if those are more. [-]
    gathered_layers: float = 2.0
    gathered_parameters: float = 0.0
    #: whether a gathered layer's gradient is there whole, in 16 bit and as it is summed
    has_whole_gradient: bool = False
    #: whether that is a second copy even in 16 bit
    copies_whole_gradient: bool = False
    gathers_ends: bool = False
    keeps_gathered: bool = False
    #: whether what is offloaded moves beside the layers' work: PyTorch's `save_on_cpu` moves it in line
    hides_offload: bool = True
    #: elements of the buckets of collectives, in 16 bit. [-]
    bucket_elements: float = 0.0
    #: whether frozen weights, once gathered, stay so through the backward pass
    keeps_frozen: bool = False
    #: whether a gradient is there from the backward pass to the update alone, and whether it then takes the
    #: place of what the layers behind it kept: a compiled loop has room for all gradients before it starts
    frees_gradients: bool = False
    frees_layer_by_layer: bool = False
    #: of what a layer keeps, what its gradients take while the backward pass is in it; None: the usual. [-]
    working_gradients: float | None = None
    #: while the optimizer steps, of each parameter of a rank's share, and of how many at once where weights
    #: are sharded. [B], [-]
    step_bytes: float = 0.0
    step_parameters: float = math.inf
    #: the same, in numbers of the optimizer's state. [-]
    step_numbers: float = 0.0
    citation: str


SHARDING_SCHEMES: Mapping[str, ShardingScheme] = MappingProxyType(
    {
        "distributed-optimizer": ShardingScheme(
            words="Megatron's distributed optimizer",
            citation="Megatron-LM, docs/source/api-guide/dist_optimizer.md",
        ),
        # no hook frees what has no gradient (pytorch/pytorch issue 95805, pull request 101982)
        "fsdp-1": ShardingScheme(
            words="PyTorch's first fully sharded data parallel",
            shard_is_master=True,
            has_whole_gradient=True,
            gathers_ends=True,
            keeps_frozen=True,
            hides_offload=False,
            # `zero_grad` sets gradients to None (PyTorch 2.0, torch.optim.Optimizer.zero_grad)
            frees_gradients=True,
            frees_layer_by_layer=True,
            step_numbers=1.0,
            citation="Zhao et al., PyTorch FSDP (arXiv 2304.11277), section 3",
        ),
        "fsdp": ShardingScheme(
            words="PyTorch's second, per-parameter one",
            shard_is_master=True,
            # a gathered layer is copied out of the buffer of its collective, a gradient into one
            gathered_layers=3.0,
            has_whole_gradient=True,
            copies_whole_gradient=True,
            gathers_ends=True,
            keeps_gathered=True,
            hides_offload=False,
            frees_gradients=True,
            frees_layer_by_layer=True,
            # the root of the second moment, of all parameters at once (`foreach`)
            step_numbers=1.0,
            citation="Liang et al., TorchTitan (arXiv 2410.06511), section 2.1; torchtitan, `apply_fsdp`",
        ),
        # reduce_bucket_size 5e8 twice (overlap), stage3_max_live_parameters 1e9, sub_group_size 1e9 of stage
        # 3; stages 1 and 2 step the whole partition at once. Weights are flattened in the host's memory
        # (stage_1_and_2.py, `move_to_cpu`): no second copy of them lies on the chip
        "deepspeed": ShardingScheme(
            words="DeepSpeed's ZeRO",
            gathered_parameters=1e9,
            bucket_elements=1e9,
            step_bytes=8.0,
            step_parameters=1e9,
            citation="DeepSpeed, docs/_pages/config-json.md, `zero_optimization`",
        ),
        # splits parameters with their states, and gathers them before the forward pass
        "parallel-optimizer": ShardingScheme(
            words="MindSpore's parallel optimizer",
            shard_is_master=True,
            least_zero=3.0,
            citation="MindSpore, tutorials: optimizer parallel",
        ),
        # the compiler frees gradients as it updates
        "xla": ShardingScheme(
            words="the compiler's sharding",
            shard_is_master=True,
            # a matrix is gathered as it is used, the next one beside it
            gathered_layers=1.0,
            frees_gradients=True,
            # a compiled backward pass writes a gradient where what it was made from lay
            working_gradients=0.0,
            citation="Xu et al., GSPMD (arXiv 2105.04663), section 3.2",
        ),
    }
)
