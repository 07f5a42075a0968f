"""How much stands behind an estimate, in words: runs, their sources, and the nearest job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.report import numbers
from planner.report.page import glue

if TYPE_CHECKING:
    from planner.planning.stack import RunsBehind
    from planner.validation.standing import Standing


def standing_words(found: Standing) -> str:
    """Return the runs behind an estimate and what is said of the nearest one."""
    kind = "mixtures of experts" if found.is_mixture else "dense models"
    chips = f"{kind} on chips like {found.chip_name}"
    if found.stack_id is None:
        text = f"{chips}: {_behind(found.on_chips)}"
    else:
        text = f"{chips}: {_behind(found.on_chips)}, {_behind(found.with_stack)} on '{found.stack_id}'"
    return text + _nearest(found)


def _nearest(found: Standing) -> str:
    if found.nearest is None:
        return ". Nobody has measured such a model"
    run = found.nearest
    measured = glue(f"{numbers.decimal(run.tokens_per_second_per_chip, 3)} tokens/s a chip")
    said = "" if found.said is None else f", we say {numbers.decimal(found.said, 3)}"
    return (
        f". Nearest job: {run.run.model} on {numbers.count(run.chips)} x {run.chip.name}, "
        f"{measured} measured{said} ({run.run.id})"
    )


def _behind(found: RunsBehind) -> str:
    return counted(found.runs, found.sources)


def counted(runs: int, sources: int) -> str:
    """Return some runs in words: `41 runs of 6 sources`."""
    if not runs:
        return "no run"
    told = "1 run" if runs == 1 else f"{numbers.count(runs)} runs"
    return f"{told} of {'1 source' if sources == 1 else f'{sources} sources'}"
