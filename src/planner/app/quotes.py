"""What stands in and beside a field: names of profiles, what a count means, overrides, what is usual."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style

from planner.app.edits import FieldPath, get_value, write_value
from planner.app.field_spec import FieldSpec
from planner.app.fields import path_key
from planner.app.shelf import Shelf
from planner.domain.architecture import LanguageModel
from planner.domain.evidence import Figure, value_of
from planner.domain.plan import Plan, Pool
from planner.report import numbers

#: Fields that override a figure of the site's profile, by their last key.
SITE_OVERRIDES = ("pue", "electricity_usd_per_kwh", "power_cap_mw")


def pool_of(plan: Plan, path: FieldPath) -> Pool:
    """Return the pool that a field belongs to; the first one for fields of no pool."""
    index = next((part for part in path if isinstance(part, int)), 0)
    return plan.cluster.pools[index]


def pick_text(plan: Plan, value: str, spec: FieldSpec, shelf: Shelf) -> str:
    """Return the name of the profile that a field names, with what tells a system apart."""
    if spec.key == "model.profile" and plan.model.architecture is not None:
        return "architecture written in the plan"
    name = shelf.name(spec.profile_kind, value)
    profile = shelf.profile(spec.profile_kind, value)
    if profile is None or spec.profile_kind != "systems":
        return name
    aside, is_roadmap = shelf.describe(profile)
    said = [aside] if aside and aside.split(" x ")[-1].lower() not in name.lower() else []
    return ", ".join([name, *said, *(["roadmap"] if is_roadmap else [])])


def profile_figure(plan: Plan, path: FieldPath, shelf: Shelf) -> Figure[object] | None:
    """Return the figure of a profile that the field overrides, or would."""
    key = path_key(path)
    if key == "cluster.pools[].price_usd":
        system = shelf.system_of(pool_of(plan, path))
        return system.price_usd if system is not None else None  # type: ignore[return-value]  # Figure is invariant
    if path[0] == "site" and path[-1] in SITE_OVERRIDES:
        site = shelf.site_of(plan)
        found = getattr(site, str(path[-1]), None)
        return found if isinstance(found, Figure) else None
    if key == "workload.tokens":
        model = shelf.profile("models", plan.model.profile)
        return model.training_tokens if isinstance(model, LanguageModel) else None  # type: ignore[return-value]
    return None


def placeholder(plan: Plan, path: FieldPath, spec: FieldSpec, shelf: Shelf) -> str:
    """Return what holds while the field is empty."""
    key = path_key(path)
    if key == "cluster.pools[].fabric":
        usual = shelf.fabric_of(pool_of(plan, path))
        return f"{shelf.name('fabrics', usual)} (usual)" if usual else spec.default
    if path[0] == "site" and path[-1] in ("pue", "electricity_usd_per_kwh", "power_cap_mw", "country"):
        return _site_placeholder(plan, path, spec, shelf)
    if key == "cluster.pools[].price_usd":
        figure = profile_figure(plan, path, shelf)
        known = value_of(figure) if figure is not None else None
        return f"{write_value(known, spec.reading)} (profile)" if known is not None else "unknown"
    return "" if spec.reading.is_required else _short_default(spec)


def _short_default(spec: FieldSpec) -> str:
    if spec.key.startswith(("parties.", "release.")):
        return "unknown"
    return spec.default.split(":", maxsplit=1)[0]


def _site_placeholder(plan: Plan, path: FieldPath, spec: FieldSpec, shelf: Shelf) -> str:
    site = shelf.site_of(plan)
    found = getattr(site, str(path[-1]), None) if site is not None else None
    value = found.value if isinstance(found, Figure) else found
    return f"{write_value(value, spec.reading)} (profile)" if value is not None else "none known"


def is_override(plan: Plan, path: FieldPath, shelf: Shelf) -> bool:
    """Return whether the plan's value stands over another one of a profile."""
    value = get_value(plan, path)
    if value is None:
        return False
    key = path_key(path)
    if key == "cluster.pools[].fabric":
        system = shelf.system_of(pool_of(plan, path))
        return system is not None and system.default_fabric not in (None, value)
    if key == "site.country":
        site = shelf.site_of(plan)
        return site is not None and site.country != value
    figure = profile_figure(plan, path, shelf)
    return key != "workload.tokens" and figure is not None and figure.value not in (None, value)


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
    if key == "workload.tokens" and plan.workload.phases:
        return Content.assemble((f" in {len(plan.workload.phases)} phases", "$quiet"))
    return Content("")


def _count_hint(plan: Plan, path: FieldPath, shelf: Shelf) -> Content:
    pool = pool_of(plan, path)
    if pool.chips is not None:
        return Content.assemble((" chips", "$quiet"))
    system = shelf.system_of(pool)
    if system is None or pool.count is None:
        return Content.assemble((" systems", "$quiet"))
    return Content.assemble((f" = {numbers.count(pool.count * system.chips_per_system)} chips", "$quiet"))
