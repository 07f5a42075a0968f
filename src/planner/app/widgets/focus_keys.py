"""The keys that are told at the bottom while a widget of the planning screen has the focus."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import OptionList

from planner.app.widgets.estimate_pane import EstimateDetails
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.plot_view import PlotView

#: What stands at the bottom while a widget has the focus: actions, and key, title and action of its own.
KEYS: tuple[tuple[type[Widget], tuple[str, ...], tuple[tuple[str, str, str], ...]], ...] = (
    (
        PickField,
        ("field_help", "go_estimate", "explore", "compare_plans", "save_plan"),
        (("Enter", "choose", ""),),
    ),
    (
        PlotView,
        ("go_plan", "explore", "go_estimate", "go_compliance"),
        (("Arrows", "move", ""), ("Enter", "make it the count", "")),
    ),
    (OptionList, ("go_plan", "compare_plans", "go_estimate", "check_claim"), (("Enter", "open", ""),)),
    (
        EstimateDetails,
        ("go_plan", "go_compliance", "show_ledger", "choose_layout", "pin_baseline", "copy_estimate"),
        (("Arrows", "pick a number", ""), ("Enter", "explain it", "")),
    ),
    (Widget, ("field_help", "go_estimate", "explore", "compare_plans", "save_plan", "undo"), ()),
)


def keys_at(widget: Widget) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Return the actions, and the keys, titles and actions of its own, that a widget is told with."""
    return next((names, extra) for kind, names, extra in KEYS if isinstance(widget, kind))
