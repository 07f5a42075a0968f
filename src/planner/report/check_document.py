"""The answer of `planner check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.estimate.result import Estimate
from planner.report.document import Block, Entries, Entry, Heading, Paragraph, document, entries
from planner.report.page import cell_width


@document
def check_document(path: str, estimate: Estimate, lacking: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Yield that the plan is valid, whether it can run, and what it lacks: key and consequence."""
    yield Paragraph(f"{path}: valid: {estimate.plan_name}", indent=0, hanging=2, role="title")
    sign = "!" if estimate.is_feasible else "x"
    told = [Entry("+", "can run", "good")] if estimate.is_feasible else []
    told += [Entry(sign, reason, "bad") for reason in estimate.reasons]
    told += [Entry("!", warning, "bad") for warning in estimate.warnings]
    yield Entries(tuple(told), 1)
    if lacking:
        yield Heading("Lacks", "nothing here is required; each makes the estimate say more")
        yield entries(lacking, max(cell_width(key) for key, _ in lacking))
