"""The line below the keys: what the focused field means, where there is room for it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from planner.app.drawing.field_help import unit_words
from planner.app.drawing.pieces import HEADING, QUIET, fitted, line
from planner.app.field_spec import FieldSpec


class HelpLine(Static):
    """One line of help."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="help-line")
        self.spec: FieldSpec | None = None

    def show(self, spec: FieldSpec | None) -> None:
        """Show what a field means; nothing where none has the focus."""
        if spec is not self.spec:
            self.spec = spec
            self.draw()

    def on_resize(self) -> None:
        """Use the new width."""
        self.draw()

    def draw(self) -> None:
        """Draw for the width there is."""
        if not self.display:
            return
        # the size is the layout's to give, never the text's
        self.update(help_words(self.spec, self.content_size.width), layout=False)


def help_words(spec: FieldSpec | None, width: int) -> Content:
    """Return a field's help in one line: what it means, what it takes, what holds while it is empty."""
    if spec is None or width <= 0:
        return Content("")
    empty = "" if spec.reading.is_required else f"  Empty: {spec.default}."
    told = line((f" {spec.label} ", HEADING), spec.help, (f"  Takes {unit_words(spec)}.{empty}", QUIET))
    return fitted(told, width)
