"""One row of the JSON list of published runs becomes a run, or a skipped row with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from planner.catalog import run_prose as prose
from planner.catalog.run_rate import Published, published_rate
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
from planner.errors import InputError
from planner.text import safe

#: Rates of a row and of its `check` block agree within this share; rounding explains that much.
_AGREEMENT = 0.01
#: Degrees of a layout as rows call them, in the project's words.
_DEGREES = {
    "tp": "tensor",
    "cp": "context",
    "ep": "expert",
    "etp": "expert_tensor",
    "pp": "pipeline",
    "vpp": "virtual_stages",
    "dp": "data",
    "micro_batch": "microbatch",
}
_TRAINIUM_CORES = 2


class _RowError(InputError):
    """A row that cannot become a run."""


@dataclass
class _Row:
    """Typed access to one row, and what was noted while reading it."""

    values: Mapping[str, Any]
    assumed: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    is_incomplete: bool = False

    def number(self, key: str, scale: float = 1.0, *, may_be_zero: bool = False) -> float | None:
        """Return a positive number, or None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _RowError(f"{key} is {_kind(value)}; expected a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number) or number < 0 or (number == 0 and not may_be_zero):
            raise _RowError(f"{key} = {number:g}; expected a number above zero")
        return number * scale

    def whole(self, key: str, *, may_be_zero: bool = False) -> int | None:
        """Return a whole number above zero, or None where it is absent."""
        number = self.number(key, may_be_zero=may_be_zero)
        if number is None:
            return None
        if number != math.floor(number):
            raise _RowError(f"{key} = {number:g}; expected a whole number")
        return int(self.values[key])

    def needed(self, key: str, *, may_be_zero: bool = False) -> int:
        """Return a whole number that must be there."""
        number = self.whole(key, may_be_zero=may_be_zero)
        if number is None:
            raise _RowError(f"{key} is missing, though other parts of the architecture are given")
        return number

    def text(self, key: str) -> str | None:
        """Return a text made safe to show, or None where it is absent or empty."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _RowError(f"{key} is {_kind(value)}; expected text")
        return safe(value.replace("\n", " ").replace("\t", " "), limit=1_900).strip() or None

    def flag(self, key: str) -> bool | None:
        """Return a boolean, or None where it is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise _RowError(f"{key} is {_kind(value)}; expected true or false")
        return value

    def take(self, reading: prose.Reading[Any]) -> Any:
        """Return what a reading says, and note what it assumed."""
        if reading.remark:
            self.assumed.append(safe(reading.remark, limit=1_900))
        if not reading.is_known:
            self.is_incomplete = True
        return reading.value


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {safe(repr(value), limit=60)}"
    names: dict[type, str] = {bool: "true or false", list: "a list", dict: "a table"}
    return names.get(type(value), "a number")


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
            raise _RowError(f"is {_kind(row)}; expected a table of one run")
        given = row.get("id")
        if isinstance(given, str) and given.strip():
            identifier = safe(given.strip(), limit=180)
        return _import(_Row({key: value for key, value in row.items() if value is not None}))
    except _RowError as error:
        reason = str(error)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = f"{place}: {first['msg']}".replace("Value error, ", "").lstrip(": ")
    return SkippedRow(id=identifier, reason=safe(reason, limit=1_900), where=safe(where, limit=1_900))


def _import(row: _Row) -> Run:
    identifier, chip = row.text("id"), row.text("chip")
    if identifier is None:
        raise _RowError("id is missing; expected the run's name")
    if chip is None:
        raise _RowError("chip is missing; expected a chip's id")
    tier = row.text("tier") or "B"
    if tier not in ("A", "B", "C", "E"):
        raise _RowError(f"tier is '{tier}'; expected A, B, C or E")
    shape = _architecture(row)
    software = _software(row, identifier)
    layout = _layout(row, tier, software, chip)
    batch = _global_batch(row, layout)
    layout = _with_microbatch(row, layout, software, batch)
    recompute = _recompute(row, shape, layout, chip, software)
    precision, scaling = _precision(row)
    result = _result(row, shape, batch)
    _check_layout(row, shape, layout, batch)
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
        hardware=_hardware(row, chip),
        result=result,
        source=RunSource(
            title=row.text("source_title") or "not stated",
            url=row.text("source_url"),
            location=row.text("source_location"),
            date=row.text("date"),
        ),
        notes=row.text("notes"),
        known_issue=row.text("known_issue"),
        assumed=tuple(row.assumed),
        contradictions=tuple(row.contradictions),
    )


