"""Writing what a screen shows to a file: asks where, and before another file gives way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from textual.screen import Screen

from planner.app.dialogs.page import Page
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.question import CANCEL, Answer, Question
from planner.app.drawing.pieces import BAD, wrapped
from planner.app.estimating import EngineEstimator
from planner.app.flows.files import Files
from planner.app.flows.host import Host
from planner.app.layer import Layer
from planner.errors import ConflictError, PlannerError
from planner.estimate.result import Estimate
from planner.files.output import write_output
from planner.ledger.ledger import ledger_of
from planner.report.export import KINDS, Exported, exported_bytes, exported_plan, exported_suffix
from planner.report.plan_report import Reported
from planner.text import safe

Answered = TypeVar("Answered")

EXISTS = (Answer("replace", "Replace", "r"), Answer("other", "Other name", "o"), CANCEL)
NOTE = "A path: its end says what is written."
#: Writes to a path; whether it may stand in another file's place.
Write = Callable[[Path, bool], Awaitable[None]]


class Asker(Protocol):
    """Whoever is asked where to, and told what came of it."""

    async def choose_from(self, dialog: Screen[Answered]) -> Answered | None:
        """Put a dialog over the screen and return what it is answered; None where nobody waits for it."""
        ...

    def told(self, path: Path) -> None:
        """Say that a file was written."""
        ...

    async def problem(self, text: str) -> None:
        """Say in full why none was."""
        ...


async def export_plan(host: Host, files: Files, remark: str = "") -> bool:
    """Ask for a file and write the report of the plan as it is; return whether it was written.

    `remark` is said where the plan is not what stands in the fields.
    """
    suggested = files.suggested_path().with_suffix(next(iter(KINDS)))
    return await _export(
        _OfPlan(host, files, remark), "Export the report", suggested, partial(_write, host, files)
    )


async def export_made(layer: Layer[Any], made: Exported, suggested: Path, title: str) -> bool:
    """Ask for a file and write what a page or screen shows; return whether it was written."""

    async def write(path: Path, replaces: bool) -> None:
        def put() -> None:
            write_output(path, exported_bytes(made, exported_suffix(path)), replaces=replaces)

        await asyncio.to_thread(put)

    return await _export(_OfLayer(layer), title, suggested.with_suffix(next(iter(KINDS))), write)


async def _export(asker: Asker, title: str, suggested: Path, write: Write) -> bool:
    path: Path | None = suggested
    replaces = False
    while path is not None:
        if not replaces:
            path = await asker.choose_from(PathPrompt(title, str(path), KINDS, NOTE, "write"))
        if path is None:
            return False
        try:
            await write(path, replaces)
        except ConflictError as error:
            question = Question("The file exists", f"{safe(str(error))}. Replace it?", EXISTS)
            answer = await asker.choose_from(question)
            if answer not in ("replace", "other"):
                return False
            replaces = answer == "replace"
        except PlannerError as error:
            await asker.problem(str(error))
            return False
        else:
            asker.told(path)
            return True
    return False


class _OfPlan:
    """The planning screen."""

    def __init__(self, host: Host, files: Files, remark: str) -> None:
        self.host, self.files, self.remark = host, files, remark

    async def choose_from(self, dialog: Screen[Answered]) -> Answered | None:
        return await self.host.ask(dialog)

    def told(self, path: Path) -> None:
        self.host.show_status(f"exported {safe(path.name)}")
        self.host.tell(f"Wrote {safe(str(path))}{f' {self.remark}' if self.remark else ''}.")

    async def problem(self, text: str) -> None:
        await self.files.show_problem("Not exported", text)


class _OfLayer:
    """A page or screen over it."""

    def __init__(self, layer: Layer[Any]) -> None:
        self.layer = layer

    async def choose_from(self, dialog: Screen[Answered]) -> Answered | None:
        return await self.layer.choose_from(dialog)

    def told(self, path: Path) -> None:
        self.layer.notify(f"Wrote {safe(str(path))}.", markup=False)

    async def problem(self, text: str) -> None:
        self.layer.put_over(Page("Not exported", lambda width: wrapped(text, width, first=("x ", BAD))))


async def _write(host: Host, files: Files, path: Path, replaces: bool) -> None:
    await host.settled()
    plan, session, shelf = files.session.plan, files.session, files.shelf
    known = session.estimate if session.estimated_plan == plan else None

    def write() -> None:
        estimate: Estimate = known or EngineEstimator(shelf)(plan, lambda: False)
        reported = Reported(plan, estimate, ledger_of(estimate), shelf.catalog().sources)
        write_output(path, exported_bytes(exported_plan(reported), exported_suffix(path)), replaces=replaces)

    await asyncio.to_thread(write)
