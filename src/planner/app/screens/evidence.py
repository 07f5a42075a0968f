"""The evidence: published runs against what is predicted of them, as a plot and as a table."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.actions import BY_ID, bindings
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.drawing.evidence import DrawnRuns, evidence_header, evidence_plot, sign_lines
from planner.app.drawing.field_help import signs_help
from planner.app.drawing.pieces import Lines
from planner.app.drawing.printed import printed_lines
from planner.app.evidence import ORDERS, Evidence, ShownRun, What, predict_all, predicted_again
from planner.app.flows.export import copy
from planner.app.layer import Layer
from planner.app.runner import DEBOUNCE_S, Job, Runner
from planner.app.screen_actions import EVIDENCE_ACTIONS
from planner.app.session import Session
from planner.app.shelf import PickItem, Shelf
from planner.app.widgets.choices import Choices
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plot_view import PlotView
from planner.catalog.runs import load_runs
from planner.domain.team import TEAM_WORDS, Team
from planner.errors import PlannerError
from planner.estimate.explain import job_class
from planner.planning.published import JobClass
from planner.report.markdown import markdown_text
from planner.report.run_rows import run_document, runs_document
from planner.report.terminal import terminal_text
from planner.text import safe
from planner.validation.predictions import class_band, step_shares

KEYS = ("evidence_help", "pick_run_chip", "pick_run_source", "order_runs", "check_claim", "leave_evidence")
_TITLES: dict[What, str] = {
    "chip": "Only runs on one chip",
    "stack": "Only runs on one software stack",
    "team": "Only runs of one class of teams",
    "source": "Only runs of one source",
}
_ALL = "all"


class EvidenceScreen(Layer[None]):
    """Shows published runs; what was predicted is kept in the session."""

    CSS_PATH = "evidence.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings((*EVIDENCE_ACTIONS, BY_ID["check_claim"]))
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (120, "-beside")]  # noqa: RUF012 - Textual's declaration

    def __init__(self, session: Session, evidence: Evidence, shelf: Shelf) -> None:
        super().__init__()
        self.session = session
        self.evidence = evidence
        self.shelf = shelf
        self.job: JobClass | None = None
        self.drawn = DrawnRuns()
        self.redraw: Timer | None = None
        self.shown: list[ShownRun] = []
        self.problem = ""
        self.work = Runner[bool](
            self, "evidence", on_result=self.take_end, on_problem=self.take_problem, what="the predictions"
        )
        self.plot = PlotView(id="evidence-plot", empty="predicting the published runs")
        self.runs = Choices(id="evidence-runs", markup=False)
        self.filter = Input(
            id="evidence-filter", compact=True, placeholder="words to look for", select_on_focus=False
        )
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Lay out plot and table."""
        self.take_breakpoints()
        yield Static("planner  evidence: published runs against predictions", markup=False, id="evidence-bar")
        with Horizontal(id="evidence-body"):
            yield self.plot
            with Vertical(id="evidence-left"):
                yield self.filter
                yield Static("", markup=False, id="evidence-header")
                yield self.runs
        yield self.key_bar

    def on_mount(self) -> None:
        """Predict what was not predicted yet, those like the plan first."""
        self.plot.border_title = "F2 Predicted against measured"
        self.key_bar.show_actions(*KEYS)
        self.runs.focus()
        self.job = self.plan_class()
        with self.prevent(Input.Changed):
            self.filter.value = self.evidence.wish.words
        self.filter.set_class(bool(self.filter.value), "-shown")
        if not self.evidence.is_whole or self.evidence.readings != self.shelf.readings:
            self.evidence.by_id = {}
            self.evidence.is_whole = False
            self.evidence.readings = self.shelf.readings
        self.work.ask(self.predict)
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    def plan_class(self) -> JobClass | None:
        """Return the class of runs that the plan is near to; None where it has no estimate."""
        estimate = self.session.estimate
        figures = None if estimate is None else estimate.figures
        setting = getattr(figures, "setting", None)
        if setting is None:
            return None
        return job_class(setting.resolved, setting.pool, setting.workload)

    # The predictions

    def predict(self, job: Job) -> bool:
        """Predict the runs that were not yet, in the worker's thread."""
        runs = list(load_runs().runs)
        job.tell(self.take_count, len(runs))
        left = [] if self.evidence.is_whole else [run for run in runs if run.id not in self.evidence.by_id]
        return predict_all(
            # nearness is of all of them: the plan may be another one by now
            left or runs[:0],
            self.shelf.present_catalog(),
            self.job,
            lambda batch: job.tell(self.take_batch, batch),
            lambda distances: job.tell(self.take_distances, distances),
            job.is_cancelled,
        )

    def take_count(self, runs: int) -> None:
        """Hear how many runs there are."""
        self.evidence.runs = runs

    def take_distances(self, distances: dict[str, float]) -> None:
        """Hear how unlike the plan each run is."""
        self.evidence.distances |= distances

    def take_batch(self, batch: list[ShownRun]) -> None:
        """Show more runs."""
        self.evidence.take(batch)
        self.draw()

    def take_end(self, is_whole: bool) -> None:
        """Show that all of them are there."""
        self.evidence.is_whole = is_whole
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.problem = safe(problem)
        self.draw()

    # What is shown

    def draw(self) -> None:
        """Draw plot and table for the room there is."""
        evidence = self.evidence
        self.shown = evidence.shown()
        near = evidence.nearest() if self.job is not None else []
        here = self.marked_id()
        pane = self.query_one("#evidence-left")
        width = max(20, self.runs.scrollable_content_region.width)
        rows = [self.drawn.row(one, is_near=one.id in near, width=width) for one in self.shown]
        with self.app.batch_update():
            pane.border_title = Content(f"F5 Runs  {len(self.shown)} of {len(evidence.by_id)}")
            pane.border_subtitle = Content(self.narrowed())
            self.query_one("#evidence-header", Static).update(evidence_header(width), layout=False)
            with self.prevent(OptionList.OptionHighlighted):
                ids = [one.id for one in self.shown]
                self.runs.show_rows(rows, ids.index(here) if here in ids else 0)
            self.plot.border_subtitle = Content(self.progress())
            self.plot.cursor = self.marked_id()
            self.plot.show(self.plot_of(near))

    def plot_of(self, near: list[str]):  # type: ignore[no-untyped-def]
        """Return the plot of what is shown."""
        if not self.shown:
            self.plot.empty = self.problem or (
                "nothing matches: Esc takes the words away, c s k o choose others"
                if self.evidence.by_id
                else "predicting the published runs, those like the plan first"
            )
            return None
        try:
            kind = None if self.job is None else self.job.is_mixture
            band = self.evidence.band(self.session.plan.operations.running_team, kind)
        except PlannerError:
            band = None
        return evidence_plot(self.shown, near, band, self.drawn)

    def progress(self) -> str:
        """Return how far it is; empty where all are there."""
        if self.problem:
            return self.problem
        return (
            "" if not self.work.is_busy else f"predicted {len(self.evidence.by_id)} of {self.evidence.runs}"
        )

    def narrowed(self) -> str:
        """Return in words what is left out, and the order."""
        wish = self.evidence.wish
        return " \u00b7 ".join(
            text for text in (wish.chip, wish.stack, wish.team, wish.source, ORDERS[wish.order]) if text
        )

    def marked_id(self) -> str | None:
        """Return the id of the run under the cursor."""
        place = self.runs.highlighted
        return self.shown[place].id if place is not None and place < len(self.shown) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Let the plot's cursor follow."""
        event.stop()
        self.plot.move_to(self.marked_id())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show the run."""
        event.stop()
        self.action_open_run()

    def on_plot_view_marked(self, event: PlotView.Marked) -> None:
        """Let the table's cursor follow."""
        event.stop()
        ids = [one.id for one in self.shown]
        if event.point in ids:
            with self.prevent(OptionList.OptionHighlighted):
                self.runs.highlighted = ids.index(event.point)

    def on_plot_view_chosen(self, event: PlotView.Chosen) -> None:
        """Show the run of a point."""
        self.on_plot_view_marked(event)
        self.action_open_run()

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return (self.query_one("#evidence-left"),)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the keys of what has the focus."""
        if isinstance(event.widget, Input):
            self.key_bar.show_actions("leave_evidence", extra=(("Enter", "to the runs", ""),))
        else:
            self.key_bar.show_actions(*KEYS[1:], extra=(("Enter", "open", "screen.open_run"),))

    # Actions

    def action_go_plot(self) -> None:
        """Go to the plot."""
        self.plot.focus()

    def action_go_runs(self) -> None:
        """Go to the table."""
        self.runs.focus()

    def action_filter_runs(self) -> None:
        """Go to the words that are looked for."""
        self.filter.set_class(True, "-shown")
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what holds every word."""
        event.stop()
        self.evidence.want(words=event.value)
        # the letter first: hundreds of rows follow once nobody types
        if self.redraw is not None:
            self.redraw.stop()
        self.redraw = self.set_timer(DEBOUNCE_S, self.draw)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the table."""
        event.stop()
        self.runs.focus()

    def action_pick_run_chip(self) -> None:
        """Choose a chip."""
        self.run_flow("pick", self.pick("chip"), lists=1)

    def action_pick_run_stack(self) -> None:
        """Choose a stack."""
        self.run_flow("pick", self.pick("stack"), lists=1)

    def action_pick_run_team(self) -> None:
        """Choose a class of teams."""
        self.run_flow("pick", self.pick("team"), lists=1)

    def action_pick_run_source(self) -> None:
        """Choose a source."""
        self.run_flow("pick", self.pick("source"), lists=1)

    async def pick(self, what: What) -> None:
        """Ask for a chip, a stack, a class or a source, and show only its runs."""
        counts: dict[str, int] = {}
        for one in self.evidence.by_id.values():
            name = getattr(one, what)
            counts[name] = counts.get(name, 0) + 1
        items = [PickItem("", _ALL, f"{len(self.evidence.by_id)}", search=_ALL)]
        for name, count in sorted(counts.items()):
            words = str(TEAM_WORDS.get(cast("Team", name), "")) if what == "team" else ""
            aside = f"{count}  {words}".rstrip()
            items.append(PickItem(name, safe(name), aside, search=f"{name} {words}".lower()))
        picker = Picker(_TITLES[what], items, current=str(getattr(self.evidence.wish, what)))
        chosen = await self.choose_from(picker)
        if chosen is not None:
            self.evidence.want(**{what: chosen})
            self.draw()

    def action_order_runs(self) -> None:
        """Choose the next order."""
        orders = list(ORDERS)
        here = orders.index(self.evidence.wish.order)
        self.evidence.want(order=orders[(here + 1) % len(orders)])
        self.draw()

    def action_open_run(self) -> None:
        """Show the run under the cursor in full."""
        place = self.runs.highlighted
        if place is None or place >= len(self.shown):
            return
        one = self.shown[place]
        self.run_flow("open", self.open(one))

    async def open(self, one: ShownRun) -> None:
        """Work out what explains a run, and show it."""
        catalog = self.shelf.present_catalog()
        scored = await asyncio.to_thread(predicted_again, one.id, catalog)
        if scored is None:
            self.notify(f"{one.id} is in no file any more.", severity="warning", markup=False)
            return
        shares = await asyncio.to_thread(step_shares, scored, catalog)
        document = run_document(scored, shares, class_band(scored.case.run.team, scored.is_mixture))

        def drawn(width: int) -> Lines:
            return printed_lines(terminal_text(document, width=width, is_coloured=True))

        page = Page(safe(one.id), drawn)
        page.add_class("wide")
        self.put_over(page)

    def action_check_claim(self) -> None:
        """Judge a claim."""
        from planner.app.screens.claim import ClaimScreen  # noqa: PLC0415 - read when asked for

        self.put_over(ClaimScreen(self.session, self.shelf))

    def action_copy_runs(self) -> None:
        """Copy the table as Markdown."""
        text = (
            markdown_text(runs_document([one.cells for one in self.shown], len(self.evidence.by_id)))
            if self.shown
            else None
        )
        copy(self, self.key_bar, "table", text)

    def action_evidence_help(self) -> None:
        """Show the keys."""
        actions = (*EVIDENCE_ACTIONS, BY_ID["check_claim"])
        self.put_over(Page("Evidence: signs and keys", partial(signs_help, sign_lines, actions)))

    def action_leave_evidence(self) -> None:
        """One step back: to the runs, then no words, then the plan."""
        if isinstance(self.focused, Input):
            self.runs.focus()
            self.filter.set_class(bool(self.filter.value), "-shown")
        elif self.evidence.wish.words:
            self.filter.value = ""
            self.filter.set_class(False, "-shown")
        else:
            self.work.drop()
            self.dismiss()