def _missing(row: _Row) -> tuple[str, ...]:
    value = row.values.get("missing_fields", ())
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise _RowError("missing_fields is not a list of texts")
    return tuple(safe(name, limit=200) for name in value)


def _architecture(row: _Row) -> Architecture | None:
    if "layers" not in row.values and "hidden" not in row.values:
        return None
    mixture = _mixture(row)
    every_layer_mixed = mixture is not None and mixture.first_dense_layers == 0 and mixture.layer_every == 1
    width = row.whole("dense_ffn") or (0 if every_layer_mixed else row.whole("ffn_hidden")) or 0
    heads, hidden = row.needed("heads"), row.needed("hidden")
    window = row.whole("attn_window")
    activation = (row.text("activation") or "").lower()
    gated = row.flag("gated_mlp")
    is_gated = ("glu" in activation or not activation) if gated is None else gated
    return Architecture(
        layers=row.needed("layers"),
        hidden=hidden,
        heads=heads,
        key_value_heads=row.whole("kv_heads") or heads,
        head_dimension=row.whole("head_dim") or max(1, hidden // heads),
        feed_forward_width=width,
        is_gated=is_gated,
        vocabulary=row.needed("vocab"),
        has_tied_embeddings=bool(row.flag("tied_embeddings")),
        normalisation="rms" if is_gated else "layer",
        latent_attention=_latent(row),
        mixture=mixture,
        window=None
        if window is None
        else WindowedAttention(window=window, full_every=row.whole("attn_window_every", may_be_zero=True) or 0),
        multi_token_prediction_layers=row.whole("mtp_layers", may_be_zero=True) or 0,
    )


def _mixture(row: _Row) -> MixtureOfExperts | None:
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


def _latent(row: _Row) -> LatentAttention | None:
    value = row.values.get("mla")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _RowError(f"mla is {_kind(value)}; expected a table")
    inner = _Row(value)
    return LatentAttention(
        query_rank=inner.whole("q_lora_rank", may_be_zero=True) or 0,
        key_value_rank=inner.needed("kv_lora_rank"),
        rope_dimension=inner.whole("qk_rope_head_dim", may_be_zero=True) or 0,
        nope_dimension=inner.needed("qk_nope_head_dim"),
        value_dimension=inner.needed("v_head_dim"),
    )


def _software(row: _Row, identifier: str) -> RunSoftware:
    name = row.text("framework")
    framework = "unknown" if name is None else row.take(prose.read_framework(name))
    features, routing = row.text("features"), row.text("routing")
    recompute = (row.text("recompute") or "").lower()
    capacity = row.number("capacity_factor")
    return RunSoftware(
        framework=framework,
        name=name,
        year=prose.read_year(
            name or "", identifier, row.text("source_location") or "", row.text("date") or ""
        ),
        features=prose.read_features(features) if features else (),
        routing=prose.read_routing(routing) if routing else None,
        capacity_factor=capacity,
        offloads_activations=row.text("offload") is not None or "offload" in recompute,
    )


def _layout(row: _Row, tier: str, software: RunSoftware, chip: str) -> RunLayout:
    text = row.text("parallelism_note") or ""
    note = prose.read_layout_note(text)
    degrees = {name: row.whole(key) for key, name in _DEGREES.items()}
    for key, number in note.degrees.items():
        if degrees[_DEGREES[key]] is None:
            degrees[_DEGREES[key]] = number
    notes = (row.text("notes") or "").lower()
    is_all_to_all = "ulysses" in f"{notes} {text.lower()}" or "alst" in (software.name or "").lower()
    if is_all_to_all and degrees["context"] is None and "within the node" in notes:
        degrees["context"] = min(row.whole("chips_per_node") or 1, row.whole("chip_count") or 1)
        row.assumed.append(f"context parallel over the {degrees['context']} chips of a node, by the notes")
        if degrees["microbatch"] is None and "micro batch 1" in notes:
            degrees["microbatch"] = 1
    if tier == "A":
        for name in ("tensor", "context", "expert", "pipeline", "virtual_stages"):
            degrees[name] = degrees[name] or 1
    counts_cores = note.counts_cores or chip.startswith("trn")
    zero = _zero(row, note)
    layout = RunLayout(
        **{name: number for name, number in degrees.items() if number is not None},
        context_kind="all-to-all" if is_all_to_all else "ring",
        is_sequence_parallel=row.flag("sp"),
        ranks_per_chip=_TRAINIUM_CORES if counts_cores else 1,
        zero=None if zero is None else zero.stage,
    )
    return _with_sharding(row, _with_data(row, layout, tier, note.has_no_folding), zero, note)


def _zero(row: _Row, note: prose.NoteReading) -> prose.ZeroReading | None:
    stated = row.values.get("zero_stage")
    if stated is None:
        return prose.ZeroReading(3) if note.shard_ranks else None
    if isinstance(stated, bool) or not isinstance(stated, str | int):
        raise _RowError(f"zero_stage is {_kind(stated)}; expected text or a stage")
    reading: prose.ZeroReading | None = row.take(
        prose.read_zero(safe(stated, limit=500) if isinstance(stated, str) else stated)
    )
    return reading


def _with_data(row: _Row, layout: RunLayout, tier: str, has_no_folding: bool) -> RunLayout:
    """Return the layout with the data-parallel degree that the chips leave."""
    changes: dict[str, int] = {}
    if has_no_folding and layout.expert_tensor is None and layout.tensor is not None:
        changes["expert_tensor"] = layout.tensor
    chips = row.whole("chip_count")
    others = None
    if layout.tensor is not None:
        # a pipeline or context degree that a stated tensor degree leaves out is 1
        others = layout.tensor * (layout.pipeline or 1) * (layout.context or 1)
        if layout.pipeline is None:
            changes["pipeline"] = 1
        if layout.context is None:
            changes["context"] = 1
    elif layout.context is not None and layout.context_kind == "all-to-all":
        others = layout.context
        changes |= {"tensor": 1, "pipeline": 1}
    if chips is not None and others is not None:
        ranks = chips * layout.ranks_per_chip
        if ranks % others:
            row.contradictions.append(
                f"tp x pp x cp = {others} does not divide {ranks} ranks; the layout is left to the search"
            )
            row.is_incomplete = True
            return RunLayout(zero=layout.zero, ranks_per_chip=layout.ranks_per_chip)
        if layout.data is not None and layout.data != ranks // others:
            row.contradictions.append(
                f"dp {layout.data} x tp x pp x cp {others} is not {ranks} ranks; taken as dp {ranks // others}"
            )
            row.is_incomplete = True
        changes["data"] = ranks // others
    return layout.model_copy(update=changes)


def _with_sharding(
    row: _Row, layout: RunLayout, zero: prose.ZeroReading | None, note: prose.NoteReading
) -> RunLayout:
    """Return the layout with the ranks that share the states, where it is not all data-parallel ones."""
    if zero is None or zero.stage == 0:
        return layout
    shard = zero.shard_ranks or note.shard_ranks
    data = layout.data
    if shard is None and zero.is_within_host:
        per_host = (row.whole("chips_per_node") or 8) * layout.ranks_per_chip
        shard = max(1, per_host // max(1, layout.tensor or 1))
    if shard is None and note.replicas and data and data % note.replicas == 0:
        shard = data // note.replicas
    if shard is None or (data is not None and shard >= data):
        return layout
    return layout.model_copy(update={"shard_ranks": shard})


def _global_batch(row: _Row, layout: RunLayout) -> int | None:
    batch = row.whole("global_batch_sequences")
    tokens, sequence = row.number("global_batch_tokens"), row.whole("seq_len")
    if batch is None and tokens is not None and sequence is not None:
        step = (layout.data or 1) * (layout.microbatch or 1)
        batch = max(1, round(tokens / sequence / step)) * step
        row.assumed.append(f"global batch of {tokens:g} tokens taken as {batch} sequences")
    elif batch is not None and tokens is not None and sequence is not None:
        if abs(batch * sequence / tokens - 1.0) > _AGREEMENT:
            row.contradictions.append(
                f"global_batch_sequences x seq_len = {batch * sequence} is not global_batch_tokens {tokens:g}"
            )
    elif batch is None and layout.context_kind == "all-to-all" and layout.data and layout.microbatch:
        batch = layout.data * layout.microbatch
        row.assumed.append(f"global batch not stated: taken as one microbatch for each data rank, {batch}")
    return batch


def _with_microbatch(
    row: _Row, layout: RunLayout, software: RunSoftware, batch: int | None
) -> RunLayout:
    """Return the layout with the microbatch of frameworks that do not accumulate gradients by default."""
    if layout.microbatch is not None or batch is None or not layout.data or batch % layout.data:
        return layout
    if software.framework not in ("maxtext", "paxml") or (layout.pipeline or 1) > 1:
        return layout
    return layout.model_copy(update={"microbatch": batch // layout.data})


def _recompute(
    row: _Row, shape: Architecture | None, layout: RunLayout, chip: str, software: RunSoftware
) -> RunRecompute | None:
    text = row.text("recompute")
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


def _precision(row: _Row) -> tuple[Any, Any]:
    text = row.text("precision")
    if text is None:
        return None, None
    reading, scaling = prose.read_precision(text)
    return row.take(reading), scaling


def _hardware(row: _Row, chip: str) -> RunHardware:
    network = row.text("inter_node_net")
    return RunHardware(
        chip=chip,
        platform=prose.read_platform(chip),
        chip_count=row.whole("chip_count"),
        chips_per_host=row.whole("chips_per_node"),
        chips_per_domain=prose.read_domain(row.text("intra_node_bw") or "", row.text("system") or ""),
        scale_out_bytes_per_s=row.number("scale_out_gbps_per_chip", 1e9 / 8.0),
        fabric=prose.read_fabric(network) if network else None,
        peak_bf16_flops_per_s=row.number("peak_bf16_tflops", 1e12),
        peak_precision_flops_per_s=row.number("peak_precision_tflops", 1e12),
        peak_used_flops_per_s=row.number("peak_used_tflops", 1e12),
        system=row.text("system"),
        network=network,
    )


def _result(row: _Row, shape: Architecture | None, batch: int | None) -> RunResult:
    convention = prose.read_convention(row.text("flops_convention") or "")
    peak = row.number("peak_used_tflops", 1e12) or row.number("peak_bf16_tflops", 1e12)
    published = Published(
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
    rate = published_rate(
        published,
        chips=row.whole("chip_count"),
        shape=shape,
        sequence_length=row.whole("seq_len"),
        global_batch_sequences=batch,
        convention=convention,
    )
    measured = _reconciled(row, rate.tokens_per_s_per_chip if rate else None)
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


def _reconciled(row: _Row, ours: float | None) -> float | None:
    """Return the rate to score by: that of the row's own check where it agrees with ours, else ours."""
    check = row.values.get("check")
    if not isinstance(check, Mapping):
        return ours
    theirs = _Row(check).number("tokens_per_s_per_chip")
    if theirs is None or ours is None:
        return ours
    if abs(theirs / ours - 1.0) <= _AGREEMENT:
        return theirs
    row.contradictions.append(
        f"the row's check has {theirs:.5g} tokens/s per chip, what was published gives {ours:.5g}"
    )
    return ours


def _check_layout(row: _Row, shape: Architecture | None, layout: RunLayout, batch: int | None) -> None:
    if shape is not None and layout.pipeline and layout.pipeline > shape.layers:
        raise _RowError(f"pp {layout.pipeline} is more than the {shape.layers} layers")
    if layout.expert and shape is not None:
        experts = shape.mixture.experts if shape.mixture else 1
        if layout.expert > experts:
            raise _RowError(f"ep {layout.expert} is more than the {experts} experts")
    if batch and layout.data and layout.microbatch and batch % (layout.data * layout.microbatch):
        row.contradictions.append(
            f"a global batch of {batch} is not a multiple of dp {layout.data} x microbatch {layout.microbatch}"
        )
