"""The keys at the bottom of the planning screen, by what has the focus."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import OptionList

from planner.app.widgets.estimate_pane import EstimateDetails
from planner.app.widgets.pick_field import PickField

#: What stands at the bottom while a widget has the focus: actions, and key, title and action of its own.
KEYS: tuple[tuple[type[Widget], tuple[str, ...], tuple[tuple[str, str, str], ...]], ...] = (
    (
        PickField,
        ("field_help", "compare_plans", "go_estimate", "save_plan", "undo"),
        (("Enter", "choose", ""),),
    ),
    (OptionList, ("go_plan", "compare_plans", "go_estimate", "check_claim"), (("Enter", "open", ""),)),
    (
        EstimateDetails,
        ("go_plan", "go_compliance", "show_ledger", "choose_layout", "pin_baseline", "copy_estimate"),
        (("Arrows", "pick a number", ""), ("Enter", "explain it", "")),
    ),
    (Widget, ("field_help", "go_estimate", "go_compliance", "pin_baseline", "save_plan", "undo"), ()),
)
