"""Lists to choose from: the value of a field, a plan's file, a number to explain, a theme."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from planner.app import pools
from planner.app.answers import ANSWERING_KINDS, Answering, answering, answering_texts, unfit_because
from planner.app.dialogs.answering_picker import AnsweringPicker
from planner.app.dialogs.picker import Picker, Preview
from planner.app.edits import FieldPath, get_value, write_value
from planner.app.estimating import Estimator
from planner.app.field_spec import FieldSpec
from planner.app.own_model import OWN_MODEL_HELP, own_model_item
from planner.app.shelf import PickItem, Shelf
from planner.domain.first_keys import MODEL_KEY
from planner.domain.plan import Plan
from planner.text import safe
from planner.units import middle_of

if TYPE_CHECKING:
    from planner.app.dialogs.sweep_picker import SweepPicker


async def plan_field_picker(
    plan: Plan, spec: FieldSpec, path: FieldPath, shelf: Shelf, estimator: Estimator, *, typed: str
) -> Picker:
    """Return the list of what may be chosen for a field of a plan; its rows say what they would come to."""
    value = get_value(plan, path)
    current = "" if value is None else {True: "yes", False: "no"}.get(value, str(value))
    if spec.profile_kind not in ANSWERING_KINDS:
        return await field_picker(spec, shelf, current=current, typed=typed)
    items = await asyncio.to_thread(fitting_items, plan, spec, path, shelf)
    items += nothing_chosen(spec)
    preview = partial(shelf.preview, spec.profile_kind)
    answer = answering(plan, spec, path, shelf, estimator)
    if spec.key == MODEL_KEY:
        return model_picker(items, preview, current=current, typed=typed, answer=answer)
    return AnsweringPicker(
        f"Choose the {spec.label}", items, answer, current=current, typed=typed, preview=preview
    )


async def field_picker(spec: FieldSpec, shelf: Shelf, *, current: str, typed: str) -> Picker:
    """Return the list of what may be chosen for a field."""
    items = await asyncio.to_thread(shelf.items, spec.profile_kind) if spec.profile_kind else []
    items += field_items(spec)
    preview = partial(shelf.preview, spec.profile_kind) if spec.profile_kind else None
    if spec.key == MODEL_KEY:
        return model_picker(items, partial(shelf.preview, "models"), current=current, typed=typed)
    return Picker(f"Choose the {spec.label}", items, current=current, typed=typed, preview=preview)


def field_items(spec: FieldSpec) -> list[PickItem]:
    """Return the answers of a field with few of them, and that it may say nothing."""
    items = [PickItem(value, value, aside, search=f"{value} {aside}") for value, aside in spec.choices]
    return items + nothing_chosen(spec)


def nothing_chosen(spec: FieldSpec) -> list[PickItem]:
    """Return the entry that empties a field, where it may be empty."""
    return [] if spec.reading.is_required else [PickItem("", "none", spec.default, search="none empty")]


def fitting_items(plan: Plan, spec: FieldSpec, path: FieldPath, shelf: Shelf) -> list[PickItem]:
    """Return the profiles that a field takes, each with why it does not go with the pool's chip."""
    return [
        replace(item, unfit=unfit_because(shelf, plan, spec, path, item.id))
        for item in shelf.items(spec.profile_kind)
    ]


def model_picker(
    items: list[PickItem],
    preview: Preview,
    *,
    current: str,
    typed: str,
    answer: Answering | None = None,
) -> Picker:
    """Return the list of models, which also takes the parameters or the configuration of one's own.

    With `answer`, its rows say what they would come to.
    """
    known = {item.id for item in items}

    def shown(identifier: str) -> list[tuple[str, str]]:
        return preview(identifier) if identifier in known else [("", OWN_MODEL_HELP)]

    note = "type to filter, or parameters such as 70B or 120B/12B, or a config.json"
    title = "Choose the model"
    if answer is None:
        return Picker(
            title, items, current=current, typed=typed, preview=shown, note=note, own=own_model_item
        )
    return AnsweringPicker(
        title, items, answer, current=current, typed=typed, preview=shown, note=note, own=own_model_item
    )


def sweep_picker(
    plan: Plan, spec: FieldSpec, path: FieldPath, values: str, estimator: Estimator
) -> SweepPicker:
    """Return the list of several values of a field, each with what it would come to, and a curve of them.

    Raises
    ------
    InputError
        Where the text names no values, or one that the field does not take.
    """
    # read when asked for: few fields are swept, and NumPy comes with it
    from planner.app.dialogs.sweep_picker import SweepPicker  # noqa: PLC0415
    from planner.exploring.axes import axes_of  # noqa: PLC0415

    (axis,) = axes_of(plan, [f"{plan_key(plan, path)}={values}"])
    places = {}
    for value in axis.values:
        changed = pools.with_text(plan, path, spec, value)
        places[value] = float(middle_of(get_value(changed, pools.live_path(changed, path))))
    now = write_value(get_value(plan, pools.live_path(plan, path)), spec.reading)
    return SweepPicker(
        f"Try each: {spec.label}, now {now or 'open'}",
        spec.label,
        places,
        answering_texts(plan, spec, path, estimator),
        note="type to filter; Enter takes one",
    )


def plan_key(plan: Plan, path: FieldPath) -> str:
    """Return the key of a field as `--set` takes it: items of a list by their id, else by their place."""
    text = ""
    for place, part in enumerate(path):
        if isinstance(part, int):
            item = get_value(plan, path[: place + 1])
            text += f"[{getattr(item, 'id', part)}]"
        else:
            text += f".{part}"
    return text.lstrip(".")


async def chip_picker(shelf: Shelf) -> Picker:
    """Return the list of chips."""
    chips = await asyncio.to_thread(shelf.items, "chips")
    return Picker("Choose a chip", chips, preview=partial(shelf.preview, "chips"))


def plan_picker(
    title: str, paths: Iterable[Path], *, current: str = "", first: Iterable[PickItem] = ()
) -> Picker:
    """Return the list of plan files, which also takes a path; `first` stands above them."""
    found = [
        PickItem(
            str(path), safe(path.stem), safe(str(path.parent)), search=f"{path.stem} {path.parent}".lower()
        )
        for path in paths
    ]
    note = "type to filter, or type a path"
    return Picker(title, [*first, *found], current=current, takes_text=True, note=note)
