"""A heading with the fields below it; a closed one makes its fields when it is first opened."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from planner.app.field_spec import FieldSpec
from planner.app.fields import Section
from planner.app.lists import lists_of
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.item_list import ItemBox
from planner.app.widgets.line_button import LineButton


class FormSection(Widget):
    """A group of fields under one heading."""

    class Opened(Message):
        """The fields were made and must be filled."""

    def __init__(self, section: Section) -> None:
        # the fields that are asked for first have short labels; those of the others need a wider column
        super().__init__(id=f"section-{section.id}", classes="-long" if section.is_collapsed else None)
        self.section = section
        self.is_open = not section.is_collapsed
        self.has_rows = self.is_open

    def compose(self) -> ComposeResult:
        """Lay out the heading, and the fields of a section that starts open."""
        if self.section.is_collapsed:
            yield LineButton(self.heading_text(), classes="heading")
        else:
            yield Static(self.section.title, markup=False, classes="heading")
        if self.is_open:
            yield from self.make_rows(self.section.fields)
            yield from self.make_lists()

    def make_lists(self) -> Iterable[ItemBox]:
        """Return the lists that stand below the fields."""
        return [ItemBox(one) for one in lists_of(self.section.id)]

    def heading_text(self) -> str:
        """Return the heading of a section that can be closed."""
        if self.is_open:
            return f"\u25be {self.section.title}"
        return f"\u25b8 {self.section.title}  {self.section.summary}"

    def make_rows(self, specs: Iterable[FieldSpec]) -> Iterable[FieldRow]:
        """Return a row for each field."""
        return [FieldRow(spec, spec.path()) for spec in specs]

    async def open(self) -> None:
        """Open the section; its fields are made the first time."""
        if self.is_open:
            return
        self.is_open = True
        self.query_one(LineButton).update(self.heading_text())
        self.remove_class("-closed")
        if not self.has_rows:
            self.has_rows = True
            await self.mount_all([*self.make_rows(self.section.fields), *self.make_lists()])
        self.post_message(self.Opened())

    async def on_line_button_pressed(self, event: LineButton.Pressed) -> None:
        """Open a closed section, close an open one."""
        if event.button.parent is not self:
            # of an item of its lists
            return
        event.stop()
        if not self.is_open:
            await self.open()
            return
        self.is_open = False
        self.add_class("-closed")
        self.query_one(LineButton).update(self.heading_text())
