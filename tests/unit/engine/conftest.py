"""What the engine's tests share: shapes by hand, an ideal stack, and a machine of round numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from planner.engine.inputs import (
    ArchitectureInputs,
    ChipInputs,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.search import Machine
from planner.engine.work import ModelWork, model_work

#: Factors of which 1 means "nothing lost"; everything else of a stack means so at 0.
FACTORS = frozenset({"routing_traffic"})


@pytest.fixture
def gpt3() -> ArchitectureInputs:
    """Return GPT-3 175B, matrices only: 96 layers of 12 h^2, a tied head, no bias and no positions."""
    return ArchitectureInputs(
        layers=96.0,
        hidden=12288.0,
        heads=96.0,
        key_value_heads=96.0,
        head_dimension=128.0,
        feed_forward_width=49152.0,
        is_gated=0.0,
        vocabulary=51200.0,
        has_tied_embeddings=1.0,
        vectors_per_norm=2.0,
    )


@pytest.fixture
def llama_405b() -> ArchitectureInputs:
    return ArchitectureInputs(
        layers=126.0,
        hidden=16384.0,
        heads=128.0,
        key_value_heads=8.0,
        head_dimension=128.0,
        feed_forward_width=53248.0,
        vocabulary=128256.0,
    )


@pytest.fixture
def deepseek_v3() -> ArchitectureInputs:
    return ArchitectureInputs(
        layers=61.0,
        hidden=7168.0,
        heads=128.0,
        key_value_heads=128.0,
        head_dimension=128.0,
        feed_forward_width=18432.0,
        vocabulary=129280.0,
        is_latent=1.0,
        query_rank=1536.0,
        key_value_rank=512.0,
        rope_dimension=64.0,
        nope_dimension=128.0,
        value_dimension=128.0,
        experts=256.0,
        active_experts=8.0,
        expert_width=2048.0,
        shared_width=2048.0,
        first_dense_layers=3.0,
        routing_groups_limit=4.0,
        has_router_bias=1.0,
        multi_token_prediction_layers=1.0,
    )


@pytest.fixture
def ideal() -> Callable[..., StackConstants]:
    """Return a maker of stacks that lose nothing but what a test turns on."""

    def make(**changes: float) -> StackConstants:
        constants = {
            field.name: float(field.name.endswith("efficiency") or field.name in FACTORS)
            for field in fields(StackConstants)
        }
        constants["gradient_bytes"] = 2.0
        return StackConstants(**{**constants, **changes})

    return make


@pytest.fixture
def chip() -> ChipInputs:
    """Return a chip of 100 TFLOP/s whose memory takes no time."""
    return ChipInputs(
        matmul_peak_flops_per_s=100e12,
        attention_peak_flops_per_s=100e12,
        memory_bytes=80e9,
        memory_bandwidth_bytes_per_s=np.inf,
    )


@pytest.fixture
def network() -> NetworkInputs:
    """Return domains of eight at 100 GB/s, 10 GB/s a chip between them, without latency."""
    return NetworkInputs(
        domain_chips=8.0,
        host_chips=8.0,
        scale_up_bytes_per_s=100e9,
        pair_bytes_per_s=10e9,
        scale_up_latency_s=0.0,
        scale_out_bytes_per_s=10e9,
        scale_out_latency_s=0.0,
    )


@pytest.fixture
def workload() -> WorkloadInputs:
    return WorkloadInputs(sequence_length=2048.0, global_batch_sequences=64.0)


@pytest.fixture
def work(gpt3: ArchitectureInputs, workload: WorkloadInputs) -> ModelWork:
    return model_work(gpt3, workload)


@pytest.fixture
def small() -> ArchitectureInputs:
    """Return a model that one chip can hold: 8 layers of width 1,024."""
    return ArchitectureInputs(
        layers=8.0,
        hidden=1024.0,
        heads=8.0,
        key_value_heads=8.0,
        head_dimension=128.0,
        feed_forward_width=4096.0,
        vocabulary=32000.0,
    )


@pytest.fixture
def small_mixture(small: ArchitectureInputs) -> ArchitectureInputs:
    return replace(small, experts=16.0, active_experts=2.0, expert_width=1024.0, shared_width=1024.0)


@pytest.fixture
def machine(network: NetworkInputs) -> Machine:
    """Return a machine with the default constants: what searches and estimates run on."""
    return Machine(
        chip=ChipInputs(
            matmul_peak_flops_per_s=100e12,
            attention_peak_flops_per_s=100e12,
            memory_bytes=80e9,
            memory_bandwidth_bytes_per_s=2e12,
        ),
        network=replace(network, scale_up_latency_s=1e-6, scale_out_latency_s=5e-6),
        stack=StackConstants(),
    )
