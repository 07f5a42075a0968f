"""The parallel layout and batch of one row: what is stated, in prose or numbers, and what the chips leave."""

from __future__ import annotations

from planner.catalog import run_prose as prose
from planner.catalog.run_row import AGREEMENT, Row, RowError, kind_of
from planner.domain.run import RunLayout, RunSoftware
from planner.text import safe

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
#: Degrees that some sources write as 0 where they are not used.
_OFF_IS_ZERO = frozenset({"cp", "ep", "etp", "vpp"})
_TRAINIUM_CORES = 2
#: Chips that a layout may leave idle before it counts as another layout: sizes read from a plot's axis.
_IDLE_SHARE = 0.02


def read_layout(row: Row, tier: str, software: RunSoftware, chip: str) -> RunLayout:
    """Return the layout that a row states, with the data-parallel degree that its chips leave."""
    text = row.text("parallelism_note") or ""
    note = prose.read_layout_note(text)
    degrees = {
        name: row.whole(key, may_be_zero=key in _OFF_IS_ZERO) or None for key, name in _DEGREES.items()
    }
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
    is_sharded = zero is not None and zero.stage == 3 and software.framework == "maxtext"
    if is_sharded and not any(degrees.values()):
        degrees["tensor"] = 1
        row.assumed.append("fully sharded and no other degree named: sharded over all chips")
    layout = RunLayout(
        **{name: number for name, number in degrees.items() if number is not None},
        context_kind="all-to-all" if is_all_to_all else "ring",
        is_sequence_parallel=row.flag("sp"),
        ranks_per_chip=_TRAINIUM_CORES if counts_cores else 1,
        zero=None if zero is None else zero.stage,
    )
    return _with_sharding(row, _with_data(row, layout, note.has_no_folding), zero, note)


def _zero(row: Row, note: prose.NoteReading) -> prose.ZeroReading | None:
    stated = row.values.get("zero_stage")
    if stated is None:
        return prose.ZeroReading(3) if note.shard_ranks else None
    if isinstance(stated, bool) or not isinstance(stated, str | int):
        raise RowError(f"zero_stage is {kind_of(stated)}; expected text or a stage")
    reading: prose.ZeroReading | None = row.take(
        prose.read_zero(safe(stated, limit=500) if isinstance(stated, str) else stated)
    )
    return reading


def _with_data(row: Row, layout: RunLayout, has_no_folding: bool) -> RunLayout:
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
        idle = ranks % others
        if idle and (ranks < others or idle / ranks > _IDLE_SHARE):
            row.contradictions.append(
                f"tp x pp x cp = {others} does not divide {ranks} ranks; the layout is left to the search"
            )
            row.is_incomplete = True
            return RunLayout(zero=layout.zero, ranks_per_chip=layout.ranks_per_chip)
        if idle:
            row.contradictions.append(f"tp x pp x cp = {others} leaves {idle} of {ranks} ranks idle")
        elif layout.data is not None and layout.data != ranks // others:
            row.contradictions.append(
                f"dp {layout.data} x tp x pp x cp {others} is not {ranks} ranks; "
                f"taken as dp {ranks // others}"
            )
            row.is_incomplete = True
        changes["data"] = ranks // others
    return layout.model_copy(update=changes)


def _with_sharding(
    row: Row, layout: RunLayout, zero: prose.ZeroReading | None, note: prose.NoteReading
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


def read_global_batch(row: Row, layout: RunLayout) -> int | None:
    """Return the global batch in sequences, or None where nothing tells it."""
    batch = row.whole("global_batch_sequences")
    tokens, sequence = row.number("global_batch_tokens"), row.whole("seq_len")
    if batch is None and tokens is not None and sequence is not None:
        step = (layout.data or 1) * (layout.microbatch or 1)
        batch = max(1, round(tokens / sequence / step)) * step
        row.assumed.append(f"global batch of {tokens:g} tokens taken as {batch} sequences")
    elif batch is not None and tokens is not None and sequence is not None:
        if abs(batch * sequence / tokens - 1.0) > AGREEMENT:
            row.contradictions.append(
                f"global_batch_sequences x seq_len = {batch * sequence} is not global_batch_tokens {tokens:g}"
            )
    elif batch is None and layout.context_kind == "all-to-all" and layout.data and layout.microbatch:
        batch = layout.data * layout.microbatch
        row.assumed.append(f"global batch not stated: taken as one microbatch for each data rank, {batch}")
    return batch


def with_microbatch(layout: RunLayout, software: RunSoftware, batch: int | None) -> RunLayout:
    """Return the layout with the microbatch of frameworks that do not accumulate gradients by default."""
    if layout.microbatch is not None or batch is None or not layout.data or batch % layout.data:
        return layout
    if software.framework not in ("maxtext", "paxml") or (layout.pipeline or 1) > 1:
        return layout
    return layout.model_copy(update={"microbatch": batch // layout.data})
