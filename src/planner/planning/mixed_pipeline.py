"""Pools as consecutive stages of one pipeline: layers by speed, memory by stage."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS
from planner.engine.inputs import Layouts
from planner.engine.memory import memory_parts
from planner.engine.mixed import PoolStep, pipeline_step_s, pool_step, shares_by_speed
from planner.engine.search import Found
from planner.engine.step import step_times
from planner.engine.whole_numbers import divisors
from planner.engine.work import HALF_BYTES, ModelWork
from planner.planning.job import Job
from planner.planning.layout_choice import layout_choice
from planner.planning.mixed import link_rate
from planner.planning.pool_link import Link
from planner.planning.resolve import ResolvedPool
from planner.planning.training import PhaseTraining
from planner.planning.workload import PhaseWorkload

#: Candidates that are costed at once: few enough to stay in cache. [-]
_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Cut:
    """A pipeline over pools: what they share, and the stages and layers of each, in the order of layers."""

    data: int
    microbatch: int
    #: tensor and context degree, expert degree, stages, layers of a stage, what is recomputed, by pool
    ways: tuple[tuple[int, int], ...]
    expert: tuple[int, ...]
    stages: tuple[int, ...]
    layers: tuple[int, ...]
    recompute: tuple[tuple[float, float], ...]

    def after(self, place: int) -> int:
        """Return the stages that come after a pool's: each holds a microbatch more before its turn."""
        return sum(self.stages[place + 1 :])

    def pool_layers(self, place: int, layers: int) -> int:
        """Return the layers of a pool; what the stages hold too many, the last pool lacks."""
        own = self.stages[place] * self.layers[place]
        spare = sum(s * n for s, n in zip(self.stages, self.layers, strict=True)) - layers
        return own - spare if place == len(self.stages) - 1 else own


