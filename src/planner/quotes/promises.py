"""What an offer does under its own promises: a day's work if each promised line comes to what it says."""

from __future__ import annotations

from dataclasses import dataclass

from planner.acceptance.effects import figures_with
from planner.acceptance.lines import ROLLOUT_PREFIX, Line
from planner.acceptance.schedule import schedule_of
from planner.catalog.catalog import Catalog
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class PromisedWork:
    """What a seller promises of its cluster, and signs."""

    #: goodput counted in: tokens a day, of post-training steps
    per_day: Band
    is_of_steps: bool
    #: samples of a step of post-training; None of other plans
    samples_per_step: float | None
    #: the line, and what is promised over what sound systems reach
    shares: tuple[tuple[str, float], ...]
    #: the line, and what follows where it is missed
    remedies: tuple[tuple[str, str], ...]


def promised_work(estimate: Estimate, catalog: Catalog) -> PromisedWork | None:
    """Return what an offer's cluster does under its promises; None where it promises nothing or cannot run.

    A promise of a part moves the plan's rate by as much as the part matters to its step; one of the reference
    run is of the whole step.
    """
    if estimate.figures is None or estimate.whole_pool is None:
        return None
    acceptance = estimate.figures.setting.plan.acceptance
    if not any(line.promised or line.pays for line in acceptance.lines):
        return None
    schedule = schedule_of(estimate, catalog, acceptance)
    # where one of two pools generates, both are the plan's
    figures = estimate.figures if schedule.pools else estimate.whole_pool.figures
    assert figures is not None  # as the schedule asked
    shares: list[tuple[str, float]] = []
    for line in schedule.lines:
        share = _share(line)
        if share is not None:
            figures = figures_with(figures, line.part, share, line.pool)
            shares.append((line.id, share))
    is_of_steps = estimate.figures.setting.plan.workload.is_post_training
    samples = figures.number("post_training.sequences") if is_of_steps else None
    band = figures.band("post_training.steps_per_day") if is_of_steps else _tokens_per_day(figures)
    assert band is not None  # known wherever a plan can run
    remedies = tuple((line.id, line.pays) for line in schedule.lines if line.pays)
    return PromisedWork(band, is_of_steps, samples, tuple(shares), remedies)


def _tokens_per_day(figures: Figures) -> Band | None:
    rate, goodput = figures["tokens_per_second"], figures["goodput"]
    return type(rate)(rate.values * goodput.values * SECONDS_PER_DAY).band


def _share(line: Line) -> float | None:
    """Return what is promised over what is expected, of lines that a step or its failures go with."""
    if (
        line.promised is None
        or line.expected is None
        or line.promised <= 0
        or line.id.removeprefix(ROLLOUT_PREFIX) in ("port", "availability")
    ):
        return None
    share = line.promised / line.expected.rate
    return 1.0 / share if line.is_ceiling else share
