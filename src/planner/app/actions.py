"""The one registry of everything a person can do: its id, key, title and help."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from planner.app.action import Action
from planner.app.screen_actions import (
    CLAIM_ACTIONS,
    COMPARE_ACTIONS,
    EVIDENCE_ACTIONS,
    EXPLORE_ACTIONS,
    FORM_ACTIONS,
    PROFILE_ACTIONS,
    TRACK_ACTIONS,
)

ACTIONS: tuple[Action, ...] = (
    Action(
        "field_help",
        "f1",
        "F1",
        "Help on this field",
        "What the focused field means, its unit, its source",
        short="help",
    ),
    Action("show_keys", "question_mark", "?", "All keys", "Every key and what it does"),
    Action("go_plan", "f2", "F2", "Go to the plan", "Move to the inputs", short="plan"),
    Action("go_estimate", "f5", "F5", "Go to the estimate", "Move to the results", short="estimate"),
    Action(
        "go_compliance", "f6", "F6", "Go to compliance", "Move to the compliance notes", short="compliance"
    ),
    Action(
        "compare_plans",
        "f3",
        "F3",
        "Compare plans",
        "Two to six plans side by side; what separates two of them",
        also="cheapest",
        short="compare",
    ),
    Action(
        "check_claim",
        "f10",
        "F10",
        "Check a claim",
        "Hold a statement on training against runs and the model",
        short="claims",
    ),
    Action(
        "open_profiles",
        "f11",
        "F11",
        "Profiles",
        "Chips, systems, fabrics, stacks, models, sites, prices and rules: search, sort, use, copy, edit",
        also="library catalog browse chip price quote custom own vendor",
        short="profiles",
    ),
    Action(
        "show_evidence",
        "v",
        "v",
        "Evidence",
        "Published runs against what is predicted of them, those like the plan marked",
        also="runs validation accuracy residuals plot predicted measured trust",
        short="evidence",
    ),
    Action(
        "explain_number",
        "e",
        "e",
        "Explain a number",
        "See the equation, inputs and sources of a figure; Enter on the figure does the same",
        also="evidence why",
    ),
    Action(
        "show_ledger",
        "m",
        "m",
        "Ledger of the money",
        "Every line with its price and source, cash by year, buying against renting",
        also="cost budget purchase rent",
        short="money",
    ),
    Action(
        "choose_layout",
        "l",
        "l",
        "Layouts",
        "The best parallel layouts, what each loses, and one to pin; Enter on the layout does the same",
        also="optimize parallel pin tensor pipeline",
        short="layouts",
    ),
    Action(
        "show_acceptance",
        "a",
        "a",
        "Acceptance",
        "The tests by which the cluster is accepted: expected, threshold, what a missing percent costs",
        also="contract threshold test nccl burn-in soak delivery commissioning",
        short="acceptance",
    ),
    Action(
        "track_run",
        "t",
        "t",
        "Track the run",
        "The logs of the plan's run: rate, goodput and end so far against the plan's, and why",
        also="log progress goodput finish late restart posterior actual",
        short="track",
    ),
    Action("save_plan", "ctrl+s", "^S", "Save", "Write the plan to its file", short="save"),
    Action("save_plan_as", "f12", "F12", "Save as", "Write the plan to another file"),
    Action(
        "export_plan",
        "x",
        "x",
        "Export...",
        "Write the report: a page, a spreadsheet, Markdown, CSV or JSON",
        also="report html xlsx excel csv markdown json pdf print share",
    ),
    Action("open_plan", "ctrl+o", "^O", "Open a plan", "Pick a saved plan or type a path", short="open"),
    Action(
        "new_plan",
        "ctrl+n",
        "^N",
        "New plan",
        "Begin a plan: empty, or from this one or an example",
        short="new",
    ),
    Action(
        "leave_plan",
        "ctrl+t",
        "^T",
        "Close the plan",
        "Back to the start screen; asks first where work is unsaved",
        also="start recent examples",
    ),
    Action("rename_plan", "", "", "Rename the plan", "Go to its name, above the cluster"),
    Action(
        "review_left_out",
        "",
        "",
        "Profiles left out",
        "Files of profiles that cannot be used, and why",
        also="broken missing custom",
    ),
    Action(
        "review_pins",
        "",
        "",
        "Profiles since pinning",
        "What changed in the plan's profiles since it was saved; keep the pinned values or take the new ones",
    ),
    Action(
        "undo",
        "ctrl+z",
        "^Z",
        "Undo",
        "Take back a text that is not valid, else the last change of the plan",
        short="undo",
    ),
    Action(
        "take_back_text",
        "escape",
        "Esc",
        "Last valid value",
        "Put it back into the focused field, in place of a text that is not valid",
    ),
    Action("redo", "ctrl+y,ctrl+shift+z", "^Y", "Redo", "Do the change again that was taken back"),
    Action(
        "pin_baseline",
        "b,f8",
        "F8",
        "Pin as baseline",
        "Hold every later estimate against this one",
        short="baseline",
    ),
    Action("clear_baseline", "B", "B", "Drop the baseline", "Show estimates without differences"),
    Action(
        "reset_field",
        "ctrl+r",
        "^R",
        "Reset this field",
        "Back to the profile's figure, or to the last valid value",
    ),
    Action("pick_chip", "f4", "F4", "Choose by chip", "Choose a chip, then one of the systems that hold it"),
    Action(
        "explore",
        "f7",
        "F7",
        "Explore",
        "The smallest cluster of each system for the targets, days and money against size, what moves them",
        also="size smallest cheapest rank systems pareto front tornado sensitivity deadline limit ask back",
        short="explore",
    ),
    Action("add_pool", "", "", "Add a pool", "Another set of systems beside those there are"),
    Action(
        "remove_pool",
        "",
        "",
        "Remove a pool",
        "Take the focused pool out of the plan, else the last one",
        also="delete",
    ),
    Action(
        "jump",
        "ctrl+g",
        "^G",
        "Jump",
        "To any pane or field by a letter",
        short="jump",
        also="go field pane",
    ),
    Action("next_section", "ctrl+down", "^Down", "Next section", "Jump to the next group of inputs"),
    Action("previous_section", "ctrl+up", "^Up", "Previous section", "Jump to the group of inputs before"),
    Action(
        "choose_theme", "f9", "F9", "Theme", "Dark, light, colour-blind-safe or the terminal's own colours"
    ),
    Action(
        "copy_estimate",
        "y",
        "y",
        "Copy the estimate",
        "Copy the headline figures as text",
        short="copy",
        also="export report",
    ),
    Action("quit_app", "ctrl+q", "^Q", "Quit", "Leave; asks first where work is unsaved"),
)
#: What can be done on the start screen alone.
_OF_START: tuple[Action, ...] = (
    Action(
        "start_help",
        "f1,question_mark",
        "F1",
        "Help on this field",
        "What the focused field means, and all keys",
        short="help",
    ),
    Action("go_fields", "f2", "F2", "Go to the fields", "Move to what is planned", short="fields"),
    Action("go_starts", "f5", "F5", "Go to the plans", "Move to what there is to open", short="plans"),
    Action(
        "find_clusters",
        "f7",
        "F7",
        "Find the clusters that do this",
        "The smallest cluster of every system that meets the targets; what is chosen becomes the plan",
        short="find clusters",
        also="size explore smallest rank",
    ),
    Action(
        "begin_plan",
        "ctrl+n",
        "^N",
        "Begin the plan",
        "Make a plan of what the fields say, and fill in the rest there",
        short="begin",
        also="new create empty",
    ),
    Action("clear_fields", "ctrl+r", "^R", "Clear", "Empty every field", short="clear"),
)
ALL_ACTIONS = (
    *ACTIONS,
    *_OF_START,
    *COMPARE_ACTIONS,
    *CLAIM_ACTIONS,
    *PROFILE_ACTIONS,
    *FORM_ACTIONS,
    *EVIDENCE_ACTIONS,
    *EXPLORE_ACTIONS,
    *TRACK_ACTIONS,
)
BY_ID = {action.id: action for action in ALL_ACTIONS}
#: What of the planning screen can be done on the start screen too.
_SHARED = ("open_plan", "check_claim", "open_profiles", "show_evidence", "choose_theme", "quit_app")
START_ACTIONS = (*_OF_START, *(BY_ID[name] for name in _SHARED))
#: What stands below the start screen's fields: the first begins the plan.
START_LINES = tuple(BY_ID[name] for name in ("find_clusters", "begin_plan", *_SHARED[:-2]))


def bindings(actions: tuple[Action, ...] = ACTIONS) -> list[BindingType]:
    """Return the key bindings of a screen, made from the registry; the planning screen's by default."""
    return [
        Binding(action.keys, action.id, action.title, show=False)
        for action in actions
        if action.keys and action.id != "quit_app"  # bound by the app, so that it holds in dialogs too
    ]


def keys_help(actions: tuple[Action, ...] = ACTIONS) -> list[tuple[str, str, str]]:
    """Return key, title and help of every action that has a key; the planning screen's by default."""
    return [(action.key_label, action.title, action.help) for action in actions if action.key_label]
