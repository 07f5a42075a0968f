"""Edits of pools: another one, one less, and counts that may be in systems or in chips."""

from __future__ import annotations

import datetime
import re

from planner.app.edits import FieldPath, Reading, get_value, read_text, with_pools, with_value
from planner.app.field_spec import FieldSpec
from planner.app.fields import path_key
from planner.app.kinds import KIND_KEY, with_kind
from planner.app.lists import check_offer, check_pool
from planner.app.own_model import with_typed_model
from planner.domain.first_keys import FINISH_KEY, MODEL_KEY
from planner.domain.keys import profile_keys
from planner.domain.plan import Plan
from planner.errors import InputError

MAXIMUM_POOLS = 20
SYSTEM_KEY = "cluster.pools[].system"
COUNT_KEY = "cluster.pools[].count"
#: A day told by how long after the start it is.
_DAYS = re.compile(r"(\d[\d,]{0,8})\s*d(?:ays?)?", re.IGNORECASE)
_COUNTED = re.compile(r"(.*?)\s*(chips?|systems?)", re.IGNORECASE | re.DOTALL)


def with_text(plan: Plan, path: FieldPath, spec: FieldSpec, text: str) -> Plan:
    """Return the plan with what was typed into a field; raise InputError in words."""
    if spec.key == COUNT_KEY:
        return _with_count(plan, path, spec.reading, text)
    if spec.key == KIND_KEY:
        return with_kind(plan, str(read_text(text, spec.reading)))
    if spec.key == MODEL_KEY:
        own = with_typed_model(plan, text)
        if own is not None:
            return own
    if spec.key == FINISH_KEY and (match := _DAYS.fullmatch(text.strip())) is not None:
        return with_value(plan, path, _finish(plan, match))
    try:
        changed = with_value(plan, path, read_text(text, spec.reading))
    except InputError as error:
        more = ", or days from the start such as 200 days" if spec.key == FINISH_KEY else ""
        raise InputError(f"{error}{more}") from None
    if path[0] == "offers":
        check_offer(changed)
    if path[-1] == "pool":
        check_pool(changed, path)
    return changed


def _finish(plan: Plan, days: re.Match[str]) -> datetime.date:
    """Return the day that is so many days from the start."""
    if plan.calendar.start is None:
        raise InputError(f"'{days[0]}' needs a start to count from; or a date such as 2027-04-01")
    try:
        return plan.calendar.start + datetime.timedelta(int(days[1].replace(",", "")))
    except OverflowError:
        raise InputError(f"'{days[0]}' is later than any date") from None


def _with_count(plan: Plan, path: FieldPath, reading: Reading, text: str) -> Plan:
    """Set the count: a bare number keeps the pool's unit, `8192 chips` and `64 systems` say theirs."""
    match = _COUNTED.fullmatch(text.strip())
    index = next(part for part in path if isinstance(part, int))
    unit = "chips" if plan.cluster.pools[index].chips is not None else "count"
    if match is not None:
        text = match.group(1)
        unit = "chips" if match.group(2).lower().startswith("chip") else "count"
    return with_value(plan, (*path[:-1], unit), read_text(text, reading))


def live_path(plan: Plan, path: FieldPath) -> FieldPath:
    """Return where the value of a field stands: a pool may be counted in chips."""
    if path_key(path) == COUNT_KEY and get_value(plan, path) is None:
        return (*path[:-1], "chips")
    return path


def with_another(plan: Plan) -> Plan:
    """Return the plan with a copy of its last pool, under a name of its own."""
    pools = plan.cluster.pools
    if len(pools) >= MAXIMUM_POOLS:
        raise InputError(f"a plan holds at most {MAXIMUM_POOLS} pools")
    taken = {pool.id for pool in pools}
    name = next(
        f"pool-{number}"
        for number in range(len(pools) + 1, 2 * MAXIMUM_POOLS)
        if f"pool-{number}" not in taken
    )
    return with_pools(plan, (*pools, pools[-1].model_copy(update={"id": name})))


def without(plan: Plan, index: int) -> Plan:
    """Return the plan without one of its pools."""
    pools = plan.cluster.pools
    if len(pools) == 1:
        raise InputError("a plan needs at least one pool")
    return with_pools(plan, pools[:index] + pools[index + 1 :])


def pool_index(path: FieldPath | None) -> int | None:
    """Return which pool a field belongs to."""
    is_of_pool = path is not None and path[:2] == ("cluster", "pools")
    return next((part for part in path or () if isinstance(part, int)), None) if is_of_pool else None


def system_path(path: FieldPath | None) -> FieldPath:
    """Return the system field of the pool that the focus is in, else of the first pool."""
    return ("cluster", "pools", pool_index(path) or 0, "system")


def profile_path(kind: str, path: FieldPath | None) -> FieldPath:
    """Return the field that names a profile of a kind: of the pool with the focus, else of the first."""
    named = {found: key for key, found in profile_keys(Plan)}
    parts: list[str | int] = []
    for part in named[kind].split("."):
        parts.append(part.removesuffix("[]"))
        if part.endswith("[]"):
            parts.append(pool_index(path) or 0)
    return tuple(parts)
