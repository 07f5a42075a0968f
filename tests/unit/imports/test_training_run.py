"""Configurations of trainings as parts of a plan: Megatron-LM's arguments, NeMo's YAML, torchtitan's TOML."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import FileError, PlanError, ProfileError
from planner.imports.formats import is_model, parse_configuration
from planner.imports.model_profile import parameters_of
from planner.imports.training_run import ImportedRun, read_training

#: As in Megatron-LM's examples, with the shape of Mixtral 8x7B.
MEGATRON = r"""
#!/bin/bash
export CUDA_DEVICE_MAX_CONNECTIONS=1
GPUS_PER_NODE=8
NNODES=${NNODES:-"16"}
TP=2   # a comment with --fake 3
MODEL_ARGS=(
    --use-mcore-models
    --disable-bias-linear
    --seq-length 4096
    --max-position-embeddings 32768
    --num-layers 32
    --hidden-size 4096
    --ffn-hidden-size 14336
    --num-attention-heads 32
    --normalization RMSNorm
    --position-embedding-type rope
    --swiglu
    --untie-embeddings-and-output-weights
    --group-query-attention
    --num-query-groups 8
    --vocab-size 32000
)
MOE_ARGS="
    --num-experts 8 \
    --moe-router-topk 2 \
    --moe-aux-loss-coeff 1e-2
"
TRAINING_ARGS=(
    --micro-batch-size 1
    --global-batch-size 256
    --lr 1e-4
    --train-iters 500000
    --bf16
    --recompute-activations
    --unknown-pipeline-thing 3
)
torchrun --nproc_per_node $GPUS_PER_NODE --nnodes $NNODES pretrain_gpt.py \
    --tensor-model-parallel-size $TP --pipeline-model-parallel-size 4 --expert-model-parallel-size 8 \
    --num-layers-per-virtual-pipeline-stage 2 --sequence-parallel --use-distributed-optimizer \
    ${MODEL_ARGS[@]} ${MOE_ARGS[@]}
"""

#: As NeMo writes them, with the shape of Llama 3 8B.
NEMO = """
name: llama
trainer:
  devices: 8
  num_nodes: 2
  precision: bf16-mixed
  max_steps: 1000
model:
  micro_batch_size: 2
  global_batch_size: 128
  tensor_model_parallel_size: 4
  pipeline_model_parallel_size: 2
  virtual_pipeline_model_parallel_size: null
  context_parallel_size: 1
  encoder_seq_length: 8192
  max_position_embeddings: ${.encoder_seq_length}
  num_layers: 32
  hidden_size: 4096
  ffn_hidden_size: 14336
  num_attention_heads: 32
  num_query_groups: 8
  vocab_size: 128256
  kv_channels: null
  bias: false
  normalization: rmsnorm
  activation: fast-swiglu
  position_embedding_type: rope
  share_embeddings_and_output_weights: false
  activations_checkpoint_granularity: full
  optim:
    name: distributed_fused_adam
    lr: 1e-4
