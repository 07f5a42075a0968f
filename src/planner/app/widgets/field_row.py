"""One input on a line with its label and what is said beside it; below the line, what is wrong with it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from planner.app.field_face import FieldFace
from planner.app.messages import FieldLeft, FieldTyped
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.text_field import TextField

if TYPE_CHECKING:
    from planner.app.edits import FieldPath

#: Fields whose hint follows every key.
COUNTED = ("cluster.pools[].count", "workload.global_batch_sequences")


class FieldRow(Widget):
    """A field of the form."""

    def __init__(self, spec: FieldFace, path: FieldPath) -> None:
        super().__init__()
        self.spec = spec
        self.path = path
        self.error = ""
        self.doubt = ""
        #: what Enter does with a text that is no value
        self.offer = ""
        self.control: TextField | PickField = (
            PickField(path, is_required=spec.is_required) if spec.is_picked else TextField(path)
        )
        # A width of its own spares a layout with every key.
        is_counted = spec.key in COUNTED
        self.hint = Static("", markup=False, classes="hint -fixed" if is_counted else "hint")
        self.is_hint_fixed = is_counted
        self.complaint = Static("", markup=False, classes="complaint")

    def compose(self) -> ComposeResult:
        """Lay out control and hint; a hint comes with its first words: most fields never have any."""
        yield self.control
        if self.hint.parent is None and (self.is_hint_fixed or self.hint.content):
            yield self.hint

    def render(self) -> Content:
        """Return the label, which stands where the control leaves room: a part of its own would cost more."""
        width = self.control.styles.margin.left
        words = textwrap.wrap(self.spec.label, width) if width > 0 else []
        return Content.assemble((words[0] if words else "", "bold $bad" if self.error else "$quiet"))

    def show_value(self, text: str, placeholder: str) -> None:
        """Show the plan's value, and what holds while it is empty."""
        if isinstance(self.control, PickField):
            self.control.shown = text
        else:
            self.control.show_value(text)
        if self.control.placeholder != placeholder:
            self.control.placeholder = placeholder

    def show_hint(self, hint: Content) -> None:
        """Show what belongs to the value; a new layout only where its width changes."""
        old = self.hint.content
        if isinstance(old, Content) and old.is_same(hint):
            return
        if self.hint.parent is None:
            if not hint:
                return
            self.mount(self.hint)
        is_same_width = isinstance(old, Content) and old.cell_length == hint.cell_length
        self.hint.update(hint, layout=not (self.is_hint_fixed or is_same_width))

    def show_error(self, problem: str) -> None:
        """Say under the field what is wrong with it; an empty text takes the words away."""
        if problem == self.error:
            return
        self.error = problem
        self.show_complaint()

    def show_doubt(self, reason: str) -> None:
        """Say under the field why its figure is known to be wrong; it holds all the same."""
        if reason != self.doubt:
            self.doubt = reason
            self.show_complaint()

    def show_offer(self, offer: str) -> None:
        """Say under the field what Enter does with what was typed; an empty text takes the words away."""
        if offer != self.offer:
            self.offer = offer
            self.show_complaint()

    def show_complaint(self) -> None:
        """Show what is not valid, else what is known to be wrong."""
        above = self.parent
        if self.complaint.parent is None and isinstance(above, Widget):
            above.mount(self.complaint, after=self)
        doubt = f"! {self.doubt}" if self.doubt else self.offer
        self.complaint.update(Content(f"x {self.error}" if self.error else doubt))
        self.set_class(bool(self.error), "-wrong")
        self.complaint.set_class(bool(self.error or doubt), "-shown")
        self.complaint.set_class(not self.error, "-doubted")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what was typed."""
        event.stop()
        self.post_message(FieldTyped(self.path, event.value))

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Say that the field was left."""
        event.stop()
        self.post_message(FieldLeft(self.path))

    def on_click(self) -> None:
        """Go into the field, wherever the row was clicked."""
        self.control.focus()
