"""Lists to choose from: the value of a field, a plan's file, a number to explain, a theme."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from planner.app.dialogs.picker import Picker, Preview
from planner.app.field_spec import FieldSpec
from planner.app.own_model import MODEL_KEY, OWN_MODEL_HELP, own_model_item
from planner.app.shelf import PickItem, Shelf
from planner.text import safe


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
    if not spec.reading.is_required:
        items.append(PickItem("", "none", spec.default, search="none empty"))
    return items


def model_picker(items: list[PickItem], preview: Preview, *, current: str, typed: str) -> Picker:
    """Return the list of models, which also takes the parameters or the configuration of one's own."""
    known = {item.id for item in items}

    def shown(identifier: str) -> list[tuple[str, str]]:
        return preview(identifier) if identifier in known else [("", OWN_MODEL_HELP)]

    note = "type to filter, or parameters such as 70B or 120B/12B, or a config.json"
    return Picker(
        "Choose the model", items, current=current, typed=typed, preview=shown, note=note, own=own_model_item
    )


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
