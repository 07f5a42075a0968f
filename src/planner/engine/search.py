"""The search for the fastest layout that fits: blocks in, the best few out, memory flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from planner.engine.arrays import FloatArray
from planner.engine.blocks import Block, blocks
from planner.engine.compute import layer_times
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import ChipInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.layouts import as_layouts
from planner.engine.memory import most_held_bytes, usable_bytes
from planner.engine.parts import attention_passes_s, matmul_passes_s
from planner.engine.shortlist import Preference, RowsAt, shortlist
from planner.engine.step import step_times
from planner.engine.step_cut import fullest_layers
from planner.engine.work import ModelWork, microbatch_tokens


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machine:
    """One kind of chip, joined and programmed one way."""

    chip: ChipInputs
    network: NetworkInputs
    stack: StackConstants


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A grid with the columns of `Layouts` that are the same for all of its candidates."""

    grid: Grid
    fixed: dict[str, float] = field(default_factory=dict)

    @property
    def constants(self) -> dict[str, float]:
        """The columns that are the same for every candidate."""
        return self.grid.constants | self.fixed

    def layouts_of(self, rows: FloatArray) -> Layouts:
        """Return candidates of the grid, told in columns, as layouts."""
        return as_layouts(rows, **self.constants)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a search found, best first."""

    #: rows of `layouts.COLUMNS`, one candidate each
    rows: FloatArray
    #: of a batch that moved: as long as the stated one takes at that pace
    step_s: FloatArray
    #: candidates that fit into memory and were costed
    feasible: int
    candidates: int
    #: the candidate that needs least memory, and what it needs; for explaining that nothing fits
    leanest_row: FloatArray | None
    leanest_bytes: float
    #: the candidate with the shortest step of all
    fastest_row: FloatArray | None
    fastest_s: float
    was_cancelled: bool


def _never() -> bool:
    return False


def search(
    work: ModelWork,
    grid: Grid,
    machine: Machine,
    workload: WorkloadInputs,
    *,
    keep: int = 10,
    cancelled: Callable[[], bool] = _never,
    fixed: dict[str, float] | None = None,
    others: Sequence[Variant] = (),
    preference: Preference | None = None,
) -> Found:
    r"""Return the `keep` best candidates of a grid that fit into memory.

    .. math:: \arg\min_{x \in G,\; m(x) \le m_{usable},\; t(x) \le e^{\tau} \min t} t(x)\, e^{h(x)}

    Candidates are costed block by block and dropped at once, so that memory does not grow with the grid;
    `cancelled` is asked between blocks. Ties go to the candidate that comes first.

    Parameters
    ----------
    work : ModelWork
        One model: fields without a dimension.
    grid : Grid
        The choices :math:`G`.
    machine : Machine
        What every candidate runs on.
    workload : WorkloadInputs
        One workload; its batch is the grid's. [-]
    keep : int
        Candidates to return at most, >= 1. [-]
    cancelled : callable
        Whether to stop at the next block, with what was found so far.
    fixed : dict of str to float, optional
        Further columns of `Layouts`, the same for all candidates of the grid.
    others : sequence of Variant, optional
        Further grids, each with columns of its own, whose candidates are held against those of the first.
    preference : Preference, optional
        Handicaps :math:`h` and how much longer a preferred step may be, :math:`\tau`; without it the fastest
        are taken. Of the logarithm. [-]

    Returns
    -------
    Found
        The best rows (at most `keep`, columns of `layouts.COLUMNS`) with their step times [s], none where
        nothing fits.

    Notes
    -----
    Candidates that leave so many chips idle that the rest could not compute the step in time are not costed:
    a step on :math:`n` chips takes :math:`C / n` at least (`least_chip_seconds`).

    References
    ----------
    .. [1] Isaev et al., Calculon (SC 2023): an exhaustive search over layouts by an analytical model.

    Examples
    --------
    A small model on eight chips at the default constants: data parallel alone is fastest.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.grid import COLUMNS
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, vocabulary=32000)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> machine = Machine(
    ...     chip=ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                     memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12),
    ...     network=NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=100e9,
    ...                           pair_bytes_per_s=100e9),
    ...     stack=StackConstants(),
    ... )
    >>> grid = Grid(chips=8, layers=8, global_batch_sequences=64, experts=0, tensor=(1, 2, 8),
    ...             microbatch=(1, 2), zero=(1,), recompute=((0.0, 0.0),), data=None)
    >>> found = search(model_work(shape, workload), grid, machine, workload, keep=1)
    >>> [float(value) for value in found.rows[0][[COLUMNS.index("tensor"), COLUMNS.index("data")]]]
    [1.0, 8.0]
    """
    chip_seconds: float | None = None
    asked = _Asked(work, machine, workload)
    best = shortlist(keep, preference)
    feasible = candidates = 0
    leanest: FloatArray | None = None
    leanest_bytes = np.inf
    was_cancelled = False
    usable = usable_bytes(np.asarray(machine.chip.memory_bytes), workload.hidden_share)

    def is_worth(chips: int) -> bool:
        nonlocal chip_seconds
        if best.idle_s == np.inf:
            return True
        if chip_seconds is None:
            chip_seconds = _least_of_moved(work, machine, workload, grid)
        return bool(chip_seconds < chips * best.idle_s)

    for variant, block in _all_blocks((Variant(grid, fixed or {}), *others), is_worth):
        was_cancelled = cancelled()
        if was_cancelled:
            break
        held = block.in_places(asked.held_bytes(variant, block.layouts(**variant.constants), block.stems))
        held = held if block.goes is None else np.where(block.are_there, held, np.inf)
        lowest = int(np.argmin(held))
        if held[lowest] < leanest_bytes:
            leanest_bytes, leanest = held[lowest], block.at(np.array([lowest]))[:, 0]
        candidates += block.count
        fits = (held <= usable) & (held < np.inf)
        partly, tried = block.at(np.empty(0, dtype=np.intp)), 0
        if variant.grid.has_partial_recompute:
            partly, tried = _partly_again(block, held, usable, asked, variant)
        candidates += tried
        if partly.shape[1]:
            # of few candidates a second round costs more than the axes save
            rows = np.concatenate([block.at(np.flatnonzero(fits)), partly], axis=1)
            times = np.broadcast_to(asked.paces_s(variant, variant.layouts_of(rows), rows), rows.shape[1])
            best.take(times, _those(rows))
            feasible += rows.shape[1]
        elif fits.any():
            fitting, places = block.with_any(fits)
            times = asked.paces_s(variant, fitting.layouts(**variant.constants), fitting.stems)
            best.take(fitting.in_places(times)[places], _those_of(fitting, places))
            feasible += len(places)
    return Found(
        *best.found(),
        feasible,
        candidates,
        leanest,
        float(leanest_bytes),
        *best.fastest(),
        was_cancelled,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is searched for: a model's training on a machine."""

    work: ModelWork
    machine: Machine
    workload: WorkloadInputs

    def moved(self, grid: Grid, rows: FloatArray) -> WorkloadInputs:
        """Return the workload with the batch that each candidate trains on."""
        if not grid.moves_batch:
            return self.workload
        return replace(self.workload, global_batch_sequences=grid.batches(rows))

    def held_bytes(self, variant: Variant, layouts: Layouts, rows: FloatArray) -> FloatArray:
        """Return what the fullest chip holds. [B]."""
        return most_held_bytes(self.work, layouts, self.moved(variant.grid, rows))

    def paces_s(self, variant: Variant, layouts: Layouts, rows: FloatArray) -> FloatArray:
        """Return what the stated batch takes at the pace of a step on each candidate's own. [s]."""
        on = self.moved(variant.grid, rows)
        times = cost(self.work, layouts, self.machine, on)
        if on is self.workload:
            return times
        return times * (self.workload.global_batch_sequences / on.global_batch_sequences)


