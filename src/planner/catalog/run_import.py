"""One row of the JSON list of published runs becomes a run, or a skipped row with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from planner.catalog import run_prose as prose
from planner.catalog.run_layout import read_global_batch, read_layout, with_microbatch
from planner.catalog.run_rate import Published, flops_per_token, published_rate
from planner.catalog.run_row import AGREEMENT, Row, RowError, kind_of
from planner.catalog.run_table import Recipe
from planner.domain.architecture import Architecture, LatentAttention, MixtureOfExperts, WindowedAttention
from planner.domain.run import (
    Run,
    RunHardware,
    RunLayout,
    RunRecompute,
    RunResult,
    RunSoftware,
    RunSource,
    SkippedRow,
)
from planner.text import safe

#: What most models of some billions of parameters have, for rows that leave it out.
ASSUMED_HEAD_DIMENSION = 128
ASSUMED_VOCABULARY = 50_304
#: Said of a row whose FLOPs convention is known from the code that printed its figures.
COUNTED_BY_FRAMEWORK = (
    "the FLOPs convention is not stated: that of the framework's own counter was taken, which counts full "
    "attention and recomputation"
)
#: Said of a row whose software compiles nothing.
EAGER_BY_SOFTWARE = "run eagerly: the software's benchmark recipes compile nothing"


def import_row(row: Any, *, where: str = "") -> Run | SkippedRow:
    """Return the run that a row describes, or why it is none.

    Parameters
    ----------
    row
        One element of a JSON list in the format of published runs.
    where
        File and position, for the message.

    Returns
    -------
    Run or SkippedRow
        Never raises for what a row holds.
    """
    identifier = "?"
    try:
        if not isinstance(row, Mapping):
            raise RowError(f"is {kind_of(row)}; expected a table of one run")
        given = row.get("id")
        if isinstance(given, str) and given.strip():
            identifier = safe(given.strip(), limit=180)
        return _import(Row({key: value for key, value in row.items() if value is not None}))
    except RowError as error:
        reason = str(error)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = f"{place}: {first['msg']}".replace("Value error, ", "").lstrip(": ")
    except ArithmeticError as error:
        # figures so far apart that their quotient is no number
        reason = f"its figures leave the range of numbers: {error}"
    return SkippedRow(id=identifier, reason=safe(reason, limit=1_900), where=safe(where, limit=1_900))


def _import(row: Row) -> Run:
    identifier, chip = row.text("id"), row.text("chip")
    if identifier is None:
        raise RowError("id is missing; expected the run's name")
    if chip is None:
        raise RowError("chip is missing; expected a chip's id")
    tier = (row.text("tier") or "B").upper()
    if tier not in ("A", "B", "C", "E"):
        raise RowError(f"tier is '{tier}'; expected A, B, C or E")
    shape = _architecture(row)
    recipe = prose.find_recipe(identifier)
    software = _software(row, identifier, recipe)
    layout = read_layout(row, tier, software, chip)
    batch = read_global_batch(row, layout)
    layout = with_microbatch(layout, software, batch)
    recompute = _recompute(row, recipe, shape, layout, chip, software)
    precision, scaling = _precision(row)
    hardware = _hardware(row, chip)
    result = _result(row, shape, batch)
    _check_layout(row, shape, layout, batch)
    _check_peak(hardware, shape, row.whole("seq_len"), result)
    missing = _missing(row)
    if tier == "A" and (row.is_incomplete or missing or shape is None):
        row.assumed.append("tier A in the list of runs, B here: an input is unknown")
        tier = "B"
    return Run(
        id=identifier,
        group=row.text("group") or identifier,
        tier=tier,
        missing=missing,
        quality=row.text("quality"),
        model=row.text("model") or "unnamed",
        architecture=shape,
        parameters_total=row.number("params_total"),
        workload=row.text("workload"),
        sequence_length=row.whole("seq_len"),
        global_batch_sequences=batch,
        precision=precision,
        scaling=scaling,
        layout=layout,
        recompute=recompute,
        software=software,
        hardware=hardware,
        result=result,
        source=_source(row),
        notes=row.text("notes"),
        known_issue=row.text("known_issue"),
        assumed=tuple(row.assumed),
        contradictions=tuple(row.contradictions),
    )


def _source(row: Row) -> RunSource:
    return RunSource(
        title=prose.read_source(row.text("source_title") or "") or "not stated",
        url=prose.read_address(row.text("source_url") or ""),
        location=prose.read_source(row.text("source_location") or "") or None,
        date=row.text("date"),
    )


def _missing(row: Row) -> tuple[str, ...]:
    value = row.values.get("missing_fields", ())
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise RowError("missing_fields is not a list of texts")
    return tuple(safe(name, limit=200) for name in value)


def _architecture(row: Row) -> Architecture | None:
    if "layers" not in row.values and "hidden" not in row.values:
        return None
    mixture = _mixture(row)
    every_layer_mixed = mixture is not None and mixture.first_dense_layers == 0 and mixture.layer_every == 1
    width = row.whole("dense_ffn") or (0 if every_layer_mixed else row.whole("ffn_hidden")) or 0
    hidden = row.needed("hidden")
    heads = row.whole("heads") or _assumed(row, "heads", max(1, round(hidden / ASSUMED_HEAD_DIMENSION)))
    window = row.whole("attn_window")
    activation = (row.text("activation") or "").lower()
    gated = row.flag("gated_mlp")
    is_gated = ("glu" in activation or not activation) if gated is None else gated
    if not width and not every_layer_mixed:
        width = _assumed(row, "ffn_hidden", round(hidden * (8 / 3 if is_gated else 4)))
    return Architecture(
        layers=row.needed("layers"),
        hidden=hidden,
        heads=heads,
        key_value_heads=row.whole("kv_heads") or heads,
        head_dimension=row.whole("head_dim") or max(1, hidden // heads),
        feed_forward_width=width,
        is_gated=is_gated,
        vocabulary=row.whole("vocab") or _assumed(row, "vocab", ASSUMED_VOCABULARY),
        has_tied_embeddings=bool(row.flag("tied_embeddings")),
        normalisation="rms" if is_gated else "layer",
        latent_attention=_latent(row),
        mixture=mixture,
        window=None
        if window is None
        else WindowedAttention(
            window=window, full_every=row.whole("attn_window_every", may_be_zero=True) or 0
        ),
        multi_token_prediction_layers=row.whole("mtp_layers", may_be_zero=True) or 0,
    )


def _assumed(row: Row, key: str, value: int) -> int:
    """Return a usual value for a key that the row lacks, and say so."""
    row.assumed.append(f"{key} not stated: {value} taken")
    row.is_incomplete = True
    return value


def _mixture(row: Row) -> MixtureOfExperts | None:
    experts = row.whole("experts", may_be_zero=True)
    if not experts:
        return None
    shared = row.whole("shared_experts", may_be_zero=True) or 0
    width = row.whole("expert_ffn") or row.needed("ffn_hidden")
    return MixtureOfExperts(
        experts=experts,
        active_experts=row.needed("active_experts"),
        expert_width=width,
        shared_experts=shared,
        shared_width=row.whole("shared_expert_ffn", may_be_zero=True) or shared * width,
        first_dense_layers=row.whole("first_dense_layers", may_be_zero=True) or 0,
        layer_every=row.whole("moe_layer_every") or 1,
    )


def _latent(row: Row) -> LatentAttention | None:
    value = row.values.get("mla")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise RowError(f"mla is {kind_of(value)}; expected a table")
    inner = Row(value)
    return LatentAttention(
        query_rank=inner.whole("q_lora_rank", may_be_zero=True) or 0,
        key_value_rank=inner.needed("kv_lora_rank"),
        rope_dimension=inner.whole("qk_rope_head_dim", may_be_zero=True) or 0,
        nope_dimension=inner.needed("qk_nope_head_dim"),
        value_dimension=inner.needed("v_head_dim"),
    )


def _software(row: Row, identifier: str, recipe: Recipe | None) -> RunSoftware:
    name = row.text("framework")
    framework = "unknown" if name is None else row.take(prose.read_framework(name))
    features, routing = row.text("features"), row.text("routing")
    recompute = (row.text("recompute") or "").lower()
    capacity = row.number("capacity_factor")
    named = prose.read_features(features) if features else ()
    if prose.runs_eagerly(name or "") and "compile" not in named:
        row.assumed.append(EAGER_BY_SOFTWARE)
        named = (*named, "eager")
    return RunSoftware(
        framework=framework,
        name=name,
        year=prose.read_year(
            name or "", identifier, row.text("source_location") or "", row.text("date") or ""
        ),
        features=named,
        routing=prose.read_routing(routing) if routing else recipe.routing if recipe else None,
        capacity_factor=capacity or (recipe.capacity_factor if recipe else None),
        offloads_activations=row.text("offload") is not None or "offload" in recompute,
    )


def _recompute(
    row: Row,
    recipe: Recipe | None,
    shape: Architecture | None,
    layout: RunLayout,
    chip: str,
    software: RunSoftware,
) -> RunRecompute | None:
    text = row.text("recompute")
    if recipe is not None and (text is None or "custom" in text):
        row.assumed.append(f"the row's recipe {recipe.says}")
        text = recipe.recompute
    if text is None:
        return None
    stages = (layout.pipeline or 1) * (layout.virtual_stages or 1)
    reading = prose.read_recompute(
        text,
        chip=chip,
        layers=None if shape is None else shape.layers,
        stages=stages,
        framework=software.framework,
    )
    value: RunRecompute | None = row.take(reading)
    return value


def _precision(row: Row) -> tuple[Any, Any]:
    text = row.text("precision")
    if text is None:
        return None, None
    reading, scaling = prose.read_precision(text)
    return row.take(reading), scaling


def _hardware(row: Row, chip: str) -> RunHardware:
    network = row.text("inter_node_net")
    return RunHardware(
        chip=chip,
        platform=prose.read_platform(chip),
        chip_count=row.whole("chip_count"),
        chips_per_host=row.whole("chips_per_node"),
        chips_per_domain=prose.read_domain(row.text("intra_node_bw") or "", row.text("system") or ""),
        scale_out_bytes_per_s=row.number("scale_out_gbps_per_chip", 1e9 / 8.0, may_be_zero=True) or None,
        fabric=prose.read_fabric(network) if network else None,
        peak_bf16_flops_per_s=row.number("peak_bf16_tflops", 1e12),
        peak_precision_flops_per_s=row.number("peak_precision_tflops", 1e12),
        peak_used_flops_per_s=row.number("peak_used_tflops", 1e12),
        system=row.text("system"),
        network=network,
    )


def _result(row: Row, shape: Architecture | None, batch: int | None) -> RunResult:
    convention = prose.read_convention(row.text("flops_convention") or "")
    if convention is None and (row.text("recompute") or "").strip().lower() == "full":
        convention = prose.counter_convention(row.text("framework") or "")
        if convention is not None:
            row.assumed.append(COUNTED_BY_FRAMEWORK)
    published = _published(row)
    rate = published_rate(
        published,
        chips=row.whole("chip_count"),
        shape=shape,
        sequence_length=row.whole("seq_len"),
        global_batch_sequences=batch,
        convention=convention,
    )
    measured = _reconciled(row, rate.tokens_per_s_per_chip if rate else None)
    _name_disagreement(row, published, batch)
    if rate is not None and rate.is_convention_assumed:
        row.assumed.append("the FLOPs convention is not stated: the causal one was taken")
    return RunResult(
        tokens_per_s_per_chip=measured,
        rate_from=rate.basis if rate else None,
        is_convention_assumed=bool(rate and rate.is_convention_assumed),
        flops_convention=convention,
        flops_per_s_per_chip=published.flops_per_s_per_chip,
        mfu=published.mfu,
        hfu=published.hfu,
        iteration_s=published.iteration_s,
        days=published.days,
        chip_hours=published.chip_hours,
        tokens_total=published.tokens_total,
        peak_memory_bytes=row.number("peak_memory_gb", 1e9),
        power_w_per_chip=row.number("power_w_per_chip"),
        energy_j=row.number("energy_mwh", 3.6e9),
    )


def _published(row: Row) -> Published:
    peak = row.number("peak_used_tflops", 1e12) or row.number("peak_bf16_tflops", 1e12)
    return Published(
        tokens_per_s_per_chip=row.number("tokens_per_s_per_chip"),
        tokens_per_s_total=row.number("tokens_per_s_total"),
        samples_per_s_total=row.number("samples_per_s_total"),
        iteration_s=row.number("iteration_s"),
        flops_per_s_per_chip=row.number("tflops_per_chip", 1e12),
        flops_per_s_total=row.number("pflops_total", 1e15),
        mfu=row.number("mfu"),
        hfu=row.number("hfu"),
        peak_flops_per_s=peak,
        chip_hours=row.number("chip_hours"),
        days=row.number("days"),
        tokens_total=row.number("tokens_total"),
    )


def _reconciled(row: Row, ours: float | None) -> float | None:
    """Return the rate to score by: that of the row's own check where it agrees with ours, else ours."""
    check = row.values.get("check")
    if not isinstance(check, Mapping):
        return ours
    theirs = Row(check).number("tokens_per_s_per_chip")
    if theirs is None or ours is None:
        return ours
    if abs(theirs / ours - 1.0) <= AGREEMENT:
        return theirs
    row.contradictions.append(
        f"the row's check has {theirs:.5g} tokens/s per chip, what was published gives {ours:.5g}"
    )
    return ours


