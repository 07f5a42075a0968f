"""Rollouts against hand-worked limits: caches, lengths, one sample, tails, staleness, larger pools."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.decoding import DecodingConstants, Replica, live_limit, prefill_s, token_step
from planner.engine.inputs import (
    ArchitectureInputs,
    ChipInputs,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.key_value_cache import cached_bytes
from planner.engine.post_training import (
    Between,
    PostTrainingStep,
    UpdateTimes,
    beside_s,
    hidden_tail_s,
    post_training_step,
)
from planner.engine.response_lengths import response_lengths
from planner.engine.rollout import RolloutTimes, RolloutWork, rollout_times
from planner.engine.work import model_work

LLAMA_70B = ArchitectureInputs(
    layers=80, hidden=8192, heads=64, key_value_heads=8, head_dimension=128, feed_forward_width=28672,
    vocabulary=128256,
)  # fmt: skip
DEEPSEEK_V3 = ArchitectureInputs(
    layers=61, hidden=7168, heads=128, key_value_heads=128, head_dimension=192, feed_forward_width=18432,
    vocabulary=129280, is_latent=1, query_rank=1536, key_value_rank=512, rope_dimension=64,
    nope_dimension=128, value_dimension=128, experts=256, active_experts=8, expert_width=2048,
    shared_width=2048, first_dense_layers=3,
)  # fmt: skip
#: One layer in six sees everything, the others 1,024 tokens: the pattern of Gemma 3.
WINDOWED = replace(LLAMA_70B, layers=60, window=1024, window_full_every=6)
CHIP = ChipInputs(
    matmul_peak_flops_per_s=1e15, attention_peak_flops_per_s=1e15, memory_bytes=80e9,
    memory_bandwidth_bytes_per_s=3.35e12,
)  # fmt: skip
NETWORK = NetworkInputs(
    domain_chips=8, host_chips=8, scale_up_bytes_per_s=450e9, pair_bytes_per_s=450e9,
    scale_out_bytes_per_s=50e9,
)  # fmt: skip
REPLICA = Replica(
    architecture=LLAMA_70B, tensor=8.0, chip=CHIP, network=NETWORK, stack=StackConstants(),
    constants=DecodingConstants(),
)  # fmt: skip
WORK = model_work(LLAMA_70B, WorkloadInputs(sequence_length=4096, global_batch_sequences=1))


def rolled(
    *, samples: float, mean: float, maximum: float, shape: float, replicas: float = 1.0
) -> RolloutTimes:
    work = RolloutWork(samples=samples, prompt_tokens=512.0, responses=response_lengths(mean, maximum, shape))
    return rollout_times(REPLICA, replicas, WORK, work)


@pytest.mark.parametrize(
    ("shape", "context", "tensor", "expected"),
    [
        # keys and values of 8 heads of 128 in 80 layers, 2 bytes each
        (LLAMA_70B, 1.0, 1.0, 80 * 2 * 8 * 128 * 2),
        # eight chips hold a head each, and sixteen no less
        (LLAMA_70B, 1.0, 8.0, 80 * 2 * 128 * 2),
        (LLAMA_70B, 1.0, 16.0, 80 * 2 * 128 * 2),
        # a latent of 512 and 64 rotated elements in 61 layers, whole on every chip
        (DEEPSEEK_V3, 1.0, 1.0, 61 * 576 * 2),
        (DEEPSEEK_V3, 1.0, 32.0, 61 * 576 * 2),
        # ten layers keep 32,768 tokens, fifty 1,024
        (WINDOWED, 32768.0, 1.0, (10 * 32768 + 50 * 1024) * 2 * 8 * 128 * 2),
    ],
)
def test_a_cache_is_that_of_its_attention(
    shape: ArchitectureInputs, context: float, tensor: float, expected: float
) -> None:
    assert float(cached_bytes(shape, context, tensor, 2.0)) == pytest.approx(expected)


def test_a_batch_is_what_fits_beside_the_weights() -> None:
    # 141 GB of weights over eight chips leave 64 - 17.6 GB of each; a sequence of 4,096 takes 168 MB of it
    weights, each = 70553706496 * 2 / 8, 4096 * 80 * 2 * 128 * 2
    assert float(live_limit(REPLICA, 4096.0)) == pytest.approx((0.8 * 80e9 - weights) / each, rel=1e-6)
    resident = replace(REPLICA, resident_bytes=60e9)
    assert float(live_limit(resident, 4096.0)) == 0.0


def test_the_longest_of_exponential_lengths_is_a_harmonic_number() -> None:
    lengths = response_lengths(100.0, 4000.0, 1.0)
    harmonic = sum(1.0 / n for n in range(1, 65))
    assert float(lengths.longest(64.0)) == pytest.approx(100.0 * harmonic, rel=2e-2)
    assert float(lengths.longest(1.0)) == pytest.approx(100.0, rel=1e-3)


def test_one_sample_without_a_tail_is_prefill_and_decode() -> None:
    found = rolled(samples=1.0, mean=1000.0, maximum=8192.0, shape=np.inf)
    step = float(token_step(REPLICA, WORK, 1.0, 512.0 + 500.0).total)
    prompt = float(prefill_s(REPLICA, 1.0, 512.0))
    assert float(found.total) == pytest.approx(prompt + 1000.0 * step, rel=1e-3)
    assert float(found.tail) == pytest.approx(0.0, abs=1e-3 * float(found.total))


def test_more_than_fits_comes_in_waves() -> None:
    found = rolled(samples=4096.0, mean=4000.0, maximum=8192.0, shape=np.inf)
    assert float(found.waves) == pytest.approx(4096.0 / float(found.live))
    assert float(found.waves) > 10
    assert float(found.decode) == pytest.approx(float(found.waves) * 4000.0 * float(found.token_step))


def test_what_does_not_fit_takes_for_ever() -> None:
    alone = replace(REPLICA, tensor=1.0)
    work = RolloutWork(samples=8.0, prompt_tokens=512.0, responses=response_lengths(1000.0, 2000.0, 2.0))
    assert np.isinf(rollout_times(alone, 8.0, WORK, work).total)


def test_a_draft_that_is_accepted_halves_the_decoding_but_for_itself() -> None:
    plain = RolloutWork(samples=64.0, prompt_tokens=512.0, responses=response_lengths(1000.0, 4000.0, 2.0))
    # no text to be written out, and a draft of a head alone, which reads next to nothing beside 70B weights
    silent = replace(REPLICA, constants=DecodingConstants(sequence_overhead_s=0.0))
    twice = rollout_times(silent, 1.0, WORK, replace(plain, tokens_per_step=2.0))
    once = rollout_times(silent, 1.0, WORK, plain)
    saved = float(once.decode + once.tail) / float(twice.decode + twice.tail)
    assert 1.8 < saved < 2.0
    one, two = (token_step(silent, WORK, 1.0, 512.0, tokens) for tokens in (1.0, 2.0))
    # the output's matrix, and an eightieth of the layers: neither the embedding is read, nor norms multiplied
    head, norms = 128256 * 8192, (2 * 80 + 1) * 8192
    layers = 70553706496 - 2 * head
    assert float(two.weights - one.weights) == pytest.approx((head + layers / 80) * 2.0 / (8 * 3.35e12 * 0.6))
    multiplied = head + layers - norms
    assert float(two.flops / one.flops) == pytest.approx(
        2.0 + (head + (layers - norms) / 80) / multiplied, rel=1e-6
    )
    assert float(two.cache) == float(one.cache)
    # all that are tried go through the layers, and between the chips of a copy
    tried, plainly = token_step(silent, WORK, 64.0, 512.0, 2.0), token_step(silent, WORK, 128.0, 512.0)
    assert float(tried.latency) == float(plainly.latency)


def test_what_an_engine_adds_to_a_token_step() -> None:
    constants = DecodingConstants(
        token_overhead_s=4e-3, sequence_overhead_s=1e-4, expert_layer_s=1.0, eager_layer_s=5e-4, is_eager=1.0
    )
    replica = replace(REPLICA, constants=constants)
    # 4 ms, of 80 layers 0.5 each, and of 64 sequences 0.1 for each of two tokens; no layer has experts
    assert float(token_step(replica, WORK, 64.0, 512.0, 2.0).overhead) == pytest.approx(
        4e-3 + 80 * 5e-4 + 64 * 2 * 1e-4
    )


def test_an_environment_costs_each_wave_unless_others_decode_meanwhile() -> None:
    plain = RolloutWork(
        samples=4096.0, prompt_tokens=512.0, responses=response_lengths(4000.0, 8192.0, 2.0),
        environment_s=30.0,
    )  # fmt: skip
    beside = rollout_times(REPLICA, 1.0, WORK, plain)
    alone = rollout_times(REPLICA, 1.0, WORK, replace(plain, overlaps_environment=0.0))
    assert float(beside.environment) == 30.0
    assert float(alone.environment) == 30.0 * np.ceil(float(alone.waves))


def test_steps_under_way_at_once_hide_an_environment_that_others_decode_beside() -> None:
    work = RolloutWork(
        samples=64.0, prompt_tokens=512.0, responses=response_lengths(4000.0, 8192.0, 2.0),
        environment_s=3000.0,
    )  # fmt: skip
    found = rollout_times(REPLICA, 1.0, WORK, work)
    steps = [post_training_step(found, UPDATE, BETWEEN, staleness=old) for old in (0.0, 1.0, np.inf)]
    waits = [float(step.environment) for step in steps]
    assert waits[0] == 3000.0
    assert 1000.0 < waits[1] < 1500.0
    assert waits[2] == 0.0
    alone = post_training_step(found, UPDATE, BETWEEN, staleness=1.0, overlaps_environment=0.0)
    assert float(alone.environment) == 3000.0


UPDATE = UpdateTimes(log_prob=10.0, reference=10.0, update=60.0)
BETWEEN = Between(transfer=5.0, swap=7.0, overhead=3.0)


def _pool_sums(step: PostTrainingStep, *, is_split: bool) -> tuple[float, ...]:
    value = {field.name: float(getattr(step, field.name)) for field in fields(step)}
    generates = sum(value[name] for name in ("prefill", "decode", "tail", "environment"))
    learns = sum(value[name] for name in ("log_prob", "reference", "reward", "update"))
    both = sum(value[name] for name in ("transfer", "swap", "overhead"))
    if not is_split:
        return (generates + learns + both,)
    return generates + value["idle_rollout"] + both, learns + value["idle_update"] + both


@pytest.mark.parametrize(
    ("is_split", "staleness", "parts", "goes_on"),
    [(False, 0.0, 1, 0), (False, 1.0, 1, 1), (True, 0.5, 1, 0), (True, 0.0, 4, 0), (True, 0.5, 4, 1),
     (True, 2.0, 1, 0)],
)  # fmt: skip
def test_phases_sum_to_the_step(is_split: bool, staleness: float, parts: int, goes_on: int) -> None:
    found = rolled(samples=512.0, mean=2000.0, maximum=8192.0, shape=1.5)
    step = post_training_step(
        found, UPDATE, BETWEEN, is_split=float(is_split), staleness=staleness, parts=parts, goes_on=goes_on
    )
    for pool in _pool_sums(step, is_split=is_split):
        assert pool == pytest.approx(float(step.total))


def test_endless_staleness_hides_the_whole_tail() -> None:
    found = rolled(samples=512.0, mean=2000.0, maximum=8192.0, shape=1.5)
    assert float(found.tail) > 1.0
    step = post_training_step(found, UPDATE, BETWEEN, staleness=np.inf)
    assert float(step.tail) == 0.0
    assert float(step.hidden_tail) == pytest.approx(float(found.tail))


def test_a_response_that_goes_on_later_holds_no_step_up() -> None:
    found = rolled(samples=512.0, mean=2000.0, maximum=8192.0, shape=1.5)
    # weights that wait for the longest wait once in as many steps as a sample may be old
    assert float(hidden_tail_s(found, 1.0)) == 0.0
    assert float(hidden_tail_s(found, 4.0)) == pytest.approx(0.75 * float(found.tail))
    assert float(hidden_tail_s(found, 0.01, 1.0)) == float(found.tail)
    # a sample of no other step than its own has to be waited for
    assert float(hidden_tail_s(found, 0.0, 1.0)) == 0.0


@given(
    generates=st.floats(0.0, 1e4),
    learns=st.floats(0.0, 1e4),
    staleness=st.floats(0.0, 3.0),
    parts=st.integers(1, 64),
)
def test_two_pools_overlap_by_no_more_than_the_shorter_side(
    generates: float, learns: float, staleness: float, parts: int
) -> None:
    beside = float(beside_s(generates, learns, staleness, parts))
    shorter = min(generates, learns)
    assert 0.0 <= beside <= shorter
    assert float(beside_s(generates, learns, 1.0, parts)) == shorter
    assert float(beside_s(generates, learns, staleness, parts + 1)) >= beside
    # the first of the parts of the longer side, or the last of the shorter one, has nothing beside it
    assert float(beside_s(generates, learns, 0.0, parts)) == pytest.approx(shorter * (1.0 - 1.0 / parts))


def test_without_responses_log_probabilities_and_update_are_left() -> None:
    found = rolled(samples=512.0, mean=0.0, maximum=8192.0, shape=1.5)
    step = post_training_step(found, UPDATE, replace(BETWEEN, overhead=0.0))
    assert float(step.total) == 80.0


@settings(max_examples=20, deadline=None)
@given(
    samples=st.integers(1, 20_000),
    mean=st.floats(1.0, 8000.0),
    shape=st.floats(0.7, 4.0),
    replicas=st.integers(1, 64),
)
def test_a_pool_twice_as_large_is_never_slower(
    samples: int, mean: float, shape: float, replicas: int
) -> None:
    one, two = (
        rolled(samples=samples, mean=mean, maximum=8192.0, shape=shape, replicas=factor * replicas)
        for factor in (1, 2)
    )
    assert float(two.total) <= float(one.total) * (1 + 1e-9)


def test_samples_of_later_steps_fill_what_memory_leaves() -> None:
    plain = RolloutWork(samples=64.0, prompt_tokens=512.0, responses=response_lengths(1000.0, 4000.0, 2.0))
    alone = rollout_times(REPLICA, 1.0, WORK, plain)
    ahead = rollout_times(REPLICA, 1.0, WORK, replace(plain, steps_in_flight=4.0))
    assert float(alone.live) == 64.0
    assert float(ahead.live) == 256.0
    assert float(ahead.decode) < float(alone.decode)
