"""Asks for a figure of a profile: its value, how it is known, and a document that nobody named yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.drawing.field_help import spec_lines
from planner.app.field_spec import FieldSpec
from planner.app.layer import Dialog
from planner.app.messages import FieldLeft, FieldTyped, PickAsked
from planner.app.profile_slots import Slot
from planner.app.widgets.field_row import FieldRow

#: From a field and what is typed there, the list to choose from.
PickerOf = Callable[[FieldSpec, str, str], "Picker"]
#: Which field is wrong, and in which words; empty where none is.
Complaint = Callable[[Mapping[str, str]], tuple[str, str]]


class SlotForm(Dialog[dict[str, str] | None]):
    """Returns the texts of the fields; None where somebody would rather leave them."""

    is_for_typing = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("ctrl+s", "take", "Take", show=False),
        Binding("f1", "field_help", "Help", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
        Binding("down", "app.focus_next", "Next", show=False),
    ]

    def __init__(
        self, title: str, slot: Slot, texts: Mapping[str, str], complaint: Complaint, picker: PickerOf
    ) -> None:
        super().__init__()
        self.form_title = title
        self.slot = slot
        self.texts = dict(texts)
        self.complaint = complaint
        self.picker = picker
        self.rows = {name: FieldRow(spec, (name,)) for name, spec in slot.fields}

    def compose(self) -> ComposeResult:
        """Lay out a row for each field."""
        with Vertical(classes="dialog slot-form") as dialog:
            dialog.border_title = Content(self.form_title)
            dialog.border_subtitle = "^S or Enter take   F1 help   Esc leave as it is"
            yield Static(Content(self.slot.spec.help), markup=False, classes="slot-help")
            with VerticalScroll(classes="dialog-scroll", can_focus=False):
                yield from self.rows.values()
            yield Static("", markup=False, id="slot-note")

    def on_mount(self) -> None:
        """Show what the file says, and begin with the value."""
        for name, spec in self.slot.fields:
            self.show(name, spec)
        next(iter(self.rows.values())).control.focus()

    def show(self, name: str, spec: FieldSpec) -> None:
        """Show the text of a field."""
        example = f"such as {spec.example}" if spec.example else spec.short_default
        self.rows[name].show_value(self.texts[name], example)

    def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed, and say what is wrong with it."""
        event.stop()
        self.typed(str(event.path[0]), event.text)

    def typed(self, name: str, text: str) -> None:
        """Take a text; only its own field is told what is wrong until all are taken."""
        self.texts[name] = text
        wrong, words = self.complaint(self.texts)
        for other, row in self.rows.items():
            row.show_error(words if other == wrong == name else "")
        self.query_one("#slot-note", Static).update("")

    def on_field_left(self, event: FieldLeft) -> None:
        """Nothing is rewritten: a figure stands as it was typed."""
        event.stop()

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.run_flow("pick", self.pick(str(event.path[0]), event.typed), lists=1)

    async def pick(self, name: str, typed: str) -> None:
        """Let somebody choose the value of a field."""
        spec = dict(self.slot.fields)[name]
        chosen = await self.choose_from(self.picker(spec, self.texts[name], typed))
        if chosen is not None:
            self.typed(name, chosen)
            self.show(name, spec)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what stands there."""
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Return the texts, or say which of them is wrong."""
        wrong, words = self.complaint(self.texts)
        if not words:
            self.dismiss(self.texts)
            return
        if wrong in self.rows:
            self.rows[wrong].show_error(words)
            self.rows[wrong].control.focus()
        else:
            self.query_one("#slot-note", Static).update(Content(f"x {words}"))

    def action_field_help(self) -> None:
        """Show what the focused field means."""
        path = getattr(self.focused, "path", None)
        spec = dict(self.slot.fields).get(str(path[0])) if isinstance(path, tuple) else None
        if spec is not None:
            self.put_over(Page(f"Help: {spec.label}", partial(spec_lines, spec)))

    def action_cancel(self) -> None:
        """Leave the figure as it is."""
        self.dismiss(None)
