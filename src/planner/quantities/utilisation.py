"""Utilisation of the chips: model and hardware FLOPs over the dense peak of the precision in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.attention import attention_flops, mean_context, mixing_flops, other_mixing_flops
from planner.engine.flops import flops_per_token, recomputed_flops
from planner.engine.precisions import HALF_DATATYPES, PRECISIONS, Datatype
from planner.planning.chip import half_precision_peak, matmul_peak_flops_per_s
from planner.quantities.leaves import Leaf, of_figure
from planner.quantities.record import Grounds, Record
from planner.quantities.setting import Setting
from planner.quantities.table import Way, another_way, declare, leaf, quantity

_CAUSAL, _FULL = "causal attention", "full attention"


def share_of_peak(
    flops_per_token: FloatArray, tokens_per_second: FloatArray, chips: FloatArray, peak: FloatArray
) -> FloatArray:
    """Return the FLOPs of all chips over what their peaks would do. [-]."""
    return flops_per_token * tokens_per_second / (chips * peak)


def _is_16_bit(setting: Setting) -> bool:
    return PRECISIONS[setting.plan.workload.precision].datatype in HALF_DATATYPES


def _peak_datatype(setting: Setting) -> Datatype:
    """Return what the peak is of: the datatype of the matmuls; of 16-bit ones the chip's usual one."""
    chip = setting.pool.chip
    if _is_16_bit(setting):
        return half_precision_peak(chip)[1]
    return matmul_peak_flops_per_s(chip, setting.plan.workload.precision)[1]


def _utilisation(
    identifier: str, title: str, short: str, flops: str, convention: str, **told: object
) -> None:
    half, own = (
        {
            "flops_per_token": flops,
            "tokens_per_second": "tokens_per_second",
            "chips": "pools.chips",
            "peak": peak,
        }
        for peak in ("chip.half_peak_flops_per_s", "chip.peak_flops_per_s")
    )
    declare(
        identifier,
        title,
        "share",
        Way(half, share_of_peak, when=_is_16_bit),
        Way(own, share_of_peak),
        short=short,
        form="band",
        **told,  # type: ignore[arg-type]  # what is told of it, as `declare` has it
    )
    declare(
        f"{identifier}.of_16_bit",
        f"{title}, as a share of the 16-bit peak",
        "share",
        Way({}, reading=lambda _: Leaf(None, name="the peak is the 16-bit one"), when=_is_16_bit),
        Way(half, share_of_peak),
        short=f"{short} of the 16-bit peak",
        form="part",
        is_told_by_phase=bool(told.get("is_told_by_phase")),
    )

    @leaf(
        f"{identifier}.convention",
        f"what the {short} counts",
        "words",
        form="words",
        method="the convention that its formula follows",
    )
    def read_convention(_: Setting) -> Leaf:
        return Leaf(convention)

    @leaf(
        f"{identifier}.peak_flops_per_s",
        f"dense peak that the {short} is a share of",
        "FLOP/s",
        form="number",
    )
    def read_peak(setting: Setting) -> Leaf:
        return of_figure(setting.pool.chip, f"peak_dense_flops_per_s.{_peak_datatype(setting)}")

    @leaf(f"{identifier}.peak_datatype", f"datatype of the peak of the {short}", "words", form="words")
    def read_datatype(setting: Setting) -> Leaf:
        datatype = _peak_datatype(setting)
        return Leaf(datatype, of_figure(setting.pool.chip, f"peak_dense_flops_per_s.{datatype}").grounds)


_utilisation(
    "mfu",
    "model FLOP utilisation (MFU), causal attention counted",
    "MFU",
    "flops_per_token",
    f"6N + {_CAUSAL}, no recomputation",
    better="more",
    is_told_by_phase=True,
)
_utilisation(
    "mfu_full_attention",
    "model FLOP utilisation (MFU), full attention counted",
    "MFU, full attention",
    "flops_per_token.full_attention",
    f"6N + {_FULL}, no recomputation",
)
_utilisation(
    "hfu",
    "hardware FLOP utilisation (HFU): recomputation counted too",
    "HFU",
    "flops_per_token.hardware",
    f"6N + {_CAUSAL}, recomputation counted",
    is_told_by_phase=True,
)


def flops_in_phase(flops: FloatArray, tokens: FloatArray) -> FloatArray:
    """Return the FLOPs of all tokens of a phase. [FLOP]."""
    return flops * tokens


def flops_in_all(*phases: FloatArray) -> FloatArray:
    """Return the FLOPs of all phases. [FLOP]."""
    return reduce(add, phases)


def mean_flops(flops: FloatArray, tokens: FloatArray) -> FloatArray:
    """Return the FLOPs of the mean token of all phases. [FLOP]."""
    return flops / tokens


