"""Targets as somebody types them: steps a day, by when or within how many days, power, money, how sure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from planner.app.dialogs.picker import Picker
from planner.app.dialogs.slot_form import SlotForm
from planner.app.edits import Reading, read_text, write_value
from planner.app.field_spec import FieldSpec
from planner.app.fields import FIELDS
from planner.app.flows.choosing import field_items
from planner.app.layer import Layer
from planner.app.profile_slots import Slot
from planner.catalog.catalog import Catalog
from planner.domain.first_keys import FINISH_KEY
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.exploring.targets import CONFIDENCES, Asked, targets_of
from planner.report.numbers import decimal
from planner.units import Span, percent

_DAYS = re.compile(r"([\d.,]+)\s*d(?:ays?)?", re.IGNORECASE)
_FINISH = FIELDS.by_key[FINISH_KEY]
_BY = replace(
    _FINISH,
    help="The day by which training must be done, or within how many days: 2027-07-01, or 200 days.",
    example="2027-07-01 or 200 days",
)
_STEPS = FIELDS.by_key["targets.steps_per_day"]
_POWER, _MONEY = FIELDS.by_key["targets.power_mw"], FIELDS.by_key["targets.money_usd"]
_SURE = FieldSpec(
    key="confidence",
    label="sure",
    reading=Reading("choice", is_required=True),
    help="The share of outcomes in which all targets hold.",
    default="80 %",
    short_default="80 %",
    find="However much it costs to be late.",
    example="80 %",
    profile_kind="",
    choices=tuple((percent(confidence), "") for confidence in CONFIDENCES),
)
_HELP = replace(_BY, help="What a cluster must meet. The site's own power cap holds in any case.")
_FIELDS = (("by", _BY), ("power", _POWER), ("money", _MONEY), ("sure", _SURE))


async def ask_targets(screen: Layer[Any], plan: Plan, asked: Asked, catalog: Catalog | None) -> Asked | None:
    """Ask for targets, beginning with those that hold; None where somebody would rather leave them.

    The catalog has the rates of a budget in another currency.
    """

    def complaint(texts: Mapping[str, str]) -> tuple[str, str]:
        return _complaint(plan, texts, catalog)

    def picker(spec: FieldSpec, current: str, typed: str) -> Picker:
        return Picker(f"Choose: {spec.label}", field_items(spec), current=current, typed=typed)

    # only post-training counts steps
    fields = (("steps", _STEPS), *_FIELDS) if plan.workload.is_post_training else _FIELDS
    form = SlotForm("Targets", Slot((), "item", _HELP, fields), texts_of(plan, asked), complaint, picker)
    texts = await screen.choose_from(form)
    return None if texts is None else asked_of(texts)


def texts_of(plan: Plan, asked: Asked) -> dict[str, str]:
    """Return targets as they would be typed: those that were asked for, else the plan's own."""
    own = plan.targets
    has_deadline = asked.has_pace
    steps = asked.steps_per_day if has_deadline else own.steps_per_day
    finish_by = asked.finish_by if has_deadline else own.finish_by
    power = asked.max_mw if asked.max_mw is not None or has_deadline else own.power_mw
    money = asked.max_usd if asked.max_usd is not None or has_deadline else own.money_usd
    by = write_value(finish_by, _BY.reading)
    if asked.deadline_days is not None:
        by = f"{decimal(asked.deadline_days, 4)} days"
    sure = next(words for words, _ in _SURE.choices if words.startswith(f"{100 * asked.confidence:.0f} "))
    texts = {"steps": write_value(steps, _STEPS.reading)} if plan.workload.is_post_training else {}
    return texts | {
        "by": by,
        "power": write_value(power, _POWER.reading),
        "money": write_value(money, _MONEY.reading),
        "sure": sure,
    }


def asked_of(texts: Mapping[str, str]) -> Asked:
    """Return what is asked for; raise InputError in words, of the first field that is wrong."""
    return Asked(**{name: value for part in texts for name, value in _read(part, texts).items()})


def _read(part: str, texts: Mapping[str, str]) -> dict[str, Any]:
    text = texts[part].strip()
    if part == "sure":
        return {"confidence": float(text.rstrip(" %")) / 100.0}
    if part == "steps":
        return {"steps_per_day": read_text(text, _STEPS.reading)}
    if part == "power":
        return {"max_mw": read_text(text, _POWER.reading)}
    if part == "money":
        return {"max_usd": read_text(text, _MONEY.reading)}
    match = _DAYS.fullmatch(text)
    if match is None:
        return {"finish_by": read_text(text, _BY.reading)}
    try:
        days = float(match[1].replace(",", ""))
    except ValueError:
        raise InputError(f"'{text}' is neither a date nor days; expected 2027-07-01 or 200 days") from None
    if days <= 0.0:
        raise InputError(f"'{text}' is no time at all; expected days such as 200 days")
    return {"deadline_days": days}


def _complaint(plan: Plan, texts: Mapping[str, str], catalog: Catalog | None) -> tuple[str, str]:
    """Return which field is wrong, and in which words; empty where none is."""
    for part in texts:
        try:
            _read(part, texts)
        except InputError as error:
            return part, str(error)
    asked = asked_of(texts)
    if not asked.has_pace:
        if "steps" in texts:
            return "steps", "must be filled in, or the day: without either one system is enough"
        return "by", "must be filled in: without a deadline one system is enough"
    if asked.finish_by is not None and plan.calendar.start is None:
        return (
            "by",
            "a date needs a day to count from: type days, such as 200 days, or fill in the plan's start",
        )
    try:
        targets_of(plan, asked, catalog)
    except InputError as error:
        return "money" if isinstance(asked.max_usd, Span) else "by", str(error)
    return "", ""
