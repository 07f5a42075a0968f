"""The plans of a comparison, one a row; long keys scroll what stands below it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from planner.app.widgets.choices import Choices


class PlanList(Choices):
    """At most six rows: they never need a page of their own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "screen.scroll_sheet(-1)", "Up", show=False),
        Binding("pagedown", "screen.scroll_sheet(1)", "Down", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="compare-plans", markup=False)