"""

TORCHTITAN = """
[model]
name = "llama3"
flavor = "405B"
converters = ["float8"]
[training]
seq_len = 8192
local_batch_size = 2
steps = 3000
[parallelism]
data_parallel_replicate_degree = 1
data_parallel_shard_degree = -1
tensor_parallel_degree = 8
pipeline_parallel_degree = 8
pipeline_parallel_schedule = "Interleaved1F1B"
context_parallel_degree = 1
[activation_checkpoint]
mode = "full"
"""


def imported(text: str, name: str) -> ImportedRun:
    config, are_arguments = parse_configuration(text, name)
    assert not is_model(config)
    return read_training(config, name, are_arguments=are_arguments)


def test_megatron_s_arguments_give_model_workload_and_strategy() -> None:
    run = imported(MEGATRON, "train.sh")
    assert parameters_of(run.model["architecture"]) == 46_702_792_704
    assert run.strategy == {
        "tensor": 2,
        "expert": 8,
        "pipeline": 4,
        "virtual_stages": 4,
        "microbatch": 1,
        "zero": 1,
        "recompute": "selective",
    }
    assert run.workload == {
        "sequence_length": 4096,
        "global_batch_sequences": 256,
        "tokens": 500_000.0 * 256 * 4096,
        "precision": "bf16",
    }
    assert run.chips == 128
    assert run.not_understood == ("unknown_pipeline_thing",)


def test_nemo_s_yaml_gives_the_same() -> None:
    run = imported(NEMO, "conf.yaml")
    assert parameters_of(run.model["architecture"]) == 8_030_261_248
    assert run.strategy == {
        "tensor": 4,
        "context": 1,
        "pipeline": 2,
        "microbatch": 2,
        "zero": 1,
        "recompute": "full",
    }
    assert run.workload["tokens"] == 1000.0 * 128 * 8192
    assert run.chips == 16
    assert run.not_understood == ()


def test_torchtitan_s_toml_names_a_profile_and_leaves_what_it_leaves() -> None:
    run = imported(TORCHTITAN, "run.toml")
    assert run.model == {"profile": "llama-3.1-405b"}
    assert run.strategy == {
        "tensor": 8,
        "context": 1,
        "pipeline": 8,
        "microbatch": 1,
        "zero": 3,
        "recompute": "full",
        "schedule": "interleaved",
    }
    assert run.workload == {"sequence_length": 8192, "precision": "fp8"}


def test_latent_attention_and_layers_of_experts_by_megatron_s_list() -> None:
    text = (
        "--num-layers 61 --hidden-size 7168 --ffn-hidden-size 18432 --num-attention-heads 128 --swiglu"
        " --vocab-size 129280 --untie-embeddings-and-output-weights --normalization RMSNorm"
        " --disable-bias-linear --position-embedding-type rope --multi-latent-attention --q-lora-rank 1536"
        " --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128 --qk-layernorm"
        " --num-experts 256 --moe-router-topk 8 --moe-ffn-hidden-size 2048"
        " --moe-shared-expert-intermediate-size 2048 --moe-layer-freq ([0]*3+[1]*58)"
        " --moe-router-enable-expert-bias"
    )
    config, are_arguments = parse_configuration(text, "args.txt")
    config["moe_layer_freq"] = "([0]*3+[1]*58)"
    run = read_training(config, "args.txt", are_arguments=are_arguments)
    assert parameters_of(run.model["architecture"]) == 671_026_419_200


def test_a_model_without_its_vocabulary_is_left_out_and_said() -> None:
    run = imported("--num-layers 2 --hidden-size 8 --num-attention-heads 2 --seq-length 16", "args")
    assert run.model == {}
    assert "the model is left out" in run.remarks[0]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"a": 1}, "holds no key of a training that is known"),
        (
            {"tensor_model_parallel_size": "two"},
            'tensor_model_parallel_size = "two": expected a whole number',
        ),
        ({"tensor_model_parallel_size": 0}, "tensor_model_parallel_size = 0: expected a whole number from 1"),
        ({"global_batch_size": 10**9}, "global_batch_sequences = 1000000000"),
        ({"num_layers": 5, "num_layers_per_virtual_pipeline_stage": 2, "tp": 1}, "does not divide 5 layers"),
        (
            {
                "num_layers": 2,
                "hidden_size": 8,
                "num_attention_heads": 2,
                "vocab_size": 9,
                "is_hybrid_model": True,
            },
            "is_hybrid_model = true: is not understood",
        ),
        ({"moe_layer_freq": "__import__('os')"}, "expected a number, or such as"),
    ],
    ids=range(7),
)
def test_what_cannot_be_a_plan_is_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises((PlanError, ProfileError)) as refusal:
        read_training(config, "conf.json")
    assert words in str(refusal.value)


@pytest.mark.parametrize("text", ["", "# nothing", "words only"])
def test_a_text_without_arguments_is_refused(text: str) -> None:
    with pytest.raises(FileError, match="holds no arguments"):
        parse_configuration(text, "args")