def _those_of(block: Block, places: NDArray[np.intp]) -> RowsAt:
    return lambda near: block.at(places[near])


def _those(rows: FloatArray) -> RowsAt:
    return lambda near: rows.take(near, axis=1)


def _least_of_moved(work: ModelWork, machine: Machine, workload: WorkloadInputs, grid: Grid) -> float:
    """Return the lower bound of a step's chip-seconds: on the largest batch sequences are the cheapest."""
    if not grid.moves_batch:
        return least_chip_seconds(work, machine, workload)
    most = 1.0 + grid.batch_flex
    largest = replace(workload, global_batch_sequences=workload.global_batch_sequences * most)
    return least_chip_seconds(work, machine, largest) / most


def _all_blocks(
    variants: Sequence[Variant], is_worth: Callable[[int], bool]
) -> Iterator[tuple[Variant, Block]]:
    for variant in variants:
        for block in blocks(variant.grid, is_worth=is_worth):
            yield variant, block


#: Row of a block that says which share of the layers is run again whole.
_LAYERS_AGAIN = COLUMNS.index("recompute_layers")


def _partly_again(
    block: Block, held: FloatArray, usable: FloatArray, asked: _Asked, variant: Variant
) -> tuple[FloatArray, int]:
    r"""Return candidates that run as few whole layers of a stage again as fit, and how many were tried.

    .. math:: k = 1 + \left\lceil (l - 1) \frac{m_1 - m_{usable}}{m_1 - m_l} \right\rceil

    of the :math:`l` layers of the fullest stage, for candidates that fit if all of them are run again and do
    not if none is. Memory is convex in how many are run again, from one on, so that the chord from
    :math:`m_1` to :math:`m_l` lies above it: what it says fits, does.
    """
    choices = block.shape[1]
    first, last = held[::choices], held[choices - 1 :: choices]
    is_open = (first > usable) & (last <= usable)
    partly = block.at(np.flatnonzero(is_open) * choices)
    layers = np.broadcast_to(fullest_layers(asked.work, variant.layouts_of(partly)), partly.shape[1])
    several = layers > 1.0
    if not several.any():
        return partly[:, :0], 0
    partly, layers = partly[:, several], layers[several]
    whole = last[is_open][several]

    def needed(rows: FloatArray) -> FloatArray:
        held = asked.held_bytes(variant, variant.layouts_of(rows), rows)
        return np.broadcast_to(held, rows.shape[1])

    partly[_LAYERS_AGAIN] = 1.0 / layers
    one = needed(partly)
    over = np.maximum(one - usable, 0.0) / np.maximum(one - whole, 1.0)
    partly[_LAYERS_AGAIN] = np.minimum(1.0 + np.ceil((layers - 1.0) * over), layers) / layers
    is_part = (partly[_LAYERS_AGAIN] < 1.0) & (needed(partly) <= usable)
    return partly.compress(is_part, axis=1), partly.shape[1]


