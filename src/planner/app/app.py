"""The terminal app: opens a plan on the planning screen."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from planner.app.freed_pages import Tidying
from planner.app.last_input import take_last_input
from planner.app.last_resort import LastResort
from planner.app.layer import Dialog, Layer
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.style_sheet import KeptStylesheet
from planner.app.themes import PLANNER_DARK, PLANNER_LIGHT, meaning_colours
from planner.app.typed_ahead import TypedAhead
from planner.errors import FileError, PlannerError

if TYPE_CHECKING:
    from planner.app.estimating import Estimator
    from planner.catalog.catalog import Catalog

#: Shells say so of a process that a signal ended: this and the number of the signal.
EXIT_SIGNAL = 128


class PlannerApp(App[int]):
    """The planner in a terminal."""

    TITLE = "planner"
    CSS_PATH = ["app.tcss", "screens/planning.tcss", "screens/start.tcss"]  # noqa: RUF012 - as Textual declares it

    def __init__(self, session: Session, estimator: Estimator, shelf: Shelf) -> None:
        # Textual's own answer to NO_COLOR still paints greys; an ansi theme lets it drop every colour.
        has_no_color = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if has_no_color else None)
        self.register_theme(PLANNER_DARK)
        self.register_theme(PLANNER_LIGHT)
        self.theme = "ansi-dark" if has_no_color else PLANNER_DARK.name
        # of the theme that shows first
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())
        self.session = session
        self.estimator = estimator
        self.shelf = shelf
        self.typed_ahead = TypedAhead(self)
        self.tidying = Tidying(self, lambda: self.typed_ahead.typed_at)
        #: the signal that ended the app, if one did
        self.stopped_by: int | None = None
        self.ending: asyncio.Task[None] | None = None
        #: the bug that ended the app, if one did
        self.bug: Exception | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of meanings and parts, which follow the theme."""
        return meaning_colours(self.current_theme)

    async def on_event(self, event: events.Event) -> None:
        """Hear keys one after the other, each once the one before it has done its work."""
        typed = event if isinstance(event, events.Key | events.Paste) else None
        if typed is None or typed.is_forwarded or not self.typed_ahead.keeps(typed):
            await super().on_event(event)

    def on_layer_changed(self) -> None:
        """Look whether what was typed ahead may go on."""
        self.typed_ahead.stir()

    def on_layer_left(self) -> None:
        """Give back what a screen held that is gone."""
        self.tidying.ask()

    async def action_quit(self) -> None:
        """Leave from wherever somebody is, after a question where work is unsaved; it is asked once."""
        if isinstance(self.screen, Dialog):
            from planner.app.dialogs.question import Question  # noqa: PLC0415 - read with the first question
            from planner.app.flows.files import UNSAVED  # noqa: PLC0415

            if isinstance(self.screen, Question) and self.screen.answers is UNSAVED:
                self.bell()
                return
        if self.return_code is not None:
            # on its way out already
            return
        while isinstance(self.screen, Layer) and not self.screen.is_ground:
            if not self.screen.is_on_top or self.screen.holds_back():
                # it goes by itself, perhaps with all the others: somebody answered meanwhile
                return
            await self.screen.withdraw()
        getattr(self.screen, "action_quit_app", self.exit)()

    def action_command_palette(self) -> None:
        """List what can be done on the screen that is shown; a dialog must be answered first."""
        from planner.app.palette import Palette  # noqa: PLC0415 - read when first asked for

        screen = self.screen
        if isinstance(screen, Dialog) and not isinstance(screen, Palette):
            self.notify("Close this first (Esc): commands are for the screen below.", markup=False)
        elif isinstance(screen, Layer) and not isinstance(screen, Dialog):
            palette = Palette(screen)
            screen.put_over(palette, palette.act)

    def stop(self, number: int) -> None:
        """Leave because a signal asks for it: there is no time for questions, but for a draft."""
        # at once: a second signal may allow nothing more
        keep_unsaved(self.session)
        if self.stopped_by is None:
            self.stopped_by = number
            self.ending = asyncio.create_task(self.end_with_last_input())
        else:
            self.exit()

    async def end_with_last_input(self) -> None:
        """Leave with a draft of what was typed before the signal."""
        try:
            await take_last_input(self, self.session, lambda: bool(self.typed_ahead.waiting))
        finally:
            keep_unsaved(self.session)
            self.exit()

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) else error
        if (self._exit or not self._running) and isinstance(cause, MountError | NoMatches):
            # Textual takes no more parts once the app is being left, and those that were there go
            return
        self.keep_bug(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own renders the traceback with all variables; the command line writes a report instead
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End on what Textual found wrong by itself: the terminal cannot be read."""
        self.keep_bug(OSError("the terminal cannot be read"))
        super().panic(*renderables)

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()

    def keep_bug(self, error: Exception) -> None:
        """Remember what the app ends on, with a draft of what was not saved."""
        if self.bug is None:
            self.bug = error
            keep_unsaved(self.session)

    def on_mount(self) -> None:
        """Open the planning screen where there is a plan, else the start screen."""
        if self.session.path is not None:
            self.show_plan()
        else:
            self.show_start()

    def show_start(self) -> None:
        """Show the start screen in place of the plan."""
        from planner.app.screens.start import StartScreen  # noqa: PLC0415 - one of the two is read first

        self.show_ground(StartScreen(self.session, self.shelf))

    def show_plan(self, *, ranks: bool = False) -> None:
        """Show the session's plan, and with `ranks` straight the systems that meet its targets."""
        from planner.app.screens.planning import PlanningScreen  # noqa: PLC0415 - as above

        self.show_ground(PlanningScreen(self.session, self.estimator, self.shelf, ranks=ranks))

    def show_ground(self, screen: Layer[None]) -> None:
        """Show what the app is left from, in place of the one that shows."""
        if isinstance(self.screen, Layer):
            self.screen.give_way(screen)
            self.tidying.ask()
        else:
            self.push_screen(screen)


def open_session(plan_path: Path | None) -> Session:
    """Return a session on a plan file; without one, on nothing yet.

    Raises
    ------
    FileError, PlanError
        Where the plan cannot be opened.
    """
    session = Session()
    if plan_path is None:
        return session
    if not plan_path.exists():
        raise FileError(f"{plan_path}: no such file")
    from planner.plans.plan_file import open_plan  # noqa: PLC0415 - the start screen shows without

    session.open(open_plan(plan_path))
    return session


def run_app(plan_path: Path | None, profile_folders: Sequence[Path]) -> int:
    """Open the app on a plan and return the exit code once it is left.

    Raises
    ------
    FileError, PlanError
        Where the plan cannot be opened; nothing is shown then.
    """
    # with the first screen: what prints needs none of it
    from planner.app.estimating import EngineEstimator  # noqa: PLC0415

    session = open_session(plan_path)

    def load() -> Catalog:
        from planner.catalog.catalog import load_catalog  # noqa: PLC0415 - as above

        return load_catalog(profile_folders)

    shelf = Shelf(load)
    app = PlannerApp(session, EngineEstimator(shelf), shelf)
    try:
        code = asyncio.run(_run_until_stopped(app))
    except BaseException:
        keep_unsaved(session)
        if app.stopped_by is None:
            raise
        # the terminal went away, and with it the one that the app said good-bye to
        code = None
    finally:
        session.drafts.release()
    if app.stopped_by is not None:
        return EXIT_SIGNAL + app.stopped_by
    if app.bug is not None:
        raise app.bug
    return code or 0


async def _run_until_stopped(app: PlannerApp) -> int | None:
    """Run the app until it is left, or somebody ends the process."""
    loop = asyncio.get_running_loop()
    last_resort = LastResort()

    def stop(number: int, _frame: object) -> None:
        # a terminal that takes nothing any more holds up whoever writes to it, the loop too
        last_resort.arm(EXIT_SIGNAL + number)
        loop.call_soon_threadsafe(app.stop, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    # modules stay: what looks for screens that were left need not look through them, and so looks more often
    gc.freeze()
    return await app.run_async()


def keep_unsaved(session: Session) -> None:
    """Write the draft of what was not saved, at once; there is nobody left to tell where it cannot be."""
    if session.is_dirty:
        with suppress(PlannerError):
            session.drafts.keep(session.unsaved)
