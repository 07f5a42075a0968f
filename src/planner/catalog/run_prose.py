"""The one table that turns the prose of published runs into the project's enumerations.

Every reader takes text as sources write it, in any case, and returns what it means with a remark where
something was assumed. Text that no rule knows comes back as None with a remark; nothing here raises.
"""

from __future__ import annotations

import re
from typing import Generic, NamedTuple, TypeVar

from planner.domain.chip import Platform
from planner.domain.fabric import FabricKind
from planner.domain.run import (
    FlopsConvention,
    Framework,
    RecomputePart,
    Routing,
    RunPrecision,
    RunRecompute,
    ScalingRecipe,
    SoftwareFeature,
)

Meaning = TypeVar("Meaning")

# --- the table ------------------------------------------------------------------------------------

#: The first rule that matches wins: the more specific stands first.
FRAMEWORKS: tuple[tuple[str, Framework], ...] = (
    (r"neuron", "neuron"),
    (r"mindspeed|modellink|\bcann\b|ascendspeed", "mindspeed"),
    (r"mindspore|mindformers|pangu", "mindspore"),
    (r"(megatron.?deepspeed|deepspeed.{0,12}megatron|megatron.{0,12}deepspeed)", "megatron-deepspeed"),
    (r"deepspeed|\bzero\+\+", "deepspeed"),
    (r"megascale", "megascale"),
    (r"neox", "gpt-neox"),
    (r"\bnemo\b|megatron.?bridge|nvidia.{0,8}release|dgx.?c", "nemo"),
    (r"megatron|\bmcore\b|primus", "megatron"),
    (r"pax(ml)?\b|praxis", "paxml"),
    (r"maxtext|\bt5x\b|\bjax\b|alpa\b|gspmd|levanter", "maxtext"),
    (r"torch.?titan", "torchtitan"),
    (r"nanotron", "nanotron"),
    (r"internevo|internlm", "internevo"),
    (r"colossal|\bgemini\b", "colossal"),
    (r"fsdp|foundry|composer|lit-?gpt|fairscale|metaseq|xformers|\bolmo\b|accelerate", "fsdp"),
    (r"torch|habana|optimum|lightning", "pytorch"),
)

#: What a release or a text inside it says about its year.
_RELEASES: tuple[tuple[str, int], ...] = (
    (r"sdk 2\.(?:1[0-6])\b", 2023),
    (r"sdk 2\.(?:1[7-9]|2[01])\b", 2024),
    (r"sdk 2\.2\d\b", 2025),
    (r"mindformers v?1\.[0-3]\b", 2024),
    (r"mindformers v?1\.[4-9]\b", 2025),
    (r"core (?:r|v)?0\.[5-9]\b", 2024),
    (r"core (?:r|v)?0\.1[0-4]\b", 2025),
    (r"core (?:r|v)?0\.1[5-9]\b", 2026),
    (r"pytorch 1\.\d+", 2023),
    (r"pytorch 2\.0\b", 2023),
    (r"pytorch 2\.[89]\b", 2025),
)

PRECISIONS: tuple[tuple[str, RunPrecision], ...] = (
    (r"nvfp4", "nvfp4"),
    (r"fp4", "fp4"),
    (r"mx.?fp8|fp8.?mx\b", "mxfp8"),
    (r"fp8|float8|f8|e4m3|hif8", "fp8"),
    (r"int8", "int8"),
    (r"bf.?16|bfloat16", "bf16"),
    (r"fp16|float16|\bhalf\b", "fp16"),
    (r"tf32", "tf32"),
)

SCALINGS: tuple[tuple[str, ScalingRecipe], ...] = (
    (r"fp8.?cs\b|current|tensorwise|row.?wise", "current"),
    (r"fp8.?(sc|bw)\b|block|sub.?channel", "block"),
    (r"fp8.?ds\b|delayed", "delayed"),
)

PLATFORMS: tuple[tuple[str, Platform], ...] = (
    (r"ascend|910|950pr|atlas", "cann"),
    (r"tpu", "xla"),
    (r"trn|trainium|inf\d|inferentia", "neuron"),
    (r"gaudi|hl-?\d", "synapse"),
    (r"\bmi\d{2,3}", "rocm"),
    (r"[abhv][12348]00|h20\b|gb\d00|\bl\d0|rtx|dgx|vr\d00|rubin", "cuda"),
)

