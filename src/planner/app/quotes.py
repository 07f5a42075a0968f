"""What stands in and beside a field: names of profiles, what a count means, overrides, what is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style

from planner.app.edits import FieldPath, get_value, write_value
from planner.app.field_spec import FieldSpec
from planner.app.fields import path_key
from planner.app.pools import pool_index
from planner.app.shelf import Shelf
from planner.domain.base import Profile
from planner.domain.evidence import Sourced, value_of
from planner.domain.keys import rivals
from planner.domain.plan import Plan, Pool
from planner.report import numbers

if TYPE_CHECKING:
    from planner.report.profile_rows import Row

#: What stands in a field that an estimate needs and the plan does not say yet.
NEEDED = "needed"
#: Fields that override a figure of the site's profile, by their last key.
SITE_OVERRIDES = (
    "pue",
    "electricity_usd_per_kwh",
    "carbon_g_per_kwh",
    "renewable_share",
    "country",
    "region",
)


def pool_of(plan: Plan, path: FieldPath) -> Pool:
    """Return the pool that a field belongs to; the first one for fields of no pool."""
    return plan.cluster.pools[pool_index(path) or 0]


def pick_text(plan: Plan, value: str, spec: FieldSpec, shelf: Shelf) -> str:
    """Return what a field that opens a dialog shows: mostly a profile's name, with what tells it apart."""
    if spec.key == "model.profile" and plan.model.architecture is not None:
        return "architecture written in the plan"
    if spec.key == "model.profile" and plan.model.parameters is not None:
        return f"{numbers.count(plan.model.parameters)} parameters, of a shape that is assumed"
    if spec.is_long:
        return " ".join(value.split())
    if not spec.profile_kind:
        return value
    name = shelf.name(spec.profile_kind, value)
    profile = shelf.profile(spec.profile_kind, value)
    if profile is None or spec.profile_kind != "systems":
        return name
    from planner.domain.system import System  # noqa: PLC0415 - kinds of profiles are read with the first

    aside, mark = shelf.describe(profile)
    # Many systems already say in their name how many chips of which kind they hold.
    is_said = isinstance(profile, System) and f"({numbers.count(profile.chips_per_system)} x" in name
    said = [] if is_said else [aside]
    return ", ".join([name, *said, *([mark] if mark else [])])


def overridden_profile(plan: Plan, path: FieldPath, shelf: Shelf) -> tuple[Profile, str] | None:
    """Return the profile, and its key, whose figure the field overrides, or would."""
    key = path_key(path)
    found: Profile | None = None
    name = str(path[-1])
    if key == "cluster.pools[].price_usd":
        found = shelf.system_of(pool_of(plan, path))
    elif path[0] == "site" and name in SITE_OVERRIDES:
        found = shelf.site_of(plan)
    elif key == "workload.tokens":
        found, name = shelf.profile("models", plan.model.profile), "training_tokens"
    return (found, name) if found is not None else None


def profile_fact(plan: Plan, path: FieldPath, shelf: Shelf) -> Row | None:
    """Return what the profile says of the figure that the field overrides, or would."""
    where = overridden_profile(plan, path, shelf)
    if where is None:
        return None
    from planner.report.profile_rows import profile_rows  # noqa: PLC0415 - as above

    return next((row for row in profile_rows(where[0]) if row.key == where[1]), None)


def profile_value(plan: Plan, path: FieldPath, shelf: Shelf) -> object:
    """Return the profile's value under the field; None where it is unknown."""
    where = overridden_profile(plan, path, shelf)
    if where is None:
        return None
    found = getattr(where[0], where[1], None)
    return value_of(found) if isinstance(found, Sourced) else found


def placeholder(plan: Plan, path: FieldPath, spec: FieldSpec, shelf: Shelf) -> str:
    """Return what holds while the field is empty."""
    key = path_key(path)
    if key == "cluster.pools[].fabric":
        usual = shelf.fabric_of(pool_of(plan, path))
        return f"{shelf.name('fabrics', usual)} (usual)" if usual else spec.short_default
    if key == "cluster.pools[].price_usd" or (path[0] == "site" and path[-1] in SITE_OVERRIDES):
        known = profile_value(plan, path, shelf)
        return f"{write_value(known, spec.reading)} (profile)" if known is not None else "none known"
    if spec.is_long:
        return "none; Enter opens them"
    if spec.reading.is_required:
        return NEEDED if is_missing(plan, path) else ""
    return spec.short_default


def is_missing(plan: Plan, path: FieldPath) -> bool:
    """Return whether neither the field nor what may stand in its place says anything."""
    node = get_value(plan, path[:-1])
    name = str(path[-1])
    others = rivals(type(node)).get(name, ())
    return getattr(node, name) is None and not any(getattr(node, rival) for rival in others)


def is_override(plan: Plan, path: FieldPath, shelf: Shelf) -> bool:
    """Return whether the plan's value stands over another one of a profile."""
    value = get_value(plan, path)
    if value is None:
        return False
    key = path_key(path)
    if key == "cluster.pools[].fabric":
        system = shelf.system_of(pool_of(plan, path))
        return system is not None and system.default_fabric not in (None, value)
    known = profile_value(plan, path, shelf)
    return key != "workload.tokens" and known not in (None, value)


def hint(plan: Plan, path: FieldPath, shelf: Shelf) -> Content:
    """Return what is said beside a field."""
    key = path_key(path)
    if key == "cluster.pools[].count":
        return _count_hint(plan, path, shelf)
    if is_override(plan, path, shelf):
        reset = Style.from_meta({"@click": f"screen.reset_at({path!r})"})
        return Content.assemble((" override ", "bold $override"), ("reset", Style(underline=True) + reset))
    if key == "site.profile":
        site = shelf.site_of(plan)
        pue = value_of(site.pue) if site is not None and plan.site.pue is None else None
        return Content.assemble((f" PUE {numbers.decimal(pue, 3)}", "$quiet")) if pue else Content("")
    if key == "workload.global_batch_sequences":
        tokens = plan.workload.global_batch_sequences * plan.workload.sequence_length
        return Content.assemble((f" = {numbers.count(tokens)} tokens", "$quiet"))
    listed = _listed_in_the_file(plan, key)
    return Content.assemble((listed, "$quiet")) if listed else Content("")


def _listed_in_the_file(plan: Plan, key: str) -> str:
    """Return what the file lists in place of a field's value, which no field holds."""
    if key == "workload.tokens" and plan.workload.phases:
        return f" in {len(plan.workload.phases)} phases"
    if key == "calendar.start" and plan.calendar.deliveries:
        return f" {len(plan.calendar.deliveries)} deliveries"
    return ""


def _count_hint(plan: Plan, path: FieldPath, shelf: Shelf) -> Content:
    pool = pool_of(plan, path)
    if pool.chips is not None:
        return Content.assemble((" chips", "$quiet"))
    system = shelf.system_of(pool)
    if system is None or pool.count is None:
        return Content.assemble((" systems", "$quiet"))
    return Content.assemble((f" = {numbers.count(pool.count * system.chips_per_system)} chips", "$quiet"))
