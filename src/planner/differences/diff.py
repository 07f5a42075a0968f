"""What two plans differ in: inputs, estimates with the band of each difference, causes, notes and drift."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.differences.attribution import Attribution, Chosen, attribute
from planner.differences.bands import (
    band_of,
    difference,
    figure_of,
    is_incomplete,
    left_out,
    shares_errors,
)
from planner.differences.drift_effects import DriftEffect, drift_effects
from planner.differences.note_changes import NoteComparison, compare_notes, compare_warnings
from planner.differences.plan_inputs import InputComparison, Mark, compare_inputs, pool_pairs
from planner.differences.plan_mixing import Change, changes_between, starting_plan
from planner.domain.plan import Plan
from planner.errors import PlanError, PlannerError, ProfileError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.planning.drift import DriftItem, drift
from planner.planning.pins import pinned_catalog
from planner.quantities.figure import Band
from planner.quantities.table import Quantity, compared

#: not comparable: the sums of the two sides leave out different things;
#: differs: neither way is better
Verdict = Literal[
    "better", "worse", "within uncertainty", "unchanged", "differs", "not comparable", "unknown"
]

#: What is taken apart by cause.
ATTRIBUTED = ("training_days", "power.facility_w", "cost.total")
#: Relative differences below this are rounding, not change.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Side:
    """One of the plans that are compared."""

    #: as the reader knows it: its file's name
    label: str
    plan: Plan
    estimate: Estimate
    #: profiles that changed since the plan was pinned, and what that did to its estimate
    drift: tuple[DriftItem, ...] = ()
    drift_effects: tuple[DriftEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """One figure on both sides."""

    #: of the quantity, such as `power.facility_w`
    id: str
    before: Band | None
    after: Band | None
    #: the 80 % band of the difference; None where a side is unknown
    change: Band | None
    #: of the first side's median; None where that is zero or unknown, and for dates
    fraction: float | None
    verdict: Verdict
    #: rests on something assumed or left out, on either side
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """Two plans held against each other."""

    before: Side
    after: Side
    inputs: InputComparison
    quantities: tuple[QuantityChange, ...]
    #: whether both sides share their chips and stacks, so that their errors cancel
    is_paired: bool
    changes: tuple[Change, ...]
    #: by quantity; absent where there is nothing to take apart
    causes: Mapping[str, Attribution]
    #: changes each of which alone makes the first plan infeasible, where the second is
    blockers: tuple[str, ...]
    notes: NoteComparison
    warnings: tuple[tuple[Mark, str], ...]

    @property
    def has_differences(self) -> bool:
        """Whether the plans say anything different; drift is no difference of theirs."""
        return bool(self.inputs.changes or self.inputs.texts)


def side_of(label: str, plan: Plan, catalog: Catalog) -> Side:
    """Return a plan with its estimate.

    Raises
    ------
    PlanError, ProfileError
        As `estimate_plan`, naming the plan.
    """
    try:
        estimate = estimate_plan(plan, catalog)
    except (PlanError, ProfileError) as error:
        raise type(error)(f"{label}: {error}") from None
    items = tuple(drift(plan, catalog))
    effects = drift_effects(_as_pinned(plan, catalog, estimate), estimate) if items else ()
    return Side(label, plan, estimate, items, effects)


def _as_pinned(plan: Plan, catalog: Catalog, present: Estimate) -> Estimate:
    """Return the estimate with the pinned values; where they make none, the present one stands in."""
    try:
        return estimate_plan(plan, pinned_catalog(plan, catalog))
    except PlannerError:
        return present


def diff_plans(
    before: Side, after: Side, catalog: Catalog, *, on_estimate: Callable[[], None] | None = None
) -> PlanDiff:
    """Return how the second plan differs from the first, and what each change of inputs caused.

    Parameters
    ----------
    before, after, catalog
        The plans with their estimates, and where profiles are found.
    on_estimate
        Called before each estimate of a plan between the two; what it raises ends the search for causes.
    """
    chips_before, chips_after = _chips(before.estimate), _chips(after.estimate)
    inputs = compare_inputs(before.plan, after.plan, chips_before, chips_after)
    is_paired = shares_errors(before.estimate, after.estimate)
    changes = changes_between(before.plan, after.plan, chips_before, chips_after) if inputs.changes else []
    start = starting_plan(before.plan, after.plan, chips_before)
    between = _Between(before, after, changes, start, catalog, on_estimate or _nothing)
    quantities = compare_quantities(before.estimate, after.estimate, is_paired=is_paired)
    moved = {change.id for change in quantities if change.change and change.verdict != "unchanged"}
    causes = {key: cause for key in ATTRIBUTED if key in moved and (cause := between.causes(key)) is not None}
    pool_names = {
        new.id: old.id
        for old, new in pool_pairs(before.plan, after.plan)
        if old is not None and new is not None
    }
    return PlanDiff(
        before=before,
        after=after,
        inputs=inputs,
        quantities=quantities,
        is_paired=is_paired,
        changes=tuple(changes),
        causes=causes,
        blockers=between.blockers(),
        notes=compare_notes(before.estimate, after.estimate, pool_names),
        warnings=compare_warnings(before.estimate, after.estimate),
    )


def _nothing() -> None:
    return None


def _chips(estimate: Estimate) -> dict[str, int]:
    return {pool.id: pool.chips for pool in estimate.pools}


def compare_quantities(before: Estimate, after: Estimate, *, is_paired: bool) -> tuple[QuantityChange, ...]:
    """Return every figure that either side knows, with the verdict on its difference."""
    changes = (_compared(quantity, before, after, is_paired=is_paired) for quantity in compared())
    return tuple(change for change in changes if change.before or change.after)


def _compared(quantity: Quantity, before: Estimate, after: Estimate, *, is_paired: bool) -> QuantityChange:
    old, new = figure_of(quantity.id, before), figure_of(quantity.id, after)
    missing = [left_out(quantity.id, side) for side in (before, after)]
    change = fraction = None
    verdict: Verdict = "unknown"
    if old is not None and new is not None:
        change, base = difference(old, new, is_paired=is_paired), float(old.values[0])
        fraction = change.p50 / abs(base) if base and quantity.unit != "date" else None
        verdict = _verdict(quantity, change, base, is_comparable=missing[0] == missing[1])
    return QuantityChange(
        id=quantity.id,
        before=band_of(quantity.id, before),
        after=band_of(quantity.id, after),
        change=change,
        fraction=fraction,
        verdict=verdict,
        is_assumed=any(is_incomplete(quantity.id, side) for side in (before, after)),
    )


def _verdict(quantity: Quantity, change: Band, base: float, *, is_comparable: bool) -> Verdict:
    if abs(change.p50) <= _NOTHING * abs(base):
        return "unchanged"
    if not is_comparable:
        return "not comparable"
    if quantity.better == "neither":
        return "differs"
    if change.p10 <= 0.0 <= change.p90:
        return "within uncertainty"
    return "better" if (change.p50 < 0.0) == (quantity.better == "less") else "worse"


class _Between:
    """Estimates of the plans between two plans, each made once."""

    def __init__(
        self,
        before: Side,
        after: Side,
        changes: list[Change],
        start: Plan,
        catalog: Catalog,
        on_estimate: Callable[[], None],
    ) -> None:
        self._changes = changes
        self._on_estimate = on_estimate
        self._start = start
        self._catalog = catalog
        self._known: dict[Chosen, Estimate | None] = {
            frozenset(): before.estimate,
            frozenset(change.name for change in changes): after.estimate,
        }

    def estimate(self, chosen: Chosen) -> Estimate | None:
        """Return the estimate with the chosen changes made, or None where there can be none."""
        if chosen not in self._known:
            self._on_estimate()
            plan = self._start
            for change in self._changes:
                if change.name in chosen:
                    plan = change.make(plan)
            try:
                self._known[chosen] = estimate_plan(plan, self._catalog)
            except PlannerError:
                # half of one plan and half of the other may fit nobody: a precision that the old chip lacks
                self._known[chosen] = None
        return self._known[chosen]

    def causes(self, identifier: str) -> Attribution | None:
        """Return a figure's change taken apart by the changes of inputs."""
        if not self._changes:
            return None

        def value(chosen: Chosen) -> float | None:
            estimate = self.estimate(chosen)
            if estimate is None or estimate.figures is None:
                return None
            return estimate.figure(identifier).p50

        return attribute([change.name for change in self._changes], value)

    def blockers(self) -> tuple[str, ...]:
        """Return the changes each of which alone makes a feasible first plan infeasible as the second is."""
        names = [change.name for change in self._changes]
        first, last = self.estimate(frozenset()), self.estimate(frozenset(names))
        if not (first and first.is_feasible and last and not last.is_feasible):
            return ()
        alone = {name: self.estimate(frozenset({name})) for name in names}
        return tuple(name for name, estimate in alone.items() if estimate is None or not estimate.is_feasible)