FABRICS: tuple[tuple[str, FabricKind], ...] = (
    (r"omni.?path", "omni-path"),
    (r"\befa\b", "efa"),
    (r"\bdcn\b", "tpu-dcn"),
    (r"infini?band|\bib\b|\bndr\b|\bhdr\b|\bxdr\b|quantum", "infiniband"),
    (r"roce|rocev?2|spectrum", "roce"),
    (r"ethernet|tcp", "other"),
)

#: Where it was found, what a source's formula is called.
CONVENTIONS: dict[str, FlopsConvention] = {
    "6n": "6n",
    "6n+attn_causal": "6n-causal",
    "6n+attn_full": "6n-full",
    "6n_total": "6n-total",
    "6n_total+attn_causal": "6n-total-causal",
    "6n_total+attn_full": "6n-total-full",
    "hw_full_recompute": "hardware-full-recompute",
}

FEATURES: tuple[tuple[str, tuple[SoftwareFeature, ...]], ...] = (
    (r"mc2|async.?tp|(tp|tensor)[^,;+]{0,20}overlap|userbuffer|collective matmul|coc\b", ("tensor-overlap",)),
    (r"overlap grad|grad reduce|gradient overlap|dp overlap", ("gradient-overlap",)),
    (r"param gather|parameter gather|dp overlap", ("parameter-overlap",)),
    (r"pp overlap|p2p overlap|dualpipe", ("pipeline-overlap",)),
    (r"hybridep|deepep|a2a overlap|(expert|ep|moe)[^,;+]{0,20}overlap", ("expert-overlap",)),
    (r"compile", ("compile",)),
    (r"\beager\b", ("eager",)),
    (r"cuda.?graph", ("cuda-graphs",)),
    (r"flash", ("flash-attention",)),
    (r"(?<!mc2 )fused|efficient operator", ("fused-kernels",)),
    (r"parallel (transformer|block)", ("parallel-block",)),
    (r"sliding", ("sliding-window",)),
    (r"misc optim", ("tuned-host",)),
    (r"lamb", ("large-batch-optimizer",)),
    (r"fp32 ?optimizer|float32 ?optimizer", ("float32-optimizer",)),
    (r"no folding", ("no-folding",)),
)

#: The ablation of MegaScale adds these one by one; a row that says `+ X` holds all up to X (its table 3).
_CUMULATIVE: tuple[tuple[SoftwareFeature, ...], ...] = (
    ("parallel-block",),
    ("sliding-window",),
    ("tensor-overlap",),
    ("pipeline-overlap",),
    ("gradient-overlap", "parameter-overlap"),
    ("flash-attention", "fused-kernels"),
    ("tuned-host",),
    ("large-batch-optimizer",),
)

ROUTINGS: tuple[tuple[str, Routing], ...] = (
    (r"balanced", "balanced"),
    (r"token.?drop|drop(s|ped)? tokens|capacity", "token-drop"),
    (r"dropless|no drop", "dropless"),
    (r"random", "random"),
)

#: Names of recomputed parts, as the frameworks' options and sources write them.
_PARTS: tuple[tuple[str, RecomputePart], ...] = (
    (r"core.?att|att\w* core|\battn\b|\battention\b|sdpa", "attention-core"),
    (r"layer.?norm|rms.?norm|\bnorms?\b", "normalisation"),
    (r"moe.?act", "expert-activation"),
    (r"mla.?up", "latent-up-projection"),
    (r"shared.?expert", "shared-experts"),
    (r"\bmoe\b|(?<!shared.)\bexperts?\b", "experts"),
    (r"\bmlp\b|\bffn\b|feed.?forward", "feed-forward"),
    (r"activation func|\bswiglu\b|\bgelu\b|\bact\b", "activation"),
)

#: Policies of MaxText, by what they do not save (`layers/decoders.py` of that project).
_POLICIES: tuple[tuple[str, tuple[RecomputePart, ...]], ...] = (
    (r"minimal.?(flash|with.?context)", ("normalisation", "activation")),
    (r"minimal", ("attention-core", "normalisation", "activation")),
    (r"save.?dot.?except.?mlp|save.?qkv.?proj|qkv.?proj.?offload",
     ("attention-core", "feed-forward", "normalisation")),
    # keeps or offloads the layer's input and the projections of attention (the published recipes)
    (r"custom(?! backward)", ("attention-core", "feed-forward", "normalisation")),
)  # fmt: skip