def _of_a_token(
    identifier: str, title: str, inputs: Mapping[str, str], formula: Callable[..., FloatArray]
) -> None:
    """Declare FLOPs of one token: of the only phase by their formula, of several of the mean token."""
    own, summed, total = (f"{identifier}.{name}" for name in ("of_phase", "in_phase", "in_all"))
    quantity(identifier, title, "FLOP", inputs, when=lambda setting: not setting.is_whole)(formula)
    another_way(identifier, {"flops": total, "tokens": "facts.tokens"})(mean_flops)
    quantity(own, f"{title}, in one phase", "FLOP", inputs, scope="phase")(formula)
    quantity(
        summed, f"{title}, times those of a phase", "FLOP", {"flops": own, "tokens": "workload.tokens"},
        scope="phase",
    )(flops_in_phase)  # fmt: skip
    quantity(
        total, f"{title}, times those of all phases", "FLOP", {"flops": summed}, is_over_phases=True
    )(flops_in_all)  # fmt: skip


for _suffix, _words, _attention in (
    ("", "causal attention counted", "model.attention_flops"),
    (".full_attention", "full attention counted", "model.attention_flops.full"),
):
    _of_a_token(
        f"flops_per_token{_suffix}",
        f"FLOPs of one training token, {_words}",
        {
            "matmul": "model.active_matmul",
            "prediction": "model.prediction_matmul",
            "attention_layers": "model.attention_layers",
            "attention": _attention,
        },
        flops_per_token,
    )
_of_a_token(
    "flops_per_token.recomputed",
    "FLOPs that recomputation adds to a token",
    {
        "layers_again": "strategy.layers_again",
        "attention_again": "strategy.attention_again",
        "layers_matmul": "model.layers_matmul",
        "layers": "model.layers",
        "attention": "model.attention_flops",
    },
    recomputed_flops,
)


@quantity(
    "flops_per_token.hardware",
    "FLOPs of one training token with recomputation",
    "FLOP",
    {"flops_per_token": "flops_per_token", "recomputed": "flops_per_token.recomputed"},
)
def hardware_flops(flops_per_token: FloatArray, recomputed: FloatArray) -> FloatArray:
    """Return the FLOPs that the chips really do for a token. [FLOP]."""
    return flops_per_token + recomputed


@quantity(
    "rate_at_peak",
    "tokens per second of all chips, did they nothing but their dense peak",
    "tokens/s",
    {
        "chips": "pools.chips",
        "peak": "chip.peak_flops_per_s",
        "flops_per_token": "flops_per_token.of_phase",
        "recomputed": "flops_per_token.recomputed.of_phase",
    },
    scope="phase",
)
def rate_at_peak(
    chips: FloatArray, peak: FloatArray, flops_per_token: FloatArray, recomputed: FloatArray
) -> FloatArray:
    """Return the rate at which the hardware FLOPs of a phase's tokens take the whole peak."""
    return chips * peak / (flops_per_token + recomputed)


def _documents(setting: Setting) -> tuple[Record, ...]:
    """Return the length of the documents over which attention looks, where the plan says one."""
    length = setting.workload.document_tokens
    if length is None:
        return ()
    name = "mean length of a document, beyond which attention does not look"
    grounds = Grounds("plan", "plan: workload.document_tokens")
    return (Record("documents", name, float(length), "tokens", grounds=grounds),)


for _suffix, _is_causal in (("", True), (".full", False)):
    _words = "causal: half of the sequence" if _is_causal else "all of the sequence"

    @leaf(
        f"model.mean_context{_suffix}",
        f"keys that a query meets on average ({_words})",
        "tokens",
        method="full layers meet the sequence, windowed ones their window",
        inputs={"sequence": "workload.sequence_length"},
        scope="phase",
    )
    def read_context(setting: Setting, is_causal: bool = _is_causal) -> Leaf:
        """Return the mean context of a query."""
        context = mean_context(setting.shape.inputs, setting.workload.met_tokens, causal=is_causal)
        return Leaf(np.atleast_1d(context), children=_documents(setting))

    @leaf(
        f"model.other_mixing_flops{_suffix}",
        "forward FLOPs of states, convolutions, indexers and encoders' attention, per token and mean layer",
        "FLOP",
        method="products within a chunk and with the state; an indexer's look at every key",
        inputs={"sequence": "workload.sequence_length"},
        scope="phase",
    )
    def read_others(setting: Setting, is_causal: bool = _is_causal) -> Leaf:
        """Return what mixes tokens beside attention, or in its place."""
        flops = other_mixing_flops(setting.shape.inputs, setting.workload.met_tokens, causal=is_causal)
        return Leaf(np.atleast_1d(flops), children=_documents(setting))

    _scores = {
        "heads": "model.heads",
        "widths": "model.score_widths",
        "context": f"model.mean_context{_suffix}",
    }
    _title = "forward FLOPs of attention, per token and layer"
    quantity(f"model.score_flops{_suffix}", _title, "FLOP", _scores, scope="phase")(attention_flops)
    quantity(
        f"model.attention_flops{_suffix}",
        _title,
        "FLOP",
        _scores,
        scope="phase",
        when=lambda setting: setting.shape.inputs.has_attention_alone,
    )(attention_flops)
    another_way(
        f"model.attention_flops{_suffix}",
        {"scores": f"model.score_flops{_suffix}", "others": f"model.other_mixing_flops{_suffix}"},
    )(mixing_flops)