def part_of(work: ModelWork, layers: FloatArray | float, *, is_first: bool, is_last: bool) -> ModelWork:
    """Return so many layers of a model, the first with the embedding, the last with head and modules."""
    nothing = np.zeros(())
    changes: dict[str, FloatArray] = {"layers": np.asarray(layers, dtype=np.float64)}
    if not is_first:
        # what is tied lies on two stages, on each with its own copy
        changes |= {"embedding_parameters": nothing, "has_tied_embeddings": nothing}
    if not is_last:
        names = ("prediction_layers", "head_parameters", "vocabulary", "has_tied_embeddings")
        changes |= dict.fromkeys(names, nothing)
    return replace(work, **changes)


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """A pool at its place in the pipeline."""

    job: Job
    chips: int
    place: int
    last: int

    def layouts(self, columns: Mapping[str, FloatArray | float]) -> Layouts:
        """Return layouts of the pool's stages: interleaving would send every slice over the link."""
        own: dict[str, FloatArray | float] = {"virtual_stages": 1.0, "zero": self.zero}
        return Layouts(**{**self.job.space.fixed, **own, **columns})

    @property
    def zero(self) -> float:
        """ZeRO stage: the least that is open, as sharded weights would be gathered for every microbatch."""
        stages = [stage for stage in self.job.space.grid.zero if stage < 3]
        return float(min(stages, default=min(self.job.space.grid.zero)))

    def work(self, layers: FloatArray | float) -> ModelWork:
        """Return the part of the model that it holds."""
        return part_of(self.job.work, layers, is_first=self.place == 0, is_last=self.place == self.last)

    def ways(self) -> list[tuple[int, int]]:
        """Return tensor and context degrees."""
        grid = self.job.space.grid
        return list(itertools.product(grid.tensor, grid.context))

    def expert(self, ways: int, data: int) -> int:
        """Return the greatest expert degree that its ranks hold inside a domain, else the least; 0: none."""
        grid, ranks = self.job.space.grid, ways * data
        domain = float(self.job.machine.network.domain_chips)
        able = [
            degree
            for degree in grid.expert
            if degree == 1 or (grid.experts and grid.experts % degree == 0 and ranks % degree == 0)
        ]
        inside = [degree for degree in able if degree <= domain]
        return max(inside, default=min(able, default=0))

    def costed(self, keys: Sequence[_Key], doublings: float) -> dict[_Key, _Stages]:
        """Return what stages take by their layers, for each way in which the pool may be split."""
        recompute = list(self.job.space.grid.recompute)
        layers = self.job.space.grid.layers
        most = [-(-layers // key.stages) for key in keys]
        sizes = [count * len(recompute) for count in most]
        columns = {
            "tensor": np.repeat([float(key.ways[0]) for key in keys], sizes),
            "context": np.repeat([float(key.ways[1]) for key in keys], sizes),
            "expert": np.repeat([float(self.expert(math.prod(key.ways), key.data)) for key in keys], sizes),
            "pipeline": np.repeat([float(key.stages) for key in keys], sizes),
            "data": np.repeat([float(key.data) for key in keys], sizes),
            "microbatch": np.repeat([float(key.microbatch) for key in keys], sizes),
            "in_flight_more": np.repeat([float(key.after) for key in keys], sizes),
        }
        again = [np.repeat(np.array(recompute), count, axis=0) for count in most]
        columns["recompute_attention"], columns["recompute_layers"] = np.concatenate(again).T
        each = np.concatenate([np.tile(np.arange(1.0, count + 1), len(recompute)) for count in most])
        pieces = [
            self._steps(
                {name: column[start : start + _AT_ONCE] for name, column in columns.items()}, layer, doublings
            )
            for start in range(0, len(each), _AT_ONCE)
            for layer in (each[start : start + _AT_ONCE],)
        ]
        together = np.concatenate(pieces, axis=1)
        ends = np.cumsum([0, *sizes])
        return {
            key: _Stages(together[:, start:end].reshape(len(_FIELDS), len(recompute), count))
            for key, count, start, end in zip(keys, most, ends[:-1], ends[1:], strict=True)
        }

    def _steps(self, columns: dict[str, FloatArray], layers: FloatArray, doublings: float) -> FloatArray:
        """Return the fields of some stages, infinite where they do not fit."""
        columns = dict(columns)
        columns["in_flight_more"] = columns["in_flight_more"] + self.job.space.fixed.get(
            "in_flight_more", 0.0
        )
        layouts = self.layouts(columns)
        work, machine, workload = self.work(layers * columns["pipeline"]), self.job.machine, self.job.workload
        times = step_times(work, layouts, machine.chip, machine.network, machine.stack, workload)
        memory = memory_parts(work, layouts, machine.chip, workload)
        found = pool_step(times, machine.stack, doublings, stages=columns["pipeline"])
        rows = np.array([np.broadcast_to(getattr(found, name), layers.shape) for name in _FIELDS])
        rows[0] = np.where(memory.total <= memory.usable, rows[0], np.inf)
        return rows


#: What a pipeline's step is made of, by pool.
_FIELDS = ("slowest_stage", "mean_stage", "transfer", "overlap", "once", "loss")


@dataclass(frozen=True, slots=True)
class _Key:
    """One way of splitting a pool."""

    data: int
    microbatch: int
    ways: tuple[int, int]
    stages: int
    #: stages of the pools behind it
    after: int


class _Stages:
    """What the stages of one way of splitting a pool take, by what is recomputed and by their layers."""

    def __init__(self, fields: FloatArray) -> None:
        self.fields = fields

    def paces(self, crossing: float) -> tuple[FloatArray, FloatArray]:
        """Return what a microbatch takes on a stage of 0, 1, ... layers, and what is best recomputed."""
        slowest, _, transfer, overlap, _, _ = self.fields
        taken = slowest + 2.0 * np.maximum(transfer, crossing) * (1.0 - overlap)
        best = taken.argmin(axis=0)
        return np.concatenate([[0.0], taken.min(axis=0)]), best

    @property
    def least(self) -> float:
        """Seconds of a layer and microbatch at least."""
        slowest = self.fields[0].min(axis=0)
        return float((slowest / np.arange(1, len(slowest) + 1)).min())

    def step(self, again: int, layers: int, stages: int, microbatches: float) -> PoolStep:
        """Return the pool's part of a step at the medians."""
        own = dict(zip(_FIELDS, self.fields[:, again, layers - 1], strict=True))
        nothing = np.zeros(())
        return PoolStep(
            **own, whole=nothing, hides=nothing, exposed_share=0.0, stages=stages, microbatches=microbatches
        )


def pipeline_cut(
    pools: Sequence[tuple[ResolvedPool, Job]], link: Link, doublings: float
) -> tuple[Cut | None, float, int]:
    """Return the fastest pipeline over pools in their order, its step, and how many were costed.

    No cut where none fits. The link, stragglers and the memory of every stage are in it.
    """
    last = len(pools) - 1
    placed = [_Pool(job, pool.chips, place, last) for place, (pool, job) in enumerate(pools)]
    carried = link_rate([job for _, job in pools], link)
    work, grid = placed[0].job.work, placed[0].job.space.grid
    choices = list(_choices(placed))
    if not choices:
        return None, math.inf, 0
    costed = [
        pool.costed(list(dict.fromkeys(keys[pool.place] for keys in choices)), doublings) for pool in placed
    ]
    tried = sum(int(stages.fields[0].size) for pool in costed for stages in pool.values())
    least = [{key: stages.least for key, stages in pool.items()} for pool in costed]

    def bound(keys: tuple[_Key, ...]) -> float:
        rates = sum(key.stages / own[key] for key, own in zip(keys, least, strict=True))
        microbatches = grid.global_batch_sequences / (keys[0].data * keys[0].microbatch)
        return microbatches * grid.layers / rates if rates else math.inf

    tolerance = max((math.exp(job.practice.tolerance) for _, job in pools if job.practice), default=1.0)
    found: list[tuple[Cut, float]] = []
    fastest = math.inf
    for limit, keys in sorted(((bound(keys), keys) for keys in choices), key=lambda pair: pair[0]):
        if limit >= fastest * tolerance:
            break
        sent = keys[0].data * keys[0].microbatch * float(work.sequence_length * HALF_BYTES * work.hidden)
        stages = [own[key] for key, own in zip(keys, costed, strict=True)]
        cut, step_s = _balanced(placed, keys, stages, sent / carried + link.latency_s)
        if cut is not None and step_s < fastest * tolerance:
            found.append((cut, step_s))
            fastest = min(fastest, step_s)
    near = [pair for pair in found if pair[1] <= fastest * tolerance]
    best = min(near, key=lambda pair: pair[1] * _handicap(placed, pair[0]), default=(None, math.inf))
    return *best, tried


def _handicap(pools: Sequence[_Pool], cut: Cut) -> float:
    """Return by what factor people would rather run another pipeline, as of the pool that holds most."""
    most = max(range(len(pools)), key=lambda place: cut.layers[place] * cut.stages[place])
    practice = pools[most].job.practice
    if practice is None:
        return 1.0
    row = _row(cut, most, pools[most].zero)
    row[COLUMNS.index("pipeline")] = sum(cut.stages)
    return math.exp(float(practice.handicap(row[:, None])[0]))


def _choices(pools: Sequence[_Pool]) -> Iterator[tuple[_Key, ...]]:
    """Yield the ways of splitting all pools: their replicas and microbatch are the same."""
    grid = pools[0].job.space.grid
    batch = grid.global_batch_sequences
    degrees = [grid.data] if grid.data is not None else divisors(batch)
    pinned = list(grid.pipeline) if len(grid.pipeline) == 1 else None
    for ways in itertools.product(*(pool.ways() for pool in pools)):
        for data in degrees:
            stages = [pool.chips // (math.prod(own) * data) for pool, own in zip(pools, ways, strict=True)]
            if min(stages) < 1 or sum(stages) > grid.layers or (pinned and sum(stages) != pinned[0]):
                continue
            if not all(pool.expert(math.prod(own), data) for pool, own in zip(pools, ways, strict=True)):
                continue
            after = [sum(stages[place + 1 :]) for place in range(len(pools))]
            for microbatch in grid.microbatch:
                if batch % (data * microbatch) == 0:
                    split = zip(ways, stages, after, strict=True)
                    yield tuple(_Key(data, microbatch, *own) for own in split)


def _balanced(
    pools: Sequence[_Pool], keys: tuple[_Key, ...], stages: Sequence[_Stages], crossing: float
) -> tuple[Cut | None, float]:
    """Return the layers by speed, as far as memory allows, with the step that comes of them."""
    grid = pools[0].job.space.grid
    counts = tuple(key.stages for key in keys)
    paces = [own.paces(crossing) for own in stages]
    layers, _ = shares_by_speed([pace for pace, _ in paces], grid.layers, counts)
    if not layers or min(layers) < 1:
        return None, math.inf
    again = [int(best[count - 1]) for (_, best), count in zip(paces, layers, strict=True)]
    first = keys[0]
    microbatches = float(grid.global_batch_sequences // (first.data * first.microbatch))
    steps = [
        own.step(mode, count, key.stages, microbatches)
        for own, mode, count, key in zip(stages, again, layers, keys, strict=True)
    ]
    cut = Cut(
        first.data,
        first.microbatch,
        tuple(key.ways for key in keys),
        tuple(pool.expert(math.prod(key.ways), key.data) for pool, key in zip(pools, keys, strict=True)),
        counts,
        layers,
        tuple(grid.recompute[mode] for mode in again),
    )
    return cut, float(pipeline_step_s(steps, crossing))


def pipeline_phases(
    pools: Sequence[tuple[ResolvedPool, Job]], cut: Cut, workload: PhaseWorkload, tried: int
) -> tuple[list[PhaseTraining], tuple[int, ...]]:
    """Return each pool's part of a phase, over the draws, and its layers."""
    last = len(pools) - 1
    phases, shares = [], []
    for place, (pool, job) in enumerate(pools):
        placed = _Pool(job, pool.chips, place, last)
        own = cut.pool_layers(place, job.space.grid.layers)
        row = _row(cut, place, placed.zero)
        more = cut.after(place) + job.space.fixed.get("in_flight_more", 0.0)
        layouts = replace(job.space.layouts(row), in_flight_more=float(more))
        part = replace(job, work=placed.work(float(own)))
        phases.append(
            PhaseTraining(
                workload=workload,
                stated_batch=workload.global_batch_sequences,
                job=part,
                layouts=layouts,
                layout=layout_choice(row, job.space),
                estimate=part.estimate(layouts),
                found=_found(row, tried if place == 0 else 0),
            )
        )
        shares.append(own)
    return phases, tuple(shares)


def _row(cut: Cut, place: int, zero: float) -> FloatArray:
    """Return a pool's stages as a candidate."""
    tensor, context = cut.ways[place]
    attention, layers = cut.recompute[place]
    values = {
        "tensor": tensor,
        "context": context,
        "expert": cut.expert[place],
        "expert_tensor": 1,
        "pipeline": cut.stages[place],
        "virtual_stages": 1,
        "data": cut.data,
        "microbatch": cut.microbatch,
        "zero": zero,
        "recompute_attention": attention,
        "recompute_layers": layers,
        "variant": 0,
    }
    return np.array([float(values[name]) for name in COLUMNS])


def _found(row: FloatArray, tried: int) -> Found:
    return Found(row[None], np.zeros(1), tried, tried, None, math.inf, None, math.inf, was_cancelled=False)
