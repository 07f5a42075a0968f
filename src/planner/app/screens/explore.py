"""Explore a plan: systems ranked for its targets, days against size, the front of systems, the tornado."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.actions import bindings
from planner.app.dialogs.page import Page
from planner.app.drawing.field_help import signs_help
from planner.app.drawing.size_plots import size_signs
from planner.app.exploration import PARTS, Exploration, News, Part
from planner.app.exploring import GivesWay, explore
from planner.app.flows.explore import ChosenSize, answer_page, chosen_size, copy_answers, take_size
from planner.app.layer import Layer
from planner.app.runner import Job, Runner
from planner.app.screen_actions import EXPLORE_ACTIONS, EXPLORE_KEYS
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plot_view import PlotView
from planner.app.widgets.ranking_pane import RankingPane
from planner.app.widgets.size_plots_pane import SizePlotsPane
from planner.exploring.curve import Measure, Sized
from planner.exploring.targets import Asked
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.workbench import Workbench

#: What has the focus first.
Begin = Literal["curve", "ranking"]
Pane = Literal["ranking", "curve", "front", "tornado"]
PANES: tuple[Pane, ...] = ("ranking", "curve", "front", "tornado")
_NOTHING = "The cursor is on no size yet: arrows move it."
_NONE_MEETS = "No count of this system meets the targets: w says why."
#: What is found out is drawn at most so often.
_REDRAW_S = 0.1


def open_explore(bench: Workbench, *, begin: Begin = "curve") -> None:
    """Open Explore over the screen of a bench, on the plan of its session as it is now.

    What somebody chooses there becomes the session's plan, as one step of its history. What was found out
    is kept with the session: the same plan, targets and profiles open on the same answers. `begin` has the
    focus first: the curve of the plan's own system, or the ranking of all systems.
    """
    session, shelf, screen = bench.session, bench.shelf, bench.screen
    known = session.exploration
    wanted = known.asked if known is not None and known.plan == session.plan else Asked()
    if known is None or not known.is_of(session.plan, wanted, shelf.readings):
        session.exploration = known = Exploration.of(session.plan, wanted, shelf.readings)
    screen.put_over(ExploreScreen(bench, known, begin), partial(take_size, screen, bench, session))


class ExploreScreen(Layer[ChosenSize]):
    """Shows what was found out about a plan; returns a size that is to be the plan."""

    CSS_PATH = "explore.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(EXPLORE_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (120, "-two"), (160, "-three")]  # noqa: RUF012 - Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012 - as above

    def __init__(self, bench: Workbench, exploration: Exploration, begin: Begin) -> None:
        super().__init__()
        self.bench = bench
        self.session = bench.session
        self.shelf = bench.shelf
        self.exploration = exploration
        self.begin = begin
        self.redraw: Timer | None = None
        #: panes of which more is known than they show
        self.stale: set[Part] = set()
        self.gives_way = GivesWay()
        self.work = Runner[bool](
            self, "explore", on_result=self.take_end, on_problem=self.take_problem, what="the exploration"
        )
        self.ranking = RankingPane()
        self.plots = SizePlotsPane()
        plots = (self.plots.curve, self.plots.front, self.plots.tornado)
        #: what of each pane takes the keys
        self.parts: dict[Pane, Widget] = dict(zip(PANES, (self.ranking.rows, *plots), strict=True))
        self.key_bar = KeyBar()
        self.add_class(f"-show-{begin}", "-beside-front", update=False)

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them show depends on the room."""
        self.take_breakpoints()
        name = safe(self.exploration.plan.name)
        yield Static(f"planner  explore: {name}", markup=False, id="explore-bar")
        with Vertical(id="explore-body"):
            yield self.ranking
            yield self.plots
        yield self.key_bar

    def on_mount(self) -> None:
        """Begin, with what was found out before."""
        self.ranking.show_words(self.exploration.words)
        self.parts[self.begin].focus()
        self.go_on()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # What is found out

    def go_on(self) -> None:
        """Find out what is due, unless somebody wants nothing more for now."""
        if not self.exploration.is_held and not self.work.is_busy and self.exploration.due() is not None:
            self.work.ask(self.find_out)

    def find_out(self, job: Job) -> bool:
        """Find out what is due, in the worker's thread."""
        return explore(self.exploration, self.shelf.catalog(), job, self.take_news, self.gives_way)

    def take_news(self, news: News) -> None:
        """Keep a piece, and show it with what else comes meanwhile."""
        self.draw_soon(*self.exploration.take(news))

    def take_end(self, _is_whole: bool) -> None:
        """Show that nothing is left; what somebody looked at meanwhile may be due."""
        self.go_on()
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.exploration.problem = problem
        self.draw()

    # What is shown

    def draw_soon(self, *parts: Part) -> None:
        """Draw what was found out, at most ten times a second: keys come first."""
        self.stale.update(parts)
        if self.redraw is None and self.stale:
            self.redraw = self.set_timer(_REDRAW_S, self.draw_stale)

    def draw_stale(self) -> None:
        """Draw the panes of which more is known."""
        self.redraw = None
        parts, self.stale = self.stale, set()
        with self.app.batch_update():
            self.ranking.show_progress(self.exploration)
            if "ranking" in parts:
                self.ranking.show(self.exploration, self.shelf)
            self.plots.show(self.exploration, self.shelf, parts)

    def draw(self) -> None:
        """Draw all panes for the room there is."""
        self.stale.update(PARTS)
        if self.redraw is not None:
            self.redraw.stop()
        self.draw_stale()

    # Where somebody is

    def pane(self) -> Pane:
        """Return the pane that has the focus."""
        return next((pane for pane, part in self.parts.items() if part is self.focused), "ranking")

    def sized(self) -> Sized | None:
        """Return the size that the cursor is on, in the pane that has the focus."""
        pane = self.pane()
        if pane == "curve":
            return self.plots.curve_marked(self.exploration)
        if pane == "front":
            return self.plots.front_marked(self.exploration)
        answer = self.ranking.marked()
        return None if answer is None or pane == "tornado" else self.exploration.sizes.get(answer.system_id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the proof and the curve of the system under the cursor."""
        event.stop()
        self.gives_way.touch()
        self.ranking.is_moved = True
        answer = self.ranking.marked()
        self.ranking.show_proof(self.exploration, self.shelf)
        if answer is not None and answer.system_id != self.exploration.system:
            self.exploration.system = answer.system_id
            self.go_on()
            self.draw_soon("curve")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Make the answer the plan."""
        event.stop()
        self.action_use_size()

    def on_plot_view_marked(self, event: PlotView.Marked) -> None:
        """Let the work wait for the echo of the key."""
        event.stop()
        self.gives_way.touch()

    def on_plot_view_chosen(self, event: PlotView.Chosen) -> None:
        """Make the size of a point the plan."""
        event.stop()
        self.action_use_size()

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return (self.query_one("#explore-ranking"),)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the keys of what has the focus."""
        if isinstance(event.widget, Input):
            self.key_bar.show_actions("leave_explore", extra=(("Enter", "to the systems", ""),))
            return
        self.key_bar.show_actions(*EXPLORE_KEYS[self.pane()])

    # Actions: what is looked at

    def show_pane(self, pane: Pane) -> None:
        """Go to a pane; it comes to the front where not all of them fit."""
        changes = {f"-show-{name}": name == pane for name in PANES}
        if pane in ("front", "tornado"):
            changes |= {"-beside-front": pane == "front", "-beside-tornado": pane == "tornado"}
        self.update_classes(changes)
        self.call_after_refresh(self.draw)
        self.parts[pane].focus()

    def action_go_ranking(self) -> None:
        """Go to the systems."""
        self.show_pane("ranking")

    def action_go_curve(self) -> None:
        """Go to the curve."""
        self.show_pane("curve")

    def action_go_front(self) -> None:
        """Go to the front."""
        self.show_pane("front")

    def action_go_tornado(self) -> None:
        """Go to the tornado."""
        self.show_pane("tornado")

    def measure(self, measure: Measure) -> None:
        """Draw something else against size."""
        self.exploration.measure = measure
        self.go_on()
        self.draw()

    def action_show_days(self) -> None:
        """Draw days."""
        self.measure("days")

    def action_show_steps(self) -> None:
        """Draw steps a day, where there are any."""
        if self.exploration.is_post_training:
            self.measure("steps")
        else:
            self.notify("Steps a day are of post-training: d draws days.", markup=False)

    def action_show_power(self) -> None:
        """Draw power."""
        self.measure("power")

    def action_show_money(self) -> None:
        """Draw money."""
        self.measure("money")

    def action_turn_front(self) -> None:
        """Hold days against money, or against power."""
        self.exploration.against = "power" if self.exploration.against == "money" else "money"
        self.draw()

    def action_sort_sizes(self) -> None:
        """Choose the next order."""
        self.exploration.turn_order()
        self.draw()

    def action_filter_sizes(self) -> None:
        """Go to the words that are looked for."""
        self.show_pane("ranking")
        self.ranking.filter.set_class(True, "-shown")
        self.ranking.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what holds every word."""
        event.stop()
        self.gives_way.touch()
        self.exploration.words = event.value
        self.draw_soon("ranking")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the table."""
        event.stop()
        self.ranking.rows.focus()

    def action_set_targets(self) -> None:
        """Ask for other targets, and begin anew with them."""
        self.run_flow("targets", self.set_targets(), lists=1)

    async def set_targets(self) -> None:
        """Ask for targets; the wishes stay."""
        from planner.app.flows.targets import ask_targets  # noqa: PLC0415 - read when first asked for

        catalog = self.shelf.catalog() if self.shelf.is_loaded else None
        asked = await ask_targets(self, self.exploration.plan, self.exploration.asked, catalog)
        if asked is None or asked == self.exploration.asked:
            return
        self.work.drop()
        self.session.exploration = self.exploration = self.exploration.asked_again(asked)
        self.go_on()
        self.draw()

    def action_hold_work(self) -> None:
        """Stop finding out, or go on."""
        self.exploration.is_held = not self.exploration.is_held
        if self.exploration.is_held:
            self.work.drop()
        self.go_on()
        self.draw()

    # Actions: what is done with a size

    def chosen(self) -> ChosenSize | None:
        """Return the size under the cursor as a plan with a name and the targets; say why there is none."""
        sized = self.sized()
        if sized is None:
            answer = self.ranking.marked() if self.pane() == "ranking" else None
            self.notify(_NOTHING if answer is None else _NONE_MEETS, markup=False)
            return None
        return chosen_size(self.exploration, sized, self.shelf)

    def action_use_size(self) -> None:
        """Go back to the plan with the size under the cursor."""
        chosen = self.chosen()
        if chosen is not None:
            self.exploration.is_held = False
            self.dismiss(chosen)

    def action_mark_size(self) -> None:
        """Mark the system under the cursor, and go to the next."""
        answer = self.ranking.marked()
        if answer is None or not answer.is_feasible:
            self.notify("Only a system that meets the targets can be marked.", markup=False)
            return
        self.exploration.mark(answer.system_id)
        self.draw()
        self.ranking.rows.action_cursor_down()

    def action_compare_sizes(self) -> None:
        """Put the plan beside what is marked, else beside what the cursor is on."""
        from planner.app.screens.compare import CompareScreen  # noqa: PLC0415 - read when asked for

        found = [chosen_size(self.exploration, sized, self.shelf) for sized in self.exploration.marks()]
        here = None if found else self.chosen()
        chosen = found if here is None else [here]
        if chosen:
            self.session.compared_plans = {one.title: one.plan for one in chosen}
            known_plans = self.bench.files.known_plans
            self.put_over(CompareScreen(self.session, self.shelf, known_plans))

    def action_explain_size(self) -> None:
        """Show the proof of the marked answer in full, or why there is none."""
        answer, targets = self.ranking.marked(), self.exploration.targets
        if answer is None or targets is None:
            self.notify("No system is answered yet.", markup=False)
            return
        self.put_over(answer_page(self.exploration.plan.name, answer, targets, self.shelf.catalog()))

    def action_copy_sizes(self) -> None:
        """Copy the table as Markdown."""
        answers, catalog = list(self.ranking.shown), self.shelf.catalog()
        self.run_flow("copy", copy_answers(self, self.key_bar, self.exploration, answers, catalog))

    def action_explore_help(self) -> None:
        """Show the signs and the keys."""
        title = "Explore: signs and keys"
        self.put_over(Page(title, partial(signs_help, size_signs, EXPLORE_ACTIONS)))

    def action_leave_explore(self) -> None:
        """One step back: to the systems, no words, nothing under way, then the plan."""
        if isinstance(self.focused, Input):
            self.ranking.rows.focus()
            self.ranking.filter.set_class(bool(self.ranking.filter.value), "-shown")
        elif self.exploration.words:
            self.ranking.filter.value = ""
            self.ranking.filter.set_class(False, "-shown")
        elif self.work.is_busy:
            self.action_hold_work()
        else:
            self.exploration.is_held = False
            self.dismiss()
