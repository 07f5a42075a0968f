"""The claim checker's drawings: a scale of utilisations, the judged claim, and the list of known claims."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from planner.app.drawing.pieces import BAD, GOOD, HEADING, QUIET, STRONG, Lines, fitted, line
from planner.app.drawing.printed import printed_lines
from planner.claims.jobs import Prediction
from planner.claims.judgement import ClaimJudgement, TrainingJudgement
from planner.domain.claim import Claim
from planner.domain.evidence import Source
from planner.report import numbers
from planner.report.claim_document import claim_document, training_document, verdict_sign
from planner.report.page import pad
from planner.report.terminal import terminal_text
from planner.text import safe

LABEL_WIDTH = 11
FIGURES_WIDTH = 16
VERDICT_WIDTH = 17
#: Below it a row of the list has room for the sign alone.
WORDY = 46
STYLES = {"good": GOOD, "bad": BAD, "plain": STRONG}


def scale_lines(judgement: TrainingJudgement, width: int) -> Lines:
    """Return claim, published runs and prediction on one scale of utilisation, the peak marked."""
    implied = judgement.implied.mfu
    room = max(10, width - LABEL_WIDTH - FIGURES_WIDTH)
    top = max(1.0, implied)
    style = STYLES[verdict_sign(judgement.verdict)[1]]
    lines = [_bar("claimed", (implied, implied, implied), top, room, style, numbers.percent(implied))]
    reached = judgement.reached
    if reached is not None:
        ends = (reached.lowest.mfu, reached.middle.mfu, reached.highest.mfu)
        lines.append(_bar("published", ends, top, room, "$part-1", _ends_text(*ends)))
    if isinstance(judgement.prediction, Prediction):
        band = judgement.prediction.mfu
        ends = (band.p10, band.p50, band.p90)
        lines.append(_bar("model says", ends, top, room, "$part-2", _ends_text(*ends)))
    axis = f"0 %{'100 %':>{max(6, _cell(1.0, top, room) - 2)}}"
    lines.append(line((pad("of peak", LABEL_WIDTH), HEADING), (axis, QUIET)))
    return [*(fitted(shown, width) for shown in lines), Content("")]


def _cell(value: float, top: float, room: int) -> int:
    return min(room - 1, max(0, round(value / top * (room - 1))))


def _bar(
    label: str, ends: tuple[float, float, float], top: float, room: int, style: str, figures: str
) -> Content:
    first, middle, last = (_cell(end, top, room) for end in ends)
    cells = ["\u00b7"] * room
    cells[_cell(1.0, top, room)] = "\u2502"
    for place in range(first, last + 1):
        cells[place] = "\u2501"
    cells[middle] = "\u25c6"
    return line(
        (pad(label, LABEL_WIDTH), HEADING),
        ("".join(cells[:first]), QUIET),
        ("".join(cells[first : last + 1]), style),
        ("".join(cells[last + 1 :]), QUIET),
        f"  {figures}",
    )


def _ends_text(low: float, middle: float, high: float) -> str:
    return f"{numbers.percent(middle)} [{low * 100:.0f}..{high * 100:.0f}]"


def judged_lines(judgement: TrainingJudgement, sources: Mapping[str, Source], width: int) -> Lines:
    """Return a typed claim, judged: the scale, then what `planner claim` prints."""
    text = terminal_text(training_document(judgement, sources), width=width, is_coloured=True)
    return [*scale_lines(judgement, width), *printed_lines(text)]


def known_lines(judgement: ClaimJudgement, sources: Mapping[str, Source], width: int) -> Lines:
    """Return a claim in circulation, judged: what `planner claim ID` prints, its first scale above."""
    text = terminal_text(claim_document(judgement, sources), width=width, is_coloured=True)
    scale = scale_lines(judgement.training[0], width) if len(judgement.training) == 1 else []
    return [*scale, *printed_lines(text)]


def claim_row(claim: Claim, width: int) -> Content:
    """Return one row of the list of known claims: what the sources say, and the claim."""
    sign, role = verdict_sign(claim.finding.verdict)
    lead = pad(f"{sign} {claim.finding.verdict}", VERDICT_WIDTH) if width >= WORDY else f"{sign} "
    return fitted(line((lead, STYLES[role]), safe(claim.name)), max(10, width))
