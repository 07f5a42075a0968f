"""The one registry of everything a person can do: its id, key, title and help."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Action:
    """Something a person can do. `id` is the name of the screen's `action_<id>` method."""

    id: str
    #: Textual key names, comma-separated; empty: palette only
    keys: str
    #: how the key is written for people
    key_label: str
    title: str
    help: str
    #: its title in the bar at the bottom, where room is scarce; empty: the title
    short: str = ""
    #: other words by which people look for it
    also: str = ""


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
    Action("save_plan", "ctrl+s", "^S", "Save", "Write the plan to its file", short="save"),
    Action("save_plan_as", "f12", "F12", "Save as", "Write the plan to another file"),
    Action(
        "export_plan",
        "",
        "",
        "Export...",
        "Write the report: a page, a spreadsheet, Markdown, CSV or JSON",
        also="report html xlsx excel csv markdown json pdf print share",
    ),
    Action("open_plan", "ctrl+o", "^O", "Open a plan", "Pick a saved plan or type a path"),
    Action(
        "new_plan",
        "ctrl+n",
        "^N",
        "New plan",
        "Begin a plan: empty, or from this one or an example",
        short="new",
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
    Action("add_pool", "f7", "F7", "Add a pool", "Another set of systems beside those there are"),
    Action(
        "remove_pool",
        "",
        "",
        "Remove a pool",
        "Take the focused pool out of the plan, else the last one",
        also="delete",
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
#: What can be done on the comparison's own screen.
COMPARE_ACTIONS: tuple[Action, ...] = (
    Action("compare_help", "f1,question_mark", "F1", "All keys", "Every key of the comparison", short="help"),
    Action("add_plan", "a,insert", "a", "Add a plan", "Pick a saved plan or type a path", short="add"),
    Action(
        "drop_plan",
        "x,delete",
        "x",
        "Take it out",
        "Take the marked plan out of the comparison",
        short="take out",
    ),
    Action(
        "pick_to",
        "t",
        "t",
        "Diff to it",
        "Make the marked plan the one that the diff leads to, as Enter does",
    ),
    Action(
        "pick_from",
        "f",
        "f",
        "Diff from it",
        "Make the marked plan the one that the diff starts from",
        short="diff from",
    ),
    Action("swap_pair", "s", "s", "Swap", "Turn the diff round"),
    Action("show_diff", "d", "d", "Show the diff", "Scroll between the table and the diff", short="diff"),
    Action("copy_table", "Y", "Y", "Copy the table", "As Markdown, for a pull request", short="copy"),
    Action("copy_diff", "y", "y", "Copy the diff", "As Markdown, for a pull request"),
    Action("run_again", "r", "r", "Read again", "Read the plans from their files again, and estimate them"),
    Action("go_back", "escape", "Esc", "Back", "Stop what is under way, else back to the plan", short="back"),
)
#: What can be done on the claim checker's own screen.
CLAIM_ACTIONS: tuple[Action, ...] = (
    Action(
        "claim_help",
        "f1",
        "F1",
        "Help on this field",
        "What the focused field means, and all keys",
        short="help",
    ),
    Action("go_form", "f2", "F2", "Go to the claim", "Move to what is claimed", short="claim"),
    Action("go_verdict", "f5", "F5", "Go to the verdict", "Move to what it comes to", short="verdict"),
    Action(
        "go_claims",
        "f6",
        "F6",
        "Go to known claims",
        "Move to the claims in circulation",
        short="known claims",
    ),
    Action("clear_claim", "ctrl+r", "^R", "Clear", "Empty every field", short="clear"),
    Action("copy_verdict", "f8", "F8", "Copy", "Copy the verdict as text", short="copy"),
    Action("leave_claim", "escape", "Esc", "Back", "Back to the plan", short="back"),
)
ALL_ACTIONS = (*ACTIONS, *COMPARE_ACTIONS, *CLAIM_ACTIONS)
BY_ID = {action.id: action for action in ALL_ACTIONS}


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