# --- reading it -----------------------------------------------------------------------------------


class Reading(NamedTuple, Generic[Meaning]):
    """What a text means, and what was assumed in reading it."""

    value: Meaning | None
    #: absent where nothing was assumed
    remark: str | None = None
    #: the input counts as known, whatever was assumed
    is_known: bool = True


class ZeroReading(NamedTuple):
    """A ZeRO stage and the ranks that share its states."""

    stage: int
    shard_ranks: int | None = None
    #: the ranks of one host share, each host holding a copy
    is_within_host: bool = False


def _first(rules: tuple[tuple[str, Meaning], ...], text: str) -> Meaning | None:
    return next((meaning for pattern, meaning in rules if re.search(pattern, text)), None)


def _shown(text: str) -> str:
    return f"'{text}'" if len(text) <= 120 else f"'{text[:117]}...'"


def read_framework(text: str) -> Reading[Framework]:
    """Return the framework that a text names."""
    lowered = text.lower()
    if "baseline" in lowered and "megatron" in lowered:
        return Reading("megatron")
    found = _first(FRAMEWORKS, lowered)
    if found is None:
        return Reading("unknown", f"framework {_shown(text)} is not in the import table", is_known=False)
    return Reading(found)


def read_year(framework: str, identifier: str, location: str, date: str) -> int | None:
    """Return the year of the software: of its release, else of the benchmark round, else of the source."""
    name = framework.lower()
    explicit = re.search(r"\b(20[12]\d)\b", name)
    if explicit:
        return int(explicit[1])
    release = re.search(r"(?:nemo|release|container|pytorch)\D{0,12}\b(2[0-9])\.(0[1-9]|1[0-2])\b", name)
    if release:
        return 2000 + int(release[1])
    known = _first(_RELEASES, name)
    if known is not None:
        return known
    for pattern, years in (
        (r"mlperf-v(\d)\.\d", {"1": 2021, "2": 2022, "3": 2023, "4": 2024, "5": 2025, "6": 2026}),
        (r"-v(2[0-9])\.(?:0[1-9]|1[0-2])\b", {}),
    ):
        found = re.search(pattern, identifier.lower())
        if found:
            return years.get(found[1]) or (2000 + int(found[1]) if len(found[1]) == 2 else None)
    stated = [int(year) for year in re.findall(r"\b(20[12]\d)\b", f"{date}")]
    if not stated:
        stated = [int(year) for year in re.findall(r"\b(20[12]\d)-\d\d\b", location)]
    return (min(stated) + max(stated)) // 2 if stated else None


def read_precision(text: str) -> tuple[Reading[RunPrecision], ScalingRecipe | None]:
    """Return the precision of the matrix products and the scaling recipe, where the text says it."""
    lowered = text.lower()
    if re.search(r"\bor\b|not checked", lowered):
        # of two low precisions the wider is the safer guess
        wider = next((kind for kind in ("bf16", "fp16", "fp8") if kind in lowered), None)
        found = _first(PRECISIONS, wider) if wider else _first(PRECISIONS, lowered)
        return Reading(found, f"precision {_shown(text)}: taken as {found}", is_known=False), None
    if "bf16" in lowered and "fp16" in lowered:
        return Reading("bf16", f"precision {_shown(text)}: taken as bf16"), None
    found = _first(PRECISIONS, lowered)
    if found is None:
        return Reading(None, f"precision {_shown(text)} is not in the import table", is_known=False), None
    return Reading(found), _first(SCALINGS, lowered)


def read_platform(chip: str) -> Platform:
    """Return the software world of a chip by its id."""
    return _first(PLATFORMS, chip.lower()) or "other"


def read_fabric(network: str) -> FabricKind | None:
    """Return the kind of scale-out network that a text names, or None."""
    return _first(FABRICS, network.lower())


def read_convention(text: str) -> FlopsConvention | None:
    """Return the FLOPs convention that a source uses, or None where it does not say."""
    return CONVENTIONS.get(text.strip().lower().replace(" ", ""))


def read_routing(text: str) -> Routing | None:
    """Return how tokens reach experts, or None."""
    return _first(ROUTINGS, text.lower())


