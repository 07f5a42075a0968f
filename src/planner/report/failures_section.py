"""The section of an estimate that tells of failures: how often, how long, and who keeps the job alive."""

from __future__ import annotations

from collections.abc import Iterator

from planner.engine.operators import OPERATORS
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.report import numbers
from planner.report.document import Block, Entries, Entry, Heading
from planner.report.figures import told

_LABEL_WIDTH = 13


def failure_blocks(estimate: Estimate, figures: Figures) -> Iterator[Block]:
    """Yield what failures, restarts and checkpoints leave of the time, and what that rests on."""
    yield Heading("Failures", f"operator: {operator_words(estimate)}")
    rows = (
        told(figures, "goodput", behind=" of the time makes progress"),
        told(figures, "goodput.between_s", behind=" of running"),
        told(figures, "goodput.failures", behind=" until all is trained"),
        Entry("restart", _restart_words(figures)),
        Entry("checkpoint", _checkpoint_words(figures)),
        Entry("spares", _spares_words(figures)),
        told(figures, "campaign.days", behind=" beside steps and failures"),
    )
    yield Entries(rows, _LABEL_WIDTH)


def operator_words(estimate: Estimate) -> str:
    """Return who keeps the job alive, and whether the plan says so."""
    said = "" if estimate.is_operator_stated else ", as the plan does not say (operations.operator)"
    return f"{OPERATORS[estimate.operator].name}{said}"


def _time(figures: Figures, identifier: str) -> str:
    return numbers.quantity(figures.number(identifier), numbers.DURATION)


def _restart_words(figures: Figures) -> str:
    """Return how long a restart takes, of both kinds."""
    whole = figures.number("goodput.wait_s") + figures.number("goodput.reload_s")
    by_hand = figures.number("goodput.by_hand")
    mean = f"{numbers.quantity(whole, numbers.DURATION)} on the mean"
    helped = f", {numbers.percent(by_hand)} by hand with {_time(figures, 'goodput.by_hand_s')} of waiting"
    again = f"; {_time(figures, 'goodput.lost_s')} of work and reloads again"
    return f"{mean}{helped if by_hand else ''}{again}"


def _checkpoint_words(figures: Figures) -> str:
    every, stall = (_time(figures, f"goodput.{name}") for name in ("interval_s", "checkpoint_s"))
    return f"every {every} of work, stops training for {stall}"


def _spares_words(figures: Figures) -> str:
    count = numbers.count(figures.number("spares.servers"))
    missing = figures.number("spares.missing_share")
    lacks = f"; {numbers.percent(missing)} of all servers are missing on the mean" if missing > 0 else ""
    in_repair = numbers.decimal(figures.number("spares.in_repair"))
    return f"{count} servers, where {in_repair} are in repair on the mean{lacks}"
