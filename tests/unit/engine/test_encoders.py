"""An encoder beside the decoder: counted always, costed as often as it runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.catalog.architecture import architecture_inputs, architecture_of
from planner.catalog.catalog import load_catalog
from planner.engine.activations import activation_bytes_per_token
from planner.engine.architecture import parameter_counts
from planner.engine.attention import attention_flops_per_token
from planner.engine.encoders import EncoderInputs
from planner.engine.flops import training_flops_per_token
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.work import model_work, total_parameters

WORKLOAD = WorkloadInputs(sequence_length=2048.0, global_batch_sequences=64.0)


@pytest.fixture
def encoder() -> EncoderInputs:
    """Return two layers of width 256, half of it over the heads, that run for every fourth token."""
    return EncoderInputs(
        layers=2.0,
        hidden=256.0,
        attention_width=128.0,
        feed_forward_width=1024.0,
        is_gated=0.0,
        has_bias=1.0,
        vectors_per_norm=2.0,
        other_parameters=1000.0,
        patches=64.0,
        patches_per_token=4 * 0.25,
    )


def test_its_parameters_by_hand(small: ArchitectureInputs, encoder: EncoderInputs) -> None:
    matmul = 4 * 256 * 128 + 2 * 256 * 1024
    biases = 3 * 128 + 256 + 1024 + 256
    assert encoder.parameters == 2 * (matmul + biases + 4 * 256) + 1000
    both = parameter_counts(replace(small, encoders=(encoder,)))
    assert float(both.total - parameter_counts(small).total) == encoder.parameters


def test_it_costs_what_its_patches_cost(small: ArchitectureInputs, encoder: EncoderInputs) -> None:
    both = replace(small, encoders=(encoder,))
    matmul = 2 * (4 * 256 * 128 + 2 * 256 * 1024)
    attention = 2 * 4 * 128 * 64
    more = training_flops_per_token(both, 2048) - training_flops_per_token(small, 2048)
    assert float(more) == pytest.approx(6 * matmul + 3 * attention)
    # spread over the eight layers of the decoder
    plain, work = model_work(small, WORKLOAD), model_work(both, WORKLOAD)
    assert float(work.dense_parameters - plain.dense_parameters) == pytest.approx(matmul / 8)
    assert float(work.attention_flops) == pytest.approx(
        float(attention_flops_per_token(both, 2048, causal=True))
    )
    assert float(total_parameters(work) - total_parameters(plain)) == pytest.approx(encoder.parameters)
    alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    kept, before = (float(activation_bytes_per_token(w, alone, WORKLOAD).kept) for w in (work, plain))
    # of two layers: norms' and matmuls' inputs, queries, keys, values and output, and two widths between
    assert kept - before == pytest.approx(2 / 8 * (8 * 256 + 2 * (4 * 128 + 2 * 1024)))


def test_training_on_text_alone_neither_runs_nor_holds_it(
    small: ArchitectureInputs, encoder: EncoderInputs
) -> None:
    both = replace(small, encoders=(replace(encoder, patches_per_token=0.0),))
    assert both.has_attention_alone
    assert float(training_flops_per_token(both, 2048)) == float(training_flops_per_token(small, 2048))
    assert float(total_parameters(model_work(both, WORKLOAD))) == float(
        total_parameters(model_work(small, WORKLOAD))
    )


def test_a_share_of_the_tokens_makes_a_shipped_encoder_run() -> None:
    shape = architecture_of(load_catalog(include_user=False).get("models", "gemma-3-27b").profile)
    assert [encoder.patches_per_token for encoder in architecture_inputs(shape).encoders] == [0]
    seen = tuple(encoder.model_copy(update={"tokens_share": 0.25}) for encoder in shape.encoders)
    running = architecture_inputs(shape.model_copy(update={"encoders": seen}))
    assert [encoder.patches_per_token for encoder in running.encoders] == [4]
    # 0.4B of parameters run four times a token, beside 26B
    more = float(parameter_counts(running).active_matmul) / float(
        parameter_counts(architecture_inputs(shape)).active_matmul
    )
    assert more == pytest.approx(1.061, abs=0.002)