def read_features(text: str) -> tuple[SoftwareFeature, ...]:
    """Return the software features that a text names, in the table's order."""
    lowered = text.lower()
    if "baseline" in lowered:
        return ()
    found = [feature for pattern, features in FEATURES if re.search(pattern, lowered) for feature in features]
    if lowered.lstrip().startswith("+"):
        steps = [index for index, step in enumerate(_CUMULATIVE) if set(step) & set(found)]
        if steps:
            found = [feature for step in _CUMULATIVE[: max(steps) + 1] for feature in step]
    return tuple(dict.fromkeys(found))


def read_zero(text: str | int) -> Reading[ZeroReading]:
    """Return the ZeRO stage that a text or a number names."""
    if isinstance(text, int):
        if 0 <= text <= 3:
            return Reading(ZeroReading(text))
        return Reading(None, f"ZeRO stage {text} does not exist", is_known=False)
    lowered = text.lower()
    ranks = re.search(r"(?:fsdp ?|over |within (?:a |the |one )?(?:node|host) ?\()(\d+)", lowered)
    shard = int(ranks[1]) if ranks and 0 < int(ranks[1][:9]) else None
    is_hybrid = bool(re.search(r"hsdp|hybrid.?shard|hpz|zero\+\+|within", lowered))
    stage = _zero_stage(lowered)
    if stage is None:
        return Reading(None, f"ZeRO stage {_shown(text)} is not in the import table", is_known=False)
    remark = None
    if re.search(r"/0|per config|unclear|\?", lowered):
        remark = f"ZeRO stage {_shown(text)}: taken as {stage}"
    return Reading(ZeroReading(stage, shard, is_hybrid and shard is None), remark, is_known=remark is None)


def _zero_stage(lowered: str) -> int | None:
    numbered = re.search(r"(?:zero|stage)[ _-]?([0-3])\b", lowered) or re.fullmatch(r"\s*([0-3])\s*", lowered)
    if numbered:
        return int(numbered[1])
    rules = (
        (r"shard.?grad.?op", 2),
        (r"full.?shard|fully.?shard|fsdp|hsdp|hybrid.?shard|zero\+\+", 3),
        (r"replicated|^none|no.?shard|^no\b", 0),
        (r"distributed.{0,3}optim|optimizer.{0,3}(parallel|shard|states)|dist.?opt|weight.?update.?shard", 1),
        (r"\bddp\b", 0),
    )
    return _first(rules, lowered)


def read_recompute(
    text: str, *, chip: str = "", layers: int | None = None, stages: int = 1, framework: str = "unknown"
) -> Reading[RunRecompute]:
    """Return what a text says is recomputed.

    Parameters
    ----------
    text
        As the source writes it.
    chip
        The row's chip: some texts state one policy per chip.
    layers, stages
        Layers of the model, and pipeline stages with their virtual ones, for counts per stage.
    framework
        A selective policy means every second matrix product in torchtitan, the attention core elsewhere.
    """
    lowered = _for_chip(re.sub(r"\([^)]*\.(?:py|sh|ya?ml)[^)]*\)", "", text.lower()), chip.lower())
    share = _layers_share(lowered, layers, stages)
    if re.match(r"\s*(none|no|off|false|disabled|without)\b(?!t)", lowered):
        return Reading(RunRecompute(kind="none"))
    if re.search(r"not (recorded|stated|known|checked|published)|unknown|unclear", lowered):
        return Reading(None, f"recompute {_shown(text)}: unknown", is_known=False)
    if share is not None and share < 1:
        parts = _parts(lowered.split("+", 1)[1]) if "+" in lowered else ()
        return Reading(RunRecompute(kind="partial", layers_fraction=share, parts=parts))
    if share == 1 or re.match(r"\s*(full|yes|true|on|all|uniform)\b", lowered):
        return Reading(RunRecompute(kind="full"))
    return _read_selective(text, lowered, framework)


