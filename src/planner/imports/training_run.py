"""From a training's configuration to a plan's model, workload and strategy: Megatron-LM, NeMo, torchtitan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from planner.domain.architecture import Architecture
from planner.domain.plan_strategy import Strategy
from planner.domain.plan_workload import Workload
from planner.errors import PlanError, ProfileError
from planner.files.validation import validate
from planner.files.values import shown_value
from planner.imports.config_shape import config_shape
from planner.imports.megatron_family import MEGATRON, has_shape, is_of_shape, shape_keys
from planner.imports.reading import Reading
from planner.imports.shapes import Table
from planner.text import safe


@dataclass(frozen=True)
class ImportedRun:
    """What a training's configuration says of a plan."""

    #: of `[model]`: a profile, or an architecture; empty where the file does not say the whole of it
    model: Table
    workload: Table
    strategy: Table
    #: chips that the file runs on, where it says so
    chips: int | None
    #: keys of the shape or the layout that were not understood
    not_understood: tuple[str, ...]
    #: what of the file a plan cannot hold
    remarks: tuple[str, ...]


class _Words(NamedTuple):
    """A key of a plan that is a word: what each spelling of it stands for."""

    keys: tuple[str, ...]
    words: Mapping[str, Any]


#: Whole numbers of `[strategy]`, by the spellings of all programs; -1 leaves it to the program.
_DEGREES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tensor": ("tensor_model_parallel_size", "tensor_parallel_degree", "tensor_parallel_size"),
        "context": ("context_parallel_size", "context_parallel_degree"),
        "expert": ("expert_model_parallel_size", "expert_parallel_degree"),
        "pipeline": ("pipeline_model_parallel_size", "pipeline_parallel_degree"),
        "virtual_stages": ("virtual_pipeline_model_parallel_size",),
    }
)
_RECOMPUTE = _Words(
    ("recompute_granularity", "activations_checkpoint_granularity", "activation_checkpoint.mode"),
    {"full": "full", "selective": "selective", "none": "none", "null": "none"},
)
_SCHEDULE = _Words(
    ("pipeline_parallel_schedule",),
    {
        "1f1b": "1f1b",
        "interleaved1f1b": "interleaved",
        "interleavedzerobubble": "zero-bubble",
        "zbvzerobubble": "zero-bubble",
        "dualpipev": "dualpipe",
    },
)
_SHARDING = _Words(
    ("data_parallel_sharding_strategy", "zero_stage", "stage"),
    {"no_shard": 0, "optim": 1, "optim_grads": 2, "optim_grads_params": 3, "0": 0, "1": 1, "2": 2, "3": 3},
)
#: Models that torchtitan knows by name and flavor, by the profiles that they are.
_NAMED_MODELS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("llama3", "1b"): "llama-3.2-1b",
        ("llama3", "8b"): "llama-3-8b",
        ("llama3", "70b"): "llama-3-70b",
        ("llama3", "405b"): "llama-3.1-405b",
        ("deepseek_v3", "16b"): "deepseek-v2-lite",
        ("deepseek_v3", "671b"): "deepseek-v3",
        ("qwen3", "4b"): "qwen3-4b",
        ("qwen3", "8b"): "qwen3-8b",
        ("qwen3", "14b"): "qwen3-14b",
        ("qwen3", "32b"): "qwen3-32b",
        ("qwen3", "30b-a3b"): "qwen3-30b-a3b",
        ("qwen3", "235b-a22b"): "qwen3-235b-a22b",
    }
)
_PRECISIONS = frozenset({"fp8", "mxfp8", "nvfp4", "fp16", "bf16"})
#: Keys of other programs that a plan's answer depends on: not read, they are told of.
_OF_PLAN = re.compile(
    r".*(parallel|recompute|offload|checkpoint_(method|num)|ac_option|sharding|fp8|fp4|expert|moe|layers|heads|hidden"
    r"|latent|pipeline|precision|rampup_batch).*"
)
_NOT_OF_PLAN = re.compile(
    r".*(loss|dropout|coeff|comm_overlap|overlap|load|save|init|token_dispatcher|permute|grouped_gemm|dtype"
    r"|router_(score|pre|topk_scaling|load|bias_update|dtype)|amax|margin|interval|timeout|sequence_parallel"
    r"|enable_async|loss_parallel|wandb|log).*"
)
#: Of sections, those whose keys are meant where several have one of the name.
_FIRST_SECTIONS = ("model", "training", "trainer", "parallelism", "parallel", "optim", "optimizer")


