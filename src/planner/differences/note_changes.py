"""Compliance notes and warnings that a change of plan brings or takes away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from planner.differences.plan_inputs import Mark
from planner.estimate.result import Estimate
from planner.planning.compliance_result import ComplianceNote


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A rule that applies on one side alone, or to other pools or with other words on each."""

    mark: Mark
    #: the note after the change; before it where it is gone
    note: ComplianceNote
    #: the pools that it is about; empty: the whole plan
    pools: tuple[str, ...]
    #: not in force yet on the day of the plan
    is_upcoming: bool


@dataclass(frozen=True, slots=True)
class NoteComparison:
    """The compliance notes of two estimates held against each other."""

    changes: tuple[NoteChange, ...] = ()
    unchanged: int = 0
    #: plan keys that rules wait for: asked only after, and no longer asked
    newly_asked: tuple[str, ...] = ()
    no_longer_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Applied:
    """One rule of one side with the pools that it applies to."""

    note: ComplianceNote
    pools: tuple[str, ...]
    is_upcoming: bool


def compare_notes(before: Estimate, after: Estimate, pool_names: Mapping[str, str]) -> NoteComparison:
    """Return which rules come and go; `pool_names` gives the first plan's name of a pool of the second.

    A rule that only moves with its pool (one pool goes, another comes) is neither new nor gone.
    """
    old = _by_rule(before, {})
    new = _by_rule(after, pool_names)
    kept = frozenset(pool_names.values())
    changes = [
        NoteChange("+", it.note, it.pools, it.is_upcoming) for key, it in new.items() if key not in old
    ]
    changes += [
        NoteChange("~", it.note, it.pools, it.is_upcoming)
        for key, it in new.items()
        if key in old and _says(it, kept) != _says(old[key], kept)
    ]
    changes += [
        NoteChange("-", it.note, it.pools, it.is_upcoming) for key, it in old.items() if key not in new
    ]
    asked, asks = (
        [need.plan_key or need.field for need in side.compliance.needs_input] for side in (before, after)
    )
    return NoteComparison(
        changes=tuple(changes),
        unchanged=len(old) - sum(change.mark != "+" for change in changes),
        newly_asked=tuple(key for key in asks if key not in asked),
        no_longer_asked=tuple(key for key in asked if key not in asks),
    )


def _by_rule(estimate: Estimate, pool_names: Mapping[str, str]) -> dict[tuple[str, bool], _Applied]:
    found: dict[tuple[str, bool], _Applied] = {}
    for is_upcoming, notes in ((False, estimate.compliance.notes), (True, estimate.compliance.upcoming)):
        for note in notes:
            earlier = found.get((note.id, is_upcoming))
            pools = (*(earlier.pools if earlier else ()), *((note.pool,) if note.pool else ()))
            found[note.id, is_upcoming] = _Applied(note, pools, is_upcoming)
    return {
        key: replace(it, pools=tuple(pool_names.get(pool, pool) for pool in it.pools))
        for key, it in found.items()
    }


def _says(applied: _Applied, kept: frozenset[str]) -> tuple[ComplianceNote, frozenset[str]]:
    """Return what a rule says, and to which of the pools that both sides have."""
    return replace(applied.note, pool=None, is_stale=False), kept.intersection(applied.pools)


def compare_warnings(before: Estimate, after: Estimate) -> tuple[tuple[Mark, str], ...]:
    """Return the warnings that only one side has, those of the second first."""
    changes: list[tuple[Mark, str]] = [("+", text) for text in after.warnings if text not in before.warnings]
    changes += [("-", text) for text in before.warnings if text not in after.warnings]
    return tuple(changes)
