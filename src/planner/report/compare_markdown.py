"""A comparison of plans as Markdown: one table, the best of each row in bold and in words."""

from __future__ import annotations

from planner.differences.compare import Comparison
from planner.report.compare_rows import LETTERS, ShownCell, shown_rows
from planner.report.compare_words import legend, remarks
from planner.report.diff_rows import side_words
from planner.report.markdown import code, escaped, table


def comparison_to_markdown(comparison: Comparison) -> str:
    """Return plans side by side as Markdown."""
    lines = ["### Plans side by side", ""]
    for letter, side in zip(LETTERS, comparison.sides, strict=False):
        pools = "; ".join(side_words(side))
        lines.append(f"- **{letter}** {code(side.label)}: {escaped(side.plan.name)} ({escaped(pools)})")
    letters = LETTERS[: len(comparison.sides)]
    rows = [(escaped(row.label), *(_cell(cell) for cell in row.cells)) for row in shown_rows(comparison)]
    lines += ["", *table(("", *letters), rows), ""]
    lines += [f"- {escaped(text)}" for text in (*legend(comparison), *remarks(comparison))]
    return "\n".join(lines) + "\n"


def _cell(cell: ShownCell) -> str:
    value = escaped(f"{cell.value} {cell.standing}".rstrip())
    value = f"**{value}**" if cell.standing == "best" else value
    return f"{value}<br>{escaped(cell.band)}" if cell.band else value
