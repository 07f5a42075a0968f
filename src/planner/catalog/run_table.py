"""The one table that turns the prose of published runs into the project's enumerations.

Rules are patterns over text in lower case; of several that match, the first wins unless a reader of
`run_prose` collects them all.
"""

from __future__ import annotations

from typing import NamedTuple

from planner.domain.chip import Platform
from planner.domain.fabric import FabricKind
from planner.domain.run import (
    FlopsConvention,
    Framework,
    RecomputePart,
    Routing,
    RunPrecision,
    ScalingRecipe,
    SoftwareFeature,
)

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
RELEASES: tuple[tuple[str, int], ...] = (
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

#: What the FLOPs counter built into a framework counts under full recomputation, for sources that print its
#: output and do not say. ArcticTraining, which trains with ALST, multiplies dense parameters by 8 and the
#: whole attention matrix by 16 instead of 6 and 12 (arctic_training/trainer/flops_counter.py in
#: https://github.com/snowflakedb/ArcticTraining).
COUNTERS: tuple[tuple[str, FlopsConvention], ...] = ((r"\balst\b|arctictraining", "hardware-full-recompute"),)

#: Software that runs PyTorch modules as they are written. llm-foundry's tables come from its
#: scripts/train/benchmarking/submit_benchmarks.py, whose images held PyTorch 1.13, which compiles nothing.
EAGER: tuple[tuple[str, bool], ...] = ((r"llm.?foundry", True),)


class Recipe(NamedTuple):
    """What a recipe says of rows that a list leaves open."""

    #: in words, for the row's assumptions
    says: str
    #: what is run again, in words that the reading of recomputation knows
    recompute: str
    routing: Routing | None = None
    capacity_factor: float | None = None


#: Recipes by patterns on the ids of rows whose sources name them, of
#: https://github.com/AI-Hypercomputer/tpu-recipes (training/ironwood, training/trillium). MaxText runs again
#: whatever a custom policy does not name as kept.
RECIPES: tuple[tuple[str, Recipe], ...] = (
    (r"^tpurec-ironwood-deepseek", Recipe("keeps layer inputs alone", "full")),
    (
        r"^tpurec-ironwood-llama3-70b",
        Recipe("keeps layer inputs, attention outputs, queries, keys and values", "feed-forward, norms"),
    ),
    (
        r"^(tpurec|maxtier)-mixtral-8x7b",
        Recipe(
            "keeps layer inputs and the projections of attention, and drops tokens beyond 1.25 even shares",
            "attention, experts, norms",
            "token-drop",
            1.25,
        ),
    ),
)

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
CUMULATIVE: tuple[tuple[SoftwareFeature, ...], ...] = (
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
PARTS: tuple[tuple[str, RecomputePart], ...] = (
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
POLICIES: tuple[tuple[str, tuple[RecomputePart, ...]], ...] = (
    (r"minimal.?(flash|with.?context)", ("normalisation", "activation")),
    (r"minimal", ("attention-core", "normalisation", "activation")),
    (r"save.?dot.?except.?mlp|save.?qkv.?proj|qkv.?proj.?offload",
     ("attention-core", "feed-forward", "normalisation")),
    # keeps or offloads the layer's input and the projections of attention (the published recipes)
    (r"custom(?! backward)", ("attention-core", "feed-forward", "normalisation")),
)  # fmt: skip