def read_training(config: Mapping[str, Any], where: str, *, are_arguments: bool = False) -> ImportedRun:
    """Return what a training's configuration says of a plan.

    Parameters
    ----------
    config
        The tables of the file, or its arguments.
    where
        Begins each message: the file's name.
    are_arguments
        Whether they are Megatron's, where a flag that is absent is off.

    Raises
    ------
    PlanError, ProfileError
        Where the file is of no training that is known, or a key holds what it cannot.
    """
    flat = _flat(config)
    if are_arguments:
        flat.setdefault("group_query_attention", False)
    flat = shape_keys(flat, where)
    reading = Reading(flat, where, spellings=MEGATRON.spellings)
    remarks: list[str] = []
    model = _model(reading, where, remarks)
    strategy = _strategy(reading, remarks)
    workload = _workload(reading)
    if not (model or strategy or workload):
        raise PlanError(
            f"{where}: holds no key of a training that is known; expected a configuration of Megatron-LM, "
            "NeMo or torchtitan, or a model's config.json with its model_type"
        )
    validate(Strategy, strategy, where=where)
    # how many tokens there are may be the plan's own
    validate(Workload, {"tokens": 1.0} | workload, where=where)
    unknown = tuple(
        safe(key, limit=80)
        for key, value in reading.unread()
        if value not in (None, False) and "." not in key
        if _OF_PLAN.fullmatch(key) and not _NOT_OF_PLAN.fullmatch(key)
    )
    return ImportedRun(model, workload, strategy, _chips(reading), unknown, tuple(remarks))


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return every value by its own key, and by that with its table's: `activation_checkpoint.mode`."""
    flat: dict[str, Any] = {}
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", config)]
    while waiting:
        section, table = waiting.pop(0)
        for key, value in table.items():
            name = str(key).replace("-", "_")
            if isinstance(value, Mapping):
                waiting.append((name, value))
                waiting.sort(key=lambda entry: entry[0] not in _FIRST_SECTIONS)
                continue
            # a value that other values make is one that the file does not say
            if isinstance(value, str) and value.startswith("${"):
                continue
            flat.setdefault(name, value)
            if section:
                flat.setdefault(f"{section}.{name}", value)
    return flat


def _model(reading: Reading, where: str, remarks: list[str]) -> Table:
    """Return the model: by the name that torchtitan gives it, or by its shape."""
    name, flavor = reading.value("model.name"), reading.value("model.flavor")
    if isinstance(name, str) and isinstance(flavor, str):
        known = _NAMED_MODELS.get((name.lower(), flavor.lower()))
        if known is None:
            remarks.append(f"no profile is known for the model {shown_value(name)}, {shown_value(flavor)}")
            return {}
        return {"profile": known}
    if not has_shape(reading):
        if reading.value("layers") is not None:
            remarks.append(
                "the model is left out: its shape needs layers, hidden size, heads and --vocab-size"
            )
        return {}
    for key, value in reading.unread():
        if value and is_of_shape(key):
            raise ProfileError(
                f"{where}: {safe(key, limit=80)} = {shown_value(value)}: is not understood, and may change "
                "what the model costs"
            )
    table = config_shape(reading, MEGATRON)
    validate(Architecture, table, where=f"{where}: as a profile")
    return {"architecture": table}


def _strategy(reading: Reading, remarks: list[str]) -> Table:
    degrees: Table = {}
    for name, keys in _DEGREES.items():
        for key in keys:
            value = reading.value(key)
            if value not in (None, -1):
                degrees.setdefault(name, reading.whole(key))
    strategy = {**degrees, **_virtual_stages(reading, degrees.get("pipeline", 1))}
    found = {
        "microbatch": _microbatch(reading, degrees.get("pipeline", 1)),
        "zero": _zero(reading),
        "recompute": _recompute(reading, remarks),
        "schedule": _word(reading, _SCHEDULE, remarks),
    }
    return strategy | {key: value for key, value in found.items() if value is not None}


