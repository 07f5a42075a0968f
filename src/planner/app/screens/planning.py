"""The planning screen: inputs left, estimates right and always in view, compliance notes below them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static

from planner.app.actions import bindings
from planner.app.dialogs.explain import explain_page, number_items
from planner.app.dialogs.ledger import ledger_page
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.drawing.field_help import field_lines, keys_lines, left_out_lines
from planner.app.drawing.notes import note_page
from planner.app.drawing.numbers_asked import Number
from planner.app.edits import FieldPath
from planner.app.estimating import Estimator
from planner.app.fields import FIELDS
from planner.app.flows.export import copy
from planner.app.flows.layouts import choose_layout
from planner.app.flows.theme import pick_theme
from planner.app.layer import Layer, set_own_class
from planner.app.messages import FieldLeft, FieldTyped, PickAsked
from planner.app.session import Baseline, Session
from planner.app.shelf import Shelf
from planner.app.widgets.compliance_pane import CompliancePane
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.estimate_pane import EstimateDetails
from planner.app.widgets.focus_keys import keys_at
from planner.app.widgets.line_button import LineButton
from planner.app.workbench import Workbench
from planner.text import safe

WATCH_S = 5.0
#: What of an estimate is told of its layout.
LAYOUT_GROUP = "strategy"
PANES = ("plan", "estimate", "compliance")


class PlanningScreen(Layer[None]):
    """Edits one plan and shows what it means."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance variable
        (0, "-narrow"),
        (60, "-tabs"),
        (80, "-two"),
        (120, "-wide"),
        (180, "-ultra"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]  # noqa: RUF012 - as above

    is_ground = True

    def __init__(self, session: Session, estimator: Estimator, shelf: Shelf) -> None:
        super().__init__()
        self.session = session
        self.shelf = shelf
        self.bench = Workbench(self, session, estimator, shelf)
        self.form = self.bench.form
        self.results = self.bench.results
        self.notes = self.bench.notes
        self.key_bar = self.bench.key_bar
        self.add_class("-show-plan", update=False)

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them show depends on the width."""
        self.take_breakpoints()
        yield self.bench.title_bar
        with Horizontal(id="body"):
            yield self.form
            with Vertical(id="right"):
                yield self.results
                yield self.notes
        yield self.key_bar
        yield Static("This needs a terminal of at least 60 x 18.", markup=False, id="too-small")

    def on_mount(self) -> None:
        """Ask for the first estimate once the form stands."""
        self.action_go_plan()
        self.bench.begin()
        self.set_interval(WATCH_S, self.bench.watch_file)

    # What widgets say

    def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed."""
        event.stop()
        self.bench.editing.type(event.path, event.text)

    def on_field_left(self, event: FieldLeft) -> None:
        """End the step of the history."""
        event.stop()
        self.bench.editing.leave(event.path)

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.bench.run_flow("pick", self.bench.editing.pick(event.path, event.typed))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let the keys at the bottom follow the focus."""
        names, extra = keys_at(event.widget)
        self.key_bar.show_actions(*names, extra=extra)
        self.mark_pane()

    def on_descendant_blur(self) -> None:
        """Mark no pane where nothing has the focus."""
        if self.focused is None:
            self.mark_pane()

    def mark_pane(self) -> None:
        """Mark the pane that has the focus: `:focus-within` would style every field anew with every Tab."""
        here = [] if self.focused is None else self.focused.ancestors_with_self
        for pane in (self.form, self.results, self.notes):
            set_own_class(pane, "-focused", pane in here)

    def on_drawn_asked(self, event: Drawn.Asked) -> None:
        """Explain a number; the layout opens into those that it was chosen from."""
        event.stop()
        if event.number.group == LAYOUT_GROUP:
            self.action_choose_layout()
            return
        self.action_explain_quantity(event.number.quantity, event.number.pool)

    async def on_compliance_pane_chosen(self, event: CompliancePane.Chosen) -> None:
        """Open a note, or go to the field that is asked for."""
        event.stop()
        if event.row.note is not None:
            page = partial(note_page, event.row.note, event.row.as_of)
            self.put_over(Page("Compliance note", page))
        elif event.row.plan_key:
            self.show_pane("plan")
            if not await self.form.reveal(event.row.plan_key):
                self.bench.tell(f"Set {safe(event.row.plan_key)} in the plan's file.")
        elif event.row.advice:
            self.bench.tell(event.row.advice)

    def on_line_button_pressed(self, event: LineButton.Pressed) -> None:
        """Add a pool, or an item of a list, or take one out."""
        event.stop()
        self.bench.press_line(event.button)

    # Actions: where to look

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front where not all of them fit."""
        self.update_classes({f"-show-{pane}": pane == name for pane in PANES})

    def action_go_plan(self) -> None:
        """Go to the inputs."""
        self.show_pane("plan")
        self.form.row_to_begin().control.focus()

    def action_go_estimate(self) -> None:
        """Go to the results."""
        self.show_pane("estimate")
        self.results.query_one(EstimateDetails).focus()

    def action_go_compliance(self) -> None:
        """Go to the notes."""
        self.show_pane("compliance")
        self.notes.query_one(OptionList).focus()

    def action_next_section(self) -> None:
        """Go to the first field of the next group."""
        self.move_section(1)

    def action_previous_section(self) -> None:
        """Go to the first field of the group before."""
        self.move_section(-1)

    def move_section(self, step: int) -> None:
        """Go to the first thing that takes the focus, some groups further."""
        first = self.form.first_of_section(self.focused, step)
        if first is not None:
            self.show_pane("plan")
            first.focus()

    # Actions: what is behind a number, help, other screens

    def action_explain_number(self) -> None:
        """Choose a figure and see what is behind it."""
        self.bench.run_flow("pick", self.pick_number())

    async def pick_number(self) -> None:
        """Ask for a figure and explain it."""
        chosen = await self.bench.choose_from(Picker("Explain a number", number_items()))
        if chosen is not None:
            self.action_explain_quantity(chosen)

    def action_explain_quantity(self, quantity: str, pool: str | None = None) -> None:
        """Show what is behind a figure."""
        number = Number(quantity, pool)
        self.put_over(explain_page(self.session.estimate, self.shelf, number, state=self.results.state))

    def action_show_ledger(self) -> None:
        """Show every line of money."""
        self.put_over(ledger_page(self.session.estimate, state=self.results.state))

    def action_choose_layout(self) -> None:
        """Choose among the best layouts, and pin one."""
        self.bench.run_flow("pick", choose_layout(self.bench, self.bench.editing, self.session, self.shelf))

    def action_field_help(self) -> None:
        """Show what the focused field means."""
        path = self.bench.focused_path()
        if path is None:
            self.action_show_keys()
            return
        spec = FIELDS.at(path)
        draw = partial(field_lines, self.session.plan, path, spec, self.shelf)
        self.put_over(Page(f"Help: {spec.label}", draw))

    def action_show_keys(self) -> None:
        """Show all keys."""
        self.put_over(Page("All keys", keys_lines))

    def action_compare_plans(self) -> None:
        """Put plans side by side."""
        # Read when asked for: whoever only edits a plan pays nothing for it.
        from planner.app.screens.compare import CompareScreen  # noqa: PLC0415

        known_plans = self.bench.files.known_plans
        self.put_over(CompareScreen(self.session, self.shelf, known_plans, self.as_last_valid()))

    def as_last_valid(self) -> str:
        """Return what is said where fields hold what no plan can; empty where none does."""
        invalid = ", ".join(row.spec.label for row in self.form.invalid_rows())
        return f"as last valid: {invalid} is not" if invalid else ""

    def action_check_claim(self) -> None:
        """Judge a claim."""
        from planner.app.screens.claim import ClaimScreen  # noqa: PLC0415 - as above

        self.put_over(ClaimScreen(self.session, self.shelf))

    def action_open_profiles(self) -> None:
        """Look at the profiles; what somebody wants to use there comes into the plan."""
        from planner.app.browsing import Browsing  # noqa: PLC0415 - as above
        from planner.app.screens.profiles import ProfilesScreen  # noqa: PLC0415 - as above

        self.session.browsing = self.session.browsing or Browsing()
        screen = ProfilesScreen(self.session.browsing, self.shelf, self.bench.files.known_plans)
        self.put_over(screen, partial(self.use_profile, self.shelf.readings, self.shelf.keeps_pins))

    def use_profile(self, readings: int, keeps_pins: bool, chosen: tuple[str, str] | None) -> None:
        """Put a profile into the plan, as its field's list would; estimate again where files were changed."""
        if self.shelf.readings != readings:
            self.bench.run_flow("profiles", self.bench.take_profiles(keeps_pins=keeps_pins))
        if chosen is not None:
            self.bench.run_flow("pick", self.bench.editing.use_profile(*chosen))

    def action_show_evidence(self) -> None:
        """Look at the published runs beside what is predicted of them."""
        from planner.app.evidence import Evidence  # noqa: PLC0415 - as above
        from planner.app.screens.evidence import EvidenceScreen  # noqa: PLC0415 - as above

        self.session.evidence = self.session.evidence or Evidence()
        self.put_over(EvidenceScreen(self.session, self.session.evidence, self.shelf))

    def action_explore(self) -> None:
        """Ask back: the smallest clusters for the targets, and what decides."""
        from planner.app.screens.explore import open_explore  # noqa: PLC0415 - as above

        open_explore(self.bench)

    def action_choose_theme(self) -> None:
        """Choose among the themes."""
        self.run_flow("pick", pick_theme(self))

    # Actions: files

    def action_save_plan(self) -> None:
        """Save."""
        self.bench.run_flow("file", self.bench.files.save())

    def action_save_plan_as(self) -> None:
        """Save to another file."""
        self.bench.run_flow("file", self.bench.files.save_as())

    def action_export_plan(self) -> None:
        """Write the report to a file."""
        from planner.app.flows.exporting import export_plan  # noqa: PLC0415 - read when first asked for

        files = self.bench.files
        self.bench.run_flow("file", export_plan(self.bench, files, self.as_last_valid()))

    def action_open_plan(self) -> None:
        """Open a plan."""
        self.bench.run_flow("file", self.bench.files.choose())

    def action_open_path(self, path: str) -> None:
        """Open the plan of a file."""
        self.bench.run_flow("file", self.bench.files.switch(Path(path)))

    def action_leave_plan(self) -> None:
        """Close the plan."""
        self.bench.run_flow("file", self.leave_plan())

    async def leave_plan(self) -> None:
        """Go back to the start screen, unless somebody would rather not leave the plan."""
        from planner.app.screens.start import StartScreen  # noqa: PLC0415 - as above

        if await self.bench.files.close():
            self.give_way(StartScreen(self.session, self.bench.estimator, self.shelf))

    def action_new_plan(self) -> None:
        """Begin another plan."""
        self.bench.run_flow("file", self.begin_new())

    async def begin_new(self) -> None:
        """Ask what to begin, and go to what must be filled in first."""
        if await self.bench.files.begin_new():
            self.action_go_plan()

    async def action_go_field(self, key: str) -> None:
        """Go to the field of a plan key."""
        self.show_pane("plan")
        await self.form.reveal(key)

    async def action_rename_plan(self) -> None:
        """Go to the plan's name."""
        await self.action_go_field("name")

    def action_review_left_out(self) -> None:
        """Show which profiles cannot be used, and why."""
        self.put_over(Page("Profiles left out", partial(left_out_lines, self.shelf.left_out())))

    def action_review_pins(self) -> None:
        """Look at what changed in the profiles since the plan was pinned."""
        self.bench.run_flow("file", self.bench.files.pins.settle(comes_unasked=False))

    def action_quit_app(self) -> None:
        """Leave."""
        self.bench.run_flow("file", self.bench.files.quit())

    def action_copy_estimate(self) -> None:
        """Copy the headline as text."""
        figures = self.results.figures()
        state = f" ({self.results.state})" if self.results.state else ""
        text = f"{self.session.plan.name}{state}\n{figures}\n" if figures else None
        copy(self, self.key_bar, "estimate", text)

    # Actions: the plan

    async def action_undo(self) -> None:
        """Take back the last change."""
        await self.bench.editing.undo()

    async def action_redo(self) -> None:
        """Do a change again."""
        await self.bench.editing.redo()

    def action_take_back_text(self) -> None:
        """Put the last valid value back into the focused field."""
        row = self.form.row_at(self.bench.focused_path() or ())
        if row is not None and row.error:
            self.bench.editing.take_back_text(row)

    def action_reset_field(self) -> None:
        """Empty the focused field, so that the profile's figure holds."""
        path = self.bench.focused_path()
        if path is not None:
            self.action_reset_at(path)

    def action_reset_at(self, path: FieldPath) -> None:
        """Empty a field, so that the profile's figure holds."""
        self.bench.editing.reset(path)

    def action_pick_chip(self) -> None:
        """Choose a chip, then one of the systems that hold it."""
        self.bench.run_flow("pick", self.bench.editing.pick_by_chip())

    def action_add_pool(self) -> None:
        """Put another pool beside those there are."""
        self.bench.run_flow("pools", self.bench.editing.add_pool())

    def action_remove_pool(self) -> None:
        """Take the pool of the focused field out, else the last one."""
        self.bench.run_flow("pools", self.bench.editing.remove_pool())

    def action_pin_baseline(self) -> None:
        """Hold later estimates against this one."""
        plan = self.session.estimated_plan
        if self.session.estimate is None or plan is None:
            self.bench.tell("There is no estimate to pin yet.", is_warning=True)
            return
        self.bench.hold_against(Baseline(safe(plan.name, limit=40), self.session.estimate, plan))
        self.bench.show_status("baseline pinned")

    def action_clear_baseline(self) -> None:
        """Stop showing differences."""
        self.bench.hold_against(None)
