"""Pins: what a plan used of its profiles, what changed since, and the estimate as it was."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.kinds import KINDS
from planner.catalog.pinning import used_values, with_values
from planner.catalog.search_path import built_in_folder
from planner.differences.drift_effects import drift_effects
from planner.domain.evidence import Sourced
from planner.domain.plan import Pin, Plan
from planner.errors import PlannerError, ProfileError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.files.validation import InvalidProfileError, validate
from planner.files.writing import write_toml_atomic
from planner.planning.drift import DriftItem, drift
from planner.planning.pins import pinned, pinned_catalog
from planner.plans.plan_file import load_plan, plan_text, save_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.table import compared
from planner.report.estimate_json import estimate_to_dict

CHIP = "chips/ascend-910b"


@functools.cache
def built_in() -> Catalog:
    return load_catalog(include_user=False)


@functools.cache
def shipped(name: str) -> tuple[Plan, Estimate]:
    """Return a shipped plan, pinned, and its estimate."""
    plan = load_plan(shipped_plans_folder() / f"{name}.toml")
    estimate = estimate_plan(plan, built_in())
    return pinned(plan, estimate.profiles, built_in()), estimate


def told(estimate: Estimate) -> dict[str, Any]:
    """Return all that an estimate says, but for how long it took and where its profiles are from.

    Nor the runs and sources behind its figures: evidence, which a pin of another value does not keep.
    """
    record = estimate_to_dict(estimate)
    kept = {key: value for key, value in record.items() if key not in ("seconds", "profiles")}
    kept["pools"] = [
        {key: value for key, value in pool.items() if key != "runs_behind"} for pool in record["pools"]
    ]
    return kept | {"team": {key: record["team"][key] for key in ("who", "is_stated", "days")}}


@pytest.fixture
def plan() -> Plan:
    return shipped("pangu-ultra-135b-910b")[0]


def changed(folder: Path, key: str, old: str, new: str) -> Catalog:
    """Return the catalog with one shipped profile changed by hand in a shared folder."""
    path = folder / f"{key}.toml"
    path.parent.mkdir(exist_ok=True)
    text = (built_in_folder() / f"{key}.toml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_catalog([folder], include_user=False)


def test_a_pinned_plan_has_not_drifted_and_reads_back(plan: Plan, tmp_path: Path) -> None:
    assert {"chips", "systems", "fabrics", "stacks", "models", "sites", "prices"} == {
        key.partition("/")[0] for key in plan.pins
    }
    assert plan.pins[CHIP].values["memory.capacity_bytes"] == "64 GiB"
    assert drift(plan, built_in()) == []
    save_plan(tmp_path / "p.toml", plan, None)
    assert load_plan(tmp_path / "p.toml") == plan
    text = plan_text(plan)
    assert f'[pins."{CHIP}".values]\n' in text
    assert '"memory.capacity_bytes" = "64 GiB"\n' in text
    assert plan_text(load_plan(tmp_path / "p.toml")) == text


def test_a_changed_figure_is_listed_and_can_be_kept(plan: Plan, tmp_path: Path) -> None:
    catalog = changed(tmp_path, CHIP, '"1.6 TB/s"', '"1.2 TB/s"')
    assert drift(plan, catalog) == [
        DriftItem(CHIP, "memory.bandwidth_bytes_per_s", "1.6 TB/s", "1.2 TB/s"),
    ]
    kept = estimate_plan(plan, pinned_catalog(plan, catalog))
    now = estimate_plan(plan, catalog)
    before = shipped("pangu-ultra-135b-910b")[1]
    assert told(kept) == told(before)
    assert told(now)["training_days"] != told(before)["training_days"]
    effects = {effect.quantity: effect for effect in drift_effects(kept, now)}
    assert before.figures is not None
    assert now.figures is not None
    assert effects["training_days"].old == before.figures.band("training_days")
    assert effects["training_days"].new == now.figures.band("training_days")
    # of all that estimates are compared by, in that order, and of nothing that stays
    assert list(effects) == [made.id for made in compared() if made.id in effects]
    assert {"step.seconds", "cost.total"} <= effects.keys()
    assert "cost.capex" not in effects
    use = next(use for use in kept.profiles if use.kind == "chips")
    assert use.hash == plan.pins[CHIP].hash
    assert use.origin.endswith(", pinned values")
    # taking the new ones ends the drift; pinning what was kept changes nothing
    assert drift(pinned(plan, now.profiles, catalog), catalog) == []
    assert pinned(plan, kept.profiles, pinned_catalog(plan, catalog)) == plan


def test_formatting_notes_and_evidence_are_no_drift(plan: Plan, tmp_path: Path) -> None:
    catalog = changed(tmp_path, CHIP, '"65536 MiB"', '"64 GiB"')
    assert catalog.get("chips", "ascend-910b").hash == plan.pins[CHIP].hash
    catalog = changed(tmp_path, CHIP, "notes = [", 'notes = ["one more", ')
    assert catalog.get("chips", "ascend-910b").hash != plan.pins[CHIP].hash
    assert drift(plan, catalog) == []
    pin = plan.pins[CHIP]
    respelt = pin.model_copy(update={"values": {**pin.values, "tdp_w": "0.4 kW"}})
    assert drift(plan.model_copy(update={"pins": {CHIP: respelt}}), catalog) == []


def test_unknown_then_and_known_now_is_drift(plan: Plan, tmp_path: Path) -> None:
    catalog = changed(
        tmp_path, "sites/ulanqab-cn", "[pue]", "[power_cap_mw]\nvalue = 9\nkind = 'memory'\n[pue]"
    )
    assert drift(plan, catalog) == [DriftItem("sites/ulanqab-cn", "power_cap_mw", None, 9.0)]
    kept = pinned_catalog(plan, catalog).get("sites", "ulanqab-cn").profile
    assert kept.power_cap_mw is None


def test_a_profile_that_is_gone_or_pinned_by_hash_alone_is_said(plan: Plan) -> None:
    pins = {"chips/gone": Pin(hash="0123456789"), CHIP: Pin(hash="0123456789"), "nonsense": Pin(hash="0" * 8)}
    items = drift(plan.model_copy(update={"pins": pins}), built_in())
    assert [(item.profile, item.field, item.new is None) for item in items] == [
        (CHIP, "hash", False),
        ("chips/gone", "profile", True),
        ("nonsense", "profile", True),
    ]
    short = Pin(hash=plan.pins[CHIP].hash[:12])
    assert drift(plan.model_copy(update={"pins": {CHIP: short}}), built_in()) == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("tdp_w", "much", "tdp_w.value"),
        ("tdp_w", -1, "tdp_w.value"),
        ("bogus", 1, "bogus: is no field that estimates read"),
        ("trade.bogus", 1, "trade.bogus: unknown key"),
        ("name", "x", "name: is no field that estimates read"),
        ("", 1, "is no field that estimates read"),
    ],
)
def test_pins_that_were_edited_by_hand_are_refused_in_one_line(
    plan: Plan, tmp_path: Path, field: str, value: Any, message: str
) -> None:
    pin = Pin(hash="0123456789", values={**plan.pins[CHIP].values, field: value})
    edited = plan.model_copy(update={"pins": {**plan.pins, CHIP: pin}})
    assert drift(edited, built_in())
    with pytest.raises(PlannerError, match=re.escape(message)) as caught:
        estimate_plan(edited, pinned_catalog(edited, built_in()))
    assert f'pins."{CHIP}"' in str(caught.value)


def test_a_pinned_constant_of_a_stack_is_checked() -> None:
    stack = built_in().get("stacks", "cann").profile
    values = used_values("stacks", stack, {"ascend-910b"})
    assert any(key.startswith("generations.ascend-910b.") for key in values)
    assert used_values("stacks", stack, ()).keys() < values.keys()
    for bad in ("0.7", "x ~y", 3, "0.7 ~-1"):
        with pytest.raises(ProfileError):
            with_values("stacks", stack, {**values, "constants.compute": bad}, where="pins")


def _figures(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[dict[str, Any], str, tuple[Any, ...]]]:
    """Yield every place with a number of its own in dumped data: the table, the key and the path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, float | int) and not isinstance(inner, bool):
                yield value, key, (*path, key)  # type: ignore[misc]  # dumped tables are dicts
            yield from _figures(inner, (*path, key))