def _check_layout(row: Row, shape: Architecture | None, layout: RunLayout, batch: int | None) -> None:
    if shape is not None and layout.pipeline and layout.pipeline > shape.layers:
        raise RowError(f"pp {layout.pipeline} is more than the {shape.layers} layers")
    if layout.expert and shape is not None:
        experts = shape.mixture.experts if shape.mixture else 1
        if layout.expert > experts:
            raise RowError(f"ep {layout.expert} is more than the {experts} experts")
    if batch and layout.data and layout.microbatch and batch % (layout.data * layout.microbatch):
        row.contradictions.append(
            f"a global batch of {batch} is not a multiple of dp {layout.data} x "
            f"microbatch {layout.microbatch}"
        )


def _name_disagreement(row: Row, published: Published, batch: int | None) -> None:
    """Note where the published step time and the published throughput say different things."""
    chips, sequence = row.whole("chip_count"), row.whole("seq_len")
    if published.iteration_s is None or None in (batch, chips, sequence):
        return
    by_step = (batch or 0) * (sequence or 0) / published.iteration_s / (chips or 1)
    by_total = published.tokens_per_s_total and published.tokens_per_s_total / (chips or 1)
    stated = published.tokens_per_s_per_chip or by_total
    if stated and abs(by_step / stated - 1.0) > AGREEMENT:
        row.contradictions.append(
            f"iteration_s gives {by_step:.5g} tokens/s per chip, the published throughput {stated:.5g}"
        )


def _check_peak(
    hardware: RunHardware, shape: Architecture | None, sequence: int | None, result: RunResult
) -> None:
    """Refuse a row that is faster than its chip: it is wrong by its own arithmetic."""
    peaks = [hardware.peak_bf16_flops_per_s or 0.0, hardware.peak_precision_flops_per_s or 0.0]
    peak = max(peaks)
    if peak <= 0:
        return
    achieved = result.flops_per_s_per_chip or 0.0
    if shape is not None and sequence is not None and result.tokens_per_s_per_chip is not None:
        achieved = max(achieved, result.tokens_per_s_per_chip * flops_per_token(shape, sequence, "6n"))
    if achieved > peak:
        raise RowError(
            f"wrong by its own arithmetic: {achieved / 1e12:.4g} TFLOP/s on a chip of {peak / 1e12:.4g}"
        )
