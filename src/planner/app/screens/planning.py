"""The planning screen: inputs left, estimates right and always in view, compliance notes below them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.actions import bindings
from planner.app.dialogs.page import Page
from planner.app.drawing.field_help import field_lines, keys_lines, left_out_lines
from planner.app.drawing.notes import note_page
from planner.app.edits import FieldPath
from planner.app.estimating import Estimator
from planner.app.fields import FIELDS
from planner.app.flows.export import copy
from planner.app.messages import FieldLeft, FieldTyped, PickAsked
from planner.app.relative import values_of
from planner.app.screens.numbers import Numbers
from planner.app.session import Baseline, Session
from planner.app.shelf import Shelf
from planner.app.widgets.compliance_pane import CompliancePane
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.estimate_pane import EstimateDetails
from planner.app.widgets.focus_keys import keys_at
from planner.app.widgets.help_line import HelpLine
from planner.app.widgets.line_button import LineButton
from planner.app.widgets.plot_view import PlotView
from planner.app.workbench import Workbench
from planner.text import safe

WATCH_S = 5.0
LAYOUT_GROUP = "strategy"  # what of an estimate is told of its layout
PANES = ("plan", "estimate", "compliance")


class PlanningScreen(Numbers):
    """Edits one plan and shows what it means."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance variable
        (0, "-narrow"),
        (60, "-tabs"),
        (80, "-two"),
        (120, "-wide"),
        (160, "-broad"),
        (180, "-ultra"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall"), (45, "-high")]  # noqa: RUF012 - as above

    def __init__(self, session: Session, estimator: Estimator, shelf: Shelf, *, ranks: bool = False) -> None:
        super().__init__(session, shelf)
        #: which systems meet the targets is what somebody wants to know first
        self.ranks = ranks
        self.bench = Workbench(self, session, estimator, shelf)
        self.form = self.bench.form
        self.results = self.bench.results
        self.notes = self.bench.notes
        self.key_bar = self.bench.key_bar
        self.help_line = HelpLine()
        self.add_class("-show-plan", update=False)

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them show depends on the width."""
        self.take_breakpoints()
        yield self.bench.title_bar
        with Horizontal(id="body"):
            yield self.form
            with Vertical(id="right"):
                yield self.results
                yield self.bench.curve.view
                yield self.notes
        yield self.key_bar
        yield self.help_line
        yield Static("This needs a terminal of at least 60 x 18.", markup=False, id="too-small")

    def on_mount(self) -> None:
        """Ask for the first estimate once the form stands."""
        self.action_go_plan()
        self.bench.begin()
        self.set_interval(WATCH_S, self.bench.watch_file)
        if self.ranks:
            self.call_after_refresh(self.explore_systems)

    # What widgets say

    def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed."""
        event.stop()
        self.bench.editing.type(event.path, event.text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try each of several values."""
        event.stop()
        path = getattr(event.input, "path", None)
        if isinstance(path, tuple) and values_of(event.value):
            self.run_flow("pick", self.bench.editing.sweep(path, event.value), lists=1)

    def on_field_left(self, event: FieldLeft) -> None:
        """End the step of the history."""
        event.stop()
        self.bench.editing.leave(event.path)

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.bench.run_flow("pick", self.bench.editing.pick(event.path, event.typed), lists=1)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let the keys at the bottom follow the focus."""
        names, extra = keys_at(event.widget)
        self.key_bar.show_actions(*names, extra=extra)
        path = self.bench.focused_path()
        self.help_line.show(None if path is None else FIELDS.at(path))

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return self.form, self.results, self.notes

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

    def on_plot_view_chosen(self, event: PlotView.Chosen) -> None:
        """Make the count of a point the plan's."""
        event.stop()
        self.bench.take_size(event.point)

    def on_resize(self) -> None:
        """Work out what shows in the new room."""
        self.call_after_refresh(self.bench.ask_curve)

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

    def action_jump(self) -> None:
        """Go to a pane or a field by a letter."""
        self.bench.run_flow("pick", self.jump(), lists=1)

    async def jump(self) -> None:
        """Ask for a letter and go there."""
        from planner.app.dialogs.jump import Jump, lettered  # noqa: PLC0415 - read when first asked for

        shown = (row for row in self.form.rows() if row.display)
        rows = {str(place): row for place, row in enumerate(shown)}
        panes = [(name.capitalize(), name) for name in PANES]
        fields = [(row.spec.label, place) for place, row in rows.items()]
        chosen = await self.bench.choose_from(Jump(lettered(panes, fields)))
        if chosen in PANES:
            await self.run_action(f"go_{chosen}")
        elif chosen is not None:
            self.show_pane("plan")
            rows[chosen].control.focus()

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

    def action_field_help(self) -> None:
        """Show what the focused field means."""
        path = self.bench.focused_path()
        if path is None:
            if not self.show_marked_term():
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

    def action_open_profiles(self) -> None:
        """Look at the profiles; what somebody wants to use there comes into the plan."""
        use = partial(self.use_profile, self.shelf.readings, self.shelf.keeps_pins)
        self.open_profiles(self.bench.files.known_plans, use)

    def use_profile(self, readings: int, keeps_pins: bool, chosen: tuple[str, str] | None) -> None:
        """Put a profile into the plan, as its field's list would; estimate again where files were changed."""
        if self.shelf.readings != readings:
            self.bench.run_flow("profiles", self.bench.take_profiles(keeps_pins=keeps_pins))
        if chosen is not None:
            self.bench.run_flow(
                "pick", self.bench.editing.use_profile(*chosen), lists=int(chosen[0] == "chips")
            )

    def action_explore(self) -> None:
        """Ask back: the smallest clusters for the targets, and what decides."""
        from planner.app.screens.explore import open_explore  # noqa: PLC0415 - as above

        open_explore(self.bench)

    def explore_systems(self) -> None:
        """Look at the smallest cluster of every system."""
        from planner.app.screens.explore import open_explore  # noqa: PLC0415 - as above

        open_explore(self.bench, begin="ranking")

    # Actions: files

    def action_save_plan(self) -> None:
        """Save."""
        files = self.bench.files
        self.bench.run_flow("file", files.save(), lists=int(files.asks_where()))

    def action_save_plan_as(self) -> None:
        """Save to another file."""
        self.bench.run_flow("file", self.bench.files.save_as(), lists=1)

    def action_export_plan(self) -> None:
        """Write the report to a file."""
        from planner.app.flows.exporting import export_plan  # noqa: PLC0415 - read when first asked for

        files = self.bench.files
        self.bench.run_flow("file", export_plan(self.bench, files, self.as_last_valid()), lists=1)

    def action_open_plan(self) -> None:
        """Open a plan."""
        self.bench.run_flow("file", self.bench.files.choose(), lists=1)

    def action_open_path(self, path: str) -> None:
        """Open the plan of a file."""
        self.bench.run_flow("file", self.bench.files.switch(Path(path)))

    def action_leave_plan(self) -> None:
        """Close the plan."""
        self.bench.run_flow("file", self.leave_plan())

    async def leave_plan(self) -> None:
        """Go back to the start screen, unless somebody would rather not leave the plan."""
        if await self.bench.files.may_leave() and self.is_on_top:
            # with no step between: what is done until then would be done to a plan that nobody sees
            self.bench.close()
            self.grounds.show_start()

    def action_new_plan(self) -> None:
        """Begin another plan."""
        self.bench.run_flow("file", self.begin_new(), lists=1)

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
        self.bench.run_flow("pick", self.bench.editing.pick_by_chip(), lists=2)

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
