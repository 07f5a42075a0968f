"""How plans met published jobs, by who ran them, model, chip and source, and why the worst went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from planner.domain.team import TEAMS
from planner.validation.as_buyer import ScoredJob
from planner.validation.run_scores import ErrorSummary, summarise

#: Beyond this an error is the rate's, whatever the layout.
LARGE = 0.15

Group = tuple[str, ErrorSummary, ErrorSummary]


def grouped(jobs: Sequence[ScoredJob], key: Callable[[ScoredJob], str]) -> list[Group]:
    """Return name, errors as a buyer, and errors with the published layout, of each group."""
    names = sorted({key(job) for job in jobs})
    return [_group(name, [job for job in jobs if key(job) == name]) for name in names]


def by_class(jobs: Sequence[ScoredJob]) -> list[Group]:
    """Return the figures of all jobs and of each class of teams, dense models and mixtures apart."""
    found = []
    for team in (None, *TEAMS):
        some = [job for job in jobs if team in (None, job.run.team)]
        found.append(_group(team or "all", some))
        for label, is_mixture in (("  dense", False), ("  mixture of experts", True)):
            found.append(_group(label, [job for job in some if job.published.is_mixture == is_mixture]))
    return [group for group in found if group[1].n]


def _group(name: str, jobs: Iterable[ScoredJob]) -> Group:
    jobs = tuple(jobs)
    return name, summarise(job.asked for job in jobs), summarise(job.as_published for job in jobs)


def reason(job: ScoredJob) -> str:
    """Return why a job's error is large: the layout, or the rate whatever the layout."""
    if not job.is_said_to_fit:
        return "called impossible: no layout of the stack's usual recipe is said to fit"
    if job.gives_same_layout:
        return "chose what was published: the rate itself, or software and recipe that a buyer does not know"
    if abs(job.error_as_published) > LARGE and job.error_as_published * job.error > 0.0:
        return "as far off with the published layout: the rate itself"
    return "chose a layout that is faster" if job.error > 0.0 else "chose a layout that is slower"
