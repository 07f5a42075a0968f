"""The words of an answer about the pools of post-training: what a size reaches, and why none is enough."""

from __future__ import annotations

from planner.exploring.post_answers import PostSize, Tried
from planner.exploring.targets import Targets
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.size_words import binds_name, held_words, limit_words, systems_words, without_pool


def reached_words(targets: Targets, value: float | None) -> str:
    """Return what a size reaches, in steps a day where those are asked for, else in days."""
    if value is None:
        return "cannot run"
    unit = "days" if targets.steps_per_day is None else "steps a day"
    return f"{numbers.decimal(value, 3)} {unit}"


def not_enough_words(targets: Targets, tried: Tried) -> str:
    """Return why a size is not enough: what it falls short of, or why it cannot run; empty where it is."""
    if tried.value is None:
        return tried.why
    if tried.late is not None:
        reached = reached_words(targets, tried.value)
        if tried.late.limit.name == "steps_per_day":
            return f"{reached} of {numbers.decimal(targets.steps_per_day, 3)}"
        return f"{reached}, not {limit_words(tried.late.limit)}"
    broken = tried.broken
    if broken is None:
        return ""
    if broken.value is None:
        return f"{binds_name(broken.limit.name)} unknown: {broken.without[0]}"
    of = f", {TABLE[broken.quantity].short}" if broken.limit.name == "money_usd" else ""
    return f"{held_words(broken)}{of}"


def obstacle_words(size: PostSize) -> str:
    """Return in a line why no size of some pools is enough."""
    nearest, targets = size.nearest, size.targets
    if nearest is None:
        return without_pool(size.why) if len(size.systems) == 1 else size.why
    short, systems = not_enough_words(targets, nearest), systems_words(nearest.plan)
    if not nearest.is_in_time:
        return f"the fastest tried, {systems}: {short}; more of them do not make it faster"
    text = f"the fewest in time, {systems}, come to {short}"
    if size.within is None:
        return f"{text}; no size within that limit runs it"
    reached = reached_words(targets, size.within.value)
    return f"{text}; within it {systems_words(size.within.plan)} reach {reached}"


def proof_words(size: PostSize) -> tuple[str, ...]:
    """Return why one system fewer of each pool is not enough, a line each."""
    if not size.fewer:
        return ("there is no smaller count",)
    return tuple(
        f"not enough, {systems_words(one.plan)}: {not_enough_words(size.targets, one)}" for one in size.fewer
    )
