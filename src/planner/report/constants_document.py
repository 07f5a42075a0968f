"""The constants of a fit, each with the sources behind it and how far it moved from its parent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from planner.report.document import Block, Heading, Paragraph, Table, cells, document
from planner.validation.calibration import FELT, Calibration
from planner.validation.constants import Constant, constants

HEADER = ("constant", "of", "sources", "runs", "moved", "of way")
#: Levels whose groups' names say what they are.
_NAMED = frozenset({"kernels", "generation", "team on platform"})
#: What the columns mean, on one line.
MEANING = (
    f"runs: those whose rate moves by {100 * FELT:.0f} % or more where the constant moves by a spread; "
    "moved: from the level above, of all runs from the prior; of way: how far runs could move it towards "
    "where they alone would put it, a third at most where they are of one source"
)


@document
def constants_document(calibration: Calibration) -> Iterator[Block]:
    """Yield the constants alone."""
    yield from constants_blocks(calibration)


def constants_blocks(calibration: Calibration) -> Iterator[Block]:
    """Yield how far every constant moved from what holds it, and the sources that moved it there."""
    yield Heading("Constants", "what each may deviate by from its parent, and who says so")
    yield Table(HEADER, cells(map(constant_cells, constants(calibration))), right=frozenset(range(2, 6)))
    yield Paragraph(MEANING, role="quiet")


def constant_cells(constant: Constant) -> tuple[str, ...]:
    """Return a constant's row."""
    return (
        constant.target,
        _owner(constant),
        str(constant.behind.sources),
        str(constant.behind.runs),
        f"{100 * math.expm1(constant.moved):+.1f} %",
        f"{100 * constant.share:.0f} %",
    )


def _owner(constant: Constant) -> str:
    """Return whose a constant is: several levels know the same name."""
    if constant.level is None or constant.group is None:
        return "all runs"
    return constant.group if constant.level in _NAMED else f"{constant.level} {constant.group}"


def constants_to_dict(calibration: Calibration) -> dict[str, Any]:
    """Return the constants for programs: `moved` is a logarithm, `share` of the way."""
    return {"constants": [asdict(constant) for constant in constants(calibration)]}
