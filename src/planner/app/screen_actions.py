"""What can be done on the screens that lie over the plan; `actions.py` holds the whole registry."""

from __future__ import annotations

from planner.app.action import Action

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
#: What can be done on the screen of profiles.
PROFILE_ACTIONS: tuple[Action, ...] = (
    Action("profiles_help", "f1,question_mark", "F1", "All keys", "Every key of the profiles", short="help"),
    Action("next_kind", "right", "Right", "Next kind", "From chips to systems, fabrics and so on"),
    Action("previous_kind", "left", "Left", "Previous kind", "Back from systems to chips and so on"),
    Action("go_list", "f2", "F2", "Go to the list", "Move to the list of profiles", short="list"),
    Action("go_detail", "f5", "F5", "Go to the detail", "Read the marked profile; Enter does the same"),
    Action(
        "filter_profiles", "slash", "/", "Search", "Those that hold every word that is typed", short="search"
    ),
    Action(
        "pick_maker",
        "v",
        "v",
        "Vendor",
        "Only those of one vendor, developer, platform or country",
        also="maker",
    ),
    Action("pick_state", "t", "t", "State", "Only what is proven, sold, or on a roadmap", also="maturity"),
    Action("sort_profiles", "s", "s", "Sort", "By any figure, the largest first", short="sort"),
    Action("reverse_sort", "r", "r", "Turn the order", "The smallest first, or the largest"),
    Action(
        "use_profile",
        "u",
        "u",
        "Use in the plan",
        "Put the marked profile into the plan, as its list would; undo takes it back",
        short="use",
    ),
    Action("mark_profile", "space", "Space", "Mark", "Mark profiles to hold side by side", short="mark"),
    Action(
        "compare_profiles",
        "d",
        "d",
        "Side by side",
        "The marked profiles, two to six of a kind",
        also="compare diff",
        short="side by side",
    ),
    Action(
        "copy_profile",
        "c",
        "c",
        "Copy to a folder of one's own",
        "A file of your own to edit; it may stand before this one",
        also="own custom new",
        short="copy",
    ),
    Action(
        "edit_profile",
        "e",
        "e",
        "Edit",
        "The marked profile's figures, prices or quotes, where the file is your own",
        short="edit",
    ),
    Action(
        "new_profile", "n", "n", "New", "An empty profile of this kind in a folder of your own", also="create"
    ),
    Action("copy_detail", "y", "y", "Copy the detail", "As Markdown, for a pull request"),
    Action("copy_list", "Y", "Y", "Copy the list", "As Markdown, for a pull request"),
    Action(
        "leave_profiles",
        "escape",
        "Esc",
        "Back",
        "One step back: to the list, then to the plan",
        short="back",
    ),
)
#: What can be done on the screen of the evidence, beside checking a claim.
EVIDENCE_ACTIONS: tuple[Action, ...] = (
    Action("evidence_help", "f1,question_mark", "F1", "All keys", "Every key of the evidence", short="help"),
    Action(
        "go_plot",
        "f2",
        "F2",
        "Go to the plot",
        "Arrows move over its runs, t shows it as a table",
        short="plot",
    ),
    Action("go_runs", "f5", "F5", "Go to the runs", "Move to the table", short="runs"),
    Action(
        "open_run", "e", "e", "Open a run", "Its configuration, source, what was assumed, what explains it"
    ),
    Action("filter_runs", "slash", "/", "Search", "Runs that hold every word that is typed", short="search"),
    Action("pick_run_chip", "c", "c", "Chip", "Only runs on one chip", short="chip"),
    Action("pick_run_stack", "s", "s", "Stack", "Only runs on one software stack", short="stack"),
    Action("pick_run_team", "k", "k", "Class", "Only runs of vendors, reference teams or single teams"),
    Action("pick_run_source", "o", "o", "Source", "Only runs of one source", short="source"),
    Action(
        "order_runs", "r", "r", "Order", "Nearest to the plan, largest error or fastest first", short="order"
    ),
    Action("copy_runs", "Y", "Y", "Copy the table", "As Markdown, for a pull request"),
    Action("leave_evidence", "escape", "Esc", "Back", "One step back, then to the plan", short="back"),
)
#: What can be done on the screen that explores a plan.
EXPLORE_ACTIONS: tuple[Action, ...] = (
    Action("explore_help", "f1,question_mark", "F1", "All keys", "Every key of this screen", short="help"),
    Action("go_ranking", "f2", "F2", "Go to the systems", "Move to the ranking", short="systems"),
    Action("go_curve", "f3", "F3", "Go to the curve", "Days, power or money against size", short="curve"),
    Action(
        "go_front",
        "f4",
        "F4",
        "Go to the front",
        "Systems and sizes that no other is sooner and cheaper than",
        also="pareto",
        short="front",
    ),
    Action("go_tornado", "f5", "F5", "Go to the tornado", "What moves it, each input alone", short="tornado"),
    Action(
        "set_targets",
        "g",
        "g",
        "Targets",
        "By when, within how much power and money, and how sure",
        also="deadline goal confidence",
        short="targets",
    ),
    Action(
        "use_size",
        "u",
        "u",
        "Use in the plan",
        "Make what the cursor is on the plan, as Enter does; undo takes it back",
        short="use",
    ),
    Action("mark_size", "space", "Space", "Mark", "Mark sizes to hold side by side", short="mark"),
    Action(
        "compare_sizes",
        "m",
        "m",
        "Compare",
        "The plan beside what is marked, else beside what the cursor is on",
        also="diff side by side",
        short="compare",
    ),
    Action(
        "explain_size",
        "w",
        "w",
        "Why no smaller one",
        "The proof of the marked answer in full, its layout, power and money; or why there is none",
        also="certificate proof explain",
        short="why",
    ),
    Action("show_days", "d", "d", "Days", "Draw days against size, and what moves them", short="days"),
    Action(
        "show_steps",
        "r",
        "r",
        "Steps a day",
        "Draw steps a day of post-training against size, and what moves them",
        also="rate pace",
        short="steps",
    ),
    Action("show_power", "p", "p", "Power", "Draw power against size, and what moves it", short="power"),
    Action(
        "show_money",
        "c",
        "c",
        "Money",
        "Draw money against size, and what moves it",
        also="cost price",
        short="money",
    ),
    Action(
        "turn_front",
        "x",
        "x",
        "Front of money or power",
        "Hold days against the one or the other",
        short="money or power",
    ),
    Action("sort_sizes", "s", "s", "Order", "Least power, least money, fewest chips or soonest first"),
    Action("filter_sizes", "slash", "/", "Search", "Systems that hold every word that is typed"),
    Action("hold_work", "h", "h", "Stop or go on", "Stop finding out, or go on with it", short="stop"),
    Action("copy_sizes", "Y", "Y", "Copy the table", "As Markdown, for a pull request"),
    Action(
        "leave_explore",
        "escape",
        "Esc",
        "Back",
        "One step back: no words, stop what is under way, then to the plan",
        short="back",
    ),
)
#: Which of them are told at the bottom, by the pane that has the focus.
EXPLORE_KEYS = {
    "ranking": ("use_size", "compare_sizes", "explain_size", "set_targets", "go_curve", "leave_explore"),
    "curve": ("use_size", "compare_sizes", "go_ranking", "go_front", "set_targets", "leave_explore"),
    "front": ("use_size", "compare_sizes", "turn_front", "go_ranking", "leave_explore"),
    "tornado": ("show_days", "show_power", "show_money", "go_ranking", "leave_explore"),
}
#: What can be done on the screen of a run against its plan.
TRACK_ACTIONS: tuple[Action, ...] = (
    Action("track_help", "f1,question_mark", "F1", "All keys", "Every key of this screen", short="help"),
    Action(
        "go_weeks",
        "f2",
        "F2",
        "Go to the plot",
        "Arrows move over its weeks, t shows it as a table",
        short="plot",
    ),
    Action(
        "go_forecast", "f5", "F5", "Go to the forecast", "Scroll through what the run says", short="forecast"
    ),
    Action("open_logs", "o", "o", "Other logs", "Choose a log, or a folder of logs", short="other logs"),
    Action(
        "read_again", "r", "r", "Read again", "Read the logs again: they may have grown", short="read again"
    ),
    Action("export_track", "x", "x", "Export...", "Write what is shown to a file", short="export"),
    Action("copy_track", "Y", "Y", "Copy it", "As Markdown, for a report"),
    Action("leave_track", "escape", "Esc", "Back", "Back to the plan", short="back"),
)
#: What can be done on the form of a profile of one's own.
FORM_ACTIONS: tuple[Action, ...] = (
    Action("form_help", "f1,question_mark", "F1", "All keys", "Every key of the form", short="help"),
    Action("edit_slot", "f2", "F2", "Edit", "The marked figure with its evidence; Enter does the same"),
    Action(
        "add_item",
        "insert,plus",
        "+",
        "Add a quote",
        "Another quote of the price",
        short="add",
        also="price offer",
    ),
    Action(
        "remove_slot", "delete,x", "x", "Take out", "Take the marked figure out of the file", short="take out"
    ),
    Action(
        "show_filled", "h", "h", "Hide empty rows", "Show only what the file says, or all that it may say"
    ),
    Action("save_profile", "ctrl+s", "^S", "Save", "Write the file", short="save"),
    Action("undo_slot", "ctrl+z", "^Z", "Undo", "Take back the last change", short="undo"),
    Action("redo_slot", "ctrl+y,ctrl+shift+z", "^Y", "Redo", "Do the change again that was taken back"),
    Action(
        "leave_form",
        "escape",
        "Esc",
        "Back",
        "Back to the profiles; asks where work is unsaved",
        short="back",
    ),
)