def cost(work: ModelWork, layouts: Layouts, machine: Machine, workload: WorkloadInputs) -> FloatArray:
    """Return the step time of every layout. [s].

    Parameters
    ----------
    work, layouts, machine, workload
        As `step.step_times` takes them, the machine's parts together.

    Returns
    -------
    (...,) float64
        The sum of the step's exposed parts. [s]
    """
    return step_times(work, layouts, machine.chip, machine.network, machine.stack, workload).total


def least_chip_seconds(work: ModelWork, machine: Machine, workload: WorkloadInputs) -> float:
    r"""Return a lower bound of a step's time multiplied by its chips: the layers' compute alone. [s].

    .. math:: C = L \left(3\,t_{matmul} + 3.5\,t_{attention}\right)

    That of one chip, which shards nothing, runs the batch in one piece and recomputes nothing.

    Parameters
    ----------
    work : ModelWork
        The model, its prediction modules counted as layers.
    machine : Machine
        The chip and the stack's constants; of several, the fastest counts.
    workload : WorkloadInputs
        Its sequences per step, of several the largest. [-]

    Returns
    -------
    float
        Chip-seconds. [s]

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), appendix: a backward pass multiplies twice what
       its forward pass does. Attention's 2.5 is `parts.BACKWARD_ATTENTION`.

    Examples
    --------
    Eight layers of :math:`16 \cdot 1024^2` parameters on 131,072 tokens at 50 TFLOP/s, nothing lost: 88 ms
    forward, attention 11 ms.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> machine = Machine(
    ...     chip=ChipInputs(matmul_peak_flops_per_s=50e12, attention_peak_flops_per_s=50e12,
    ...                     memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12),
    ...     network=NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=100e9,
    ...                           pair_bytes_per_s=100e9),
    ...     stack=StackConstants(matmul_efficiency=1, hidden_half_size=0, width_half_size=0,
    ...                          wave_idle_outputs=0, weight_traffic_bytes=0, attention_efficiency=1,
    ...                          attention_half_context=0, attention_half_head=0),
    ... )
    >>> round(least_chip_seconds(model_work(shape, workload), machine, workload), 3)
    2.419
    >>> round(8 * (3 * 0.08796 + 3.5 * 0.010995), 3)
    2.419
    """
    batch = float(np.max(workload.global_batch_sequences))
    alone = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=batch)
    tokens = microbatch_tokens(work, batch, 1.0)
    times = layer_times(work, tokens, alone, machine.chip, machine.stack, workload)
    none = np.zeros(())
    layer = matmul_passes_s(times.matmul + times.experts, none, none, none)
    layer = layer + attention_passes_s(times.attention, none, none)
    return float(np.min((work.layers + work.prediction_layers) * layer))
