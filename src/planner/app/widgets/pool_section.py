"""The fields of one pool of the cluster."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from planner.app.fields import POOL_FIELDS
from planner.app.widgets.field_row import FieldRow


class PoolSection(Widget):
    """One pool; its fields stand at the pool's index in the plan."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def compose(self) -> ComposeResult:
        """Lay out a row for each field of a pool."""
        for spec in POOL_FIELDS:
            yield FieldRow(spec, spec.path(self.index))