def _read_selective(text: str, lowered: str, framework: str) -> Reading[RunRecompute]:
    policy = _first(_POLICIES, lowered)
    if policy is not None:
        remark = f"recompute {_shown(text)}: taken as all but the projections of attention"
        return Reading(RunRecompute(kind="selective", parts=policy), remark if "custom" in lowered else None)
    if re.search(r"per.?op|\bop\b", lowered) or ("selective" in lowered and framework == "torchtitan"):
        return Reading(
            RunRecompute(kind="selective", parts=("normalisation", "activation", "alternate-matmuls"))
        )
    if re.search(r"custom backward|costly|expensive activations", lowered):
        # saves what matrix products give and computes the cheap rest again
        return Reading(
            RunRecompute(kind="selective", parts=("attention-core", "normalisation", "activation")),
            f"recompute {_shown(text)}: taken as all but the matrix products",
        )
    parts = _parts(lowered)
    if parts:
        return Reading(RunRecompute(kind="selective", parts=parts))
    if "selective" in lowered:
        return Reading(RunRecompute(kind="selective"))
    return Reading(None, f"recompute {_shown(text)} is not in the import table", is_known=False)


def _parts(lowered: str) -> tuple[RecomputePart, ...]:
    return tuple(dict.fromkeys(part for pattern, part in _PARTS if re.search(pattern, lowered)))


def _for_chip(lowered: str, chip: str) -> str:
    """Return the clause of `X on A/B, Y on C` that speaks of the chip, or the text itself."""
    clauses = re.split(r"[,;]\s*", lowered)
    if not chip or not all(re.search(r"\bon \w", clause) for clause in clauses) or len(clauses) < 2:
        return lowered
    for clause in clauses:
        what, _, where = clause.rpartition(" on ")
        if any(name and name in chip.split("-") for name in re.split(r"[/\s]+", where)):
            return what
    return lowered


def _layers_share(lowered: str, layers: int | None, stages: int) -> float | None:
    """Return the share of the layers that is recomputed whole, or None where the text names no share."""
    if re.search(r"every other|half (of )?the (layers|blocks)|1 of 2|one in two", lowered):
        return 0.5
    percent = re.search(r"(\d{1,3})\s*% of (?:the )?(?:layers|blocks)", lowered)
    if percent and 0 < int(percent[1]) <= 100:
        return int(percent[1]) / 100.0
    if layers is None or "uniform" in lowered:
        return None
    block = re.search(r"(\d{1,4}) layers?\s*(?:/|per)\s*(?:\w+ ){0,2}stage", lowered)
    if block and int(block[1]) > 0:
        return min(1.0, int(block[1]) * stages / layers)
    some = re.search(r"(\d{1,4}) (?:of (\d{1,4}) )?(?:layers|blocks)", lowered)
    if some and int(some[1]) > 0:
        return min(1.0, int(some[1]) / int(some[2] or layers or 1)) if int(some[2] or layers) else None
    return None


class NoteReading(NamedTuple):
    """What a note on the layout says."""

    degrees: dict[str, int]
    shard_ranks: int | None
    #: copies of the sharded states: slices, or data-parallel replicas
    replicas: int | None
    counts_cores: bool
    has_no_folding: bool


def read_layout_note(text: str) -> NoteReading:
    """Return the degrees, the sharding and the counting that a note on the layout states."""
    lowered = text.lower()
    degrees: dict[str, int] = {}
    for key in ("tp", "pp", "cp", "ep", "vpp"):
        found = {int(number) for number in re.findall(rf"\b{key}[ =]?(\d{{1,6}})\b", lowered)} - {0}
        if len(found) == 1:
            degrees[key] = found.pop()
    shard = re.search(r"\bfsdp ?=?(\d{1,6})\b", lowered)
    slices = re.search(r"(\d{1,6}) (?:slices|pods|replicas)", lowered)
    replicas = slices or (re.search(r"\bdp ?=?(\d{1,6})\b", lowered) if "fsdp" in lowered else None)
    return NoteReading(
        degrees,
        int(shard[1]) or None if shard else None,
        int(replicas[1]) or None if replicas else None,
        counts_cores="core" in lowered and "two per chip" in lowered,
        has_no_folding="no folding" in lowered or "expert tp = attention tp" in lowered,
    )


def read_domain(scale_up: str, system: str) -> int | None:
    """Return the chips of one scale-up domain, where the text states more than a host."""
    found = re.search(r"\b(\d{2,5})-(?:gpu|npu|chip) domain|nvl(\d{2,3})\b", f"{scale_up} {system}".lower())
    return int(found[1] or found[2]) or None if found else None