def _virtual_stages(reading: Reading, pipeline: int) -> Table:
    """Return the slices of a stage, which Megatron also says by the layers of each."""
    slices = reading.value("num_virtual_stages_per_pipeline_rank")
    if slices is not None:
        return {"virtual_stages": reading.whole("num_virtual_stages_per_pipeline_rank")}
    each = reading.value("num_layers_per_virtual_pipeline_stage")
    if each is None or reading.value("layers") is None:
        return {}
    layers, own = reading.whole("layers"), reading.whole("num_layers_per_virtual_pipeline_stage")
    if layers % (own * pipeline):
        reading.refuse(
            "num_layers_per_virtual_pipeline_stage", f"does not divide {layers} layers over {pipeline} stages"
        )
    return {"virtual_stages": layers // (own * pipeline)}


def _microbatch(reading: Reading, pipeline: int) -> int | None:
    """Return the sequences of one microbatch; torchtitan's batch of a rank is one only without a pipeline."""
    own, local = reading.value("micro_batch_size"), None
    for key in ("local_batch_size", "training.batch_size"):
        local = key if local is None and reading.value(key) is not None else local
    through = reading.value("pipeline_parallel_microbatch_size")
    if own is not None:
        return reading.whole("micro_batch_size")
    if local is None:
        return None
    if pipeline > 1:
        return reading.whole("pipeline_parallel_microbatch_size") if through is not None else 1
    return reading.whole(local)


def _zero(reading: Reading) -> int | None:
    """Return what is sharded over the copies."""
    shard = reading.value("data_parallel_shard_degree")
    if shard is not None:
        return 0 if shard == 1 else 3
    stage = _word(reading, _SHARDING, [])
    if stage is not None:
        return int(stage)
    if reading.flag("use_distributed_optimizer"):
        return 1
    return 1 if reading.value("optim.name") in ("distributed_fused_adam", "mcore_distributed_optim") else None


def _recompute(reading: Reading, remarks: list[str]) -> str | None:
    option = reading.value("selective_ac_option")
    mode: str | None = _word(reading, _RECOMPUTE, remarks)
    if mode == "selective" and option is not None:
        remarks.append(
            "torchtitan's selective checkpointing is no mode of a plan; recompute is left to the search"
        )
        return None
    if mode is None and reading.flag("recompute_activations"):
        return "selective"
    return mode


def _word(reading: Reading, words: _Words, remarks: list[str]) -> Any:
    """Return what a word stands for; one that no plan has is told of."""
    for key in words.keys:
        value = reading.value(key)
        if value is None:
            continue
        known = words.words.get(str(value).lower())
        if known is None:
            remarks.append(
                f"{key} = {shown_value(value)} is nothing that a plan can hold; it is left to the search"
            )
        return known
    return None


def _workload(reading: Reading) -> Table:
    workload: Table = {}
    for key in ("encoder_seq_length", "seq_length", "seq_len"):
        if reading.value(key) is not None:
            workload["sequence_length"] = reading.whole(key)
    if reading.value("global_batch_size") not in (None, -1):
        workload["global_batch_sequences"] = reading.whole("global_batch_size")
    sequences = _sequences(reading, workload.get("global_batch_sequences"))
    if sequences is not None and "sequence_length" in workload:
        workload["tokens"] = float(sequences * workload["sequence_length"])
    precision = _precision(reading)
    return workload | ({"precision": precision} if precision else {})


def _sequences(reading: Reading, batch: int | None) -> int | None:
    """Return the sequences of the whole training."""
    if reading.value("train_samples") is not None:
        return reading.whole("train_samples")
    steps = [
        key for key in ("train_iters", "max_steps", "training.steps") if reading.value(key) not in (None, -1)
    ]
    return reading.whole(steps[0]) * batch if steps and batch else None


def _precision(reading: Reading) -> str | None:
    converters = reading.value("converters")
    words = " ".join(map(str, converters)).lower() if isinstance(converters, list) else ""
    recipe = str(reading.value("fp8_recipe") or "").lower()
    if reading.value("fp8") or reading.value("fp8_format") or "float8" in words or "mx" in words:
        return "mxfp8" if "mx" in words or "mx" in recipe else "fp8"
    named = str(reading.value("precision") or "").lower().removesuffix("-mixed")
    if named in _PRECISIONS:
        return named
    return next((name for name in ("bf16", "fp16") if reading.value(name) is True), None)


def _chips(reading: Reading) -> int | None:
    """Return the chips that the file runs on."""
    for hosts, each in (("num_nodes", "devices"), ("nnodes", "nproc_per_node")):
        if isinstance(reading.value(hosts), int) and isinstance(reading.value(each), int):
            return reading.whole(hosts) * reading.whole(each)
    return None
