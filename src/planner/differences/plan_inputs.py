"""Inputs of two plans compared by meaning: validated values, pools by id, phases by position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from planner.domain.plan import Plan, Pool

#: changed, added, removed
Mark = Literal["~", "+", "-"]
#: What a person writes about a plan; it moves no figure.
TEXT_KEYS = ("name", "notes")
_POST_TRAINING = "post_training."
#: Written by the program, and no input.
_NO_INPUTS = frozenset({"schema_version", "pins", *TEXT_KEYS})


@dataclass(frozen=True, slots=True)
class Input:
    """One value of a plan."""

    #: as validated: a number in the field's unit, a Span, a date, a text
    value: Any
    #: as a plan file writes it: `7T`
    written: Any
    #: whether the plan says it; else it is the program's default
    is_given: bool


@dataclass(frozen=True, slots=True)
class InputChange:
    """One key that two plans answer differently; None where one of them does not."""

    key: str
    mark: Mark
    before: Input | None
    after: Input | None


@dataclass(frozen=True, slots=True)
class InputComparison:
    """Everything that two plans say, held against each other."""

    changes: tuple[InputChange, ...]
    #: keys that at least one of the plans gives, and both mean alike
    unchanged: int
    #: name and notes where they differ
    texts: tuple[InputChange, ...]


def pool_pairs(before: Plan, after: Plan) -> list[tuple[Pool | None, Pool | None]]:
    """Return the pools of two plans side by side: by id; the only pool of each is one pool, renamed."""
    left = {pool.id: pool for pool in before.cluster.pools}
    right = {pool.id: pool for pool in after.cluster.pools}
    if len(left) == len(right) == 1:
        return [(before.cluster.pools[0], after.cluster.pools[0])]
    pairs: list[tuple[Pool | None, Pool | None]] = [(pool, right.get(key)) for key, pool in left.items()]
    return [*pairs, *((None, pool) for key, pool in right.items() if key not in left)]


def compare_inputs(
    before: Plan, after: Plan, chips_before: Mapping[str, int], chips_after: Mapping[str, int]
) -> InputComparison:
    """Return how the inputs of two plans differ.

    Parameters
    ----------
    before, after
        The plans, validated: how a value was typed is forgotten already.
    chips_before, chips_after
        Chips of each pool by its id: 256 systems of 8 chips and 2,048 chips mean the same.
    """
    names = {new.id: old.id for old, new in pool_pairs(before, after) if old and new}
    left = dict(_inputs(before, {}))
    right = dict(_inputs(after, names))
    same_size = {
        key
        for old, new in pool_pairs(before, after)
        if old and new and old.system == new.system and chips_before.get(old.id) == chips_after.get(new.id)
        for key in (f"cluster.pools[{old.id}].count", f"cluster.pools[{old.id}].chips")
    }
    changes: list[InputChange] = []
    unchanged = 0
    for key in dict.fromkeys([*left, *right]):
        old, new = left.get(key), right.get(key)
        is_size_in_other_words = key in same_size and (old is None or new is None)
        if is_size_in_other_words:
            unchanged += old is not None
        elif old is not None and new is not None and old.value == new.value:
            unchanged += old.is_given or new.is_given
        else:
            changes.append(_change(key, old, new))
    texts = [
        _change(key, old, new) for key in TEXT_KEYS for old, new in [_texts(before, after, key)] if old != new
    ]
    return InputComparison(_in_plan_order(changes), unchanged, tuple(texts))


def _texts(before: Plan, after: Plan, key: str) -> tuple[Input | None, Input | None]:
    texts = [" ".join(str(getattr(plan, key)).split()) for plan in (before, after)]
    old, new = (Input(text, text, is_given=True) if text else None for text in texts)
    return old, new


def _change(key: str, before: Input | None, after: Input | None) -> InputChange:
    mark: Mark = "~" if before and after else "+" if after else "-"
    return InputChange(key, mark, before, after)


def _in_plan_order(changes: list[InputChange]) -> tuple[InputChange, ...]:
    """Sort by the section of a plan file; within one, what the first plan says comes first."""
    sections = list(Plan.model_fields)

    def position(change: InputChange) -> int:
        return sections.index(change.key.partition(".")[0].partition("[")[0])

    return tuple(sorted(changes, key=position))


def plan_inputs(plan: Plan) -> dict[str, Input]:
    """Return everything that a plan says and everything that holds by default, by dotted key.

    What holds of post-training by default is no input of a plan that trains in no such way.
    """
    is_post = plan.workload.is_post_training
    inputs = _inputs(plan, {})
    return {key: one for key, one in inputs if is_post or one.is_given or not key.startswith(_POST_TRAINING)}


def _inputs(plan: Plan, pool_names: Mapping[str, str]) -> Iterator[tuple[str, Input]]:
    written = plan.model_dump(mode="python")
    for name in Plan.model_fields:
        if name not in _NO_INPUTS:
            yield from _walk(
                name, getattr(plan, name), written[name], pool_names, is_given=name in plan.model_fields_set
            )


def _walk(
    key: str, value: Any, written: Any, pool_names: Mapping[str, str], *, is_given: bool
) -> Iterator[tuple[str, Input]]:
    """Yield the values below a key; what is unset has none."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inside = is_given and name in value.model_fields_set
            yield from _walk(
                f"{key}.{name}", getattr(value, name), written[name], pool_names, is_given=inside
            )
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for position, item in enumerate(value):
            place = pool_names.get(item.id, item.id) if isinstance(item, Pool) else position
            yield from _walk(f"{key}[{place}]", item, written[position], pool_names, is_given=is_given)
    elif value is not None and value != ():
        yield key, Input(value, written, is_given)
