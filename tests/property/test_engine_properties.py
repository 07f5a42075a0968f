"""What holds for any machine and model: more never hurts, parts sum, bands are ordered, units come back."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.architecture import parameter_counts
from planner.engine.arrays import FloatArray
from planner.engine.estimate import estimate_layout
from planner.engine.flops import training_flops_per_token
from planner.engine.grid import Grid
from planner.engine.inputs import (
    ArchitectureInputs,
    ChipInputs,
    Layouts,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.memory import MemoryParts, memory_parts
from planner.engine.memory_terms import stages
from planner.engine.power import (
    chips_power_w,
    clos_count,
    cooling_power_w,
    facility_power_w,
    hosts_power_w,
    it_power_w,
    network_power_w,
    peak_facility_w,
    storage_power_w,
)
from planner.engine.search import Machine, search
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import band
from planner.engine.whole_numbers import divisors, powers_of_two
from planner.engine.work import model_work, total_parameters
from planner.units import (
    AREA,
    BYTES,
    BYTES_PER_S,
    COUNT,
    FLOPS_PER_S,
    MONEY,
    MONEY_PER_HOUR,
    MONEY_PER_KWH,
    POWER,
    TIME,
    TOKENS,
    Dimension,
    Span,
    canonical_text,
    parse_quantity,
    parse_span,
)

#: Two answers are the same where floating point orders its sums differently.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Case:
    """A model, its work and a machine, all drawn."""

    shape: ArchitectureInputs
    workload: WorkloadInputs
    machine: Machine

    def grid(self, chips: int) -> Grid:
        """Return the layouts that a search tries on some chips."""
        layers = int(self.shape.layers)
        experts = int(self.shape.experts)
        return Grid(
            chips=chips,
            layers=layers,
            global_batch_sequences=int(self.workload.global_batch_sequences),
            experts=experts,
            tensor=powers_of_two(8),
            expert=divisors(experts) if experts else (1,),
            pipeline=sorted({*divisors(layers), *powers_of_two(layers)}),
            virtual_stages=(1, 2, 4),
        )

    def best_s(self, chips: int) -> float:
        """Return the shortest step that a search finds; infinite where nothing fits."""
        work = model_work(self.shape, self.workload)
        found = search(work, self.grid(chips), self.machine, self.workload, keep=1)
        return float(found.step_s[0]) if len(found.step_s) else math.inf


def powers(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda exponent: float(2**exponent))


@st.composite
def shapes(draw: st.DrawFn) -> ArchitectureInputs:
    heads = draw(powers(2, 7))
    head_dimension = draw(st.sampled_from([64.0, 128.0]))
    experts = draw(st.sampled_from([0.0, 0.0, 8.0, 64.0]))
    return ArchitectureInputs(
        layers=float(draw(st.integers(1, 96))),
        hidden=heads * head_dimension,
        heads=heads,
        key_value_heads=max(heads / draw(st.sampled_from([1, 4, 8])), 1.0),
        head_dimension=head_dimension,
        feed_forward_width=heads * head_dimension * draw(st.sampled_from([2.0, 3.5, 4.0])),
        is_gated=draw(st.sampled_from([0.0, 1.0])),
        vocabulary=float(draw(st.integers(1_000, 256_000))),
        has_tied_embeddings=draw(st.sampled_from([0.0, 1.0])),
        experts=experts,
        active_experts=min(experts, 2.0),
        expert_width=heads * head_dimension if experts else 0.0,
    )


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    peak = draw(st.floats(50e12, 2500e12))
    up = draw(st.floats(50e9, 1000e9))
    return Machine(
        chip=ChipInputs(
            matmul_peak_flops_per_s=peak,
            attention_peak_flops_per_s=peak,
            memory_bytes=draw(st.floats(16e9, 288e9)),
            memory_bandwidth_bytes_per_s=draw(st.floats(0.5e12, 20e12)),
        ),
        network=NetworkInputs(
            domain_chips=draw(st.sampled_from([1.0, 8.0, 72.0])),
            host_chips=8.0,
            scale_up_bytes_per_s=up,
            pair_bytes_per_s=up / 8,
            is_mesh=draw(st.sampled_from([0.0, 0.0, 1.0])),
            scale_out_bytes_per_s=draw(st.floats(3e9, 100e9)),
        ),
        stack=StackConstants(),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    workload = WorkloadInputs(sequence_length=draw(powers(9, 14)), global_batch_sequences=draw(powers(4, 12)))
    return Case(draw(shapes()), workload, draw(machines()))


@st.composite
def layouts(draw: st.DrawFn) -> Layouts:
    def column(*choices: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array(draw(st.lists(st.sampled_from(choices), min_size=8, max_size=8)))

    return Layouts(
        tensor=column(1.0, 2.0, 4.0, 8.0, 16.0),
        pipeline=column(1.0, 2.0, 3.0, 8.0),
        data=column(1.0, 2.0, 8.0, 64.0),
        microbatch=column(1.0, 2.0, 4.0),
        context=column(1.0, 2.0, 4.0),
        expert=column(1.0, 2.0, 8.0),
        virtual_stages=column(1.0, 2.0),
        zero=column(0.0, 1.0, 2.0, 3.0),
        recompute_attention=column(0.0, 1.0),
        recompute_layers=column(0.0, 0.5, 1.0),
    )


def step(case: Case, layout: Layouts) -> StepTimes:
    machine = case.machine
    work = model_work(case.shape, case.workload)
    return step_times(work, layout, machine.chip, machine.network, machine.stack, case.workload)


@settings(max_examples=25, deadline=None)
@given(case=cases(), exponent=st.integers(0, 10))
def test_twice_the_chips_are_never_slower(case: Case, exponent: int) -> None:
    chips = 2**exponent
    assert case.best_s(2 * chips) <= case.best_s(chips) * (1 + TOLERANCE)


FASTER = {
    "peak": lambda machine, by: replace(
        machine,
        chip=replace(
            machine.chip,
            matmul_peak_flops_per_s=machine.chip.matmul_peak_flops_per_s * by,
            attention_peak_flops_per_s=machine.chip.attention_peak_flops_per_s * by,
        ),
    ),
    "memory": lambda machine, by: replace(
        machine, chip=replace(machine.chip, memory_bytes=machine.chip.memory_bytes * by)
    ),
    "memory bandwidth": lambda machine, by: replace(
        machine,
        chip=replace(
            machine.chip, memory_bandwidth_bytes_per_s=machine.chip.memory_bandwidth_bytes_per_s * by
        ),
    ),
    "scale-up bandwidth": lambda machine, by: replace(
        machine,
        network=replace(
            machine.network,
            scale_up_bytes_per_s=machine.network.scale_up_bytes_per_s * by,
            pair_bytes_per_s=machine.network.pair_bytes_per_s * by,
        ),
    ),
    "scale-out bandwidth": lambda machine, by: replace(
        machine,
        network=replace(machine.network, scale_out_bytes_per_s=machine.network.scale_out_bytes_per_s * by),
    ),
}


@pytest.mark.parametrize("what", FASTER)
@settings(max_examples=25, deadline=None)
@given(case=cases(), layout=layouts(), by=st.floats(1, 10))
def test_a_layout_is_never_slower_on_a_better_machine(
    what: str, case: Case, layout: Layouts, by: float
) -> None:
    better = replace(case, machine=FASTER[what](case.machine, by))
    assert np.all(step(better, layout).total <= step(case, layout).total * (1 + TOLERANCE))


@pytest.mark.parametrize("what", FASTER)
@settings(max_examples=8, deadline=None)
@given(case=cases(), exponent=st.integers(3, 9), by=st.floats(1, 10))
def test_a_search_is_never_slower_on_a_better_machine(
    what: str, case: Case, exponent: int, by: float
) -> None:
    better = replace(case, machine=FASTER[what](case.machine, by))
    assert better.best_s(2**exponent) <= case.best_s(2**exponent) * (1 + TOLERANCE)


@settings(max_examples=50, deadline=None)
@given(case=cases(), layout=layouts())
def test_a_step_is_the_sum_of_its_parts(case: Case, layout: Layouts) -> None:
    found = step(case, layout)
    names = [field.name for field in fields(StepTimes)][:10]
    assert [field.name for field in fields(StepTimes)][10] == "total"
    parts = [np.broadcast_to(getattr(found, name), (8,)) for name in names]
    assert all(np.all(np.isfinite(part) & (part >= 0)) for part in parts)
    assert np.allclose(np.sum(parts, axis=0), found.total, rtol=1e-12)
    assert np.all((found.scale_out >= 0) & (found.scale_out <= 1 + TOLERANCE))


@settings(max_examples=50, deadline=None)
@given(case=cases(), layout=layouts())
def test_memory_is_the_sum_of_its_parts(case: Case, layout: Layouts) -> None:
    work = model_work(case.shape, case.workload)
    found = memory_parts(work, layout, case.machine.chip, case.workload)
    names = [field.name for field in fields(MemoryParts) if field.name not in ("total", "usable")]
    parts = [np.broadcast_to(getattr(found, name), (8,)) for name in names]
    assert all(np.all(np.isfinite(part) & (part >= 0)) for part in parts)
    assert np.allclose(np.sum(parts, axis=0), found.total, rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(case=cases(), layout=layouts())
def test_sharding_more_never_needs_more_memory(case: Case, layout: Layouts) -> None:
    work = model_work(case.shape, case.workload)

    def states(zero: float) -> list[FloatArray]:
        columns = replace(layout, zero=np.full(8, zero))
        found = stages(work, columns, case.workload)
        return [stage.weights + stage.all_gradients + stage.optimizer for stage in found]

    by_zero = [states(zero) for zero in (0.0, 1.0, 2.0, 3.0)]
    for less, more in itertools.pairwise(by_zero):
        assert all(
            np.all(after <= before * (1 + TOLERANCE)) for before, after in zip(less, more, strict=True)
        )


@settings(max_examples=50, deadline=None)
@given(shape=shapes(), sequence=powers(9, 17))
def test_flops_lie_between_their_conventions(shape: ArchitectureInputs, sequence: float) -> None:
    causal = float(training_flops_per_token(shape, sequence, causal=True))
    full = float(training_flops_per_token(shape, sequence, causal=False))
    counts = parameter_counts(shape)
    assert 6 * float(counts.active_matmul) < causal < full
    assert full < 2 * causal
    assert counts.active <= counts.total


@settings(max_examples=50, deadline=None)
@given(shape=shapes(), layers=st.integers(1, 96))
def test_more_layers_are_more_work(shape: ArchitectureInputs, layers: int) -> None:
    deeper = replace(shape, layers=float(shape.layers) + layers)
    assert parameter_counts(deeper).total > parameter_counts(shape).total
    assert training_flops_per_token(deeper, 2048.0) > training_flops_per_token(shape, 2048.0)


@settings(max_examples=50, deadline=None)
@given(shape=shapes(), sequence=powers(9, 14), batch=powers(4, 12))
def test_an_average_layer_times_the_layers_is_the_model(
    shape: ArchitectureInputs, sequence: float, batch: float
) -> None:
    work = model_work(shape, WorkloadInputs(sequence_length=sequence, global_batch_sequences=batch))
    # norms outside the layers are the only thing that work leaves out
    counted = float(parameter_counts(shape).total) - float(shape.hidden)
    assert math.isclose(float(total_parameters(work)), counted, rel_tol=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    case=cases(),
    spread=st.dictionaries(
        st.sampled_from([field.name for field in fields(StackConstants)]), st.floats(0, 0.5), max_size=6
    ),
)
def test_a_band_is_ordered_and_repeats_exactly(case: Case, spread: dict[str, float]) -> None:
    work = model_work(case.shape, case.workload)
    layout = Layouts(tensor=4.0, pipeline=1.0, data=16.0, microbatch=1.0)

    def found() -> tuple[float, float, float]:
        step = np.ravel(estimate_layout(work, layout, case.machine, case.workload, spread).step.total)
        assert np.all(np.isfinite(step) & (step > 0))
        return band(step[1:] if step.size > 1 else step, float(step[0]))

    low, middle, high = found()
    assert 0 < low <= middle <= high < math.inf
    assert found() == (low, middle, high)


@settings(max_examples=50, deadline=None)
@given(
    chips=st.floats(1, 1e6),
    busy=st.floats(0, 1),
    tdp=st.floats(1, 5000),
    host=st.floats(0, 5000),
    pue=st.floats(1, 3),
)
def test_power_adds_up_and_never_exceeds_its_peak(
    chips: float, busy: float, tdp: float, host: float, pue: float
) -> None:
    count, tdp_w, host_w, overhead, share = (np.array(value) for value in (chips, tdp, host, pue, busy))
    each, hosts = chips_power_w(count, tdp_w, share), hosts_power_w(count, host_w)
    network, storage = network_power_w(count, np.array(20.0)), storage_power_w(each, hosts)
    it = it_power_w(each, hosts, network, storage)
    facility = facility_power_w(it, overhead)
    parts = each + hosts + network + storage + cooling_power_w(it, overhead)
    assert math.isclose(float(parts), float(facility), rel_tol=1e-9)
    peak = peak_facility_w(count, tdp_w, host_w, network, overhead)
    assert float(facility) <= float(peak) * (1 + TOLERANCE)
    assert each <= it <= facility


@settings(max_examples=50, deadline=None)
@given(ports=st.integers(1, 65_536), radix=st.sampled_from([32.0, 64.0, 128.0]), over=st.floats(1, 4))
def test_a_network_has_room_for_its_ports(ports: int, radix: float, over: float) -> None:
    found = clos_count(float(ports), radix, over)
    assert float(found.switches) * radix >= ports
    # a module at each end of at least one cable a port
    assert float(found.optics) >= 2 * ports
    assert found.tiers in (1, 2, 3)


DIMENSIONS = (
    AREA, BYTES, BYTES_PER_S, COUNT, FLOPS_PER_S, MONEY, MONEY_PER_HOUR, MONEY_PER_KWH, POWER, TIME, TOKENS,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(dimension=st.sampled_from(DIMENSIONS), value=st.floats(0, 1e30, allow_subnormal=False))
def test_quantities_come_back_as_they_were(dimension: Dimension, value: float) -> None:
    assert parse_quantity(canonical_text(value, dimension), dimension) == value


@settings(max_examples=80, deadline=None)
@given(
    dimension=st.sampled_from(DIMENSIONS),
    number=st.decimals(0, 10**6, places=3, allow_nan=False),
    data=st.data(),
)
def test_a_unit_is_its_factor(dimension: Dimension, number: object, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(sorted(dimension.units)))
    parsed = parse_quantity(f"{number} {unit}", dimension)
    assert math.isclose(parsed, float(str(number)) * dimension.units[unit], rel_tol=1e-12)


@settings(max_examples=50, deadline=None)
@given(ends=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted))
def test_a_span_keeps_its_ends(ends: list[int]) -> None:
    low, high = ends
    found = parse_span(f"{low}..{high} MW", POWER)
    if low == high:
        assert found == low * 1e6
    else:
        assert found == Span(low * 1e6, high * 1e6)
        assert isinstance(found, Span)
        assert low * 1e6 <= found.middle <= high * 1e6
