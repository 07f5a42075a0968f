"""What is behind the numbers of a plan: their trees, the ledger, the layouts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from planner.app.drawing.numbers_asked import Number
from planner.app.screens.doors import Doors
from planner.app.workbench import Workbench
from planner.errors import PlannerError
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.dialogs.acceptance import AcceptancePage
    from planner.report.export import Exported


def _export(page: AcceptancePage, made: Exported) -> None:
    """Write the schedule of a page."""
    from planner.app.flows.exporting import export_made  # noqa: PLC0415 - read when first asked for

    title = "Export the acceptance schedule"
    page.run_flow("export", export_made(page, made, Path.cwd() / "acceptance", title), lists=1)


class Numbers(Doors):
    """A screen that shows the estimate of a workbench."""

    bench: Workbench

    def action_explain_number(self) -> None:
        """Choose a figure and see what is behind it."""
        self.bench.run_flow("pick", self.pick_number(), lists=1)

    async def pick_number(self) -> None:
        """Ask for a figure and explain it."""
        from planner.app.dialogs.explain import number_items  # noqa: PLC0415 - read when first asked for
        from planner.app.dialogs.picker import Picker  # noqa: PLC0415 - as above

        chosen = await self.bench.choose_from(Picker("Explain a number", number_items()))
        if chosen is not None:
            self.action_explain_quantity(chosen)

    def action_explain_quantity(self, quantity: str, pool: str | None = None) -> None:
        """Show what is behind a figure."""
        from planner.app.dialogs.explain import Asked, ExplainTree  # noqa: PLC0415 - as above

        session = self.session
        asked = Asked(
            Number(quantity, pool), session.estimate, session.estimated_plan, self.bench.results.state
        )
        self.put_over(ExplainTree(asked, self.shelf))

    def action_show_ledger(self) -> None:
        """Show every line of money."""
        from planner.app.dialogs.ledger import ledger_page  # noqa: PLC0415 - as above

        self.put_over(ledger_page(self.session.estimate, state=self.bench.results.state))

    def action_show_acceptance(self) -> None:
        """Show what the cluster is accepted by."""
        from planner.app.dialogs.acceptance import AcceptancePage  # noqa: PLC0415 - as above

        session = self.session
        state = self.bench.results.state
        self.put_over(
            AcceptancePage(session.estimate, session.estimated_plan, self.shelf, _export, state=state)
        )

    def action_track_run(self) -> None:
        """Hold the plan against the logs of its run."""
        from planner.app.screens.track import track_run  # noqa: PLC0415 - as above

        self.bench.run_flow("pick", track_run(self.bench, self.session, self.shelf), lists=1)

    def action_choose_layout(self) -> None:
        """Choose among the best layouts, and pin one."""
        from planner.app.flows.layouts import choose_layout  # noqa: PLC0415 - as above

        self.bench.run_flow("pick", choose_layout(self.bench, self.bench.editing, self.session, self.shelf))

    def show_marked_term(self) -> bool:
        """Say what the marked number of the estimate is; return whether one is marked."""
        results, estimate = self.bench.results, self.session.estimate
        places = results.places()
        here = results.here(places)
        if here is None or estimate is None:
            return False
        from planner.app.dialogs.page import Page  # noqa: PLC0415 - as above
        from planner.app.drawing.explanation import term_lines  # noqa: PLC0415 - as above
        from planner.estimate.explain import explain  # noqa: PLC0415 - as above
        from planner.quantities.currency import told_in  # noqa: PLC0415 - as above

        number = places[here][1].number
        try:
            found = explain(estimate, number.quantity, pool_id=number.pool)
        except PlannerError as error:
            self.bench.tell(safe(str(error)), is_warning=True)
            return True
        draw = partial(term_lines, found.record, told_in(found.setting), self.shelf.catalog().sources)
        self.put_over(Page(f"Term: {found.record.symbol}", draw))
        return True
