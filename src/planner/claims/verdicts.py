"""The verdict on an implied utilisation: against the peak, and against what comparable runs reached."""

from __future__ import annotations

from typing import Literal

from planner.planning.published import FEWEST_RUNS, Reached
from planner.units import percent

Verdict = Literal[
    "impossible", "above anything published", "plausible", "modest: others got more", "cannot be judged"
]
#: Figures within this factor agree. Published utilisations differ by as much for what they count, for the
#: peak that they are by (988 or 1,000 TFLOP/s) and for rounding, before anyone trained better. [-]
TOLERANCE = 1.1
#: A peak that is told from memory may be another bin's: utilisations up to this are not impossible by it. [-]
MEMORY_SLACK = 1.25


def verdict_of(mfu: float, reached: Reached | None, *, is_peak_from_memory: bool = False) -> Verdict:
    """Return the verdict on an implied utilisation.

    Above and modest are said beyond the tolerance only: of the best run, and of the slowest tenth. Without
    enough comparable runs it is judged by the best of any chip alone, and not at all where nobody can look up
    the peak.
    """
    if mfu > (MEMORY_SLACK if is_peak_from_memory else 1.0):
        return "impossible"
    if reached is None or len(reached.runs) < FEWEST_RUNS:
        return "cannot be judged"
    if not reached.is_comparable:
        is_above = mfu > reached.best_anywhere.mfu * TOLERANCE and not is_peak_from_memory
        return "above anything published" if is_above else "cannot be judged"
    if mfu > reached.highest.mfu * TOLERANCE:
        return "above anything published"
    return "modest: others got more" if mfu < reached.low.mfu / TOLERANCE else "plausible"


def reached_reasons(mfu: float, verdict: Verdict, reached: Reached | None, generation: str) -> list[str]:
    """Return in words what published runs say of an implied utilisation."""
    if reached is None:
        return ["no published run is of this kind, so only the peak bounds it"]
    count = len(reached.runs)
    chips = sorted(run.chips for run in reached.runs)
    span = f"{chips[0]:,}" if chips[0] == chips[-1] else f"{chips[0]:,} to {chips[-1]:,}"
    reasons = [
        f"{count} published run{'s' if count > 1 else ''} of {reached.label}, on {span} chips, reached "
        f"{percent(reached.lowest.mfu)} to {percent(reached.highest.mfu)}, "
        f"{percent(reached.middle.mfu)} in the middle"
    ]
    if not reached.is_comparable:
        some = f"only {reached.comparable}" if reached.comparable else "none"
        reasons.append(f"{some} of them on {generation} at about its rate, where {FEWEST_RUNS} are needed")
        if verdict == "above anything published":
            best = reached.best_anywhere
            reasons.append(f"the best of any chip is {percent(best.mfu)}, on {best.chip.name}")
    elif verdict == "modest: others got more":
        more = sum(run.mfu > mfu for run in reached.runs)
        some = f"all {count}" if more == count else f"{more} of {count}"
        reasons.append(f"{some} runs got more: ask what holds it back")
    elif verdict == "plausible" and mfu > reached.highest.mfu:
        reasons.append(
            f"it is above the best of them by less than {percent(TOLERANCE - 1.0)}, "
            "by which conventions differ"
        )
    return reasons
