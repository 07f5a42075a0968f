"""Lists to choose from: the value of a field, a plan's file, a number to explain, a theme."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from planner.app.dialogs.picker import Picker
from planner.app.field_spec import FieldSpec
from planner.app.shelf import PickItem, Shelf
from planner.text import safe


async def field_picker(spec: FieldSpec, shelf: Shelf, *, current: str, typed: str) -> Picker:
    """Return the list of what may be chosen for a field."""
    items = [PickItem(value, value, aside, search=f"{value} {aside}") for value, aside in spec.choices]
    if spec.profile_kind:
        items = await asyncio.to_thread(shelf.items, spec.profile_kind)
    if not spec.reading.is_required:
        items.append(PickItem("", "none", spec.default, search="none empty"))
    preview = partial(shelf.preview, spec.profile_kind) if spec.profile_kind else None
    return Picker(f"Choose the {spec.label}", items, current=current, typed=typed, preview=preview)


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
