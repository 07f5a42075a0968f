"""The items of one list of the plan, each with its fields, and lines that add one and take one out."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from planner.app.lists import ItemList
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.line_button import LineButton


class AddItem(LineButton):
    """Adds an item to a list."""

    def __init__(self, of: ItemList) -> None:
        super().__init__(f"+ add {'an' if of.title[0] in 'aeiou' else 'a'} {of.title}", classes="add-item")
        self.of = of


class RemoveItem(LineButton):
    """Takes an item out of its list."""

    def __init__(self, of: ItemList, index: int) -> None:
        super().__init__(f"- {of.title} {index + 1}: take it out", classes="remove-item")
        self.of = of
        self.index = index


class ItemSection(Widget):
    """One item; its fields stand at its index in the list."""

    def __init__(self, of: ItemList, index: int) -> None:
        super().__init__()
        self.of = of
        self.index = index

    def compose(self) -> ComposeResult:
        """Lay out its number, a row for each field, and what takes it out."""
        yield Static(f"{self.of.title} {self.index + 1}", markup=False, classes="item-title")
        for spec in self.of.specs():
            yield FieldRow(spec, spec.path(self.index))
        yield RemoveItem(self.of, self.index)


class ItemBox(Vertical):
    """All items of a list."""

    def __init__(self, of: ItemList) -> None:
        super().__init__(id=of.id)
        self.of = of

    def compose(self) -> ComposeResult:
        """Lay out the line that adds an item; the items come with a plan."""
        yield AddItem(self.of)

    async def show_count(self, wanted: int) -> None:
        """Have as many items as a plan."""
        sections = list(self.query(ItemSection))
        for section in sections[wanted:]:
            await section.remove()
        if wanted > len(sections):
            added = [ItemSection(self.of, index) for index in range(len(sections), wanted)]
            await self.mount_all(added, before=self.query_one(AddItem))
