"""What the cluster of the plan on the screen is accepted by, as `planner acceptance` prints and writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from planner.app.dialogs.report_page import Printed, ReportPage
from planner.errors import PlanError

if TYPE_CHECKING:
    from planner.app.shelf import Shelf
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate
    from planner.report.export import Exported

    OnExport = Callable[["AcceptancePage", Exported], None]


class AcceptancePage(ReportPage):
    """Shows an estimate's schedule; `x` writes the term sheet. `state` says where the estimate is stale."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "export", "Export", show=False)]

    def __init__(
        self,
        estimate: Estimate | None,
        plan: Plan | None,
        shelf: Shelf,
        on_export: OnExport,
        *,
        state: str = "",
    ) -> None:
        super().__init__(f"Acceptance - {state}" if state else "Acceptance", self.tell, hint="x export")
        self.estimate = estimate
        self.plan = plan
        self.shelf = shelf
        self.on_export = on_export
        self.made: Exported | None = None

    def tell(self) -> Printed:
        """Make the schedule, in the worker's thread."""
        from planner.acceptance.schedule import schedule_of  # noqa: PLC0415 - read when first asked for
        from planner.report.acceptance_document import exported_schedule  # noqa: PLC0415
        from planner.report.terminal import terminal_text  # noqa: PLC0415

        if self.estimate is None or self.plan is None:
            raise PlanError("the plan has no estimate yet")
        made = exported_schedule(schedule_of(self.estimate, self.shelf.catalog(), self.plan.acceptance))
        document = made.document()
        self.made = made

        def printed(width: int, is_coloured: bool) -> str:
            return terminal_text(document, width=width, is_coloured=is_coloured)

        return printed

    def action_export(self) -> None:
        """Write the term sheet."""
        if self.made is None:
            self.notify("There is no schedule to export yet.", severity="warning", markup=False)
            return
        self.on_export(self, self.made)