def _scaled_profile(kind: str, profile: Any, factor: float, *, only_unused: bool) -> Any:
    """Return the profile with every figure, or every one that estimates do not read, changed."""
    used = set(used_values(kind, profile, _GENERATIONS))
    data = _plain(profile)
    for table, key, path in list(_figures(data)):
        dotted = ".".join(part for part in path if part not in ("value", "median"))
        is_used = dotted in used or key == "log_spread"
        if key in ("value", "median") and not (only_unused and is_used):
            _scale(table, key, factor, lambda: validate(KINDS[kind].model_class, data, where=profile.id))
    return validate(KINDS[kind].model_class, data, where=profile.id)


def _scale(table: dict[str, Any], key: str, factor: float, is_valid: Callable[[], object]) -> None:
    """Change a figure by a factor, or by as much of it as its range allows, up or down."""
    value = table[key]
    for scale in (factor, 1 / factor, 0.999, 1.001):
        table[key] = value * scale
        with suppress(InvalidProfileError):
            is_valid()
            return
    table[key] = value


_GENERATIONS = ("ascend-910b", "ampere")


def _plain(model: Any) -> Any:
    """Return a model as the data it came from, with plain numbers for quantities."""
    if isinstance(model, Sourced):
        value = model.value
        kept = {"kind": "derived", "note": "as changed by a test"}
        return kept if value is None else kept | {"value": value}
    if hasattr(model, "model_fields_set"):
        names = model.model_fields_set
        return {name: _plain(getattr(model, name)) for name in names if getattr(model, name) is not None}
    if isinstance(model, Mapping):
        return {key: _plain(value) for key, value in model.items()}
    return model


