"""The plan as a screen shows it: its widgets, its estimate, its drafts, and what flows may ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen
from textual.timer import Timer

from planner.app.draft_keeper import DraftKeeper
from planner.app.drawing.pieces import View
from planner.app.edits import FieldPath
from planner.app.estimating import EngineEstimator, Estimator, estimated
from planner.app.flows.editing import Editing
from planner.app.flows.files import Files
from planner.app.layer import Layer
from planner.app.lists import is_gone
from planner.app.runner import ALONE_S, DEBOUNCE_S, Runner
from planner.app.session import Baseline, Session
from planner.app.shelf import Shelf
from planner.app.size_curve import SizeCurve
from planner.app.widgets.compliance_pane import CompliancePane
from planner.app.widgets.estimate_pane import EstimatePane
from planner.app.widgets.item_list import AddItem, RemoveItem
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.line_button import LineButton
from planner.app.widgets.plan_form import PlanForm
from planner.app.widgets.title_bar import TitleBar
from planner.text import safe

if TYPE_CHECKING:
    from planner.estimate.result import Estimate

#: For so long each tile says what the last change did to it.
ECHO_S = 2.0

Answer = TypeVar("Answer")


class Workbench:
    """Keeps what a screen shows in step with the session; it is the host of the flows."""

    def __init__(self, screen: Layer[None], session: Session, estimator: Estimator, shelf: Shelf) -> None:
        self.screen = screen
        self.session = session
        self.estimator = estimator
        self.shelf = shelf
        self.title_bar = TitleBar()
        self.key_bar = KeyBar()
        self.form = PlanForm(session.plan, shelf)
        self.results = EstimatePane()
        self.notes = CompliancePane()
        self.curve = SizeCurve(screen, session, shelf)
        self.live = Runner["Estimate"](
            screen,
            "estimate",
            on_result=self.take_estimate,
            on_problem=self.take_problem,
            debounce_s=DEBOUNCE_S,
            alone_s=ALONE_S,
            on_slow=self.show_slow,
        )
        #: what is told of an estimate once it is shown: it takes longer, and nobody waits for it
        self.further = Runner["Estimate"](
            screen, "further", on_result=self.take_further, on_problem=lambda _: None, what="a way out"
        )
        self.editing = Editing(self, session, shelf, self.form, estimator)
        self.files = Files(self, session, shelf)
        self.drafts = DraftKeeper(screen, self.files.drafts, self.show_status)
        #: why there is no estimate of the plan as it is; empty: nothing is known to hinder it
        self.problem = ""
        #: one at a time shows another plan
        self.showing = asyncio.Lock()
        #: all profiles that somebody added were read once
        self.has_read_added = False
        #: the estimate before what somebody is changing, while the tiles tell the difference
        self.before: Estimate | None = None
        self.echo_timer: Timer | None = None
        #: the estimate that is on its way takes its time
        self.is_slow = False

    def begin(self) -> None:
        """Show the plan, ask for its first estimate, and for what its file asks."""
        self.show_title()
        # once the first picture is there: what reads and estimates shares the interpreter with what paints
        self.screen.call_after_refresh(self.ask_estimate, at_once=True)
        if self.session.is_dirty:
            # it was begun elsewhere, and has no file yet
            self.drafts.ask()
        self.screen.run_worker(self.files.begin(), group="file")

    def run_flow(self, group: str, flow: Coroutine[Any, Any, object], *, lists: int = 0) -> None:
        """Run what takes several steps, where nothing lies over the screen; see `Layer.run_flow`."""
        self.screen.run_flow(group, flow, lists=lists)

    async def ask(self, dialog: Screen[Answer]) -> Answer:
        """Put a dialog over the screen and return what it is answered."""
        return await self.screen.answer_of(dialog)

    async def choose_from(self, picker: Screen[Answer]) -> Answer | None:
        """Put a list over the screen, unless somebody went on meanwhile, and return what is chosen."""
        return await self.screen.choose_from(picker)

    def tell(self, text: str, *, is_warning: bool = False, seconds: float | None = None) -> None:
        """Say something in passing."""
        self.screen.notify(
            text, severity="warning" if is_warning else "information", timeout=seconds, markup=False
        )

    def show_status(self, status: str) -> None:
        """Say in a word or two what happened last."""
        self.key_bar.show_status(status)

    async def show_session(self) -> None:
        """Show another plan, or the same one after an undo; a flow that ends meanwhile does not end that."""
        await asyncio.shield(asyncio.ensure_future(self.show_plan()))

    async def show_plan(self) -> None:
        """Show the plan of the session, whatever was shown before."""
        async with self.showing:
            await self.form.show_pools(self.session.plan)
        if self.session.estimate is None:
            # of the plan before: its numbers would stand under another name
            self.before = None
            self.results.clear()
            self.notes.clear()
        self.plan_changed(at_once=True)

    def plan_changed(self, *, at_once: bool = False) -> None:
        """Ask for a new estimate and a new draft."""
        self.show_title()
        self.show_state()
        self.ask_estimate(at_once=at_once)
        self.drafts.ask()

    def show_title(self) -> None:
        """Show name, file, unsaved mark and baseline."""
        baseline = self.session.baseline
        path = self.session.path
        self.title_bar.show(
            self.session.plan.name,
            file=path.name if path is not None else "",
            is_dirty=self.session.is_dirty,
            baseline=baseline.name if baseline else "",
            keeps_pins=self.shelf.keeps_pins,
            left_out=len(self.shelf.left_out()),
        )

    def show_state(self) -> None:
        """Say over everything that follows from the plan how far it may be trusted."""
        state = self.state()
        if state is not None:
            self.results.show_state(state)
            self.notes.show_state(state)

    def state(self) -> str | None:
        """Return how far results may be trusted, from what stands in the fields now; empty: wholly.

        None while an answer is on its way that may come before anybody could read a word.
        """
        invalid = self.form.invalid_rows()
        if invalid:
            return f"stale: {invalid[0].spec.label} is not valid"
        if self.live.is_busy:
            return "estimating" if self.is_slow else None
        return "stale: the plan cannot be estimated" if self.problem and self.session.estimate else ""

    def focused_path(self) -> FieldPath | None:
        """Return the path of the field that has the focus."""
        path = getattr(self.screen.focused, "path", None)
        return path if isinstance(path, tuple) and not is_gone(self.session.plan, path) else None

    def press_line(self, button: LineButton) -> None:
        """Add a pool, or an item of a list, or take one out."""
        if button.id == "add-pool":
            self.run_flow("pools", self.editing.add_pool())
        elif isinstance(button, AddItem):
            self.run_flow("pools", self.editing.add_item(button.of))
        elif isinstance(button, RemoveItem):
            self.run_flow("pools", self.editing.remove_item(button.of, button.index))

    async def settled(self) -> None:
        """Wait, for a while, until the estimate is of the plan."""
        await self.live.settled()

    async def finish_drafts(self) -> None:
        """Write no further draft of what was just saved, and wait for one that is being written."""
        await self.drafts.finish()

    def hear_from_thread(self, hear: Callable[[str], None], text: str) -> None:
        """Call something in the screen's own thread."""
        self.screen.app.call_from_thread(hear, text)

    def leave(self) -> None:
        """Leave the app."""
        self.screen.app.exit()

    # Estimates

    def ask_estimate(self, *, at_once: bool = False) -> None:
        """Ask for the estimate of the plan as it is now."""
        on_profiles = partial(self.screen.call_later, self.show_profiles)
        work = partial(estimated, self.session.plan, self.estimator, self.shelf, on_profiles)
        self.is_slow = False
        self.further.drop()
        self.curve.drop()
        self.live.ask(work, at_once=at_once)

    async def take_profiles(self, *, keeps_pins: bool) -> None:
        """Estimate with profiles that were changed; values that the plan pins are kept where they were."""
        if keeps_pins:
            await asyncio.to_thread(self.shelf.keep_pins, self.session.plan)
        self.has_read_added = False
        self.ask_estimate(at_once=True)

    def show_profiles(self) -> None:
        """Show names and figures of profiles beside the fields, once they were read."""
        self.form.show_plan(self.session.plan, typing_at=self.focused_path())

    def take_estimate(self, estimate: Estimate) -> None:
        """Show the newest estimate."""
        self.problem = ""
        self.echo(self.session.estimate)
        self.session.estimate = estimate
        self.session.estimated_plan = self.session.plan
        self.show_estimate()
        self.form.show_doubts(self.session.plan)
        if isinstance(self.estimator, EngineEstimator):
            self.further.ask(partial(self.estimator.look_further, self.session.plan, estimate))
            self.ask_curve()
        if not self.has_read_added:
            self.has_read_added = True
            self.screen.run_worker(self.read_added, group="added", thread=True, exit_on_error=False)

    def echo(self, before: Estimate | None) -> None:
        """Let the tiles tell for a while what a change did; several keys one after the other are one."""
        if self.echo_timer is not None:
            self.echo_timer.stop()
        if self.before is None:
            self.before = before
        self.echo_timer = self.screen.set_timer(ECHO_S, self.end_echo) if self.before is not None else None

    def end_echo(self) -> None:
        """Tell no longer what the last change did."""
        self.before = self.echo_timer = None
        self.show_estimate()

    def ask_curve(self) -> None:
        """Find out what other counts would come to, where there is room to show it."""
        if isinstance(self.estimator, EngineEstimator) and self.session.estimate is not None:
            self.curve.ask()

    def take_size(self, point: str) -> None:
        """Make the counts of a point of the curve the plan's."""
        for place, count in enumerate(self.curve.counts_of(point)):
            self.editing.use(("cluster", "pools", place, "count"), f"{count} systems")

    def take_further(self, estimate: Estimate) -> None:
        """Show the newest estimate with what was found out about it since."""
        if estimate is not self.session.estimate:
            self.session.estimate = estimate
            self.show_estimate()

    def read_added(self) -> None:
        """Find out, in a worker's thread, which of the profiles that somebody added are broken."""
        self.shelf.read_added()
        self.screen.call_later(self.show_title)

    def take_problem(self, problem: str) -> None:
        """Keep the last estimate and say why there is no newer one."""
        self.problem = safe(problem)
        self.form.show_late_hints()
        self.results.show_problem(self.problem)
        self.show_state()

    def show_estimate(self) -> None:
        """Paint the newest estimate."""
        estimate = self.session.estimate
        if estimate is None:
            return
        with self.screen.app.batch_update():
            self.form.show_late_hints()
            self.results.show(View(self.session.plan, estimate, self.session.baseline, self.before))
            self.notes.show(estimate.compliance)
            self.results.show_problem(self.problem)
            self.show_state()

    def hold_against(self, baseline: Baseline | None) -> None:
        """Show differences from a baseline, or none."""
        self.session.baseline = baseline
        self.show_title()
        self.show_estimate()

    def show_slow(self) -> None:
        """Say that an estimate takes its time."""
        self.is_slow = True
        self.show_state()

    def close(self) -> None:
        """Leave the plan, which may be left; its draft goes with it, even where this is gone by then."""
        self.files.close()
        self.drafts.close()

    def watch_file(self) -> None:
        """Look whether somebody else changed the file."""
        self.screen.run_worker(
            self.files.watch, group="watch", thread=True, exclusive=True, exit_on_error=False
        )
