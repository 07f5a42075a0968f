"""Writing the plan's report to a file: asks where, and before another file gives way."""

from __future__ import annotations

import asyncio
from pathlib import Path

from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.question import CANCEL, Answer, Question
from planner.app.estimating import EngineEstimator
from planner.app.flows.files import Files
from planner.app.flows.host import Host
from planner.errors import ConflictError, PlannerError
from planner.estimate.result import Estimate
from planner.files.output import write_output
from planner.ledger.ledger import ledger_of
from planner.report.export import KINDS, exported_bytes, exported_plan, exported_suffix
from planner.report.plan_report import Reported
from planner.text import safe

EXISTS = (Answer("replace", "Replace", "r"), Answer("other", "Other name", "o"), CANCEL)
NOTE = "A path: its end says what is written."


async def export_plan(host: Host, files: Files, remark: str = "") -> bool:
    """Ask for a file and write the report of the plan as it is; return whether it was written.

    `remark` is said where the plan is not what stands in the fields.
    """
    path: Path | None = files.suggested_path().with_suffix(next(iter(KINDS)))
    replaces = False
    while path is not None:
        if not replaces:
            path = await host.ask(PathPrompt("Export the report", str(path), KINDS, NOTE, "write"))
        if path is None:
            return False
        try:
            await _write(host, files, path, replaces=replaces)
        except ConflictError as error:
            question = Question("The file exists", f"{safe(str(error))}. Replace it?", EXISTS)
            answer = await host.ask(question)
            if answer not in ("replace", "other"):
                return False
            replaces = answer == "replace"
        except PlannerError as error:
            await files.show_problem("Not exported", str(error))
            return False
        else:
            host.show_status(f"exported {safe(path.name)}")
            host.tell(f"Wrote {safe(str(path))}{f' {remark}' if remark else ''}.")
            return True
    return False


async def _write(host: Host, files: Files, path: Path, *, replaces: bool) -> None:
    await host.settled()
    plan, session, shelf = files.session.plan, files.session, files.shelf
    known = session.estimate if session.estimated_plan == plan else None

    def write() -> None:
        estimate: Estimate = known or EngineEstimator(shelf)(plan, lambda: False)
        reported = Reported(plan, estimate, ledger_of(estimate), shelf.catalog().sources)
        write_output(path, exported_bytes(exported_plan(reported), exported_suffix(path)), replaces=replaces)

    await asyncio.to_thread(write)
