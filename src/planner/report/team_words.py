"""Who runs a plan, in words: with what others would take, and how many runs of how many sources say so."""

from __future__ import annotations

from planner.domain.team import TEAM_WORDS
from planner.estimate.result import Estimate
from planner.estimate.teams import TeamView
from planner.report import numbers


def team_words(estimate: Estimate) -> str:
    """Return the class of the plan's team, and the days of the others."""
    said = "" if estimate.is_team_stated else ", as the plan does not say (operations.team)"
    own = next((view for view in estimate.teams if view.team == estimate.team), None)
    behind = f": {_behind(own)}" if own else ""
    others = "; ".join(
        f"{TEAM_WORDS[view.team]} {numbers.decimal(view.days)} days, {_behind(view)}"
        for view in estimate.teams
        if view.team != estimate.team
    )
    return f"{TEAM_WORDS[estimate.team]}{said}{behind}" + (f". In other hands: {others}" if others else "")


def _behind(view: TeamView) -> str:
    if not view.runs:
        return "no run on chips of its platform"
    sources = "source" if view.sources == 1 else "sources"
    return f"{numbers.count(view.runs)} runs of {view.sources} {sources} on chips of its platform"