def _scaled_folder(folder: Path, plan: Plan, factor: float, *, only_unused: bool) -> Catalog:
    for key in plan.pins:
        kind, _, identifier = key.partition("/")
        profile = built_in().get(kind, identifier).profile
        scaled = _scaled_profile(kind, profile, factor, only_unused=only_unused)
        data = scaled.model_dump(mode="python", exclude_none=True, exclude_defaults=True)
        (folder / kind).mkdir(exist_ok=True)
        write_toml_atomic(folder / kind / f"{identifier}.toml", data)
    return load_catalog([folder], include_user=False)


@pytest.mark.parametrize("name", ["pangu-ultra-135b-910b", "qwen2-72b-a100", "mixed-910b-a100"])
def test_pinned_values_are_all_that_an_estimate_reads(name: str, tmp_path: Path) -> None:
    plan, before = shipped(name)
    catalog = _scaled_folder(tmp_path, plan, 0.9, only_unused=False)
    now = estimate_plan(plan, catalog)
    assert told(now)["training_days"] != told(before)["training_days"]
    kept = estimate_plan(plan, pinned_catalog(plan, catalog))
    assert told(kept) == told(before)
    assert kept.compliance == before.compliance
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    catalog = _scaled_folder(tmp_path, plan, 0.9, only_unused=True)
    assert drift(plan, catalog) == []
    assert any(catalog.get(*key.split("/", 1)).hash != pin.hash for key, pin in plan.pins.items())
    after = estimate_plan(plan, catalog)
    assert told(after) == told(before)
    assert after.compliance == before.compliance


def test_broken_rules_are_warned_of(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "xx-ours.toml").write_text('id = "XX-OURS"\nbogus = 1\n', encoding="utf-8")
    estimate = estimate_plan(plan, load_catalog([tmp_path], include_user=False))
    left_out = [warning for warning in estimate.warnings if warning.startswith("rule left out: ")]
    assert len(left_out) == 1
    assert "xx-ours.toml: line 2: bogus: unknown key" in left_out[0]
