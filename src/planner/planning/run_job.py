"""The translation of published runs to the engine; apart from that of plans, which need no runs."""

from __future__ import annotations

from planner.engine.search import Machine
from planner.engine.work import model_work
from planner.planning.job import Job
from planner.planning.reach import band_stretch
from planner.planning.run_cases import RunCase
from planner.planning.run_layouts import run_space
from planner.planning.stack import FittedStack


def job_of_run(case: RunCase, fitted: FittedStack) -> Job:
    """Return a published run as the engine takes it, under a stack's constants; its layout is pinned."""
    stretch = band_stretch(case.beyond)
    return Job(
        architecture=case.architecture,
        workload=case.workload,
        work=model_work(case.architecture, case.workload),
        machine=Machine(chip=case.chip, network=case.network, stack=fitted.constants),
        fitted=fitted,
        residual_log_spread=stretch * fitted.residuals.of(is_mixture=case.is_mixture),
        within_log_spread=stretch * fitted.within.of(is_mixture=case.is_mixture),
        beyond=case.beyond,
        space=run_space(
            case.layout,
            case.known,
            case.architecture,
            case.workload,
            chips=int(case.chips),
            domain_chips=float(case.network.domain_chips),
        ),
    )
