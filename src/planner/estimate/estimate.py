"""Plan to estimate, the one way: resolve, train each pool, judge, and add the compliance notes."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import replace

from planner.catalog.catalog import Catalog
from planner.catalog.rules import RuleBook, load_rule_book
from planner.domain.evidence import value_of
from planner.domain.maturity import least_mature
from planner.domain.plan import Plan
from planner.estimate.calendar import calendar_view
from planner.estimate.compliance_computed import computed_facts
from planner.estimate.failures import failure_warnings, hopeless_reasons
from planner.estimate.pilots import pilot_effect, pilot_warnings
from planner.estimate.result import Estimate, PoolEstimate
from planner.estimate.splits import Splits, splits_of
from planner.estimate.splits_told import split_candidates, split_reasons, split_warnings
from planner.estimate.teams import team_views
from planner.estimate.verdicts import (
    batch_flex_warnings,
    infeasible_reasons,
    model_warnings,
    optimism_warnings,
    pool_warnings,
    target_verdicts,
)
from planner.planning.compliance_facts import ComputedFacts, PoolFacts
from planner.planning.compliance_report import compliance_report
from planner.planning.compliance_result import ComplianceReport
from planner.planning.disputes import override_warnings
from planner.planning.mixed_splits import Outcome
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.stack import behind_chips, behind_framework
from planner.planning.training import Training, train
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting


def _never() -> bool:
    return False


def estimate_plan(
    plan: Plan,
    catalog: Catalog,
    *,
    cancelled: Callable[[], bool] | None = None,
    today: datetime.date | None = None,
    tells_all: bool = True,
) -> Estimate:
    """Return the estimate of a plan.

    Parameters
    ----------
    plan, catalog
        The plan and where its profiles are found.
    cancelled
        Asked between blocks of candidates; once true, the search stops with what it has.
    today
        The day on which compliance rules count as due for a review, and the date of a plan without one;
        None: the clock's.
    tells_all
        Whether ways that the plan does not take are told too. Without, of two pools that which is said to
        generate is not tried as the one that learns: the plan's figures are the same, in half the time, and
        what compliance and reasons say of that pool by itself is not there.

    Raises
    ------
    PlanError, ProfileError
        Where the plan names what does not exist, or a profile lacks a figure that the estimate needs.
    """
    began = time.perf_counter()
    resolved = resolve(plan, catalog)
    pools: list[PoolEstimate] = []
    outcomes: list[Outcome] = []
    warnings: list[str] = []
    candidates = 0
    for pool in resolved.pools:
        if not tells_all and plan.is_split and plan.post_training.rollout_pool == pool.pool.id:
            outcomes.append((pool, None))
            pools.append(_pool_estimate(pool, Figures(main_setting(resolved, pool)), None))
            continue
        outcome = train(resolved, pool, cancelled=cancelled or _never)
        if isinstance(outcome, Training):
            candidates += sum(phase.found.candidates for phase in outcome.phases)
            figures = Figures(main_setting(resolved, pool, outcome))
            if hopeless := hopeless_reasons(pool, figures):
                pools.append(_pool_estimate(pool, Figures(main_setting(resolved, pool)), None, hopeless))
                outcomes.append((pool, None))
                continue
            outcomes.append((pool, outcome))
            warnings += failure_warnings(resolved, pool, figures)
            warnings += pool_warnings(pool, outcome, figures)
            warnings += optimism_warnings(pool, resolved.architecture, figures, plan.workload.precision)
            # of a split they are of both pools
            pilots = None if plan.is_split else pilot_effect(figures)
            warnings += pilot_warnings(pilots)
            teams = team_views(resolved, pool, outcome, figures, pilots)
            pools.append(replace(_pool_estimate(pool, figures, figures), teams=teams, pilots=pilots))
        else:
            candidates += outcome.found.candidates
            outcomes.append((pool, None))
            known = Figures(main_setting(resolved, pool))
            pools.append(_pool_estimate(pool, known, None, infeasible_reasons(pool, outcome)))
    splits = None
    figures_of_plan = pools[0].figures
    if len(pools) > 1:
        splits = splits_of(
            resolved, outcomes, [pool.figures for pool in pools], cancelled=cancelled or _never
        )
        figures_of_plan = splits.chosen.figures if splits.chosen else None
        candidates += split_candidates(splits)
    shared_pilots = None
    if figures_of_plan is not None and plan.is_split:
        shared_pilots = pilot_effect(figures_of_plan)
    today = today or datetime.date.today()
    known_of_plan = figures_of_plan or pools[0].known
    computed = computed_facts(resolved, pools, figures_of_plan, known_of_plan)
    book = load_rule_book(catalog, plan.as_of or today)
    return Estimate(
        plan_name=plan.name,
        is_feasible=figures_of_plan is not None,
        reasons=() if figures_of_plan is not None else _reasons(pools, splits),
        warnings=(
            *split_warnings(splits),
            *warnings,
            *batch_flex_warnings(plan),
            *model_warnings(resolved),
            *override_warnings(resolved),
            *(f"rule left out: {problem.line}" for problem in book.problems),
        ),
        known=known_of_plan,
        figures=figures_of_plan,
        pools=tuple(pools),
        targets=target_verdicts(plan, figures_of_plan, pools) if figures_of_plan else (),
        compliance=_compliance(resolved, book, computed, today),
        candidates=candidates,
        seconds=time.perf_counter() - began,
        profiles=resolved.uses,
        team=plan.operations.running_team,
        is_team_stated=plan.operations.team is not None,
        calendar=calendar_view(figures_of_plan) if figures_of_plan else None,
        operator=plan.operations.running_operator,
        is_operator_stated=plan.operations.operator is not None,
        splits=splits,
        shared_pilots=shared_pilots,
    )


def _pool_estimate(
    pool: ResolvedPool, known: Figures, figures: Figures | None, reasons: tuple[str, ...] = ()
) -> PoolEstimate:
    return PoolEstimate(
        id=pool.pool.id,
        system_id=pool.system.id,
        system_name=pool.system.name,
        chip_id=pool.chip.id,
        chip_name=pool.chip.name,
        chips=pool.chips,
        systems=pool.systems,
        fabric_id=pool.fabric.id,
        stack_id=pool.stacks[0].id,
        maturity=least_mature(pool.chip.maturity, pool.system.maturity),
        known=known,
        figures=figures,
        reasons=reasons,
        generation=pool.chip.generation,
        behind_chips=behind_chips(pool.stacks, pool.chip.generation),
        behind_stack=behind_framework(pool.stacks),
    )


def _reasons(pools: list[PoolEstimate], splits: Splits | None) -> tuple[str, ...]:
    """Return why a plan cannot run: of each pool, and of each way in which several would train together."""
    own = [reason for pool in pools for reason in pool.reasons]
    return (*own, *(split_reasons(splits) if splits else ()))


def _compliance(
    resolved: ResolvedPlan, book: RuleBook, computed: ComputedFacts, today: datetime.date
) -> ComplianceReport:
    pools = [
        PoolFacts(pool.pool.id, pool.chip, pool.chips, value_of(pool.fabric.port_bytes_per_s))
        for pool in resolved.pools
    ]
    return compliance_report(resolved.plan, pools, computed, book, today=today)
